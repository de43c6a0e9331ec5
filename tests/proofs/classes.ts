/**
 * One text, and one state, for each class of states that no later event can tell apart.
 *
 * The machine compares the time with deadlines, and uses it for nothing else that decides. So each
 * timer either runs or is over; that it runs out is a move of its own. That allows every order of
 * timers, also those that the real lengths exclude: what holds here holds for any lengths.
 *
 * @module
 */
import { approveByKey, type Approved, type SessionGrant } from "../../lib/decide/approved.ts";
import {
  beginMessage,
  closeHelp,
  confirmDrawing,
  openHelp,
  type Prompt,
  scrollPrompt,
  setMessage,
  showPrompt,
} from "../../lib/decide/prompt.ts";
import {
  ARM_MS,
  DENY_ALL_MS,
  MESSAGE_TIMEOUT_MS,
  REPLACED_ARM_MS,
} from "../../lib/decide/times.ts";
import type { Job, Phase, SessionConfig, SessionState } from "../../lib/session/state.ts";
import { KILL_AFTER_MS, STOP_WAIT_MS } from "../../lib/session/times.ts";
import { initialState } from "../../lib/session/update.ts";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { at, defined } from "../rig/assert.ts";
import { DRAWING, RESET, VIEWS } from "./moves.ts";
import { LIMIT_MS, nameOf, requestNamed, requestOf } from "./shapes.ts";

/** The moment at which all states of a walk stand, in milliseconds. */
export const NOW = 1_000_000;
const FAR = 10_000_000;
const MARKS = ["\x1b[200~", "\x1b[201~"];

/** A letter for a timer: none, running, or over. */
function timer(isSet: boolean, isOver: boolean): string {
  return isSet ? isOver ? "o" : "r" : "-";
}

function flag(letter: string, isSet: boolean): string {
  return isSet ? letter : "-";
}

/** The class of a state at a moment. */
export function encode(state: SessionState, now: number): string {
  const { phase, queue, jobs, stopping, paste, terminal } = state;
  const isIdle = phase.kind === "idle" && !stopping;
  const deadline = stopping?.deadline ?? 0;
  return [
    encodePhase(state, now),
    queue.map(nameOf).join(","),
    [...jobs.values()].map((job) => encodeJob(job, state, now)).join(","),
    flag("T", state.grant !== undefined) + flag("K", state.keepsCredentials) +
    flag("M", state.mustForget) +
    // Whatever leaves the terminal disturbs what follows, so before that nothing else counts.
    flag("R", isIdle && now - state.disturbedAt < REPLACED_ARM_MS) +
    flag("D", !stopping && now < state.deniesUntil) +
    (stopping ? deadline === Infinity ? "p" : now >= deadline ? "o" : "h" : "-") +
    state.sharing.charAt(0) + flag("S", terminal.suspended),
    // What is typed for others is forgotten when the terminal comes back.
    phase.kind === "lent" ? "-" : flag("1", paste.open) + canonicalTail(paste.tail),
  ].join("|");
}

/** Of the last bytes only those count that could be the beginning of a mark. */
function canonicalTail(tail: string): string {
  const from = tail.lastIndexOf("\x1b");
  if (from < 0) return "";
  const end = tail.slice(from);
  return MARKS.some((mark) => mark.startsWith(end)) ? end : "";
}

function encodePhase({ phase, terminal }: SessionState, now: number): string {
  switch (phase.kind) {
    case "idle":
      return "i";
    case "asking":
      return phase.question.kind === "quit" ? "aq" : `ae${phase.question.id}`;
    case "prompting":
      return encodePrompt(phase.prompt, terminal.ascii !== undefined, now);
    case "checking":
      return `c${nameOf(phase.approved.request)}${phase.waitsFor.charAt(0)}`;
    case "lent":
      return `l${phase.to.kind.charAt(0)}` +
        (phase.to.kind === "start" ? nameOf(phase.to.approved.request) : phase.to.id);
  }
}

function encodePrompt(prompt: Prompt, isProbed: boolean, now: number): string {
  const { since, neededMs } = prompt.stillness;
  const { message } = prompt;
  const seen = prompt.seen.map(([from, to]) => `${from}${to}`).join("+");
  const isStill = message === undefined && since !== undefined;
  return `p${nameOf(prompt.request)}${timer(true, now >= prompt.deadline)}` +
    timer(isStill, isStill && now - since >= neededMs) +
    (neededMs === ARM_MS ? "s" : "l") +
    (message === undefined ? "-" : message === "" ? "e" : "m") +
    flag("h", prompt.help !== undefined) + flag("A", isProbed) +
    flag("d", prompt.drawing > prompt.firstDrawing) + seen;
}

function encodeJob(job: Job, { phase }: SessionState, now: number): string {
  const { request, startedAt, ending, needsCredentials } = job;
  const counts = request.timeoutMs !== undefined && ending === undefined;
  const isOver = counts && startedAt !== undefined && now - startedAt >= (request.timeoutMs ?? 0);
  const killAt = ending?.killAt ?? 0;
  return nameOf(request) + timer(startedAt !== undefined, isOver) +
    (!ending ? "-" : ending.killed ? "x" : killAt === Infinity ? "f" : timer(true, now >= killAt)) +
    flag("f", ending?.failed === true) + flag("n", job.needsPassword) +
    flag(
      "t",
      phase.kind === "lent" && phase.to.kind === "command" && phase.to.id === job.request.id,
    ) + (needsCredentials?.charAt(0) ?? "-");
}

/** A state of a class, at {@linkcode NOW}; an approval in it is good for one use. */
export function decode(text: string, config: SessionConfig): SessionState {
  const [phase = "", queue = "", jobs = "", flags = "", paste = ""] = text.split("|");
  const stopping = { p: Infinity, h: NOW + STOP_WAIT_MS, o: NOW }[flags.charAt(5)];
  const first = initialState(config);
  return {
    ...first,
    now: NOW,
    ranAt: NOW,
    phase: decodePhase(phase),
    queue: queue === "" ? [] : queue.split(",").map(requestNamed),
    jobs: new Map(jobs === "" ? [] : jobs.split(",").map((job) => [job.charAt(0), decodeJob(job)])),
    grant: flags.startsWith("T") ? GRANT : undefined,
    keepsCredentials: flags.charAt(1) === "K",
    mustForget: flags.charAt(2) === "M",
    disturbedAt: flags.charAt(3) === "R" ? NOW : -Infinity,
    deniesUntil: flags.charAt(4) === "D" ? NOW + DENY_ALL_MS : -Infinity,
    stopping: stopping === undefined ? undefined : { by: "request", deadline: stopping },
    sharing: SHARING[flags.charAt(6)] ?? "unknown",
    paste: { open: paste.startsWith("1"), pasted: false, tail: paste.slice(1) },
    terminal: {
      ...first.terminal,
      resets: RESET,
      ascii: phase.charAt(8) === "A" ? false : undefined,
      drawings: DRAWING,
      suspended: flags.charAt(7) === "S",
    },
  };
}

const SHARING: Readonly<Record<string, SessionState["sharing"]>> = { p: "private", s: "shared" };

function decodePhase(text: string): Phase {
  const rest = text.slice(2);
  switch (text.charAt(0)) {
    case "i":
      return { kind: "idle" };
    case "a":
      return {
        kind: "asking",
        question: text === "aq" ? { kind: "quit" } : { kind: "end", id: rest },
      };
    case "p":
      return { kind: "prompting", prompt: decodePrompt(text) };
    case "c": {
      const waitsFor = text.charAt(3) === "a" ? "answer" : "begun";
      return { kind: "checking", approved: approvedOf(requestNamed(text.slice(1))), waitsFor };
    }
    default: {
      const kind = ({ w: "withdrawn", c: "command", e: "ending" } as const)[text.charAt(1)];
      if (kind) return { kind: "lent", to: { kind, id: rest } };
      return { kind: "lent", to: { kind: "start", approved: approvedOf(requestNamed(rest)) } };
    }
  }
}

/** Prompts come from their own functions alone, so each is made as the machine would. */
function decodePrompt(text: string): Prompt {
  const [deadline, still, needed, message, help, , later] = text.slice(3);
  const seen = text.slice(10);
  const until = deadline === "r" ? NOW + FAR : NOW;
  const moves = (help === "h" ? 1 : 2) + (later === "d" ? 1 : 0);
  const first = DRAWING - moves;
  let prompt = showPrompt(requestNamed(text.slice(1)), {
    now: NOW,
    timeoutMs: until - NOW,
    disturbedAt: needed === "s" ? -Infinity : NOW,
    drawing: first,
  });
  for (const visible of SEEN[seen] ?? []) prompt = confirmDrawing(prompt, first, visible, NOW);
  prompt = openHelp(prompt);
  if (help !== "h") prompt = closeHelp(prompt);
  if (later === "d") prompt = scrollPrompt(prompt, "lineDown");
  const since = still === "r" ? NOW : NOW - prompt.stillness.neededMs;
  if (still !== "-") prompt = confirmDrawing(prompt, DRAWING, VIEWS.nothing, since);
  if (message === "-") return prompt;
  prompt = beginMessage(prompt, until - MESSAGE_TIMEOUT_MS);
  return message === "e" ? prompt : setMessage(prompt, "x");
}

/** What has to be seen for the lines that a class says. */
const SEEN: Readonly<Record<string, readonly (typeof VIEWS)[keyof typeof VIEWS][]>> = {
  "": [],
  "010": [VIEWS.whole],
  "06": [VIEWS.begin],
  "510": [VIEWS.end],
};

function decodeJob(text: string): Job {
  const [started, ending, failed, password, , needs] = text.slice(2);
  const killAt = { o: NOW, f: Infinity }[ending ?? ""] ?? NOW + KILL_AFTER_MS;
  return {
    request: requestNamed(text),
    startedAt: started === "-" ? undefined : started === "r" ? NOW : NOW - LIMIT_MS,
    needsCredentials: needs === "s" ? "start" : needs === "e" ? "end" : undefined,
    ending: ending === "-"
      ? undefined
      : { why: "cancel", killAt, killed: ending === "x", failed: failed === "f" },
    needsPassword: password === "n",
  };
}

/** The key `letter` on an armed prompt: the only way to an approval, here as well. */
function press(request: ResolvedRequest, letter: "y" | "a") {
  const shown = showPrompt(request, { now: 0, timeoutMs: FAR, disturbedAt: 0, drawing: 1 });
  const burst = new TextEncoder().encode(letter);
  const armed = confirmDrawing(shown, 1, VIEWS.whole, 0);
  return defined(approveByKey(armed, { burst, isPasted: false, now: FAR, mayTrust: true }));
}

function approvedOf(request: ResolvedRequest): Approved {
  return press(request, "y").approved;
}

const GRANT: SessionGrant = defined(press(requestOf("a", "U"), "a").grant);

/** Every class that a class turns into when one of its timers runs out, and which timer that is. */
export function* expiries(text: string): Generator<readonly [timer: string, text: string]> {
  const parts = text.split("|");
  const put = (index: number, part: string) => parts.toSpliced(index, 1, part).join("|");
  const over = (part: string, index: number, letter = "o") =>
    part.slice(0, index) + letter + part.slice(index + 1);
  const [phase, jobs, flags] = [at(parts, 0), at(parts, 2), at(parts, 3)];
  if (phase.startsWith("p")) {
    if (phase.charAt(3) === "r") yield ["deadline", put(0, over(phase, 3))];
    if (phase.charAt(4) === "r") yield ["still", put(0, over(phase, 4))];
  }
  const all = jobs === "" ? [] : jobs.split(",");
  for (const [index, job] of all.entries()) {
    const set = (letter: number) => put(2, all.toSpliced(index, 1, over(job, letter)).join(","));
    const hasLimit = requestNamed(job).timeoutMs !== undefined;
    if (job.charAt(2) === "r" && job.charAt(3) === "-" && hasLimit) {
      yield [`limit ${job.charAt(0)}`, set(2)];
    }
    if (job.charAt(3) === "r") yield [`kill ${job.charAt(0)}`, set(3)];
  }
  if (flags.charAt(3) === "R") yield ["disturbed", put(3, over(flags, 3, "-"))];
  if (flags.charAt(4) === "D") yield ["denies", put(3, over(flags, 4, "-"))];
  if (flags.charAt(5) === "h") yield ["stopWait", put(3, over(flags, 5))];
}
