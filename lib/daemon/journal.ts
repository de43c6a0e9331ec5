import { noteRecord, receivedRecord, type ScreenDigest } from "../audit/record.ts";
import type { AuditTrail } from "../audit/trail.ts";
import type { ResolvedRequest } from "../gate/request.ts";
import type { Note } from "../gate/state.ts";

/** What ends a request: nothing more is recorded of it. */
const LAST: ReadonlySet<Note["what"]> = new Set(["withdrawn", "notAuthenticated", "ended"]);

/** Writes what the approval machine notes into the audit trail, with how long it took. */
export class Journal {
  readonly #trail: AuditTrail;
  /** When each request was taken in, in monotonic milliseconds. */
  readonly #receivedAt = new Map<string, number>();
  readonly #shown = new Set<string>();

  /**
   * Makes a journal.
   *
   * @param trail Where it is written.
   */
  constructor(trail: AuditTrail) {
    this.#trail = trail;
  }

  /**
   * Records a request before it is put in line.
   *
   * @param request The request.
   * @param now Monotonic milliseconds.
   * @throws {AuditError} If it can't be recorded: it must not be shown then.
   */
  receive(request: ResolvedRequest, now: number): void {
    this.#trail.appendOrThrow(receivedRecord(request), false);
    this.#receivedAt.set(request.id, now);
  }

  /**
   * Records a note.
   *
   * @param note What happened.
   * @param now Monotonic milliseconds.
   * @param screen What stands on the screen of a request; called only for one that is decided
   * there.
   */
  note(note: Note, now: number, screen: (request: ResolvedRequest) => ScreenDigest): void {
    const id = "request" in note ? note.request.id : "";
    if (note.what === "shown") this.#shown.add(id);
    const isDecided = note.what === "decided" && this.#shown.has(id);
    const fields = noteRecord(
      note,
      now,
      this.#receivedAt.get(id),
      isDecided ? screen(note.request) : undefined,
    );
    if (fields !== undefined) this.#trail.append(fields);
    const isLast = LAST.has(note.what) ||
      note.what === "decided" && (note.decision === "denied" || note.decision === "timeout");
    if (!isLast) return;
    this.#receivedAt.delete(id);
    this.#shown.delete(id);
  }
}
