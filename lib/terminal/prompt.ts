/**
 * The prompt: a pure function of a request, a size and a position to lines. Everything that decides
 * what will happen is there, exactly; the request can style nothing, and nothing is cut.
 *
 * @module
 */
import type { Unarmed } from "../gate/stillness.ts";
import type { ResolvedRequest } from "../gate/request.ts";
import { cellWidth } from "./cells.ts";
import { FieldWriter, type Marks } from "./fields.ts";
import { type Line, span, type Style } from "./paint.ts";
import { countLines, requestLines } from "./request_lines.ts";
import { type Chunk, wrapChunks } from "./wrap.ts";

/** The smallest window in which a request can be judged. */
export const MIN_COLUMNS = 40;
/** The smallest window in which a request can be judged. */
export const MIN_ROWS = 12;

/** What the prompt shows besides the request itself. */
export interface PromptView {
  /** What is asked. */
  readonly request: ResolvedRequest;
  /** How many more wait. */
  readonly waiting: number;
  /** Whole seconds until it counts as unanswered. */
  readonly secondsLeft: number;
  /** Why `y` does not count yet; `undefined` once it does. */
  readonly unarmed: Unarmed | undefined;
  /** The line that the person types for the model, or `undefined`. */
  readonly message: string | undefined;
  /** How many commands run meanwhile; each can write on this screen. */
  readonly running: number;
  /** Whether `a` is offered for a request that root does not run. */
  readonly mayTrust: boolean;
  /** The name of this machine. */
  readonly machine: string;
  /** The login name of the daemon's user. */
  readonly user: string;
  /** Whether the terminal is to get nothing but ASCII. */
  readonly ascii: boolean;
}

/** A window of the terminal. */
export interface WindowSize {
  /** Cells in a row. */
  readonly columns: number;
  /** Rows. */
  readonly rows: number;
}

/** A drawn prompt. */
export interface PromptPicture {
  /** The lines from the frame's top to its bottom; at most as many as the window has rows. */
  readonly lines: readonly Line[];
  /** The first line of the request that is visible, within what there is. */
  readonly scroll: number;
  /** How many lines of the request are visible at once; 0 where the window is too small. */
  readonly page: number;
  /** How many lines the request has. */
  readonly total: number;
}

/**
 * Draws the prompt.
 *
 * @param view What to show.
 * @param size The window.
 * @param scroll The first line of the request that should be visible.
 * @returns The lines of the prompt.
 */
export function drawPrompt(view: PromptView, size: WindowSize, scroll: number): PromptPicture {
  if (size.columns < MIN_COLUMNS || size.rows < MIN_ROWS) return drawTooSmall(size);
  const write = new FieldWriter(view.ascii);
  const help = view.unarmed === "help"
    ? helpLines(size.columns, view.mayTrust, view.ascii)
    : undefined;
  const total = help?.length ?? countLines(view, size.columns);
  const footer = footerLines(view, write, size.columns);
  const page = Math.min(total, size.rows - footer.length - 2);
  const first = Math.max(0, Math.min(scroll, total - page));
  const position = page < total ? `lines ${first + 1}-${first + page} of ${total}` : "";
  return {
    lines: [
      headLine(view, write.marks, size.columns),
      ...help?.slice(first, first + page) ?? requestLines(view, size.columns, first, page),
      ruleLine([position], write.marks, size.columns),
      ...footer,
    ],
    scroll: first,
    page,
    total,
  };
}

function drawTooSmall({ columns, rows }: WindowSize): PromptPicture {
  const words =
    `A request waits. This window is too small to show it: make it at least ${MIN_COLUMNS} by ${MIN_ROWS}.`;
  const chunks = words.split(" ").map((text) => ({ text, style: "strong" as const }));
  const lines = wrapChunks(chunks, Math.max(1, columns)).map(({ line }) => line).take(rows);
  return { lines: [...lines], scroll: 0, page: 0, total: Infinity };
}

/** Within so many seconds of the end, the countdown is coloured. */
const URGENT_S = 10;

function headLine(view: PromptView, marks: Marks, columns: number): Line {
  const { secondsLeft } = view;
  const waiting = view.waiting === 0
    ? ""
    : `${view.waiting} more wait${view.waiting === 1 ? "s" : ""}`;
  const [long, short] = [`${secondsLeft} s left`, `${secondsLeft} s`];
  const style = secondsLeft <= URGENT_S ? "urgent" : "plain";
  const line = ruleLine(["sudo-proxy", waiting, long], marks, columns, style);
  if (lineWidth(line) <= columns) return line;
  return ruleLine(["sudo-proxy", waiting, short], marks, columns, style);
}

function lineWidth(line: Line): number {
  return line.reduce((cells, { text }) => cells + cellWidth(text), 0);
}

/**
 * A line across the window with words set into it: the first at the left, the others at the right.
 *
 * @param words What is set in; nothing stands for `""`.
 * @param marks The marks.
 * @param columns The width.
 * @param last How the last of the words looks.
 * @returns The line.
 */
function ruleLine(
  words: readonly string[],
  { rule }: Marks,
  columns: number,
  last: Style = "plain",
): Line {
  const [left, ...right] = words.map((word) => word === "" ? "" : ` ${word} `);
  const tail = right.filter((word) => word !== "");
  const cells = tail.reduce((sum, word) => sum + cellWidth(word), Math.max(0, tail.length - 1));
  const room = columns - cellWidth(left) - cells - 4;
  return [
    span(rule.repeat(2), "frame"),
    span(left, "strong"),
    span(rule.repeat(Math.max(0, room)), "frame"),
    ...tail.flatMap((word, index) => [
      ...(index > 0 ? [span(rule, "frame")] : []),
      span(word, index === tail.length - 1 ? last : "plain"),
    ]),
    span(rule.repeat(2), "frame"),
  ];
}

/** What the key `a` does. */
const TRUST_WORDS = "run it, and stop asking about unprivileged commands until this daemon ends";

/**
 * Explains the keys.
 *
 * @param columns The width.
 * @param mayTrust Whether the key `a` exists.
 * @param ascii Whether the terminal is to get nothing but ASCII.
 * @returns One line a key, and more where it does not fit.
 */
export function helpLines(columns: number, mayTrust: boolean, ascii = false): Line[] {
  const keys: (readonly [label: string, words: string])[] = [
    ["y", "run exactly what is shown"],
    ["n or Enter", "deny; so do Esc and Ctrl+C"],
    ["r", "deny, and type a line that the model reads"],
    ["d", "deny this request and all that wait"],
    ...(mayTrust ? [["a", TRUST_WORDS] as const] : []),
    ["space", "read on; arrows, PgUp, PgDn, Home and End, too"],
    ["k", "between requests: end a running command"],
    ["q", "between requests: quit"],
    [
      "",
      `${
        mayTrust ? "y and a count" : "y counts"
      } only alone, after all of the request was on the screen and half a second without a key. Pasted keys never count.`,
    ],
  ];
  const write = new FieldWriter(ascii);
  return keys.flatMap(([label, words]) => [
    ...write.fieldLines(label, write.prose(words), columns),
  ]);
}

/** What stands below the request; the keys are last. */
function footerLines(view: PromptView, write: FieldWriter, columns: number): Line[] {
  const keyLines = (chunks: readonly Chunk[]): Line[] => [
    ...wrapChunks(chunks, columns - 1).map(({ line }) => [span(" "), ...line]),
  ];
  if (view.message !== undefined) {
    const typed = write.proseText(view.message);
    const chunk: Chunk = { text: `${typed}${write.marks.cursor}`, style: "plain" };
    const lines = [...wrapChunks([chunk], columns - 2).map(({ line }) => [span(" "), ...line])];
    return [
      [span(" Reason for denying", "strong"), span(" (the model reads it)", "muted")],
      ...lines.slice(-2),
      ...keyLines(keyChunks([["Enter", "deny"], ["Esc", "back"]], columns)),
    ];
  }
  const running = view.running === 0
    ? []
    : [[span(" "), span(" A command runs: it can write here. ", "badge")]];
  if (view.unarmed === "help") {
    return [...running, ...keyLines(keyChunks([["Esc", "back"], ["space", "more"]], columns))];
  }
  const armed = view.unarmed === undefined;
  const trust: Chunk[] = view.request.asRoot || !view.mayTrust
    ? []
    : `[a] ${TRUST_WORDS}`.split(" ")
      .map((text) => ({ text, style: armed ? "plain" : "muted" }));
  const keys: Chunk[] = [
    { text: "[y] run it", style: armed ? "ready" : "muted" },
    ...(columns < ROOMY_COLUMNS ? [] : [{ text: "", style: "plain" as const }]),
    ...keyChunks(DENYING_KEYS, columns),
  ];
  return [
    ...running,
    [span(` ${unarmedWords(view.unarmed)}`, armed ? "strong" : "plain")],
    // In a narrow window every row counts.
    ...(columns < ROOMY_COLUMNS ? keyLines([...keys, ...trust]) : [
      ...(trust.length === 0 ? [] : keyLines(trust)),
      ...keyLines(keys),
    ]),
  ];
}

const DENYING_KEYS = [["n", "deny"], ["r", "deny, say why"], ["d", "deny all"], [
  "?",
  "keys",
]] as const;
/** In so many columns, two blanks stand between keys. */
const ROOMY_COLUMNS = 72;

/** Each key and what it does, in one piece. */
function keyChunks(
  keys: readonly (readonly [key: string, does: string])[],
  columns: number,
): Chunk[] {
  const gap = columns < ROOMY_COLUMNS ? "" : " ";
  return keys.map(([key, does]) => ({ text: `[${key}] ${does}${gap}`, style: "plain" }));
}

function unarmedWords(unarmed: Exclude<PromptView["unarmed"], "help">): string {
  switch (unarmed) {
    case undefined:
      return "Waiting for your key.";
    case "unread":
      return "y counts after the end: space, arrows";
    default:
      return "y counts in a moment.";
  }
}
