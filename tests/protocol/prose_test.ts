import { ERROR_CODES, type ErrorCode } from "../../lib/protocol/codes.ts";
import { codeFromProse } from "../../lib/protocol/prose.ts";
import { assertEquals } from "../rig/assert.ts";

/** What daemons without codes say: sudo-proxy 1.2, and this program before it had codes. */
const MESSAGES: readonly (readonly [message: string, code: ErrorCode | undefined])[] = [
  // sudo-proxy 1.2.0, src/server.rs, src/protocol.rs and src/executor.rs.
  ["server busy: too many in-flight requests", "busy"],
  ["handshake deadline exceeded", "invalid_line"],
  ["read error: request exceeds maximum size", "invalid_line"],
  ["invalid JSON: expected value at line 1 column 1", "invalid_line"],
  ["pipeline must not be empty", "invalid_request"],
  ["pipeline stage 0 must not be empty", "invalid_request"],
  ["pipeline[0][1] contains forbidden control/bidi characters", "invalid_request"],
  ["env key 'X' contains forbidden characters", "invalid_request"],
  ["env value contains forbidden characters", "invalid_request"],
  ["reason contains forbidden control/bidi characters", "invalid_request"],
  ["forward_agent is only allowed for unprivileged commands", "invalid_request"],
  ["SSH_AUTH_SOCK cannot be set in request env; use forward_agent instead", "invalid_request"],
  ["missing time field", "invalid_request"],
  ["malformed time field", "invalid_request"],
  ["request too old: 61s (max 60s)", "stale"],
  ["duplicate request id: 1", "id_used"],
  ["prompt error: Input/output error (os error 5)", "not_shown"],
  ["failed to execute command: No such file or directory (os error 2)", "not_started"],
  ["failed to spawn pipeline stage 1: No such file or directory (os error 2)", "not_started"],
  ["command timed out after 600s", "run_limit"],
  ["pipeline timed out after 600s", "run_limit"],
  ["wait failed: No child processes (os error 10)", undefined],
  // This program, 0.1.
  ["server busy: 64 requests are in flight; try again later", "busy"],
  [
    "refused request: it is one of more than 65536 in 120 seconds; wait and try again",
    "busy",
  ],
  ["invalid line: it must be at most 1048576 bytes long", "invalid_line"],
  ["invalid request: it must be one line of JSON", "invalid_line"],
  ['invalid request: "cwd" must be an absolute path', "invalid_request"],
  ['invalid request: "reason" must be text, since it is shown', "invalid_request"],
  ['invalid request: "privileged" must be false, since sudo is not installed here', "unsupported"],
  [
    'invalid request: "pipeline" must have one stage where it is privileged, since this daemon ' +
    "uses polkit, which asks for each program: send the stages one by one",
    "unsupported",
  ],
  [
    'invalid request: "forward_agent" must be false, since this daemon has no ssh agent: ' +
    "SSH_AUTH_SOCK is not set here; a tunnel brings one only with --forward-agent",
    "unsupported",
  ],
  [
    "approved, but sudo keeps no credentials here (timestamp_timeout=0), so a privileged " +
    "pipeline can't be started: send its stages one by one",
    "unsupported",
  ],
  ['stale request: "time" is 2026-01-31T12:00:00Z, and it is 2026-01-31T13:00:00Z here', "stale"],
  [
    'refused request: "time" must be later than that of every request that was forgotten ' +
    "already (the clock was set back)",
    "stale",
  ],
  ['refused request: "id" must be new, and "1" was used before', "id_used"],
  ["refused request: this daemon serves one trial, and no other request", "not_served"],
  ["it could not be shown: nothing ran", "not_shown"],
  ["nothing ran: the audit trail can't be written: No space left on device", "not_recorded"],
  ["approved, but sudo did not authenticate the person: nothing ran", "not_authenticated"],
  ["nothing ran: /usr/bin/x\ny changed after it was shown. Send the request again", "changed"],
  ["the command can't be started: Permission denied (os error 13)", "not_started"],
  ["the run limit of 1000 ms was reached and the command was ended", "run_limit"],
  ["cancelled before it ran", "cancelled"],
  ["the command was cancelled and ended", "cancelled"],
  ["ended before it started: nothing ran", "not_started"],
  ["the person at the terminal ended the command", "ended_by_person"],
  ["the daemon is stopping", "stopping"],
  ["the daemon is stopping and the command was ended", "stopping"],
  ['nothing to cancel: no request with the id "1" waits or runs', "unknown_target"],
  ["", undefined],
  ["the server busy with itself", undefined],
];

for (const [message, code] of MESSAGES) {
  Deno.test(`codeFromProse takes ${JSON.stringify(message)} for ${code}`, () => {
    assertEquals(codeFromProse(message), code);
  });
}

Deno.test("codeFromProse is tested with every code", () => {
  const seen = new Set(MESSAGES.map(([, code]) => code));
  assertEquals(ERROR_CODES.filter((code) => !seen.has(code)), []);
});
