/**
 * The request as it stands in the prompt, field by field. Everything that decides what will happen
 * is there, exactly; nothing is cut.
 *
 * @module
 */
import { requestNotes, type RiskNote, stageNotes } from "./risk_notes.ts";
import type { ResolvedStage, ShownRequest } from "../admit/request.ts";
import { SYSTEM_FOLDERS } from "../platform/paths.ts";
import { DEFAULT_TIMEOUT_MS } from "../protocol/limits.ts";
import { FieldWriter } from "./fields.ts";
import { Layout, type Paragraphs, PAUSE, shared, textOf } from "./layout.ts";
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
  /** Makes a hash that takes the text of each new layout, slice by slice. */
  readonly hash?: () => TextHash;
}

/** Makes the digest of a text that comes in pieces. */
export interface TextHash {
  /** Takes the next piece. */
  add(text: string): void;
  /** The digest of all pieces as UTF-8: how many bytes, and SHA-256 in hex digits. */
  readonly digest: { readonly bytes: number; readonly sha256: string };
}

interface LaidOut {
  readonly key: string;
  readonly columns: number;
  readonly paragraphs: Iterable<Paragraphs | typeof PAUSE>;
  readonly layout: Layout;
  readonly hash: TextHash | undefined;
}

/**
 * The layouts of requests: one is drawn several times a second, never changes, and may take long.
 */
const laidOut = new WeakMap<ShownRequest, LaidOut>();

/**
 * Lays out a request in a window of so many cells. A long one is laid out slice by slice, one a
 * call, to keep the event loop free.
 */
export function layoutOf(view: RequestView, columns: number): Layout {
  return goOn(view, columns).layout;
}

function goOn(view: RequestView, columns: number): LaidOut {
  const { request, machine, user, ascii = false } = view;
  const key = JSON.stringify([machine, user, ascii]);
  const known = laidOut.get(request);
  const isKnown = known?.key === key;
  if (isKnown && known.columns === columns && (known.hash || !view.hash)) {
    known.layout.advance();
    return known;
  }
  const paragraphs = isKnown ? known.paragraphs : shared(paragraphsOf(view));
  const hash = view.hash?.();
  const layout = new Layout(
    paragraphs,
    columns,
    hash && ((text) => hash.add(text)),
  );
  const begun = { key, columns, paragraphs, layout, hash };
  laidOut.set(request, begun);
  return begun;
}

/**
 * The digest of {@linkcode requestText}, for the audit trail. It costs nothing if the request was
 * laid out with a hash, as a prompt is.
 */
export function requestDigest(
  view: RequestView & { readonly hash: () => TextHash },
  columns: number,
): TextHash["digest"] {
  const { layout, hash = view.hash() } = goOn(view, columns);
  while (layout.advance());
  return hash.digest;
}

/**
 * The text of a request as it stands on the screen, without the frame around it and without colors,
 * a newline after each line.
 */
export function requestText(
  request: ShownRequest,
  names: Omit<RequestView, "request">,
  columns: number,
): string {
  let text = "";
  const layout = layoutOf({ request, ...names }, columns);
  while (layout.advance());
  // Joined a thousand at a time: V8 would keep single additions as a long chain.
  for (let first = 0; first < layout.total; first += 1000) {
    text += textOf(layout.lines(first, 1000));
  }
  return text;
}

/** A text with more letters than this is worth a pause. */
const LONG = 100_000;

/** The request itself, field by field. */
function* paragraphsOf(
  { request, machine, user, ascii = false }: RequestView,
): Generator<Paragraphs | typeof PAUSE, void> {
  const write = new FieldWriter(ascii);
  const title: Chunk = request.asRoot
    ? { text: " RUN AS ROOT ", style: "root" }
    : { text: ` RUN AS ${write.proseText(user)} `, style: "user" };
  const where: Chunk = { text: `on ${write.proseText(machine)}`, style: "plain" };
  yield {
    count: 1,
    lines: (_, columns) => wrapChunks([title, where], columns).map(({ line }) => line),
  };

  // The command comes first: it is what a small window must show. It stands apart.
  yield BLANK;
  for (const [index, stage] of request.stages.entries()) {
    const isLast = index === request.stages.length - 1;
    const isLong = stage.args.some(({ length }) => length > LONG);
    yield write.field(index === 0 ? "command" : "| piped to", commandChunks(stage, write));
    if (isLong) yield PAUSE;
    const remarks = stageRemarks(write, stage, request);
    if (isLong) yield PAUSE;
    if (isLast || remarks.length > 0) yield BLANK;
    yield* remarks;
    if (!isLast && remarks.length > 0) yield BLANK;
  }
  for (const [name, value] of request.env) {
    yield write.field("sets", [{ text: `${name}=${write.word(value)}`, style: "plain" }]);
    yield* asciiField(write, value);
  }
  if (!isDefaultFolder(request)) yield* folderFields(write, request);
  for (const note of requestNotes(request)) yield noteField(write, note);
  const prose = (label: string, text: string) => write.field(label, write.prose(text));
  if (request.forwardAgent) yield write.field("may use", write.prose("your ssh agent"), "badge");
  const { timeoutMs, session, version, host, reason, stdin } = request;
  if (timeoutMs !== undefined && timeoutMs !== DEFAULT_TIMEOUT_MS) {
    yield prose("at most", `${timeoutMs / 1000} s`);
  }
  yield session === "" ? write.field("no name", []) : prose("asked by", session);
  if (version !== "" && !PLAIN_VERSION.test(version)) yield prose("client", version);
  if (host !== "") yield prose("for host", host);
  yield reason === "" ? write.field("no reason", []) : prose("reason", reason);
  const defaults = defaultsOf(request);
  if (defaults.length > 0) yield write.field("defaults", write.prose(defaults.join(", "), "muted"));
  if (stdin !== undefined) {
    if (stdin.length > LONG) yield PAUSE;
    const bytes = new TextEncoder().encode(stdin).length;
    const end = stdin.endsWith("\n") ? "" : ", no newline at the end";
    yield prose("input", `${bytes} bytes${end}`);
    yield write.rows(stdin);
    yield write.asciiRows(stdin);
  }
}

/** A row without anything. */
const BLANK: Paragraphs = { count: 1, lines: () => [[]] };

/** What most clients give as their version. */
const PLAIN_VERSION = /^\d{1,4}\.\d{1,4}\.\d{1,4}$/;

function isDefaultFolder({ cwd, cwdIdentity, cwdChangeable }: ShownRequest): boolean {
  return cwd === "/" && cwdIdentity.realPath === "/" && cwdChangeable === undefined;
}

/** The values that a request shares with most others; none is a text that somebody could choose. */
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

/** Such as `sh`, which is `dash`: only root can change either, so it is no reason to look twice. */
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

function noteField(write: FieldWriter, { about, text }: RiskNote): Paragraphs {
  const subject = about === undefined ? [] : [write.word(about)];
  const chunks = [...subject, ...text.split(" ")];
  return write.field("note", chunks.map((chunk) => ({ text: chunk, style: "plain" })), "badge");
}

/** Letters beyond ASCII may look like others: the same word in ASCII stands below. */
function asciiField(write: FieldWriter, word: string): Paragraphs[] {
  const ascii = write.asciiWord(word);
  return ascii === undefined
    ? []
    : [write.field("not ASCII", [{ text: ascii, style: "plain" }], "badge")];
}
