/**
 * The request as it stands in the prompt, field by field. Everything that decides what will happen
 * is there, exactly; nothing is cut.
 *
 * @module
 */
import { requestNotes, type RiskNote, stageNotes } from "../gate/notes.ts";
import type { ResolvedStage, ShownRequest } from "../gate/request.ts";
import { FieldWriter } from "./fields.ts";
import { Layout, type Paragraphs } from "./layout.ts";
import type { Line } from "./paint.ts";
import { type Chunk, wrapChunks } from "./wrap.ts";

/** What the lines of a request depend on, beside the width. */
export interface RequestView {
  /** What is asked. */
  readonly request: ShownRequest;
  /** The name of this machine. */
  readonly machine: string;
  /** The login name of the daemon's user. */
  readonly user: string;
  /** Whether the terminal is to get nothing but ASCII; false if left out. */
  readonly ascii?: boolean;
}

/** A request that was laid out, and the lines of it that were asked for last. */
interface LaidOut {
  readonly key: string;
  readonly paragraphs: readonly Paragraphs[];
  readonly columns: number;
  readonly layout: Layout;
  first: number;
  lines: readonly Line[];
}

/** A request is drawn several times a second and never changes; to lay out a long one takes long. */
const laidOut = new WeakMap<ShownRequest, LaidOut>();

/**
 * Counts the lines of a request.
 *
 * @param view The request.
 * @param columns The width of the window, in cells.
 * @returns How many there are.
 */
export function countLines(view: RequestView, columns: number): number {
  return layOut(view, columns).layout.total;
}

/**
 * Lays out the lines of a request that are visible.
 *
 * @param view The request.
 * @param columns The width of the window, in cells.
 * @param first The first line, from 0.
 * @param count How many at most.
 * @returns The lines.
 */
export function requestLines(
  view: RequestView,
  columns: number,
  first: number,
  count: number,
): readonly Line[] {
  const known = layOut(view, columns);
  if (known.first !== first || known.lines.length !== count) {
    known.first = first;
    known.lines = [...known.layout.lines(first, count)];
  }
  return known.lines;
}

/**
 * The text of a request as it stands on the screen, without the frame around it and without
 * colours: what the audit trail has the hash of.
 *
 * @param request What is shown.
 * @param place The names of the machine and the user in the title, and whether all is in ASCII.
 * @param columns The width of the window, in cells.
 * @returns One line each, with a newline at the end.
 */
export function requestText(
  request: ShownRequest,
  place: Omit<RequestView, "request">,
  columns: number,
): string {
  let text = "";
  const { layout } = layOut({ request, ...place }, columns);
  // Joined by the hundred: added one by one, each would be a link in a chain.
  for (let first = 0, lines: Line[]; first < layout.total; first += lines.length) {
    lines = [...layout.lines(first, 1000)];
    text += lines.map((line) => `${line.map(({ text }) => text).join("")}\n`).join("");
  }
  return text;
}

function layOut(view: RequestView, columns: number): LaidOut {
  const { request, machine, user, ascii = false } = view;
  const key = JSON.stringify([machine, user, ascii]);
  let known = laidOut.get(request);
  if (known?.key === key && known.columns === columns) return known;
  const paragraphs = known?.key === key ? known.paragraphs : paragraphsOf(view);
  const layout = new Layout(paragraphs, columns);
  known = { key, paragraphs, columns, layout, first: 0, lines: [] };
  laidOut.set(request, known);
  return known;
}

/** The request itself, field by field. */
function paragraphsOf({ request, machine, user, ascii = false }: RequestView): Paragraphs[] {
  const write = new FieldWriter(ascii);
  const title: Chunk = request.asRoot
    ? { text: " RUN AS ROOT ", style: "root" }
    : { text: ` RUN AS ${write.proseText(user)} `, style: "user" };
  const where: Chunk = { text: `on ${write.proseText(machine)}`, style: "plain" };
  const parts: Paragraphs[] = [{
    count: 1,
    lines: (_, columns) => wrapChunks([title, where], columns).map(({ line }) => line),
  }];
  const add = (label: string, chunks: Iterable<Chunk>) =>
    void parts.push(write.field(label, chunks));
  const addPath = (label: string, path: string, style: Chunk["style"]) => {
    add(label, [{ text: write.word(path), style }]);
    addAscii(parts, write, path);
  };

  // The command comes first: it is what a small window must show.
  request.stages.forEach((stage, index) => {
    add(index === 0 ? "command" : "| piped to", commandChunks(stage, write));
    addStage(parts, write, stage, request);
  });
  for (const [name, value] of request.env) {
    add("sets", [{ text: `${name}=${write.word(value)}`, style: "strong" }]);
    addAscii(parts, write, value);
  }
  addPath("in folder", request.cwd, "plain");
  if (request.cwdIdentity.realPath !== request.cwd) {
    addPath("which is", request.cwdIdentity.realPath, "warning");
  }
  for (const note of requestNotes(request)) parts.push(noteField(write, note));
  if (request.forwardAgent) add("may use", [{ text: "your ssh agent", style: "warning" }]);
  if (request.timeoutMs !== undefined) add("at most", write.prose(`${request.timeoutMs / 1000} s`));
  if (request.session === "") add("no name", []);
  else add("asked by", write.prose(request.session));
  if (request.version !== "") add("client", write.prose(request.version));
  if (request.host !== "") add("for host", write.prose(request.host));
  if (request.reason === "") add("no reason", []);
  else add("reason", write.prose(request.reason));
  if (request.stdin !== undefined) {
    const bytes = new TextEncoder().encode(request.stdin).length;
    const end = request.stdin.endsWith("\n") ? "" : ", no newline at the end";
    add("input", write.prose(`${bytes} bytes${end}`));
    parts.push(write.rows(request.stdin), write.asciiRows(request.stdin));
  }
  return parts;
}

function commandChunks({ program, args }: ResolvedStage, write: FieldWriter): Chunk[] {
  return [program, ...args].map((word) => ({ text: write.word(word), style: "strong" }));
}

/** What the command line alone does not say. */
function addStage(
  parts: Paragraphs[],
  write: FieldWriter,
  stage: ResolvedStage,
  request: ShownRequest,
): void {
  const { program, identity, args } = stage;
  if (identity.realPath !== program) {
    parts.push(
      write.field("which is", [{ text: write.word(identity.realPath), style: "warning" }]),
    );
    addAscii(parts, write, identity.realPath);
  }
  for (const word of [program, ...args]) addAscii(parts, write, word);
  for (const note of stageNotes(stage, request)) parts.push(noteField(write, note));
  args.forEach((word, index) => {
    if (!word.includes("\n")) return;
    parts.push(
      write.field(`arg ${index + 1}`, write.prose("line by line:")),
      write.rows(word),
    );
  });
}

function noteField(write: FieldWriter, { about, words }: RiskNote): Paragraphs {
  const subject = about === undefined ? [] : [write.word(about)];
  return write.field(
    "note",
    [...subject, ...words.split(" ")].map((text) => ({ text, style: "warning" })),
  );
}

/** Letters beyond ASCII may look like others: the same word in ASCII stands below. */
function addAscii(parts: Paragraphs[], write: FieldWriter, word: string): void {
  const ascii = write.asciiWord(word);
  if (ascii !== undefined) {
    parts.push(write.field("not ASCII", [{ text: ascii, style: "warning" }]));
  }
}
