/**
 * The prompt: a pure function of a request, a size and a position to lines. Everything that decides
 * what will happen is there, exactly; the request can style nothing, and nothing is cut.
 *
 * @module
 */
import type { Unarmed } from "../gate/approval.ts";
import { requestNotes, type RiskNote, stageNotes } from "../gate/notes.ts";
import type { ResolvedRequest, ResolvedStage, ShownRequest } from "../gate/request.ts";
import { cellWidth } from "./cells.ts";
import { type Line, span, type Style } from "./paint.ts";
import { quoteWord } from "./quote.ts";
import { visibleProse, visibleRow } from "./visible.ts";
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
  /** How many commands root runs meanwhile; root can write on this screen. */
  readonly rootRuns: number;
  /** Whether `a` is offered for a request that root does not run. */
  readonly mayTrust: boolean;
  /** The name of this machine. */
  readonly machine: string;
  /** The login name of the daemon's user. */
  readonly user: string;
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

const LABEL_CELLS = 11;
/** Continuation lines begin with this, which no field line does. */
const GUTTER = "┊";

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
  const body = view.unarmed === "help"
    ? helpLines(size.columns, view.mayTrust)
    : requestLines(view, size.columns);
  const footer = footerLines(view, size.columns);
  const page = Math.min(body.length, size.rows - footer.length - 2);
  const first = Math.max(0, Math.min(scroll, body.length - page));
  const position = page < body.length ? `lines ${first + 1}-${first + page} of ${body.length}` : "";
  return {
    lines: [
      headLine(view, size.columns),
      ...body.slice(first, first + page),
      ruleLine([position], size.columns),
      ...footer,
    ],
    scroll: first,
    page,
    total: body.length,
  };
}

function drawTooSmall({ columns, rows }: WindowSize): PromptPicture {
  const words =
    `A request waits. This window is too small to show it: make it at least ${MIN_COLUMNS} by ${MIN_ROWS}.`;
  const chunks = words.split(" ").map((text) => ({ text, style: "strong" as const }));
  const lines = wrapChunks(chunks, Math.max(1, columns)).map(({ line }) => line);
  return { lines: lines.slice(0, rows), scroll: 0, page: 0, total: Infinity };
}

function headLine(view: PromptView, columns: number): Line {
  const waiting = view.waiting === 0
    ? ""
    : `${view.waiting} more wait${view.waiting === 1 ? "s" : ""}`;
  const [long, short] = [`${view.secondsLeft} s left`, `${view.secondsLeft} s`];
  const line = ruleLine(["sudo-proxy", waiting, long], columns);
  return lineWidth(line) <= columns ? line : ruleLine(["sudo-proxy", waiting, short], columns);
}

function lineWidth(line: Line): number {
  return line.reduce((cells, { text }) => cells + cellWidth(text), 0);
}

/**
 * A line across the window with words set into it: the first at the left, the others at the right.
 */
function ruleLine(words: readonly string[], columns: number): Line {
  const [left, ...right] = words.map((word) => word === "" ? "" : ` ${word} `);
  const tail = right.filter((word) => word !== "").join("━");
  const room = columns - cellWidth(left) - cellWidth(tail) - 4;
  return [
    span("━━", "frame"),
    span(left, "strong"),
    span("━".repeat(Math.max(0, room)), "frame"),
    span(tail, "strong"),
    span("━━", "frame"),
  ];
}

/** What the lines of a request depend on, beside the width. */
type RequestView = Pick<PromptView, "machine" | "user"> & { readonly request: ShownRequest };

/**
 * A request is drawn several times a second and never changes; a long one takes long to lay out.
 */
const laidOut = new WeakMap<ShownRequest, { readonly key: string; readonly lines: Line[] }>();

function requestLines(view: RequestView, columns: number): readonly Line[] {
  const key = JSON.stringify([columns, view.machine, view.user]);
  const known = laidOut.get(view.request);
  if (known?.key === key) return known.lines;
  const lines = layOut(view, columns);
  laidOut.set(view.request, { key, lines });
  return lines;
}

/**
 * The text of a request as it stands on the screen, without the frame around it and without
 * colours: what the audit trail has the hash of.
 *
 * @param request What is shown.
 * @param place The names of the machine and the user in the title.
 * @param columns The width of the window, in cells.
 * @returns One line each, with a newline at the end.
 */
export function requestText(
  request: ShownRequest,
  place: Pick<PromptView, "machine" | "user">,
  columns: number,
): string {
  return requestLines({ request, ...place }, columns)
    .map((line) => `${line.map(({ text }) => text).join("")}\n`).join("");
}

/** One by one: a script may have more lines than a call takes arguments. */
function append(lines: Line[], more: readonly Line[]): void {
  for (const line of more) lines.push(line);
}

/** The request itself, field by field. */
function layOut(view: RequestView, columns: number): Line[] {
  const { request } = view;
  const place = `on ${visibleProse(view.machine)}`;
  const title: Chunk = request.asRoot
    ? { text: " RUN AS ROOT ", style: "root" }
    : { text: ` RUN AS ${visibleProse(view.user)} `, style: "user" };
  const lines: Line[] = wrapChunks([title, { text: place, style: "plain" }], columns)
    .map(({ line }) => line);
  const add = (label: string, paragraph: readonly Chunk[]) =>
    append(lines, fieldLines(label, paragraph, columns));

  // The command comes first: it is what a small window must show.
  request.stages.forEach((stage, index) => {
    add(index === 0 ? "command" : "| piped to", commandChunks(stage));
    append(lines, stageLines(stage, request, columns));
  });
  for (const [name, value] of request.env) {
    add("sets", [{ text: `${name}=${quoteWord(value).text}`, style: "strong" }]);
    addAscii(lines, value, columns);
  }
  add("in folder", [{ text: quoteWord(request.cwd).text, style: "plain" }]);
  addAscii(lines, request.cwd, columns);
  if (request.cwdIdentity.realPath !== request.cwd) {
    add("which is", [{ text: quoteWord(request.cwdIdentity.realPath).text, style: "warning" }]);
    addAscii(lines, request.cwdIdentity.realPath, columns);
  }
  append(lines, requestNotes(request).flatMap((note) => noteLines(note, columns)));
  if (request.forwardAgent) add("may use", [{ text: "your ssh agent", style: "warning" }]);
  if (request.timeoutMs !== undefined) add("at most", prose(`${request.timeoutMs / 1000} s`));
  if (request.session === "") add("no name", []);
  else add("asked by", prose(request.session));
  if (request.version !== "") add("client", prose(request.version));
  if (request.host !== "") add("for host", prose(request.host));
  if (request.reason === "") add("no reason", []);
  else add("reason", prose(request.reason));
  if (request.stdin !== undefined) {
    const bytes = new TextEncoder().encode(request.stdin).length;
    add(
      "input",
      prose(`${bytes} bytes${request.stdin.endsWith("\n") ? "" : ", no newline at the end"}`),
    );
    append(lines, textLines(request.stdin, columns));
    append(lines, asciiRows(request.stdin, columns));
  }
  return lines;
}

function prose(text: string): Chunk[] {
  return visibleProse(text).split(" ").map((word) => ({ text: word, style: "plain" }));
}

function commandChunks({ program, args }: ResolvedStage): Chunk[] {
  return [program, ...args].map((word) => ({ text: quoteWord(word).text, style: "strong" }));
}

/** What the command line alone does not say. */
function stageLines(stage: ResolvedStage, request: ShownRequest, columns: number): Line[] {
  const { program, identity, args } = stage;
  const lines: Line[] = [];
  if (identity.realPath !== program) {
    const target = { text: quoteWord(identity.realPath).text, style: "warning" as const };
    append(lines, fieldLines("which is", [target], columns));
    addAscii(lines, identity.realPath, columns);
  }
  for (const word of [program, ...args]) addAscii(lines, word, columns);
  append(lines, stageNotes(stage, request).flatMap((note) => noteLines(note, columns)));
  args.forEach((word, index) => {
    if (!word.includes("\n")) return;
    append(lines, fieldLines(`arg ${index + 1}`, prose("line by line:"), columns));
    append(lines, textLines(word, columns));
  });
  return lines;
}

function noteLines({ about, words }: RiskNote, columns: number): Line[] {
  const subject = about === undefined ? [] : [quoteWord(about).text];
  const chunks = [...subject, ...words.split(" ")].map((text) => ({
    text,
    style: "warning" as const,
  }));
  return fieldLines("note", chunks, columns);
}

/** Letters beyond ASCII may look like others: the same word in ASCII stands below. */
function addAscii(lines: Line[], word: string, columns: number): void {
  const { ascii } = quoteWord(word);
  if (ascii === undefined) return;
  const chunk = { text: ascii, style: "warning" as const };
  append(lines, fieldLines("not ASCII", [chunk], columns));
}

/** The lines of a text that have letters beyond ASCII, once more in ASCII. */
function asciiRows(text: string, columns: number): Line[] {
  return text.split("\n").flatMap((row, index) => {
    const { ascii } = quoteWord(row);
    if (ascii === undefined) return [];
    const words = [`line ${index + 1} in ASCII:`, ascii];
    return fieldLines("note", words.map((text) => ({ text, style: "warning" })), columns);
  });
}

/** A text line by line, each with its number and the gutter mark. */
function textLines(text: string, columns: number): Line[] {
  if (text === "") return [];
  const rows = (text.endsWith("\n") ? text.slice(0, -1) : text).split("\n");
  return rows.flatMap((row, index) =>
    wrapChunks([{ text: visibleRow(row), style: "plain" }], columns - LABEL_CELLS - 2)
      .map(({ line, continuesWord }) => {
        const number = continuesWord ? "" : String(index + 1);
        const gutter = `${number.padStart(LABEL_CELLS - 1)} ${GUTTER}${continuesWord ? "…" : " "}`;
        return [span(gutter, "label"), ...line];
      })
  );
}

/**
 * A label and its text; lines after the first begin with the gutter, which says whether a word goes
 * on.
 */
function fieldLines(label: string, chunks: readonly Chunk[], columns: number): Line[] {
  return wrapChunks(chunks, columns - LABEL_CELLS - 2).map(({ line, continuesWord }, index) => [
    index === 0
      ? span(`${label.padStart(LABEL_CELLS - 1)}   `, "label")
      : span(`${" ".repeat(LABEL_CELLS)}${GUTTER}${continuesWord ? "…" : " "}`, "label"),
    ...line,
  ]);
}

/** What the key `a` does. */
const TRUST_WORDS = "run it, and stop asking about unprivileged commands until this daemon ends";

/**
 * Explains the keys.
 *
 * @param columns The width.
 * @param mayTrust Whether the key `a` exists.
 * @returns One line a key, and more where it does not fit.
 */
export function helpLines(columns: number, mayTrust: boolean): Line[] {
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
  return keys.flatMap(([label, words]) => fieldLines(label, prose(words), columns));
}

function footerLines(view: PromptView, columns: number): Line[] {
  if (view.message !== undefined) {
    const typed = visibleProse(view.message);
    const chunk: Chunk = { text: `${typed}█`, style: "plain" };
    const lines = wrapChunks([chunk], columns - 2).map(({ line }) => [span(" "), ...line]);
    return [
      [span(" Denied. A line for the model, Enter:", "strong")],
      ...lines.slice(-2),
      [span(" Enter sends it, Esc goes back", "muted")],
    ];
  }
  const armed = view.unarmed === undefined;
  const keys: [key: string, does: string, style: Style][] = [
    ["y", "run it", armed ? "good" : "muted"],
    ["n", "deny", "plain"],
    ["r", "deny, say why", "plain"],
    ["d", "deny all", "plain"],
    ["?", "keys", "plain"],
  ];
  const wait = unarmedWords(view.unarmed);
  const chunks = keys.map(([key, does, style]): Chunk => ({ text: `[${key}] ${does} `, style }));
  const trust: Chunk[] = view.request.asRoot || !view.mayTrust
    ? []
    : `[a] ${TRUST_WORDS}`.split(" ")
      .map((text) => ({ text, style: armed ? "plain" : "muted" }));
  return [
    ...wrapChunks([...chunks, ...trust], columns - 1).map(({ line }) => [span(" "), ...line]),
    ...(view.rootRuns === 0 ? [] : [[span(" A root command runs: it can write here.", "warning")]]),
    [span(` ${wait}`, armed ? "good" : "warning")],
  ];
}

function unarmedWords(unarmed: PromptView["unarmed"]): string {
  switch (unarmed) {
    case undefined:
      return "Waiting for your key.";
    case "help":
      return "Any key goes back to the request.";
    case "unread":
      return "y counts after the end: space, arrows";
    default:
      return "y counts in a moment.";
  }
}
