/**
 * Where sudo keeps no credentials (`timestamp_timeout=0` in sudoers(5)), it asks its question for the
 * command itself, and the command has the terminal until it ends. polkit asks so for each command,
 * which has the terminal until it has started.
 *
 * @module
 */
import type { Approved } from "./approved.ts";
import { begin } from "./running.ts";
import type { Turn } from "./turn.ts";

/** Lends the terminal to `sudo -v`, or to the command where `sudo -v` was seen to be in vain. */
export function lendForStart(turn: Turn, approved: Approved): void {
  if (!turn.state.keepsCredentials) return takeOver(turn, approved);
  turn.lend({ kind: "start", approved });
  turn.effects.push({ kind: "lend", id: approved.request.id, purpose: "start" });
}

/** `sudo -v` was content, and kept nothing: so it is with each command from now on. */
export function keptNothing(turn: Turn, approved: Approved): void {
  turn.state = { ...turn.state, keepsCredentials: false };
  takeOver(turn, approved);
}

/**
 * Starts a command that has the terminal. Each stage would ask for a password of its own, all at
 * once: only one stage can be started so.
 */
function takeOver(turn: Turn, approved: Approved): void {
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
