/**
 * How a request is denied: by a key, or with a line that the person types for the model.
 *
 * @module
 */
import { MAX_MESSAGE_LENGTH } from "../protocol/limits.ts";
import { editLine } from "./keys.ts";
import type { ResolvedRequest } from "./request.ts";
import type { Prompt } from "./state.ts";
import { textFault } from "./text.ts";
import { DENY_ALL_MS, MESSAGE_TIMEOUT_MS } from "./times.ts";
import type { Turn } from "./turn.ts";

/** Denies a request, with the line and the key where there are any. */
export function deny(
  turn: Turn,
  request: ResolvedRequest,
  how: { readonly message?: string; readonly key?: string },
): void {
  const message = how.message?.trim() ?? "";
  const words = message === "" ? {} : { message };
  const key = how.key === undefined ? {} : { key: how.key };
  turn.note({ what: "decided", request, decision: "denied", ...key, ...words });
  turn.reply(request.id, { id: request.id, status: "denied", ...words });
}

/** Denies the request that is shown, and all that wait. */
export function denyAll(turn: Turn, { request }: Prompt): void {
  const all = [request, ...turn.state.queue];
  turn.leavePrompt();
  // Who floods the line has the next requests ready: a moment of rest lets the person quit.
  turn.state = { ...turn.state, queue: [], deniesUntil: turn.now + DENY_ALL_MS };
  for (const request of all) deny(turn, request, { key: "d" });
}

/** The person is to type a line; Enter sends it. */
export function beginMessage(turn: Turn, prompt: Prompt): void {
  turn.setPrompt({ ...prompt, message: "", deadline: turn.now + MESSAGE_TIMEOUT_MS });
}

/** Takes what a person types for the model. */
export function typeMessage(
  turn: Turn,
  prompt: Prompt,
  message: string,
  burst: Uint8Array,
  pasted: boolean,
): void {
  const isAllowed = (text: string) => textFault(text) === undefined;
  const edit = editLine(message, burst, MAX_MESSAGE_LENGTH, isAllowed);
  const { text } = edit;
  // A newline in a paste sends nothing.
  const end = pasted && edit.end === "send" ? undefined : edit.end;
  if (end === "send") {
    turn.leavePrompt();
    return deny(turn, prompt.request, { message: text, key: "r" });
  }
  if (end === "cancel") {
    // Back to the question, with the time that it has from anew: the person is there.
    const deadline = turn.now + turn.state.config.promptTimeoutMs;
    return turn.setPrompt({ ...prompt, message: undefined, deadline, quietSince: turn.now });
  }
  turn.setPrompt({ ...prompt, message: text });
}
