/**
 * The queue: how a request comes into it, when it is shown or starts, and how it leaves.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import { approveByGrant, isCovered } from "../decide/approved.ts";
import { showPrompt } from "../decide/prompt.ts";
import { lendForEnding } from "./authentication.ts";
import { canPrint, idFault, isBeginning } from "./facts.ts";
import { begin, terminate } from "./jobs.ts";
import { deny } from "./prompting.ts";
import { cancelQuestion } from "./questions.ts";
import { refuseAtEnd } from "./stopping.ts";
import type { EventOf } from "./state.ts";
import type { Turn } from "./turn.ts";
import { withdraw } from "./withdraw.ts";

/** A request arrives. */
export function submitted(turn: Turn, { request }: EventOf<"submitted">): void {
  const { state } = turn;
  // An answer to it would reach the client that already uses the id.
  if (idFault(state, request.id)) return;
  if (state.stopping) return refuseAtEnd(turn, request);
  if (turn.now < state.deniesUntil) {
    return deny(turn, request, { message: "all requests are denied for a moment" });
  }
  turn.set({ queue: [...state.queue, request] });
  const starts = isCovered(state.grant, request) && canPrint(state);
  if (!starts) turn.tellPosition(request, turn.state.queue.length);
}

/** Starts what a grant covers, and shows the next request if the terminal is free. */
export function fillTerminal(turn: Turn): void {
  if (turn.state.terminal.suspended) return;
  if (canPrint(turn.state)) startCovered(turn);
  const { phase, jobs, stopping } = turn.state;
  if (phase.kind !== "idle" && phase.kind !== "asking") return;
  const blocked = jobs.values().find(({ ending, needsPassword }) => ending && needsPassword);
  // A daemon that is about to end asks nobody: it leaves a command that it can't end, and says so.
  if (blocked && (stopping === undefined || stopping.deadline === Infinity)) {
    const { config } = turn.state;
    const loses = config.password === "each" && isBeginning(turn.state);
    return loses ? undefined : lendForEnding(turn, blocked.request.id);
  }
  const [request, ...queue] = turn.state.queue;
  if (request === undefined) return;
  if (phase.kind === "asking") cancelQuestion(turn);
  show(turn, request, queue);
}

function startCovered(turn: Turn): void {
  let hasStarted = false;
  for (const request of turn.state.queue) {
    const approved = approveByGrant(turn.state.grant, request);
    if (approved === undefined) continue;
    turn.removeFromQueue(request.id);
    turn.note({ what: "decided", request, decision: "trusted" });
    begin(turn, approved);
    hasStarted = true;
  }
  if (hasStarted) turn.tellPositions();
}

function show(turn: Turn, request: ResolvedRequest, queue: readonly ResolvedRequest[]): void {
  const { config, disturbedAt, history, terminal } = turn.state;
  const timeoutMs = config.promptTimeoutMs;
  turn.set({ queue });
  turn.reset();
  turn.announce();
  const drawing = terminal.drawings + 1;
  const last = history.entries.at(-1);
  const followsWithdrawn = last?.kind === "note" && last.note.what === "withdrawn";
  turn.setPrompt(
    showPrompt(request, { now: turn.now, timeoutMs, disturbedAt, drawing, followsWithdrawn }),
  );
  turn.note({ what: "shown", request });
  if (request.stream) {
    const event = { id: request.id, event: "shown", timeout_ms: timeoutMs } as const;
    turn.effects.push({ kind: "tell", event });
  }
  turn.tellPositions();
}

/** Ends or takes back what a client wants cancelled. */
export function cancel(turn: Turn, { target, replyTo }: EventOf<"cancel">): void {
  const job = turn.state.jobs.get(target);
  if (job) {
    terminate(turn, job, "cancel");
    return turn.reply(replyTo, { status: "ok", message: "the command is being ended" });
  }
  if (withdraw(turn, target, "cancelled by its client")) {
    turn.fail(target, "cancelled", "cancelled before it ran");
    return turn.reply(replyTo, { status: "ok", message: "withdrawn" });
  }
  const message = `nothing to cancel: no request with the id "${target}" waits or runs`;
  turn.fail(replyTo, "unknown_target", message);
}
