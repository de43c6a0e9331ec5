/**
 * Texts about a trail that somebody wrote by hand.
 *
 * @module
 */
import type { AuditRecord } from "../../lib/audit/read/timeline.ts";
import { recordLine, summaryLine, timelineText } from "../../lib/cli/audit_text.ts";
import { assertEquals } from "../rig/assert.ts";

/** A title, an erased screen, turned letters, and a carriage return. */
const HOSTILE = "\x1b]0;mine\x07\x9b2J\u202egnp\u2066\r";
const FIELDS = [
  ...["time", "id", "decision", "key", "message", "user", "machine", "version", "basis", "why"],
  ...["by", "kept", "count"],
];
const EVENTS = ["received", "shown", "decided", "daemon_started", "withdrawn", "ended", HOSTILE];

Deno.test("what a record says reaches no terminal raw, whichever field it is in", () => {
  const hostile = Object.fromEntries(FIELDS.map((field) => [field, HOSTILE]));
  const stages = [{ exit_code: HOSTILE }];
  const records = EVENTS.map((event): AuditRecord => ({ ...hostile, event, ran: true, stages }));
  const nested: AuditRecord = JSON.parse(`{"event":${"[".repeat(9999)}${"]".repeat(9999)}}`);
  recordLine({ ...nested, message: nested.event, time: nested.event });
  const timeline = { id: HOSTILE, received: records[0] ?? {}, records };
  for (
    const line of [summaryLine(timeline), ...timelineText(timeline), ...records.map(recordLine)]
  ) {
    assertEquals(line.match(/[\p{Cc}\p{Bidi_Control}]/gu), null, JSON.stringify(line));
  }
});
