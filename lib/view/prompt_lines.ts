/**
 * The prompt: a pure function of a request, a window and a position to lines. Everything that decides
 * what will happen is there, exactly; the request can style nothing, and nothing is cut.
 *
 * @module
 */
import type { Unarmed, Visible } from "../decide/prompt.ts";
import { cellWidth } from "./cells.ts";
import { FieldWriter, type Marks } from "./fields.ts";
import { helpRows, type KeyLabel, keyLabels, TRUST_LABEL } from "./help.ts";
import { type Line, span, type Style } from "./paint.ts";
import { layoutOf, type RequestView } from "./request_lines.ts";
import { ARMING, PROMPT, REASON_HEAD } from "./strings.ts";
import { type Chunk, wrapChunks } from "./wrap.ts";

/** The smallest window in which a request can be judged. */
export const MIN_COLUMNS = 40;
/** The smallest window in which a request can be judged. */
export const MIN_ROWS = 12;
/** How many seconds before the end the countdown is colored. */
const URGENT_S = 10;
/** From this many columns on, two blanks stand between keys. */
const ROOMY_COLUMNS = 72;

/** What the prompt shows besides the request itself. */
export interface PromptView extends RequestView {
  /** The first line of the request that should be visible. */
  readonly scroll: number;
  /** How many more wait. */
  readonly waiting: number;
  /** Whole seconds until it counts as unanswered. */
  readonly secondsLeft: number;
  /** Why `y` does not count yet; `undefined` once it does. */
  readonly unarmed: Unarmed | undefined;
  /** The line that the person types for the model, or `undefined`. */
  readonly message: string | undefined;
  /** How far the help is scrolled, if it hides the request. */
  readonly help: { readonly scroll: number } | undefined;
  /** How many commands run meanwhile; each can write on this screen. */
  readonly running: number;
  /** Whether the asker took back the request before it. */
  readonly followsWithdrawn: boolean;
  /** Whether `a` is offered for an unprivileged request. */
  readonly mayTrust: boolean;
}

/** A window of the terminal, in cells and rows. */
export interface WindowSize {
  /** Cells in a row. */
  readonly columns: number;
  /** Rows. */
  readonly rows: number;
}

/** A drawn prompt. */
export interface DrawnPrompt {
  /** The lines from the frame's top to its bottom; at most as many as the window has rows. */
  readonly lines: readonly Line[];
  /** What of the request or the help is visible. */
  readonly visible: Visible;
}

/** Draws the prompt. */
export function drawPrompt(view: PromptView, size: WindowSize): DrawnPrompt {
  const { columns, rows } = size;
  if (columns < MIN_COLUMNS || rows < MIN_ROWS) return drawTooSmall(size);
  const write = new FieldWriter(view.ascii ?? false);
  const help = view.help && helpRows(columns, view.mayTrust, view.ascii);
  const layout = layoutOf(view, columns);
  const total = help?.length ?? layout.total;
  const counted = help?.length ?? layout.counted;
  const footer = footerLines(view, write, columns);
  const page = Math.min(counted, rows - footer.length - 2);
  const first = Math.max(0, Math.min(view.help?.scroll ?? view.scroll, counted - page));
  return {
    lines: [
      headLine(view, write.marks, columns),
      ...help?.slice(first, first + page) ?? layout.lines(first, page),
      ruleLine(PROMPT.position(first, page, total), [], write.marks, columns),
      ...footer,
    ],
    visible: { first, page, total },
  };
}

function drawTooSmall({ columns, rows }: WindowSize): DrawnPrompt {
  const chunks = chunksOf(PROMPT.tooSmall(MIN_COLUMNS, MIN_ROWS), "strong");
  const lines = wrapChunks(chunks, Math.max(1, columns)).map(({ line }) => line).take(rows);
  return { lines: [...lines], visible: { first: 0, page: 0, total: Infinity } };
}

function headLine({ waiting, secondsLeft }: PromptView, marks: Marks, columns: number): Line {
  const style = secondsLeft <= URGENT_S ? "urgent" : "plain";
  const line = (left: string) =>
    ruleLine(
      PROMPT.name,
      [span(PROMPT.waiting(waiting)), span(left, style)],
      marks,
      columns,
    );
  const long = line(PROMPT.secondsLeft(secondsLeft));
  const width = long.reduce((cells, { text }) => cells + cellWidth(text), 0);
  return width <= columns ? long : line(PROMPT.shortSecondsLeft(secondsLeft));
}

/** A line across the window with words set into it, at the left and at the right. */
function ruleLine(left: string, right: Line, { rule }: Marks, columns: number): Line {
  const inset = (text: string) => text === "" ? "" : ` ${text} `;
  const tail = right.filter(({ text }) => text !== "").flatMap(({ text, style }, index) => [
    ...(index > 0 ? [span(rule, "frame")] : []),
    span(inset(text), style),
  ]);
  const cells = tail.reduce((sum, { text }) => sum + cellWidth(text), 0);
  const room = Math.max(0, columns - cellWidth(inset(left)) - cells - 4);
  return [
    span(rule.repeat(2), "frame"),
    span(inset(left), "strong"),
    span(rule.repeat(room), "frame"),
    ...tail,
    span(rule.repeat(2), "frame"),
  ];
}

/** What stands below the request; the keys are last. */
function footerLines(view: PromptView, write: FieldWriter, columns: number): Line[] {
  const isRoomy = columns >= ROOMY_COLUMNS;
  const wrapped = (chunks: readonly Chunk[], cells = columns - 1): Line[] => [
    ...wrapChunks(chunks, cells).map(({ line }) => [span(" "), ...line]),
  ];
  // Each key and what it does, in one piece.
  const keyChunks = (keys: readonly KeyLabel[]): Chunk[] =>
    keys.map(([key, does]) => ({ text: `[${key}] ${does}${isRoomy ? " " : ""}`, style: "plain" }));
  if (view.message !== undefined) {
    const typed = write.proseText(view.message) + write.marks.cursor;
    return [
      REASON_HEAD,
      ...wrapped([{ text: typed, style: "plain" }], columns - 2).slice(-2),
      ...wrapped(keyChunks(keyLabels("message"))),
    ];
  }
  const warnings = [
    ...(view.followsWithdrawn ? [PROMPT.followsWithdrawn] : []),
    ...(view.running > 0 ? [PROMPT.canWriteHere] : []),
  ].map((text) => [span(" "), span(text, "badge")]);
  if (view.help) return [...warnings, ...wrapped(keyChunks(keyLabels("help")))];
  const isArmed = view.unarmed === undefined;
  const trust = view.request.asRoot || !view.mayTrust
    ? []
    : chunksOf(TRUST_LABEL, isArmed ? "plain" : "muted");
  const [[key, does] = ["", ""], ...others] = keyLabels("prompt");
  const keys: Chunk[] = [
    { text: `[${key}] ${does}`, style: isArmed ? "ready" : "muted" },
    ...(isRoomy ? [{ text: "", style: "plain" } as const] : []),
    ...keyChunks(others),
  ];
  return [
    ...warnings,
    [span(` ${ARMING[view.unarmed ?? "armed"]}`, isArmed ? "strong" : "plain")],
    // In a narrow window every row counts.
    ...(isRoomy
      ? [...(trust.length === 0 ? [] : wrapped(trust)), ...wrapped(keys)]
      : wrapped([...keys, ...trust])),
  ];
}

function chunksOf(text: string, style: Style): Chunk[] {
  return text.split(" ").map((text) => ({ text, style }));
}
