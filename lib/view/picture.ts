/**
 * What the terminal is to show: a pure function of the state.
 *
 * @module
 */
import { type Prompt, unarmedReason, type Visible } from "../decide/prompt.ts";
import { mayTrust } from "../session/facts.ts";
import type { Entry } from "../session/history.ts";
import type { SessionState } from "../session/state.ts";
import { cellWidth, fitCells } from "./cells.ts";
import { type HistoryLine, historyLines } from "./history.ts";
import { type Line, type Span, span } from "./paint.ts";
import { drawPrompt, type WindowSize } from "./prompt_lines.ts";
import type { TextHash } from "./request_lines.ts";
import { statusLine } from "./status.ts";
import { asciiText } from "./visible.ts";
import { windowTitle } from "./strings.ts";
import { wrapChunks } from "./wrap.ts";

/** The names in the title of a prompt. */
export interface Names {
  /** This machine, whose commands are approved. */
  readonly machine: string;
  /** The daemon's user. */
  readonly user: string;
  /** Makes the hash of a prompt for the audit trail, which is computed during the layout. */
  readonly hash?: () => TextHash;
}

/** Everything that the terminal is to show; the renderer writes the difference to the last one. */
export interface Picture {
  /** Whom the terminal is lent to; while it is lent nothing is written, and its mode is normal. */
  readonly borrower: Lent | undefined;
  /** The window that it was made for, in cells and rows. */
  readonly window: WindowSize;
  /** How often the terminal has to be reset; after each reset it is asked what it draws. */
  readonly resets: number;
  /** Whether it is known what the terminal draws; no text is written before that. */
  readonly isProbed: boolean;
  /** The title of the window. */
  readonly title: string;
  /** How often the bell has rung. */
  readonly bells: number;
  /** How many requests have been shown, for the desktop's notification. */
  readonly notices: number;
  /** The alternate screen, from the first row on; `undefined` if the history is shown. */
  readonly prompt: PromptPicture | undefined;
  /** The history: how many entries there were before these, and the rows of each of these. */
  readonly history: { readonly dropped: number; readonly entries: readonly (readonly Line[])[] };
  /** The line below the history that changes in place. */
  readonly status: Line;
}

/** Who has the terminal. */
export interface Lent {
  /** Tells one borrower from the next. */
  readonly id: string;
  /** Whether it may draw anything anywhere: a command may, a question does not. */
  readonly draws: boolean;
}

/** The rows of a prompt. */
export interface PromptPicture {
  /** At most as many rows as the window has; none until it is known what the terminal draws. */
  readonly rows: readonly Line[];
  /** Which drawing of the prompt this is. */
  readonly drawing: number;
  /** What of the request, or of the help in its place, is visible. */
  readonly visible: Visible;
  /** Why the request can't be drawn; there are no rows then. */
  readonly fault: unknown;
}

/** Draws the state. Each picture lays out one more slice of a long request. */
export function picture(state: SessionState, names: Names): Picture {
  const { phase, terminal, history } = state;
  const { columns } = terminal.window;
  const borrower = borrowerOf(state);
  const prompt = phase.kind === "prompting" && borrower === undefined ? phase.prompt : undefined;
  const isAscii = terminal.ascii ?? true;
  const entries = history.entries.map((entry) => entryRows(entry, columns, isAscii));
  return {
    borrower,
    window: terminal.window,
    resets: terminal.resets,
    isProbed: terminal.ascii !== undefined,
    title: windowTitle(names.machine, prompt !== undefined),
    bells: terminal.bells,
    notices: terminal.notices,
    prompt: prompt && promptPicture(state, prompt, names, entries.flat()),
    history: { dropped: history.dropped, entries },
    status: fitLine(statusLine(state), columns - 1, isAscii),
  };
}

/** Two questions for one request are two borrowers. */
function borrowerOf({ phase, terminal }: SessionState): Lent | undefined {
  if (phase.kind !== "lent") return terminal.suspended ? { id: "shell", draws: false } : undefined;
  const { to } = phase;
  const draws = to.kind === "command";
  // A request that was withdrawn leaves sudo's question where it is.
  const id = to.kind === "start" ? to.approved.request.id : to.id;
  return { id: `${draws ? "command" : "question"} ${id}`, draws };
}

function promptPicture(
  state: SessionState,
  prompt: Prompt,
  names: Names,
  history: readonly Line[],
): PromptPicture {
  const { now, queue, jobs, terminal: { ascii, window } } = state;
  const { request, drawing, deadline, scroll, message, help, followsWithdrawn } = prompt;
  const nothing = { rows: [], drawing, visible: { first: 0, page: 0, total: Infinity } };
  if (ascii === undefined) return { ...nothing, fault: undefined };
  try {
    const { lines, visible } = drawPrompt({
      request,
      scroll,
      message,
      help,
      waiting: queue.length,
      secondsLeft: Math.max(0, Math.ceil((deadline - now) / 1000)),
      unarmed: unarmedReason(prompt, now),
      running: jobs.size,
      followsWithdrawn,
      mayTrust: mayTrust(state),
      ...names,
      ascii,
    }, window);
    const room = Math.max(0, window.rows - lines.length);
    const above = room > 0 ? history.slice(-room) : [];
    // The keys stand on the last row.
    const blanks: Line[] = Array.from(
      { length: visible.page > 0 ? room - above.length : 0 },
      () => [],
    );
    return { rows: [...above, ...blanks, ...lines], drawing, visible, fault: undefined };
  } catch (fault) {
    return { ...nothing, fault };
  }
}

/** The rows of entries, for the window that each was drawn in last. */
const drawn = new WeakMap<Entry, { readonly key: string; readonly rows: readonly Line[] }>();

/** An entry never changes, and a picture is drawn ten times a second: 50 entries can take 30 ms. */
function entryRows(entry: Entry, columns: number, isAscii: boolean): readonly Line[] {
  const key = `${columns} ${isAscii}`;
  const known = drawn.get(entry);
  if (known?.key === key) return known.rows;
  const rows = historyLines(entry, columns).flatMap((line) => historyRows(line, columns, isAscii));
  drawn.set(entry, { key, rows });
  return rows;
}

/** Wraps at the window's edge what must be read whole, and cuts the rest. */
function historyRows({ line, isWhole }: HistoryLine, columns: number, isAscii: boolean): Line[] {
  if (!isWhole) return [fitLine(line, columns, isAscii)];
  const chunks = line.flatMap(({ text, style }) =>
    historyText(text, isAscii).split(" ").map((text) => ({ text, style }))
  );
  return [...wrapChunks(chunks, Math.max(1, columns - 1)).map(({ line }) => line)];
}

/** Cuts a line to a width; its last piece is shortened. */
function fitLine(line: Line, columns: number, isAscii: boolean): Line {
  const fitted: Span[] = [];
  let room = columns;
  for (const { text, style } of line) {
    const shown = historyText(text, isAscii);
    const piece = fitCells(shown, room, isAscii ? "~" : "…");
    fitted.push(span(piece, style));
    if (piece !== shown) break;
    room -= cellWidth(shown);
  }
  return fitted;
}

/** Our own marks in lines of the history; in ASCII the rest is written as escapes. */
const ASCII_MARKS = new Map([["·", "-"], ["┊", "|"], ["…", "~"]]);

function historyText(text: string, isAscii: boolean): string {
  if (!isAscii) return text;
  return asciiText(text.replace(/[·┊…]/g, (mark) => ASCII_MARKS.get(mark) ?? mark));
}
