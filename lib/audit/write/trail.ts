/**
 * The writing side of the audit trail. Nothing runs before its start is on disk: `run/` accepts
 * only what {@linkcode AuditTrail.recordStart} returns, and nothing else can make that.
 *
 * @module
 */
import type { ResolvedRequest } from "../../admit/request.ts";
import { type Approved, takeApproved } from "../../decide/approved.ts";
import { messageOf } from "../../platform/message_of.ts";
import { folderOf } from "../../platform/paths.ts";
import { type Head, sealRecord } from "./chain.ts";
import { TrailEnd } from "./end.ts";
import { AuditError, BrokenTrailError } from "./errors.ts";
import { type AuditEvent, digestOf, type RecordFields } from "./record.ts";

/** Records that are written at once, but reach the disk only with the next durable record. */
const LAZY: ReadonlySet<AuditEvent> = new Set(["shown", "withdrawn", "ending", "ending_failed"]);
/** How many refused requests get a record of their own in a second; the rest are counted. */
const REJECTED_A_SECOND = 10;

// Known to this file alone: an instance gives access to its constructor at run time.
const MAKER = Symbol("trail");

/** An approval whose start is in the trail, on disk. The class is not exported. */
class RecordedStart {
  readonly #approved: Approved;

  constructor(maker: symbol, approved: Approved) {
    if (maker !== MAKER) throw new TypeError("Cannot make a record outside the audit trail");
    this.#approved = approved;
  }

  static take(value: unknown): ResolvedRequest {
    if (typeof value !== "object" || value === null || !(#approved in value)) {
      throw new TypeError("Cannot run a request whose start is not recorded");
    }
    return takeApproved(value.#approved);
  }
}

/** The only thing that `run/` accepts. */
export type Recorded = RecordedStart;

/** The request that may run, once; throws if its start is not recorded, or it was used before. */
export function takeRecorded(recorded: Recorded): ResolvedRequest {
  return RecordedStart.take(recorded);
}

/** Who writes, for every record. */
export interface TrailWriter {
  /** Names this daemon among others that write the same trail. */
  readonly daemon: string;
  /** The daemon's user. */
  readonly uid: number;
  /** Called with the head after each record that is on disk. */
  readonly onHead?: (head: Head) => void;
}

/** An audit trail that is open for writing. More than one daemon may write to it. */
export class AuditTrail {
  readonly #writer: TrailWriter;
  readonly #end: TrailEnd;
  /** Records that are not written yet, because writing failed. */
  #pending: Record<string, unknown>[] = [];
  #fault: AuditError | undefined;
  /** Refused requests without a record of their own. */
  #uncounted = 0;
  #rejected = { second: 0, count: 0 };

  /** Opens the trail. {@linkcode fault} says what is wrong with it; each record tries again. */
  constructor(folder: string, writer: TrailWriter) {
    this.#writer = writer;
    this.#end = new TrailEnd(folder, writer.uid, (kept, bytes) => {
      this.#pending.unshift(this.#stamped({ event: "torn", kept, ...digestOf(bytes) }));
    });
    this.#attempt(() => this.#end.locked(() => {}));
  }

  /** Why nothing can be recorded, as the end of a sentence; `undefined` if it can. */
  get fault(): string | undefined {
    return this.#fault?.message;
  }

  /** Whether the chain itself is wrong, so that only a new trail can be written. */
  get isBroken(): boolean {
    return this.#fault instanceof BrokenTrailError;
  }

  /** The last record that this process knows. */
  get head(): Head {
    return this.#end.head;
  }

  /**
   * Adds a record that must not be lost: if it can't be written now, it is written before the next
   * one.
   */
  append(fields: RecordFields): void {
    const { event, decision } = fields;
    // An approval is on disk together with its start; both are in one file.
    const isLazy = LAZY.has(event) || decision === "approved" || decision === "trusted";
    this.#pending.push(this.#stamped(fields));
    this.#attempt(() => this.#flush(!isLazy));
  }

  /**
   * Adds a record, or throws: the caller must not go on without it.
   *
   * @param durable Whether it must be on disk before this returns.
   * @throws {AuditError} If it can't be written; it is not kept.
   */
  appendOrThrow(fields: RecordFields, durable: boolean): void {
    this.#appendOrThrow(fields, durable);
  }

  /**
   * Records the start of an approved request, on disk, before it starts.
   *
   * @throws {AuditError} If the start, or anything before it, can't be written.
   */
  recordStart(approved: Approved): Recorded {
    const { request, basis } = approved;
    this.#appendOrThrow({ event: "started", id: request.id, basis }, true);
    return new RecordedStart(MAKER, approved);
  }

  /**
   * Adds a record of a request that was refused. A flood of them is counted, not written one by
   * one; those that can't be written are counted, too.
   */
  reject(id: string, message: string): void {
    const second = Math.floor(Date.now() / 1000);
    if (this.#rejected.second !== second) this.#rejected = { second, count: 0 };
    if (++this.#rejected.count > REJECTED_A_SECOND) {
      this.#uncounted++;
      return;
    }
    try {
      this.appendOrThrow({ event: "rejected", id, message }, false);
    } catch {
      this.#uncounted++;
    }
  }

  /** Closes the files; what is pending is tried once more. */
  close(): void {
    if (this.#pending.length > 0) this.#attempt(() => this.#flush(true));
    this.#end.close();
  }

  // Private, so that no subclass can claim a start that it did not record.
  #appendOrThrow(fields: RecordFields, durable: boolean): void {
    const record = this.#stamped(fields);
    this.#pending.push(record);
    this.#attempt(() => this.#flush(durable));
    if (this.#fault === undefined) return;
    this.#pending = this.#pending.filter((waiting) => waiting !== record);
    throw new AuditError(`nothing ran: the audit trail ${this.#fault.message}`);
  }

  #stamped({ event, ...rest }: RecordFields): Record<string, unknown> {
    return { time: new Date().toISOString(), daemon: this.#writer.daemon, event, ...rest };
  }

  #attempt(write: () => void): void {
    try {
      write();
      this.#fault = undefined;
    } catch (error) {
      this.#fault = error instanceof AuditError
        ? error
        : new AuditError(`can't be written: ${messageOf(error)}`);
      // The file is checked again before the next record.
      this.#end.close();
    }
  }

  /** Writes all that is pending, under the lock. */
  #flush(durable: boolean): void {
    this.#end.locked(() => {
      let { head } = this.#end;
      let lines = "";
      for (const record of [...this.#uncountedRecord(), ...this.#pending]) {
        const sealed = sealRecord(head, record);
        head = sealed.head;
        lines += `${sealed.line}\n`;
      }
      this.#end.append(lines, head, durable);
      this.#pending = [];
      this.#uncounted = 0;
      if (!durable) return;
      this.#end.storeHead();
      this.#writer.onHead?.(head);
    });
  }

  #uncountedRecord(): Record<string, unknown>[] {
    if (this.#uncounted === 0) return [];
    const message = "more requests were refused than have a record";
    return [this.#stamped({ event: "rejected", id: "", message, count: this.#uncounted })];
  }
}

/**
 * Moves a broken trail out of the way, as a whole, so that a new one can begin.
 *
 * @returns The new name, without its folder; `undefined` if there was no trail.
 */
export function setTrailAside(folder: string, now: Date): string | undefined {
  const name = `audit-until-${now.toISOString().replaceAll(":", "")}`;
  try {
    Deno.renameSync(folder, `${folderOf(folder)}/${name}`);
    return name;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
