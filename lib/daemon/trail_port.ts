import { Journal } from "../audit/write/journal.ts";
import { type ScreenDigest, TextDigest } from "../audit/write/record.ts";
import type { AuditTrail } from "../audit/write/trail.ts";
import type { Note } from "../session/history.ts";
import type { Names } from "../view/picture.ts";
import { requestDigest } from "../view/request_lines.ts";
import type { TrailPort } from "./ports.ts";

/** The audit trail as a port; a decision at the prompt gets a digest of the screen. */
export function trailPort(trail: AuditTrail, names: Names): TrailPort {
  const journal = new Journal(trail);
  const digest = (note: Note): ScreenDigest | undefined => {
    if (note.what !== "decided" || note.screen === undefined) return undefined;
    const { columns, ascii } = note.screen;
    const shown = { ...names, ...(ascii ? { ascii } as const : {}) };
    const hash = () => new TextDigest();
    const view = { request: note.request, ...shown, hash };
    return { columns, ...shown, ...requestDigest(view, columns) };
  };
  return {
    get fault() {
      return trail.fault;
    },
    get isBroken() {
      return trail.isBroken;
    },
    receive: (request) => journal.receive(request, performance.now()),
    recordStart: (approved) => trail.recordStart(approved),
    note: (note) => journal.note(note, performance.now(), digest(note)),
    reject: (id, message) => trail.reject(id, message),
  };
}
