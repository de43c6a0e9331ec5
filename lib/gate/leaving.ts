/**
 * What goes away: a request that its client or the daemon takes back, and the daemon itself.
 *
 * @module
 */
import type { ResolvedRequest } from "./request.ts";
import { terminate } from "./running.ts";
import type { StopCause } from "./state.ts";
import { STOP_WAIT_MS } from "./times.ts";
import type { Turn } from "./turn.ts";

/** Takes a request back that does not run yet; false where there is none. */
export function withdraw(turn: Turn, id: string, why: string): boolean {
  const { holder } = turn.state;
  const queued = turn.state.queue.find((request) => request.id === id);
  if (queued) {
    turn.removeFromQueue(id);
    turn.note({ what: "withdrawn", request: queued, why });
    turn.tellPositions();
    return true;
  }
  if (holder.kind === "prompting" && holder.prompt.request.id === id) {
    turn.leavePrompt();
    turn.note({ what: "withdrawn", request: holder.prompt.request, why });
    return true;
  }
  const approved = turn.waitingForSudo();
  if (approved?.request.id === id) {
    // sudo may still ask: what asks runs as root and can't be stopped from here. Its end only
    // gives the terminal back.
    if (holder.kind === "checking") turn.freeTerminal();
    else turn.lend({ kind: "withdrawn", id });
    turn.note({ what: "withdrawn", request: approved.request, why });
    return true;
  }
  return false;
}

/** Ends or takes back what a client wants cancelled. */
export function cancel(turn: Turn, target: string, replyTo: string): void {
  const ok = (message: string) => turn.reply(replyTo, { id: replyTo, status: "ok", message });
  const run = turn.state.running.get(target);
  if (run) {
    terminate(turn, run, "cancel");
    return ok("the command is being ended");
  }
  if (withdraw(turn, target, "cancelled by its client")) {
    turn.fail(target, "cancelled before it ran");
    return ok("withdrawn");
  }
  turn.fail(replyTo, `nothing to cancel: no request with the id "${target}" waits or runs`);
}

/** Takes back what waits, and ends what runs where a person or a signal wants it. */
export function stop(turn: Turn, by: StopCause): void {
  const first = turn.state.stopping === undefined;
  const { holder, queue, running } = turn.state;
  // A `stop` request lets running commands finish, since half a package upgrade helps nobody, and
  // so does a connection that breaks; a person or a signal ends them.
  const patience = by === "person" || by === "signal" ? turn.now + STOP_WAIT_MS : Infinity;
  const deadline = Math.min(patience, turn.state.stopping?.deadline ?? Infinity);
  turn.state = { ...turn.state, queue: [], stopping: { by, deadline } };
  if (first) turn.note({ what: "stopping", by, running: running.size });
  for (const request of queue) refuseAtEnd(turn, request);
  if (holder.kind === "prompting") {
    turn.leavePrompt();
    refuseAtEnd(turn, holder.prompt.request);
  }
  const approved = turn.waitingForSudo();
  if (approved) {
    withdraw(turn, approved.request.id, "the daemon is stopping");
    turn.fail(approved.request.id, "the daemon is stopping");
  }
  if (deadline !== Infinity) {
    for (const run of turn.state.running.values()) terminate(turn, run, "stop");
  }
}

/** Refuses a request, since the daemon stops. */
export function refuseAtEnd(turn: Turn, request: ResolvedRequest): void {
  turn.note({ what: "withdrawn", request, why: "the daemon is stopping" });
  turn.fail(request.id, "the daemon is stopping");
}

/**
 * Ends the daemon once nothing is left to wait for. sudo's question is waited for: whoever left
 * it would leave it the terminal.
 */
export function finishStop(turn: Turn): void {
  const { stopping, running, holder } = turn.state;
  const sudoAsks = holder.kind === "lent" && holder.to.kind !== "command";
  if (!stopping || sudoAsks) return;
  if (running.size === 0 || turn.now >= stopping.deadline) turn.effects.push({ kind: "exit" });
}
