/**
 * Questions about the state that more than one file asks.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import type { Approved } from "../decide/approved.ts";
import type { Fault } from "../protocol/codes.ts";
import type { Job, SessionState } from "./state.ts";

/** How often the clock moves while something depends on it, in milliseconds. */
const TICK_MS = 100;
/** The same for the line below the history, which has whole minutes. */
const STATUS_MS = 10_000;

/** Whether the key `a` exists; it does not if an unprivileged command could become root. */
export function mayTrust({ config, sharing }: SessionState): boolean {
  return config.mayTrust && sharing !== "shared";
}

/** Whether sudo asks its question, or polkit while it ends a command. */
export function isAsking({ phase }: SessionState): boolean {
  return phase.kind === "lent" && phase.to.kind !== "command";
}

/** Whether a line for the person can be written. Under a prompt it can, and is seen later. */
export function canPrint({ phase }: SessionState): boolean {
  return phase.kind === "idle" || phase.kind === "asking" || phase.kind === "prompting";
}

/** The approved request that waits for sudo to know the person. */
export function waitingForSudo({ phase }: SessionState): Approved | undefined {
  if (phase.kind === "checking") return phase.approved;
  return phase.kind === "lent" && phase.to.kind === "start" ? phase.to.approved : undefined;
}

/** Whether the terminal is lent to this command, or to the question that ends it. */
export function isLentTo({ phase }: SessionState, kind: "command" | "ending", id: string): boolean {
  return phase.kind === "lent" && phase.to.kind === kind && phase.to.id === id;
}

/** Whether a command still needs sudo's credentials to begin; nothing else may be asked before. */
export function isBeginning({ jobs }: SessionState): boolean {
  return jobs.values().some(({ needsCredentials }) => needsCredentials === "start");
}

/** Whether a command may be ended: it is not being ended, or that has failed. */
export function mayBeEnded({ ending }: Job): boolean {
  return ending === undefined || ending.failed;
}

/**
 * Why an id can't be taken: a request with it waits, is shown, waits for sudo, or runs, or the
 * person is asked about it. A command that runs for long can outlive the memory of its id.
 */
export function idFault(state: SessionState, id: string): Fault | undefined {
  const { phase, queue, jobs } = state;
  const isKnown = jobs.has(id) || queue.some((request) => request.id === id) ||
    (phase.kind === "prompting" && phase.prompt.request.id === id) ||
    waitingForSudo(state)?.request.id === id ||
    (phase.kind === "lent" && phase.to.kind === "withdrawn" && phase.to.id === id) ||
    // The answer to a question about a command that has ended must not end another.
    (phase.kind === "asking" && phase.question.kind === "end" && phase.question.id === id);
  if (!isKnown) return undefined;
  return { code: "id_used", message: `refused request: "id" must be new, and "${id}" is in use` };
}

/** Why a request to run something is refused before anybody hears of it. */
export function refusal(state: SessionState, id: string): Fault | undefined {
  const { onlyId } = state.config;
  if (onlyId !== undefined && id !== onlyId) {
    const message = "refused request: this daemon serves one trial, and no other request";
    return { code: "not_served", message };
  }
  return idFault(state, id);
}

/** The screen on which a request was shown: its width, and whether it gets only ASCII. */
export function screenOf(
  { phase, terminal }: SessionState,
  { id }: ResolvedRequest,
): { screen?: { readonly columns: number; readonly ascii: boolean } } {
  if (phase.kind !== "prompting" || phase.prompt.request.id !== id) return {};
  return { screen: { columns: terminal.window.columns, ascii: terminal.ascii ?? true } };
}

/** How often the clock has to move, in milliseconds. */
export function tickMs({ phase, jobs, stopping }: SessionState): number {
  const isBusy = phase.kind === "prompting" || jobs.size > 0 || stopping !== undefined;
  return isBusy ? TICK_MS : STATUS_MS;
}

/** How many requests wait for the person, with the one that is on the screen or waits for sudo. */
export function waitingCount({ phase, queue }: SessionState): number {
  const isWaiting = phase.kind === "prompting" || phase.kind === "checking" ||
    (phase.kind === "lent" && phase.to.kind === "start");
  return queue.length + (isWaiting ? 1 : 0);
}
