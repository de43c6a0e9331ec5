/**
 * The life of a command: it begins, it may have to be ended, and it ends.
 *
 * @module
 */
import type { Approved } from "../decide/approved.ts";
import type { Fault } from "../protocol/codes.ts";
import type { Response } from "../protocol/response.ts";
import { outcomeFields, type RunEnd } from "../run/outcome.ts";
import { isLentTo, mayBeEnded } from "./facts.ts";
import type { EndingReason } from "./history.ts";
import type { Job } from "./state.ts";
import { KILL_AFTER_MS } from "./times.ts";
import type { Turn } from "./turn.ts";

/** Starts an approved command: plainly, with the terminal, or after sudo has asked for it. */
export function begin(
  turn: Turn,
  approved: Approved,
  how: { readonly withTerminal?: boolean; readonly wasAsked?: boolean } = {},
): void {
  const { request } = approved;
  const { withTerminal = false, wasAsked = false } = how;
  turn.setJob(request.id, {
    request,
    startedAt: undefined,
    needsCredentials: wasAsked ? "start" : undefined,
    ending: undefined,
    needsPassword: false,
  });
  if (request.privileged) turn.set({ usedCredentials: true });
  turn.effects.push({ kind: "start", approved, withTerminal, wasAsked });
}

/** Every stage was spawned; if starting asks for a password, that is over. */
export function started(turn: Turn, id: string): void {
  const job = turn.state.jobs.get(id);
  if (!job || job.startedAt !== undefined) return;
  turn.setJob(id, { ...job, startedAt: turn.now });
  turn.note({ what: "started", request: job.request });
  turn.tell(job.request, "started");
}

/** polkit's question is over: takes the terminal back from the command. */
export function giveBack(turn: Turn, id: string): void {
  const { authentication } = turn.state.config;
  if (authentication === "polkit" && isLentTo(turn.state, "command", id)) turn.free();
}

/** sudo has started every stage. */
export function begun(turn: Turn, id: string): void {
  const job = turn.state.jobs.get(id);
  if (job?.needsCredentials === "start") turn.setJob(id, { ...job, needsCredentials: undefined });
}

/** A command has ended: answers its client. */
export function ended(turn: Turn, id: string, end: RunEnd): void {
  const job = turn.state.jobs.get(id);
  if (!job) return;
  turn.set({ jobs: new Map([...turn.state.jobs].filter(([other]) => other !== id)) });
  if (isLentTo(turn.state, "command", id)) turn.free();
  // It may have changed the terminal.
  else turn.reset();
  turn.note({ what: "ended", request: job.request, end });
  turn.reply(id, endResponse(job, end));
}

/** Ends what ran too long, and what did not end when it was asked to. */
export function passJobDeadlines(turn: Turn): void {
  for (const [id, job] of turn.state.jobs) {
    const { startedAt, ending, request } = job;
    if (ending !== undefined) {
      // If sudo has to ask for a password first, the grace period begins after that. A command that
      // has the terminal gets no SIGKILL.
      const waits = job.needsPassword || isLentTo(turn.state, "ending", id) ||
        isLentTo(turn.state, "command", id);
      if (ending.killed || waits || turn.now < ending.killAt) continue;
      turn.setJob(id, { ...job, ending: { ...ending, killed: true } });
      turn.effects.push({ kind: "signal", id, signal: "SIGKILL" });
    } else if (
      startedAt !== undefined && request.timeoutMs !== undefined &&
      turn.now - startedAt >= request.timeoutMs
    ) {
      terminate(turn, job, "limit");
    }
  }
}

/** Ends a command, unless that is under way. */
export function terminate(turn: Turn, job: Job, why: EndingReason): void {
  if (!mayBeEnded(job)) return;
  const { id } = job.request;
  const ending = { why, killAt: turn.now + KILL_AFTER_MS, killed: false, failed: false };
  turn.setJob(id, { ...job, ending });
  turn.note({ what: "ending", request: job.request, why });
  turn.effects.push({ kind: "signal", id, signal: "SIGTERM" });
}

/** A signal could not be sent; if that needs a password, sudo is to ask for it. */
export function signalFailed(turn: Turn, id: string, wouldAsk: boolean): void {
  const job = turn.state.jobs.get(id);
  if (!job) return;
  turn.note({ what: "endingFailed", request: job.request, password: wouldAsk });
  const ending = job.ending && { ...job.ending, failed: !wouldAsk };
  turn.setJob(id, { ...job, ending, needsPassword: job.needsPassword || wouldAsk });
}

/** The question for the password that ends a command is over. */
export function endWithPassword(
  turn: Turn,
  id: string,
  result: "kept" | "notKept" | "failed" | "sent",
): void {
  turn.free();
  const job = turn.state.jobs.get(id);
  if (!job?.ending) return;
  if (result !== "kept" && result !== "sent") {
    // SIGKILL would fail for the same reason.
    turn.setJob(id, { ...job, ending: { ...job.ending, killAt: Infinity, failed: true } });
    return turn.note({ what: "endingFailed", request: job.request, password: false });
  }
  const killed = result === "sent" && job.ending.killed;
  const ending = { ...job.ending, killAt: turn.now + KILL_AFTER_MS, killed, failed: false };
  const needsCredentials = result === "kept" ? "end" : job.needsCredentials;
  turn.setJob(id, { ...job, ending, needsCredentials });
  if (result === "kept") turn.effects.push({ kind: "signal", id, signal: "SIGTERM" });
}

/** What the client of an ended command is told. */
const ENDINGS: Readonly<Record<EndingReason, (timeoutMs: number | undefined) => Fault>> = {
  limit: (timeoutMs) => ({
    code: "run_limit",
    message: `the run limit of ${timeoutMs} ms was reached and the command was ended`,
  }),
  cancel: () => ({ code: "cancelled", message: "the command was cancelled and ended" }),
  stop: () => ({
    code: "stopping",
    message: "the daemon is stopping and the command was ended",
  }),
  person: () => ({
    code: "ended_by_person",
    message: "the person at the terminal ended the command",
  }),
};

function endResponse({ request, ending }: Job, end: RunEnd): Omit<Response, "id"> {
  if (end.kind === "refused") return { status: "error", code: end.code, message: end.message };
  const fields = outcomeFields(end.outcome);
  if (!ending) return { status: "ok", ...fields };
  return { status: "error", ...ENDINGS[ending.why](request.timeoutMs), ...fields };
}
