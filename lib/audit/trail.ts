/**
 * The writing side of the audit trail. Nothing runs whose start is not on disk: `run/` takes only
 * what {@linkcode AuditTrail.recordStart} gives back.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { type Approved, type Recorded, recorded } from "../gate/approved.ts";
import { ensurePrivateFolder, folderOf } from "../paths.ts";
import { GENESIS, hashOf, type Head, sealRecord } from "./chain.ts";
import { ChainChecker } from "./check.ts";
import { type AuditEvent, digestOf, type RecordFields, startedRecord } from "./record.ts";
import {
  headLine,
  headPath,
  type Lines,
  linesIn,
  readHead,
  readSegment,
  SEGMENT_BYTES,
  segmentPath,
  segmentsIn,
  trailLockPath,
  trailQueuePath,
} from "./segments.ts";

/**
 * How long others may write before the trail counts as unusable. One write takes some 30 ms at most,
 * and the terminal stands still meanwhile.
 */
const LOCK_TIMEOUT_MS = 1000;
const LOCK_POLL_MS = 2;
/** What is written at once, and is on disk with the next record that must be. */
function isLazy({ event, decision }: RecordFields): boolean {
  // What was approved is on disk with its start, before that; both are in one file.
  return LAZY.has(event) || decision === "approved" || decision === "trusted";
}

const LAZY: ReadonlySet<AuditEvent> = new Set(["shown", "withdrawn", "ending", "ending_failed"]);
/** How many refused requests get a record of their own in a second; the rest are counted. */
const REJECTED_A_SECOND = 10;

/** The trail can't be written; the message says why, and that nothing ran. */
export class AuditError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "AuditError";
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

/** A segment as this process left it. */
interface Place {
  readonly segment: number;
  readonly ino: number | null;
  readonly size: number;
  /** A program can set it. */
  readonly mtimeMs: number;
  /** A program can't, but Deno gives whole seconds. */
  readonly ctimeMs: number;
}

/** An audit trail that is open for writing. More than one daemon may write to it. */
export class AuditTrail {
  readonly #folder: string;
  readonly #writer: TrailWriter;
  /** Records that are not written yet, because writing failed. */
  #pending: Record<string, unknown>[] = [];
  #head: Head = GENESIS;
  /** What the file `head` has said last. */
  #stored: Head = GENESIS;
  #file: Deno.FsFile | undefined;
  #place: Place | undefined;
  /** Of all bytes of the segment, as this process left it. */
  #digest = createHash("sha256");
  #fault: string | undefined;
  /** Whether another program held the lock for too long the last time. */
  #isLockedOut = false;
  /** Refused requests without a record of their own. */
  #uncounted = 0;
  #rejected: { second: number; count: number } = { second: 0, count: 0 };

  /**
   * Opens the trail. What is wrong with it is told by {@linkcode fault}; it is tried again with
   * each record.
   *
   * @param folder Its folder, an absolute path; made with mode 0700 where it does not exist.
   * @param writer Who writes.
   */
  constructor(folder: string, writer: TrailWriter) {
    this.#folder = folder;
    this.#writer = writer;
    this.#attempt(() => this.#locked(() => this.#catchUp()));
  }

  /** Why nothing can be recorded, as the end of a sentence; `undefined` where it can. */
  get fault(): string | undefined {
    return this.#fault;
  }

  /** Whether the chain itself is wrong, so that only a new trail can be written. */
  get isBroken(): boolean {
    return this.#fault?.startsWith("is broken") === true;
  }

  /** The last record that this process knows. */
  get head(): Head {
    return this.#head;
  }

  /**
   * Adds a record that must not be lost: where it can't be written, it is kept and written before
   * the next one.
   *
   * @param fields What happened.
   */
  append(fields: RecordFields): void {
    this.#pending.push(this.#stamped(fields));
    this.#attempt(() => this.#flush(!isLazy(fields)));
  }

  /**
   * Adds a record without which nothing goes on.
   *
   * @param fields What is about to happen.
   * @param durable Whether it must be on disk before this returns.
   * @throws {AuditError} If it can't be written; it is not kept.
   */
  appendOrThrow(fields: RecordFields, durable: boolean): void {
    const record = this.#stamped(fields);
    this.#pending.push(record);
    this.#attempt(() => this.#flush(durable));
    if (this.#fault === undefined) return;
    this.#pending = this.#pending.filter((waiting) => waiting !== record);
    throw new AuditError(`nothing ran: the audit trail ${this.#fault}`);
  }

  /**
   * Records the start of an approved request, on disk, before it starts.
   *
   * @param approved What the approval machine made.
   * @returns What `run/` accepts.
   * @throws {AuditError} If the start, or anything before it, can't be written.
   */
  recordStart(approved: Approved): Recorded {
    this.appendOrThrow(startedRecord(approved.request, approved.basis), true);
    return recorded(approved);
  }

  /**
   * Adds a record of a request that was refused. A flood of them is counted, not written one by
   * one; where they can't be written they are counted, too.
   *
   * @param id The id that it had, or `""`.
   * @param message Why it was refused.
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
    this.#file?.close();
    this.#file = undefined;
    this.#place = undefined;
  }

  #stamped(fields: RecordFields): Record<string, unknown> {
    const { event, ...rest } = fields;
    return { time: new Date().toISOString(), daemon: this.#writer.daemon, event, ...rest };
  }

  #attempt(write: () => void): void {
    try {
      write();
      this.#fault = undefined;
    } catch (error) {
      this.#fault = faultWords(error);
      // Whatever the file holds now is looked at anew before the next record.
      this.#file?.close();
      this.#file = undefined;
    }
  }

  /** Writes all that is pending, under the lock. */
  #flush(durable: boolean): void {
    this.#locked(() => {
      this.#catchUp();
      if (this.#place!.size >= SEGMENT_BYTES) this.#openSegment(this.#place!.segment + 1);
      const records = [...this.#uncountedRecord(), ...this.#pending];
      let head = this.#head;
      let text = "";
      for (const record of records) {
        const sealed = sealRecord(head, record);
        head = sealed.head;
        text += `${sealed.line}\n`;
      }
      this.#write(new TextEncoder().encode(text));
      if (durable) this.#file!.syncDataSync();
      this.#head = head;
      this.#pending = [];
      this.#uncounted = 0;
      if (!durable) return;
      this.#writeHead();
      this.#writer.onHead?.(head);
    });
  }

  #uncountedRecord(): Record<string, unknown>[] {
    if (this.#uncounted === 0) return [];
    const message = "more requests were refused than have a record";
    return [this.#stamped({ event: "rejected", id: "", message, count: this.#uncounted })];
  }

  /** All of it or nothing: a disk that is full must not leave half a record. */
  #write(bytes: Uint8Array): void {
    const file = this.#file!;
    try {
      file.seekSync(this.#place!.size, Deno.SeekMode.Start);
      for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    } catch (error) {
      file.truncateSync(this.#place!.size);
      throw error;
    }
    this.#digest.update(bytes);
    this.#notePlace(this.#place!.segment);
  }

  /**
   * It follows the records, never leads them, whatever ends this process or the machine. Writing
   * over it takes no room, so a full disk leaves it as it was.
   */
  #writeHead(): void {
    using file = Deno.openSync(headPath(this.#folder), { write: true });
    file.writeSync(new TextEncoder().encode(headLine(this.#head)));
    this.#stored = this.#head;
  }

  #makeHead(): void {
    const path = headPath(this.#folder);
    {
      using file = Deno.openSync(`${path}.new`, {
        create: true,
        truncate: true,
        write: true,
        mode: 0o600,
      });
      file.writeSync(new TextEncoder().encode(headLine(GENESIS)));
      file.syncDataSync();
    }
    Deno.renameSync(`${path}.new`, path);
  }

  #locked(work: () => void): void {
    // What is open stays the file that it is, whatever becomes of its folder.
    if (this.#file === undefined) this.#ensureFolder();
    // Nothing else goes on while this waits: who keeps the lock is waited for once.
    const deadline = performance.now() + (this.#isLockedOut ? 0 : LOCK_TIMEOUT_MS);
    using lock = openLock(trailLockPath(this.#folder));
    {
      // Whoever has just written would take the lock again before anybody who waits for it sees it
      // free. So it has to queue, too.
      using queue = openLock(trailQueuePath(this.#folder));
      this.#waitFor(queue, deadline);
      this.#waitFor(lock, deadline);
    }
    this.#isLockedOut = false;
    work();
  }

  #waitFor(file: Deno.FsFile, deadline: number): void {
    while (!file.tryLockSync(true)) {
      if (performance.now() >= deadline) {
        this.#isLockedOut = true;
        throw new AuditError(`is locked by another program (${trailLockPath(this.#folder)})`);
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_POLL_MS);
    }
  }

  #ensureFolder(): void {
    const { uid } = this.#writer;
    const above = folderOf(this.#folder);
    Deno.mkdirSync(above, { recursive: true, mode: 0o700 });
    ensurePrivateFolder(above, uid);
    ensurePrivateFolder(this.#folder, uid);
  }

  /**
   * Makes sure that the segment is as this process left it. Where it is not, because another daemon
   * wrote, because this one has just begun, or because somebody changed it, all lines since then
   * are checked.
   */
  #catchUp(): void {
    const place = this.#place;
    if (
      this.#file && place && isSame(place, this.#placeOf(place.segment)) && !this.#hasNext(place)
    ) {
      return;
    }
    this.#file?.close();
    this.#file = undefined;
    const segments = segmentsIn(this.#folder);
    const last = segments.at(-1);
    const stored = readHead(this.#folder);
    if (last === undefined) {
      if (isAfterBeginning(stored) || place !== undefined) {
        throw new AuditError("is broken: its segments are missing");
      }
      this.#makeHead();
      return this.#openSegment(1);
    }
    if (stored === undefined) throw new AuditError("is broken: the file head is missing");
    const path = segmentPath(this.#folder, last);
    const bytes = Deno.readFileSync(path);
    const checker = this.#checkNew(bytes, last, stored) ??
      this.#checkFrom(place?.segment ?? last, last, place !== undefined, stored);
    this.#file = Deno.openSync(path, { read: true, write: true });
    const { torn } = linesIn(bytes);
    this.#head = checker.head;
    if (stored !== "unreadable") this.#stored = stored;
    this.#digest = createHash("sha256").update(bytes.subarray(0, bytes.length - torn.length));
    this.#notePlace(last);
    if (torn.length > 0) this.#setTornAside(last, torn);
  }

  /**
   * Checks only what others have added, where all that this process left is still there. Daemons
   * that take turns would else read every record again for each one that they write.
   */
  #checkNew(
    bytes: Uint8Array<ArrayBuffer>,
    last: number,
    stored: Head | "unreadable",
  ): ChainChecker | undefined {
    const place = this.#place;
    if (place?.segment !== last || stored === "unreadable" || bytes.length < place.size) return;
    const left = createHash("sha256").update(bytes.subarray(0, place.size)).digest("hex");
    if (left !== this.#digest.copy().digest("hex")) return;
    let isStoredThere = isSameHead(stored, this.#stored);
    const checker = new ChainChecker(this.#head, ({ seq, hash }) => {
      isStoredThere ||= isSameHead(stored, { seq, hash });
    });
    checker.takeAll(linesIn(bytes.subarray(place.size)), "");
    // What is wrong is found, and named, by the check of the whole segment.
    return isStoredThere && checker.faults.length === 0 ? checker : undefined;
  }

  /** Checks the segments `first` to `last`, and that the heads that are known stand in them. */
  #checkFrom(
    first: number,
    last: number,
    knowsHead: boolean,
    stored: Head | "unreadable",
  ): ChainChecker {
    if (stored === "unreadable") throw new AuditError("is broken: the file head is no head");
    const before = first === 1 ? GENESIS : lastRecord(this.#folder, first - 1);
    const wanted = [...(knowsHead ? [this.#head] : []), stored]
      .filter(({ seq }) => seq > before.seq);
    const seen = new Set<string>();
    const checker = new ChainChecker(before, ({ seq, hash }) => seen.add(`${seq} ${hash}`));
    for (let segment = first; segment <= last; segment++) {
      let lines: Lines;
      try {
        lines = readSegment(segmentPath(this.#folder, segment));
      } catch (error) {
        if (!(error instanceof Deno.errors.NotFound)) throw error;
        throw new AuditError(`is broken: segment ${segment} is missing`);
      }
      const file = segmentPath(this.#folder, segment).slice(this.#folder.length + 1);
      checker.takeAll(lines, file);
      if (segment < last && lines.torn.length > 0) {
        checker.fault(file, lines.whole.length + 1, "torn");
      }
    }
    const [fault] = checker.faults;
    if (fault) throw new AuditError(`is broken: ${fault.file} line ${fault.line}: ${fault.what}`);
    const missing = wanted.find(({ seq, hash }) => !seen.has(`${seq} ${hash}`));
    if (missing) {
      throw new AuditError(
        `is broken: it has no record ${missing.seq} with the hash that was the head`,
      );
    }
    return checker;
  }

  /** A crash may cut the last record in two: it is kept beside the trail, and noted in it. */
  #setTornAside(segment: number, bytes: Uint8Array): void {
    const kept = `torn-${String(segment).padStart(6, "0")}-${hashOf(bytes).slice(0, 16)}`;
    using file = Deno.openSync(`${this.#folder}/${kept}`, {
      create: true,
      write: true,
      mode: 0o600,
    });
    for (let rest = bytes; rest.length > 0;) rest = rest.subarray(file.writeSync(rest));
    file.syncDataSync();
    const size = this.#place!.size - bytes.length;
    this.#file!.truncateSync(size);
    this.#notePlace(segment);
    this.#pending.unshift(this.#stamped({ event: "torn", kept, ...digestOf(bytes) }));
  }

  #openSegment(segment: number): void {
    this.#file?.syncDataSync();
    this.#file?.close();
    const path = segmentPath(this.#folder, segment);
    this.#file = Deno.openSync(path, { createNew: true, read: true, write: true, mode: 0o600 });
    this.#digest = createHash("sha256");
    // The file's name is on disk when its folder is.
    using folder = Deno.openSync(this.#folder);
    folder.syncSync();
    this.#notePlace(segment);
  }

  #hasNext({ segment, size }: Place): boolean {
    if (size < SEGMENT_BYTES) return false;
    try {
      Deno.lstatSync(segmentPath(this.#folder, segment + 1));
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  #notePlace(segment: number): void {
    this.#place = this.#placeOf(segment);
  }

  #placeOf(segment: number): Place {
    try {
      const { ino, size, mtime, ctime } = Deno.lstatSync(segmentPath(this.#folder, segment));
      return {
        segment,
        ino,
        size,
        mtimeMs: mtime?.getTime() ?? 0,
        ctimeMs: ctime?.getTime() ?? 0,
      };
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
      throw new AuditError(`is broken: segment ${segment} is missing`);
    }
  }
}

/**
 * Moves a trail that is broken out of the way, as a whole, so that a new one can begin.
 *
 * @param folder The trail's folder.
 * @param now Names the folder that it becomes.
 * @returns The new name, without its folder; `undefined` where there was no trail.
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

function openLock(path: string): Deno.FsFile {
  return Deno.openSync(path, { create: true, write: true, mode: 0o600 });
}

function lastRecord(folder: string, segment: number): Head {
  const path = segmentPath(folder, segment);
  const checker = new ChainChecker();
  let line: string | undefined;
  try {
    line = readSegment(path).whole.at(-1);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  if (line === undefined) throw new AuditError(`is broken: segment ${segment} is missing or empty`);
  checker.take(line, "", 0);
  return checker.head;
}

function isAfterBeginning(stored: Head | undefined | "unreadable"): boolean {
  return stored === "unreadable" || stored !== undefined && stored.seq > 0;
}

function isSameHead(a: Head, b: Head): boolean {
  return a.seq === b.seq && a.hash === b.hash;
}

function isSame(a: Place, b: Place): boolean {
  return (Object.keys(a) as (keyof Place)[]).every((key) => a[key] === b[key]);
}

function faultWords(error: unknown): string {
  if (error instanceof AuditError) return error.message;
  return `can't be written: ${error instanceof Error ? error.message : String(error)}`;
}
