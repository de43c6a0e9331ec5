/**
 * What happens to the request on the screen: carries out what `decide/` decides.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import { type Answer, answerKey, answerNothing } from "../decide/answer.ts";
import { confirmDrawing, type Prompt, touchPrompt } from "../decide/prompt.ts";
import { DENY_ALL_MS, STALL_MS } from "../decide/times.ts";
import { startApproved } from "./authentication.ts";
import { mayTrust, screenOf } from "./facts.ts";
import type { EventOf, PhaseOf, SessionEvent } from "./state.ts";
import type { Turn } from "./turn.ts";
import { withdraw } from "./withdraw.ts";

/** Takes a key at a prompt. */
export function pressed(
  turn: Turn,
  { prompt }: PhaseOf<"prompting">,
  { burst }: EventOf<"keys">,
): void {
  const { config, paste } = turn.state;
  const press = { burst, isPasted: paste.pasted, now: turn.now, mayTrust: mayTrust(turn.state) };
  perform(turn, prompt, answerKey(prompt, press, config.promptTimeoutMs));
}

/** Ends a prompt that nobody answered in time. */
export function passPromptDeadline(turn: Turn): void {
  const { phase } = turn.state;
  if (phase.kind !== "prompting" || turn.now < phase.prompt.deadline) return;
  perform(turn, phase.prompt, answerNothing(phase.prompt));
}

/**
 * Restarts stillness after this process was stuck: the time that passed must not arm the prompt for
 * keys that piled up unread. Only the clock and keys tell, since clients can keep all other events
 * coming.
 */
export function noteStall(turn: Turn, { kind }: SessionEvent): void {
  const { phase, ranAt } = turn.state;
  const isPrompting = phase.kind === "prompting";
  const isStall = isPrompting && turn.now - ranAt > STALL_MS;
  if (isStall) turn.setPrompt(touchPrompt(phase.prompt, turn.now));
  // Each stall is noticed once; the next is measured from here.
  if (isStall || !isPrompting || kind === "clock" || kind === "keys") turn.set({ ranAt: turn.now });
}

/** The terminal has drawn the prompt. */
export function drawn(
  turn: Turn,
  { prompt }: PhaseOf<"prompting">,
  { drawing, visible }: EventOf<"drawn">,
): void {
  // No part of a request is drawn before it is known what the terminal can draw.
  if (turn.state.terminal.ascii === undefined) return;
  turn.setPrompt(confirmDrawing(prompt, drawing, visible, turn.now));
}

/** Refuses a request that can't be drawn, since nobody could approve it; the daemon goes on. */
export function undrawable(
  turn: Turn,
  { prompt }: PhaseOf<"prompting">,
  { drawing }: EventOf<"undrawable">,
): void {
  if (drawing !== prompt.drawing) return;
  const { id } = prompt.request;
  withdraw(turn, id, "it could not be shown");
  turn.fail(id, "not_shown", "it could not be shown: nothing ran");
}

function perform(turn: Turn, prompt: Prompt, answer: Answer): void {
  const { request } = prompt;
  const screen = screenOf(turn.state, request);
  switch (answer.kind) {
    case "stays":
      turn.setPrompt(answer.prompt);
      return answer.bell ? turn.bell() : undefined;
    case "approved": {
      const { key, approved, grant } = answer;
      turn.free();
      turn.note({ what: "decided", request, decision: "approved", key, ...screen });
      turn.tell(request, "approved");
      startApproved(turn, approved);
      if (grant === undefined) return;
      turn.set({ grant });
      return turn.note({ what: "policy", trustUnprivileged: true, by: "person" });
    }
    case "denied":
      turn.free();
      return deny(turn, request, { ...answer, ...screen });
    case "allDenied": {
      const { queue } = turn.state;
      turn.free();
      // A client that floods the queue has the next requests ready; a pause lets the person quit.
      turn.set({ queue: [], deniesUntil: turn.now + DENY_ALL_MS });
      deny(turn, request, { key: answer.key, ...screen });
      return queue.forEach((waiting) => deny(turn, waiting, { key: answer.key }));
    }
    case "timeout":
      turn.free();
      turn.note({ what: "decided", request, decision: "timeout", ...screen });
      return turn.reply(request.id, { status: "timeout" });
  }
}

/** Denies a request, with the line and the key if there are any. */
export function deny(
  turn: Turn,
  request: ResolvedRequest,
  { key, message, screen }: {
    readonly key?: string;
    readonly message?: string | undefined;
    readonly screen?: { readonly columns: number; readonly ascii: boolean };
  },
): void {
  const line = message === undefined ? {} : { message };
  turn.note({
    what: "decided",
    request,
    decision: "denied",
    ...(key === undefined ? {} : { key }),
    ...line,
    ...(screen === undefined ? {} : { screen }),
  });
  turn.reply(request.id, { status: "denied", ...line });
}
