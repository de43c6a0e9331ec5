/**
 * The request that is on the screen, and what the person has seen of it. Only the functions here
 * make a {@linkcode Prompt}, and they leave it unarmed after any change that the person has to see
 * first.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import type { ScrollKey } from "./keys.ts";
import { ARM_MS, MESSAGE_TIMEOUT_MS, REPLACED_ARM_MS } from "./times.ts";

/** The part of a text that is visible, in lines. */
export interface Visible {
  /** The first line that is visible, from 0. */
  readonly first: number;
  /** How many lines are visible; 0 where the window is too small to show any. */
  readonly page: number;
  /** How many lines there are; `Infinity` until that is known. */
  readonly total: number;
}

/** Why `y` does not count yet. */
export type Unarmed = "drawing" | "help" | "unread" | "unquiet";

/** How long the screen has been still. A key after that time is an answer to what is there. */
export interface Stillness {
  /** Since when, in monotonic milliseconds; `undefined` until the terminal says that it has drawn. */
  readonly since: number | undefined;
  /** How long it must last before a key can approve, in milliseconds. */
  readonly neededMs: number;
}

/** Lines that have been visible, in order: each range from its first line up to its end. */
type Ranges = readonly (readonly [from: number, to: number])[];

// Known to this file alone: an instance gives access to its constructor at run time.
const MAKER = Symbol("prompt");

/** Its private field tells it from every other object, even from a copy of a prompt. */
class ShownPrompt {
  readonly #isMadeHere = true;
  /** What is shown. */
  declare readonly request: ResolvedRequest;
  /** Whether the asker took back the request before it, which it may resemble. */
  declare readonly followsWithdrawn: boolean;
  /** Monotonic milliseconds at which it counts as unanswered. */
  declare readonly deadline: number;
  /** The stillness that arms it. */
  declare readonly stillness: Stillness;
  /**
   * The number of the drawing that the screen must show. It grows each time the text is laid out
   * anew or moves, and no two prompts share one. A prompt is armed only after the terminal has
   * confirmed this drawing.
   */
  declare readonly drawing: number;
  /** The first drawing of the current layout: of the request, or of the help. */
  declare readonly firstDrawing: number;
  /** The first line that should be visible; the picture limits it to the lines that exist. */
  declare readonly scroll: number;
  /**
   * What was visible in the last drawing that the terminal confirmed; of the help, if it is open.
   */
  declare readonly visible: Visible | undefined;
  /**
   * The total lines of the request's layout, as in {@linkcode Visible}; `undefined` until some were
   * seen.
   */
  declare readonly total: number | undefined;
  /** The lines that have been visible. */
  declare readonly seen: Ranges;
  /** The line that the person types for the model after `r`; `undefined` while no line is typed. */
  declare readonly message: string | undefined;
  /** How far the help is scrolled, in lines, while it hides the request. */
  declare readonly help: { readonly scroll: number } | undefined;

  constructor(maker: symbol, fields: Fields) {
    if (maker !== MAKER) throw new TypeError("Cannot make a prompt outside of its transitions");
    Object.freeze(Object.assign(this, fields));
  }

  static isOne(value: unknown): value is Prompt {
    return typeof value === "object" && value !== null && #isMadeHere in value;
  }
}

type Fields = { readonly [Name in keyof ShownPrompt]: ShownPrompt[Name] };

/** A request on the screen. */
export type Prompt = ShownPrompt;

/** Shows a request. */
export function showPrompt(
  request: ResolvedRequest,
  { now, timeoutMs, disturbedAt, drawing, followsWithdrawn = false }: {
    readonly followsWithdrawn?: boolean;
    readonly now: number;
    readonly timeoutMs: number;
    /**
     * The last time that a key came, or something left the screen that a key could be meant for.
     */
    readonly disturbedAt: number;
    /** A number that no drawing had before. */
    readonly drawing: number;
  },
): Prompt {
  return new ShownPrompt(MAKER, {
    request,
    followsWithdrawn,
    deadline: now + timeoutMs,
    stillness: {
      since: undefined,
      neededMs: now - disturbedAt < REPLACED_ARM_MS ? REPLACED_ARM_MS : ARM_MS,
    },
    drawing,
    firstDrawing: drawing,
    scroll: 0,
    visible: undefined,
    total: undefined,
    seen: [],
    message: undefined,
    help: undefined,
  });
}

/** Whether the prompt is drawn, and no key came since for long enough. */
export function isStill({ stillness: { since, neededMs } }: Prompt, now: number): boolean {
  return since !== undefined && now - since >= neededMs;
}

/** Why `y` would not count yet; `undefined` once the prompt is armed. */
export function unarmedReason(prompt: Prompt, now: number): Unarmed | undefined {
  if (prompt.stillness.since === undefined) return "drawing";
  if (prompt.help) return "help";
  if (!isReadWhole(prompt)) return "unread";
  return isStill(prompt, now) ? undefined : "unquiet";
}

/** Whether `y` counts: the request was read whole, and nothing has moved since for long enough. */
export function isArmed(prompt: Prompt, now: number): boolean {
  return ShownPrompt.isOne(prompt) && prompt.message === undefined &&
    unarmedReason(prompt, now) === undefined;
}

function isReadWhole({ seen: [range], total }: Prompt): boolean {
  return range !== undefined && range[0] === 0 && range[1] === total;
}

/** The window has another size, or the terminal was reset: reading begins anew. */
export function readAnew(prompt: Prompt): Prompt {
  const help = prompt.help && { scroll: 0 };
  return laidOut(prompt, { scroll: 0, visible: undefined, total: undefined, seen: [], help });
}

/**
 * The terminal confirmed a drawing of the prompt. Its lines count as seen even if the person has
 * scrolled on since, but stillness begins only with the latest drawing.
 */
export function confirmDrawing(
  prompt: Prompt,
  drawing: number,
  visible: Visible,
  now: number,
): Prompt {
  if (drawing < prompt.firstDrawing || drawing > prompt.drawing) return prompt;
  const drawn = drawing < prompt.drawing ? prompt : stillFrom(now, changed(prompt, { visible }));
  const { first, page, total } = visible;
  // The lines of the help are not the request's.
  if (prompt.help || page === 0) return drawn;
  const isSame = total === prompt.total || prompt.total === Infinity;
  const before = isSame ? prompt.seen : [];
  return changed(drawn, { total, seen: joined([...before, [first, first + page]]) });
}

/** Joins ranges that touch. */
function joined(ranges: Ranges): Ranges {
  const all: (readonly [number, number])[] = [];
  for (const [from, to] of ranges.toSorted(([a], [b]) => a - b)) {
    const last = all.at(-1);
    if (last === undefined || from > last[1]) all.push([from, to]);
    else all[all.length - 1] = [last[0], Math.max(last[1], to)];
  }
  return all;
}

/** Moves the request, or the help that hides it. */
export function scrollPrompt(prompt: Prompt, key: ScrollKey): Prompt {
  const { page, total } = prompt.visible ?? { page: 1, total: Infinity };
  const step = Math.max(1, page - 1);
  const last = Math.max(0, total - page);
  const moves: Readonly<Record<ScrollKey, (from: number) => number>> = {
    lineUp: (from) => from - 1,
    lineDown: (from) => from + 1,
    pageUp: (from) => from - step,
    pageDown: (from) => from + step,
    top: () => 0,
    end: (from) => last === Infinity ? from : last,
  };
  const move = (scroll: number) => Math.max(0, Math.min(moves[key](scroll), last));
  if (prompt.help) return redrawn(prompt, { help: { scroll: move(prompt.help.scroll) } });
  return redrawn(prompt, { scroll: move(prompt.scroll) });
}

/** Shows the help in place of the request. */
export function openHelp(prompt: Prompt): Prompt {
  return laidOut(prompt, { help: { scroll: 0 }, visible: undefined });
}

/** Shows the request again. */
export function closeHelp(prompt: Prompt): Prompt {
  return laidOut(prompt, { help: undefined, visible: undefined });
}

/** Lets the person type a line for the model. */
export function beginMessage(prompt: Prompt, now: number): Prompt {
  return changed(prompt, { message: "", deadline: now + MESSAGE_TIMEOUT_MS });
}

/** The line as it is now. */
export function setMessage(prompt: Prompt, message: string): Prompt {
  return changed(prompt, { message });
}

/** Returns to the question and restarts its time limit, since the person is there. */
export function dropMessage(prompt: Prompt, now: number, timeoutMs: number): Prompt {
  return redrawn(prompt, { message: undefined, deadline: now + timeoutMs });
}

/** A key came, or this process did not run: stillness begins anew. */
export function touchPrompt(prompt: Prompt, now: number): Prompt {
  return prompt.stillness.since === undefined ? prompt : stillFrom(now, prompt);
}

/** A key came that was not for reading: the next may be a repetition of it. */
export function disturbPrompt(prompt: Prompt): Prompt {
  return changed(prompt, { stillness: { ...prompt.stillness, neededMs: REPLACED_ARM_MS } });
}

function stillFrom(now: number, prompt: Prompt): Prompt {
  return changed(prompt, { stillness: { ...prompt.stillness, since: now } });
}

/** Changes the picture: stillness begins only once the terminal has confirmed the new drawing. */
function redrawn(prompt: Prompt, fields: Partial<Fields>): Prompt {
  const stillness = { ...prompt.stillness, since: undefined };
  return changed(prompt, { ...fields, stillness, drawing: prompt.drawing + 1 });
}

/** Begins a new layout: answers about earlier drawings say nothing about it. */
function laidOut(prompt: Prompt, fields: Partial<Fields>): Prompt {
  return redrawn(prompt, { ...fields, firstDrawing: prompt.drawing + 1 });
}

function changed(prompt: Prompt, fields: Partial<Fields>): Prompt {
  return new ShownPrompt(MAKER, { ...prompt, ...fields });
}
