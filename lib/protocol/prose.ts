import type { ErrorCode } from "./codes.ts";

/**
 * The codes for messages of daemons that send none: sudo-proxy 1.x, and this program before it had
 * codes. The first row that matches counts. Nothing else in this project takes a meaning from
 * prose.
 */
const ROWS: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^server busy|^refused request: it is one of more than /, "busy"],
  [/^invalid line|^invalid request: it must be /, "invalid_line"],
  [/^invalid JSON|^read error|^handshake deadline exceeded/, "invalid_line"],
  [
    /^invalid request: "\w+" must [\w ]+, since (sudo|this daemon) |^approved, but sudo keeps no /,
    "unsupported",
  ],
  [/^invalid request/, "invalid_request"],
  [
    /^(pipeline|env|reason|session|host|version|id)\b.* (must not be empty|contains forbidden )/,
    "invalid_request",
  ],
  [
    /^(missing|malformed) time field|^forward_agent is only|^SSH_AUTH_SOCK cannot/,
    "invalid_request",
  ],
  [/^stale request|^refused request: "time"|^request too old/, "stale"],
  [/^refused request: "id"|^duplicate request id/, "id_used"],
  [/^refused request: this daemon serves one trial/, "not_served"],
  [/^it could not be shown|^prompt error/, "not_shown"],
  [/^nothing ran: the audit trail /, "not_recorded"],
  [/^approved, but sudo did not authenticate/, "not_authenticated"],
  [/^nothing ran: .* changed after it was shown/s, "changed"],
  [
    /^the command can't be started|^ended before it started|^failed to (execute|spawn) /,
    "not_started",
  ],
  [/^the run limit of|^(command|pipeline) timed out after /, "run_limit"],
  [/^cancelled before it ran|^the command was cancelled/, "cancelled"],
  [/^the person at the terminal ended /, "ended_by_person"],
  [/^the daemon is stopping/, "stopping"],
  [/^nothing to cancel/, "unknown_target"],
];

/**
 * Takes a code from the message of a daemon that sends none.
 *
 * @param message The message of a response with the status `error`.
 * @returns The code, or `undefined` for a message that is not known.
 */
export function codeFromProse(message: string): ErrorCode | undefined {
  return ROWS.find(([pattern]) => pattern.test(message))?.[1];
}
