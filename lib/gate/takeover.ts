import type { Approved } from "./approved.ts";
import { begin } from "./running.ts";
import type { Turn } from "./turn.ts";

/**
 * Starts a command that takes over the terminal until it ends: sudo keeps no credentials
 * (`timestamp_timeout=0`), so it asks its question for the command itself. Each stage would ask for
 * a password of its own, all at once: only one stage can be started so.
 */
export function takeOver(turn: Turn, approved: Approved): void {
  const { request } = approved;
  if (request.stages.length > 1) {
    const message = "approved, but sudo keeps no credentials here (timestamp_timeout=0), so a " +
      "privileged pipeline can't be started: send its stages one by one";
    turn.takeBack();
    turn.note({ what: "ended", request, end: { kind: "refused", message } });
    return turn.fail(request.id, message);
  }
  turn.lend({ kind: "command", id: request.id });
  begin(turn, approved, true);
}
