/**
 * The life of a command: it begins, it may have to be ended, and it ends.
 *
 * @module
 */
import type { Response } from "../protocol/response.ts";
import type { Approved } from "./approved.ts";
import { outcomeFields, type RunEnd } from "./outcome.ts";
import type { EndingReason, Run } from "./state.ts";
import { KILL_AFTER_MS } from "./times.ts";
import type { Turn } from "./turn.ts";

/** Starts an approved command. */
export function begin(turn: Turn, approved: Approved, withTerminal: boolean): void {
  const { request } = approved;
  turn.setRun(request.id, {
    request,
    startedAt: undefined,
    ending: undefined,
    needsPassword: false,
    withTerminal,
  });
  turn.effects.push({ kind: "start", approved, withTerminal });
}

/** Every stage was spawned, and nothing asks any more where starting it asks. */
export function started(turn: Turn, id: string): void {
  const run = turn.state.running.get(id);
  if (!run || run.startedAt !== undefined) return;
  const asked = turn.state.config.authentication === "atStart" && run.withTerminal;
  if (asked) turn.takeBack();
  turn.setRun(id, { ...run, startedAt: turn.now, withTerminal: run.withTerminal && !asked });
  turn.note({ what: "started", request: run.request });
  turn.tell(run.request, "started");
}

/** A command has ended: answers its client. */
export function ended(turn: Turn, id: string, end: RunEnd): void {
  const run = turn.state.running.get(id);
  if (!run) return;
  const running = new Map(turn.state.running);
  running.delete(id);
  turn.state = { ...turn.state, running };
  const { holder } = turn.state;
  if (holder.kind === "lent" && holder.to.kind === "command" && holder.to.id === id) {
    turn.takeBack();
  }
  turn.note({ what: "ended", request: run.request, end });
  turn.reply(id, endResponse(run, end));
}

/** Ends what ran too long, and what did not end when it was asked to. */
export function passRunDeadlines(turn: Turn): void {
  for (const [id, run] of turn.state.running) {
    const { startedAt, ending, request } = run;
    if (ending !== undefined) {
      // Where sudo is to ask for a password first, the grace begins after that.
      const asks = run.needsPassword || turn.isLentToEnding(id);
      if (!ending.killed && !run.withTerminal && !asks && turn.now >= ending.killAt) {
        turn.setRun(id, { ...run, ending: { ...ending, killed: true } });
        turn.effects.push({ kind: "terminate", id, signal: "SIGKILL" });
      }
    } else if (
      startedAt !== undefined && request.timeoutMs !== undefined &&
      turn.now - startedAt >= request.timeoutMs
    ) {
      terminate(turn, run, "limit");
    }
  }
}

/** Ends a command, unless that is under way. */
export function terminate(turn: Turn, run: Run, why: EndingReason): void {
  if (!mayBeEnded(run)) return;
  const { request } = run;
  const ending = { why, killAt: turn.now + KILL_AFTER_MS, killed: false, failed: false };
  turn.setRun(request.id, { ...run, ending });
  turn.note({ what: "ending", request, why });
  turn.effects.push({ kind: "terminate", id: request.id, signal: "SIGTERM" });
}

/** A signal could not be sent; with `password`, sudo is to ask for one. */
export function endingFailed(turn: Turn, id: string, password: boolean): void {
  const run = turn.state.running.get(id);
  if (!run) return;
  turn.note({ what: "endingFailed", request: run.request, password });
  const ending = run.ending && { ...run.ending, failed: !password };
  turn.setRun(id, { ...run, ending, needsPassword: run.needsPassword || password });
}

/** The password that ends a command was asked for. */
export function endWithPassword(
  turn: Turn,
  id: string,
  result: "kept" | "notKept" | "failed" | "sent",
): void {
  turn.takeBack();
  const run = turn.state.running.get(id);
  if (!run?.ending) return;
  if (result !== "kept" && result !== "sent") {
    // SIGKILL would fail for the same reason.
    turn.setRun(id, { ...run, ending: { ...run.ending, killAt: Infinity, failed: true } });
    return turn.note({ what: "endingFailed", request: run.request, password: false });
  }
  turn.setRun(id, {
    ...run,
    ending: {
      ...run.ending,
      killAt: turn.now + KILL_AFTER_MS,
      killed: result === "sent" && run.ending.killed,
      failed: false,
    },
  });
  if (result === "kept") turn.effects.push({ kind: "terminate", id, signal: "SIGTERM" });
}

/** A command whose end was tried in vain may be ended again. */
export function mayBeEnded({ ending }: Run): boolean {
  return ending === undefined || ending.failed;
}

/** What the client learns at the end of its command. */
function endResponse({ request, ending }: Run, end: RunEnd): Response {
  const { id } = request;
  if (end.kind === "refused") return { id, status: "error", message: end.message };
  const fields = outcomeFields(end.outcome);
  if (!ending) return { id, status: "ok", ...fields };
  const messages: Readonly<Record<EndingReason, string>> = {
    limit: `the run limit of ${request.timeoutMs} ms was reached and the command was ended`,
    cancel: "the command was cancelled and ended",
    stop: "the daemon is stopping and the command was ended",
    person: "the person at the terminal ended the command",
  };
  return { id, status: "error", message: messages[ending.why], ...fields };
}
