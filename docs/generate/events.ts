import type { AuditEvent } from "../../lib/audit/write/record.ts";
import { table } from "./blocks.ts";

/** When each event is recorded, and what else its record says; the compiler asks for all of them. */
const MEANINGS: Readonly<Record<AuditEvent, string>> = {
  daemon_started: "version, user, machine, socket, how sudo asks, what could press keys",
  received:
    "a request passed every check: all that it says, and the files that it names; of `stdin`, size and hash",
  rejected: "a request was refused unseen, and why; above 10 in a second, only a count",
  shown: "it was put on the screen",
  decided:
    "`approved`, `trusted`, `denied` or `timeout`; the `key`, the words typed, the wait, the hash of the text on the screen",
  not_authenticated: "sudo got no password",
  started: "it is about to start, by a `key` or `trust`",
  ended: "exit codes, signals, duration, size and hash of each output; or why it did not run",
  ending: "it is being ended",
  ending_failed: "ending it failed",
  withdrawn: "its client left or cancelled, it could not be shown, or the daemon stopped",
  policy: "the key `a`, or the end of its grant",
  torn: "a torn record was set aside",
  daemon_stopped: "the daemon ended",
};

/** The table of docs/audit.md. */
export function eventTable(): string {
  return table(
    ["`event`", "when, and what else it says"],
    ...Object.entries(MEANINGS).map(([event, meaning]) => [`\`${event}\``, meaning]),
  );
}
