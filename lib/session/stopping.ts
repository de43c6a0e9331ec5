/**
 * The end of the daemon.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import { isAsking, waitingForSudo } from "./facts.ts";
import type { StopCause } from "./history.ts";
import { terminate } from "./jobs.ts";
import type { EventOf } from "./state.ts";
import { STOP_WAIT_MS } from "./times.ts";
import type { Turn } from "./turn.ts";
import { withdraw } from "./withdraw.ts";

/** How long after sudo's end the Ctrl+C that ended it may still reach us, in milliseconds. */
const LATE_SIGNAL_MS = 1000;
const STOPPING = "the daemon is stopping";

/**
 * A signal asks the daemon to end. While the terminal is lent, Ctrl+C is meant for the program that
 * has it, and may reach us after that program's end.
 */
export function signalled(turn: Turn, { signal }: EventOf<"signal">): void {
  const { phase, takenBackAt } = turn.state;
  const isOthers = phase.kind === "lent" || turn.now - takenBackAt < LATE_SIGNAL_MS;
  if (signal !== "SIGINT" || !isOthers) stop(turn, "signal");
}

/** Withdraws what waits; ends what runs if a person or a signal wants that. */
export function stop(turn: Turn, by: StopCause): void {
  const { phase, queue, jobs, stopping } = turn.state;
  // A `stop` request or a broken connection lets running commands finish, since half a package
  // upgrade helps nobody. A person or a signal ends them.
  const patience = by === "person" || by === "signal" ? turn.now + STOP_WAIT_MS : Infinity;
  const deadline = Math.min(patience, stopping?.deadline ?? Infinity);
  turn.set({ queue: [], stopping: { by, deadline } });
  if (stopping === undefined) turn.note({ what: "stopping", by, running: jobs.size });
  for (const request of queue) refuseAtEnd(turn, request);
  if (phase.kind === "prompting") {
    turn.free();
    refuseAtEnd(turn, phase.prompt.request);
  }
  const id = waitingForSudo(turn.state)?.request.id;
  if (id !== undefined && withdraw(turn, id, STOPPING)) turn.fail(id, "stopping", STOPPING);
  if (deadline === Infinity) return;
  for (const job of turn.state.jobs.values()) terminate(turn, job, "stop");
}

/** Refuses a request, since the daemon stops. */
export function refuseAtEnd(turn: Turn, request: ResolvedRequest): void {
  turn.note({ what: "withdrawn", request, why: STOPPING });
  turn.fail(request.id, "stopping", STOPPING);
}

/**
 * Ends the daemon once nothing is left to wait for. It waits for sudo's question, which would
 * otherwise keep the terminal.
 */
export function finishStop(turn: Turn): void {
  const { stopping, jobs } = turn.state;
  if (!stopping || isAsking(turn.state)) return;
  if (jobs.size === 0 || turn.now >= stopping.deadline) turn.effects.push({ kind: "exit" });
}
