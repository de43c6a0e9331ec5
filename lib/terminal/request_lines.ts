/**
 * The request as it stands in the prompt, field by field. Everything that decides what will happen
 * is there, exactly; nothing is cut.
 *
 * @module
 */
import { requestNotes, type RiskNote, stageNotes } from "../gate/notes.ts";
import type { ResolvedStage, ShownRequest } from "../gate/request.ts";
import { SYSTEM_FOLDERS } from "../paths.ts";
import { DEFAULT_TIMEOUT_MS } from "../protocol/limits.ts";
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

  // The command comes first: it is what a small window must show. It stands apart.
  parts.push(BLANK);
  request.stages.forEach((stage, index) => {
    const isLast = index === request.stages.length - 1;
    const remarks = stageRemarks(write, stage, request);
    add(index === 0 ? "command" : "| piped to", commandChunks(stage, write));
    if (isLast || remarks.length > 0) parts.push(BLANK);
    parts.push(...remarks);
    if (!isLast && remarks.length > 0) parts.push(BLANK);
  });
  for (const [name, value] of request.env) {
    add("sets", [{ text: `${name}=${write.word(value)}`, style: "plain" }]);
    parts.push(...asciiField(write, value));
  }
  if (!isDefaultFolder(request)) parts.push(...folderFields(write, request));
  for (const note of requestNotes(request)) parts.push(noteField(write, note));
  if (request.forwardAgent) {
    parts.push(write.field("may use", write.prose("your ssh agent"), "badge"));
  }
  const { timeoutMs, session, version, host, reason, stdin } = request;
  if (timeoutMs !== undefined && timeoutMs !== DEFAULT_TIMEOUT_MS) {
    add("at most", write.prose(`${timeoutMs / 1000} s`));
  }
  if (session === "") add("no name", []);
  else add("asked by", write.prose(session));
  if (version !== "" && !PLAIN_VERSION.test(version)) add("client", write.prose(version));
  if (host !== "") add("for host", write.prose(host));
  if (reason === "") add("no reason", []);
  else add("reason", write.prose(reason));
  const defaults = defaultsOf(request);
  if (defaults.length > 0) add("defaults", write.prose(defaults.join(", "), "muted"));
  if (stdin !== undefined) {
    const bytes = new TextEncoder().encode(stdin).length;
    const end = stdin.endsWith("\n") ? "" : ", no newline at the end";
    add("input", write.prose(`${bytes} bytes${end}`));
    parts.push(write.rows(stdin), write.asciiRows(stdin));
  }
  return parts;
}

/** A row without anything. */
const BLANK: Paragraphs = { count: 1, lines: () => [[]] };

/** What most clients give as their version. */
const PLAIN_VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

function isDefaultFolder({ cwd, cwdIdentity, cwdChangeable }: ShownRequest): boolean {
  return cwd === "/" && cwdIdentity.realPath === "/" && cwdChangeable === undefined;
}

/** What a request has in common with most others, with its values: nobody can choose a text here. */
function defaultsOf(request: ShownRequest): string[] {
  const { timeoutMs, version } = request;
  return [
    ...(isDefaultFolder(request) ? ["in folder /"] : []),
    ...(timeoutMs === DEFAULT_TIMEOUT_MS ? [`at most ${timeoutMs / 1000} s`] : []),
    ...(PLAIN_VERSION.test(version) ? [`client ${version}`] : []),
  ];
}

function folderFields(write: FieldWriter, { cwd, cwdIdentity }: ShownRequest): Paragraphs[] {
  const { realPath } = cwdIdentity;
  return [
    write.field("in folder", [{ text: write.word(cwd), style: "plain" }]),
    ...asciiField(write, cwd),
    ...(realPath === cwd ? [] : linkFields(write, realPath, "badge")),
  ];
}

function commandChunks({ program, args }: ResolvedStage, write: FieldWriter): Chunk[] {
  return [program, ...args].map((word) => ({ text: write.word(word), style: "strong" }));
}

/** What the command line alone does not say. */
function stageRemarks(
  write: FieldWriter,
  stage: ResolvedStage,
  request: ShownRequest,
): Paragraphs[] {
  const { program, identity, args } = stage;
  const link = isSystemLink(stage) ? "label" : "badge";
  return [
    ...(identity.realPath === program ? [] : linkFields(write, identity.realPath, link)),
    ...[program, ...args].flatMap((word) => asciiField(write, word)),
    ...stageNotes(stage, request).map((note) => noteField(write, note)),
    ...args.flatMap((word, index) =>
      word.includes("\n")
        ? [write.field(`arg ${index + 1}`, write.prose("line by line:")), write.rows(word)]
        : []
    ),
  ];
}

/** Such as `sh`, which is `dash`: root alone can change either, so it is no reason to look twice. */
function isSystemLink({ program, identity, changeable }: ResolvedStage): boolean {
  return changeable === undefined &&
    [program, identity.realPath].every((path) =>
      SYSTEM_FOLDERS.includes(path.slice(0, path.lastIndexOf("/")))
    );
}

function linkFields(write: FieldWriter, realPath: string, look: "label" | "badge"): Paragraphs[] {
  return [
    write.field("which is", [{ text: write.word(realPath), style: "plain" }], look),
    ...asciiField(write, realPath),
  ];
}

function noteField(write: FieldWriter, { about, words }: RiskNote): Paragraphs {
  const subject = about === undefined ? [] : [write.word(about)];
  const chunks = [...subject, ...words.split(" ")];
  return write.field("note", chunks.map((text) => ({ text, style: "plain" })), "badge");
}

/** Letters beyond ASCII may look like others: the same word in ASCII stands below. */
function asciiField(write: FieldWriter, word: string): Paragraphs[] {
  const ascii = write.asciiWord(word);
  return ascii === undefined
    ? []
    : [write.field("not ASCII", [{ text: ascii, style: "plain" }], "badge")];
}
