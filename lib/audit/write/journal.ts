import type { ResolvedRequest } from "../../admit/request.ts";
import type { Note } from "../../session/history.ts";
import { noteRecord, receivedRecord, type ScreenDigest } from "./record.ts";
import type { AuditTrail } from "./trail.ts";

/** The notes that end a request: no record of it follows. */
const LAST = ["withdrawn", "notAuthenticated", "ended", "denied", "timeout"];

/** Writes the notes of the session into the audit trail, with how long each request waited. */
export class Journal {
  readonly #trail: AuditTrail;
  /** When each request was taken in, in monotonic milliseconds. */
  readonly #receivedAt = new Map<string, number>();

  /** Makes a journal of a trail. */
  constructor(trail: AuditTrail) {
    this.#trail = trail;
  }

  /**
   * Records a request before it is put in line. The time is in monotonic milliseconds.
   *
   * @throws {AuditError} If it can't be recorded: it must not be shown then.
   */
  receive(request: ResolvedRequest, now: number): void {
    this.#trail.appendOrThrow(receivedRecord(request), false);
    this.#receivedAt.set(request.id, now);
  }

  /** Records a note, and what stood on the screen of a request that was decided there. */
  note(note: Note, now: number, screen: ScreenDigest | undefined): void {
    const id = "request" in note ? note.request.id : "";
    const receivedAt = this.#receivedAt.get(id);
    const fields = noteRecord(
      note,
      receivedAt === undefined ? undefined : now - receivedAt,
      screen,
    );
    if (fields !== undefined) this.#trail.append(fields);
    if (LAST.includes(note.what === "decided" ? note.decision : note.what)) {
      this.#receivedAt.delete(id);
    }
  }
}
