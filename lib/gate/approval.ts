/**
 * The approval machine: everything that waits, is shown, is decided and runs. It is one pure
 * function of a state and an event, so that a test can walk the states of the code that really
 * decides.
 *
 * @module
 */
import { approve } from "./approved.ts";
import { authenticate, authenticated, credentials, credentialsShared } from "./authentication.ts";
import { beginMessage, deny, denyAll, typeMessage } from "./deny.ts";
import { idleKeys } from "./idle.ts";
import { followPaste, isReadingKey, keyName, keyOf, NO_PASTE } from "./keys.ts";
import { cancel, finishStop, refuseAtEnd, stop, withdraw } from "./leaving.ts";
import type { ResolvedRequest } from "./request.ts";
import { begin, ended, endingFailed, passRunDeadlines, started } from "./running.ts";
import type { Effect, GateConfig, GateEvent, GateState, Prompt } from "./state.ts";
import { isArmed, stillnessOf } from "./stillness.ts";
import { Turn } from "./turn.ts";

/** The state in which the machine begins: nothing waits, nothing runs, nothing is trusted. */
export function initialState(config: GateConfig): GateState {
  return {
    config,
    holder: { kind: "idle", question: undefined },
    queue: [],
    running: new Map(),
    trustUnprivileged: false,
    sharesCredentials: false,
    keepsCredentials: config.authentication !== "atStart",
    disturbedAt: -Infinity,
    deniesUntil: -Infinity,
    paste: NO_PASTE,
    stopping: undefined,
  };
}

/**
 * Tells whether the key `a` exists.
 *
 * @param state Where the machine stands.
 * @returns False for good once sudo was seen to share what it remembers.
 */
export function mayTrust({ config, sharesCredentials }: GateState): boolean {
  return config.mayTrust && !sharesCredentials;
}

/**
 * Moves the machine on by one event.
 *
 * @param state Where it stands; not changed.
 * @param event What happened.
 * @returns Where it stands now, and what is to be done, in order.
 */
export function step(
  state: GateState,
  event: GateEvent,
): { readonly state: GateState; readonly effects: readonly Effect[] } {
  const turn = new Turn(state, event.now);
  // Deadlines come first: a key that arrives after the last second approves nothing, even if the
  // clock's own event is late.
  passDeadlines(turn);
  take(turn, event);
  fillTerminal(turn);
  finishStop(turn);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, event: GateEvent): void {
  switch (event.kind) {
    case "submitted":
      return submitted(turn, event.request);
    case "keys":
      return keys(turn, event.burst);
    case "drawing":
      return drawing(turn, event.id);
    case "drawn":
      return drawn(turn, event.id, event.whole);
    case "undrawable":
      return undrawable(turn, event.id);
    case "stalled":
      return stalled(turn);
    case "clientGone":
      withdraw(turn, event.id, "the client went away");
      return;
    case "cancel":
      return cancel(turn, event.target, event.replyTo);
    case "credentials":
      return credentials(turn, event.id, event.present);
    case "credentialsShared":
      return credentialsShared(turn);
    case "authenticated":
      return authenticated(turn, event.id, event.result);
    case "started":
      return started(turn, event.id);
    case "ended":
      return ended(turn, event.id, event.end);
    case "endingFailed":
      return endingFailed(turn, event.id, event.password);
    case "stop":
      return stop(turn, event.by);
    case "clock":
      return;
  }
}

function passDeadlines(turn: Turn): void {
  const { holder } = turn.state;
  if (holder.kind === "prompting" && turn.now >= holder.prompt.deadline) {
    const { request, message } = holder.prompt;
    turn.leavePrompt();
    // Who pressed `r` has decided; only the words are missing.
    if (message !== undefined) deny(turn, request, { message, key: "r" });
    else {
      turn.note({ what: "decided", request, decision: "timeout" });
      turn.reply(request.id, { id: request.id, status: "timeout" });
    }
  }
  passRunDeadlines(turn);
}

// Arrival and line

function submitted(turn: Turn, request: ResolvedRequest): void {
  if (turn.isKnown(request.id)) {
    return turn.fail(
      request.id,
      `refused request: "id" must be new, and "${request.id}" is in use`,
    );
  }
  if (turn.state.stopping) return refuseAtEnd(turn, request);
  if (turn.now < turn.state.deniesUntil) {
    return deny(turn, request, { message: "all requests are denied for a moment" });
  }
  turn.state = { ...turn.state, queue: [...turn.state.queue, request] };
  const starts = turn.runsUnderTrust(request) && turn.canPrint();
  if (!starts) turn.tellPosition(request, turn.state.queue.length);
}

/** Starts what runs under trust, and shows the next request where the terminal is free. */
function fillTerminal(turn: Turn): void {
  const { holder } = turn.state;
  const trusted = turn.state.queue.filter((request) => turn.runsUnderTrust(request));
  if (turn.canPrint() && trusted.length > 0) {
    for (const request of trusted) {
      turn.removeFromQueue(request.id);
      turn.note({ what: "decided", request, decision: "trusted" });
      begin(turn, approve(request, "trust"), false);
    }
    turn.tellPositions();
  }
  if (holder.kind !== "idle") return;
  const blocked = [...turn.state.running.values()].find((run) => run.ending && run.needsPassword);
  if (blocked && turn.isPatient()) {
    const { id } = blocked.request;
    turn.setRun(id, { ...blocked, needsPassword: false });
    turn.lend({ kind: "ending", id });
    turn.effects.push({ kind: "lend", id, purpose: "end" });
    return;
  }
  const [request, ...queue] = turn.state.queue;
  if (request === undefined) return;
  if (holder.question !== undefined) turn.ask(undefined);
  const prompt: Prompt = {
    request,
    deadline: turn.now + turn.state.config.promptTimeoutMs,
    stillMs: stillnessOf(turn.state, turn.now),
    readWhole: false,
    quietSince: undefined,
    message: undefined,
    help: false,
  };
  turn.state = { ...turn.state, queue, holder: { kind: "prompting", prompt } };
  turn.effects.push({ kind: "show", request });
  turn.note({ what: "shown", request });
  turn.tell(request, "shown");
  turn.tellPositions();
}

// The prompt

function keys(turn: Turn, burst: Uint8Array): void {
  const { paste, pasted } = followPaste(turn.state.paste, burst);
  turn.state = { ...turn.state, paste };
  // What this key finds; what it disturbs counts for the keys that follow.
  const armed = isArmed(turn.state, turn.now);
  if (!isReadingKey(keyOf(burst))) turn.disturb();
  const { holder } = turn.state;
  if (holder.kind === "idle") return idleKeys(turn, holder.question, pasted ? undefined : burst);
  if (holder.kind !== "prompting") return;
  const { prompt } = holder;
  if (prompt.message !== undefined) {
    return typeMessage(turn, prompt, prompt.message, burst, pasted);
  }
  const pressed = keyOf(burst);
  // Denying is always safe, even where the end of a paste got lost.
  const key = pasted && pressed !== "deny" ? undefined : pressed;
  if (prompt.help) {
    const denies = key === "deny" && !CLOSES_HELP.has(keyName(burst));
    const scrolls = key !== "help" && isReadingKey(key);
    if (!denies && !scrolls) return setHelp(turn, prompt, false);
  }
  switch (key) {
    case "approve":
      if (armed) return approveShown(turn, prompt.request, keyName(burst));
      break;
    case "trust":
      if (armed && !prompt.request.asRoot && mayTrust(turn.state)) {
        return trust(turn, prompt.request);
      }
      break;
    case "deny":
      turn.leavePrompt();
      return deny(turn, prompt.request, { key: keyName(burst) });
    case "reason":
      return beginMessage(turn, prompt);
    case "denyAll":
      return denyAll(turn, prompt);
    case "help":
      return setHelp(turn, prompt, true);
    case "lineUp":
    case "lineDown":
    case "pageUp":
    case "pageDown":
    case "top":
    case "end":
      turn.setPrompt({ ...prompt, quietSince: turn.touched(prompt) });
      turn.effects.push({ kind: "scroll", id: prompt.request.id, key });
      return;
  }
  turn.setPrompt({ ...prompt, quietSince: turn.touched(prompt) });
  turn.effects.push({ kind: "bell" });
}

/** These deny a request, and only close the help where it is shown over one. */
const CLOSES_HELP: ReadonlySet<string> = new Set(["Esc", "Enter"]);

/** The request is drawn anew after the help, and so it is armed anew. */
function setHelp(turn: Turn, prompt: Prompt, help: boolean): void {
  turn.setPrompt({ ...prompt, help, quietSince: turn.touched(prompt) });
  if (!help) turn.effects.push({ kind: "drawAnew", id: prompt.request.id });
}

/** What can't be shown can't be approved; the daemon goes on. */
function undrawable(turn: Turn, id: string): void {
  if (withdraw(turn, id, "it could not be shown")) {
    turn.fail(id, "it could not be shown: nothing ran");
  }
}

function stalled(turn: Turn): void {
  const { holder } = turn.state;
  if (holder.kind === "prompting") {
    turn.setPrompt({ ...holder.prompt, quietSince: turn.touched(holder.prompt) });
  }
}

/** What was armed in another layout is armed no more, however long the terminal takes. */
function drawing(turn: Turn, id: string): void {
  const { holder } = turn.state;
  if (holder.kind !== "prompting" || holder.prompt.request.id !== id) return;
  turn.setPrompt({ ...holder.prompt, readWhole: false, quietSince: undefined });
}

function drawn(turn: Turn, id: string, whole: boolean): void {
  const { holder } = turn.state;
  if (holder.kind !== "prompting" || holder.prompt.request.id !== id) return;
  turn.setPrompt({ ...holder.prompt, readWhole: whole, quietSince: turn.now });
}

// Decisions

function approveShown(turn: Turn, request: ResolvedRequest, key: string): void {
  turn.leavePrompt();
  turn.note({ what: "decided", request, decision: "approved", key });
  turn.tell(request, "approved");
  authenticate(turn, approve(request, "key"));
}

function trust(turn: Turn, request: ResolvedRequest): void {
  approveShown(turn, request, "a");
  turn.state = { ...turn.state, trustUnprivileged: true };
  turn.note({ what: "policy", trustUnprivileged: true, by: "person" });
}
