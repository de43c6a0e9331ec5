/**
 * Reads a prompt back from the cells of a screen, as a careful person would. It knows the rules of
 * the layout, and nothing of the code that draws it.
 */
import type { Row } from "./emulator.ts";
import { at, defined } from "../rig/assert.ts";

/** One page of a prompt: what stands in the window. */
export interface Page {
  /** Rows above the prompt. */
  readonly history: readonly Row[];
  /** The top of the frame. */
  readonly head: string;
  /** Rows of the request. */
  readonly body: readonly Row[];
  /** The first row of the request that is visible, from 0. */
  readonly first: number;
  /** How many rows the request has. */
  readonly total: number;
  /** Rows below the frame. */
  readonly footer: readonly string[];
}

/** Where labels end; a field's text begins two cells later. */
const LABEL_CELLS = 11;
const TEXT_COLUMN = 13;

/**
 * Puts the marks of a picture in ASCII back, which stand where no text of a request does: a frame of
 * `-`, a gutter of `|`, and `~` where a word goes on.
 */
function withUnicodeMarks(row: Row): Row {
  if (row[0] === "-" && row[1] === "-") {
    const words = row.join("").replace(/(?<![a-z0-9])-|-(?![a-z0-9])/g, "━");
    return [...words];
  }
  if (row[LABEL_CELLS] !== "|" || row[LABEL_CELLS - 1] !== " ") return row;
  const mark = row[LABEL_CELLS + 1] === "~" ? "…" : row[LABEL_CELLS + 1] ?? "";
  return [...row.slice(0, LABEL_CELLS), "┊", mark, ...row.slice(LABEL_CELLS + 2)];
}

/** Takes a screen apart at its frame. */
export function readPage(picture: readonly Row[]): Page {
  const rows = picture.map(withUnicodeMarks);
  const frame = rows.flatMap((row, index) => row[0] === "━" ? [index] : []);
  if (frame.length !== 2) throw new Error(`${frame.length} rows begin like a frame`);
  const [top = 0, bottom = 0] = frame;
  const [head, lower] = [top, bottom].map((at) => rows[at]?.join("") ?? "");
  const body = rows.slice(top + 1, bottom);
  const position = /^━━ lines (\d+)-(\d+) of (\d+) ━+$/.exec(lower ?? "");
  if (!position && !/^━+$/.test(lower ?? "")) throw new Error("an unknown lower frame");
  const [first = 0, last = 0, total = 0] = position
    ? position.slice(1).map(Number)
    : [1, body.length, body.length];
  if (last - first + 1 !== body.length) throw new Error("the frame counts other lines");
  return {
    history: rows.slice(0, top),
    head: head ?? "",
    body,
    first: first - 1,
    total,
    footer: rows.slice(bottom + 1).map((row) => row.join("").trimEnd()),
  };
}

/** Puts pages together; what is on two of them must be the same on both. */
export function joinPages(pages: readonly Page[]): Row[] {
  const rows: Row[] = [];
  const count = pages[0]?.total ?? 0;
  for (const { body, first, total } of pages) {
    if (total !== count) throw new Error("the pages count differently");
    for (const [index, row] of body.entries()) {
      const before = rows[first + index];
      if (before && before.join("\0") !== row.join("\0")) throw new Error("a row changed");
      rows[first + index] = row;
    }
  }
  for (let index = 0; index < count; index++) {
    if (!rows[index]) throw new Error(`line ${index + 1} was never on the screen`);
  }
  return rows;
}

/** A field: its label, its text, and the numbered lines below it. */
export interface Field {
  /** The label, without the blanks before it. */
  readonly label: string;
  /** The text, put together. */
  readonly text: string;
  /** Numbered lines. */
  readonly lines: readonly string[];
}

/** Finds the fields; above them stands the title. */
export function readFields(rows: readonly Row[]): { title: string; fields: Field[] } {
  const isGutter = (row: Row | undefined) => row?.[LABEL_CELLS] === "┊";
  const margin = (row: Row) => row.slice(0, LABEL_CELLS).join("");
  const isContinuation = (row: Row | undefined): row is Row =>
    row !== undefined && isGutter(row) && margin(row).trim() === "";
  const fields: { label: string; text: string; lines: string[] }[] = [];
  const all = [...rows];
  let title = defined(all.shift()).join("");
  // A long title goes on in rows that are no field: they have neither a gutter nor a label that
  // ends where labels end.
  const isField = (row: Row) =>
    isGutter(row) || /[^ ] {3}$/.test(row.slice(0, TEXT_COLUMN).join(""));
  const isBlank = (row: Row) => row.join("").trim() === "";
  for (let [row] = all; row !== undefined && !isField(row) && !isBlank(row); [row] = all) {
    title += row.join("");
    all.shift();
  }
  const isCommand = (label: string | undefined) => label === "command" || label === "| piped to";
  let afterBlank = false;
  while (all.length > 0) {
    const row = defined(all.shift());
    const field = fields.at(-1);
    if (isBlank(row)) {
      if (afterBlank) throw new Error("two blank rows");
      afterBlank = true;
      continue;
    }
    const blanks = row.slice(LABEL_CELLS - 1, TEXT_COLUMN).join("");
    if (isGutter(row)) {
      const number = /^ *([0-9]+) $/.exec(margin(row))?.[1];
      if (afterBlank) throw new Error("a blank row above a numbered one");
      if (!field || number !== String(field.lines.length + 1) || row[LABEL_CELLS + 1] !== " ") {
        throw new Error(`a row without its number: ${row.join("")}`);
      }
      field.lines.push(paragraph(row, true));
    } else {
      const label = margin(row).trim();
      if (label === "" || blanks !== "   ") throw new Error(`an unknown row: ${row.join("")}`);
      // A blank row stands above and below commands, and nowhere else.
      if (afterBlank !== (isCommand(label) !== isCommand(field?.label))) {
        throw new Error(`a blank row too many or too few above "${label}"`);
      }
      afterBlank = false;
      fields.push({ label, text: paragraph(row, false), lines: [] });
    }
  }
  return { title, fields };

  /**
   * One line and those that go on from it; within a numbered line, every break is within a word.
   */
  function paragraph(first: Row, numbered: boolean): string {
    let text = "";
    let row = first;
    while (isContinuation(all[0])) {
      const next = defined(all.shift());
      const mark = next[LABEL_CELLS + 1];
      if (mark !== " " && mark !== "…") throw new Error(`an unknown mark: ${mark}`);
      text += numbered || mark === "…" ? brokenTextOf(row) : `${textOf(row)} `;
      row = next;
    }
    return text + textOf(row);
  }
}

function textOf(row: Row): string {
  return row.slice(TEXT_COLUMN).join("").trimEnd();
}

/**
 * A line that breaks within a word fills its cells; a blank last cell is room that a wide letter,
 * or a space, did not use.
 */
function brokenTextOf(row: Row): string {
  const cells = row.slice(TEXT_COLUMN);
  return (cells.at(-1) === " " ? cells.slice(0, -1) : cells).join("");
}

/** A stage as it was read. */
export interface ReadStage {
  /** The words of the command. */
  words: string[];
  /** Where the program's link leads. */
  realPath: string | undefined;
}

/** What the screen says about a request. */
export interface Reading {
  /** Whether the title says that root runs it. */
  asRoot: boolean;
  /** Free text. */
  session: string;
  /** Free text. */
  version: string;
  /** Free text. */
  host: string;
  /** Free text. */
  reason: string;
  /** The pipeline. */
  stages: ReadStage[];
  /** The environment. */
  env: [name: string, value: string][];
  /** The working directory. */
  cwd: string | undefined;
  /** Where its link leads. */
  cwdRealPath: string | undefined;
  /** Standard input. */
  stdin: string | undefined;
  /** Whether the agent may be used. */
  forwardAgent: boolean;
  /** The limit of the run. */
  timeoutMs: number | undefined;
}

/** Reads a request from the rows of its prompt. Labels that it does not know are left alone. */
export function readRequest(rows: readonly Row[]): Reading {
  const { title, fields } = readFields(rows);
  const reading: Reading = {
    asRoot: title.startsWith(" RUN AS ROOT "),
    session: "",
    version: "",
    host: "",
    reason: "",
    stages: [],
    env: [],
    cwd: undefined,
    cwdRealPath: undefined,
    stdin: undefined,
    forwardAgent: false,
    timeoutMs: undefined,
  };
  const seen = new Set<string>();
  const once = (label: string) => {
    if (seen.has(label)) throw new Error(`two fields "${label}"`);
    seen.add(label);
  };
  /** Words with letters beyond ASCII, which must come again below in ASCII. */
  const inAscii: string[] = [];
  const words = (text: string): string[] => {
    const read = readShellWords(text);
    inAscii.push(...read.filter(({ shown }) => /[^ -~]/.test(shown)).map(({ word }) => word));
    return read.map(({ word }) => word);
  };
  const noneLeft = () => {
    if (inAscii.length > 0) throw new Error("a word with other letters is not shown in ASCII");
  };
  for (const { label, text, lines } of fields) {
    const argument = /^arg ([0-9]+)$/.exec(label)?.[1];
    if (argument !== undefined) {
      const shown = at(reading.stages, -1).words[Number(argument)];
      const read = lines.map(readProse).join("\n");
      if (read !== shown && `${read}\n` !== shown) throw new Error(`${label} differs by line`);
      continue;
    }
    if (lines.length > 0 && label !== "input") throw new Error(`lines below "${label}"`);
    switch (label) {
      case "asked by":
      case "no name":
        once("session");
        reading.session = readProse(text);
        if ((label === "no name") !== (reading.session === "")) throw new Error("whose name?");
        break;
      case "client":
        once(label);
        reading.version = readProse(text);
        break;
      case "for host":
        once(label);
        reading.host = readProse(text);
        break;
      case "reason":
      case "no reason":
        once("reason");
        reading.reason = readProse(text);
        if ((label === "no reason") !== (reading.reason === "")) throw new Error("which reason?");
        break;
      case "command":
        once(label);
        reading.stages.push({ words: words(text), realPath: undefined });
        break;
      case "| piped to":
        noneLeft();
        reading.stages.push({ words: words(text), realPath: undefined });
        break;
      case "which is": {
        const word = readShellWords(text)[0]?.word;
        if (reading.cwd === undefined) at(reading.stages, -1).realPath = word;
        else reading.cwdRealPath = word;
        break;
      }
      case "not ASCII": {
        if (/[^ -~]/.test(text)) throw new Error("not in ASCII");
        const [first, ...others] = readShellWords(text);
        if (others.length > 0) throw new Error("more than one word in ASCII");
        // A link's target may have such letters, too.
        if (first?.word === inAscii[0]) inAscii.shift();
        break;
      }
      case "sets": {
        noneLeft();
        const equals = text.indexOf("=");
        const [value = "", ...others] = words(text.slice(equals + 1));
        if (others.length > 0) throw new Error("more than one word in a variable");
        reading.env.push([text.slice(0, equals), value]);
        break;
      }
      case "in folder":
        noneLeft();
        once(label);
        [reading.cwd] = words(text);
        break;
      case "may use":
        once(label);
        reading.forwardAgent = text === "your ssh agent";
        break;
      case "at most":
        once(label);
        reading.timeoutMs = Math.round(Number(/^(\S+) s$/.exec(text)?.[1]) * 1000);
        break;
      case "defaults":
        for (const value of text.split(", ")) {
          const [, folder, limit, version] =
            /^(?:in folder (\/)|at most (120) s|client ([0-9.]+))$/.exec(value) ?? [];
          if (folder !== undefined) {
            once("in folder");
            reading.cwd = folder;
          } else if (limit !== undefined) {
            once("at most");
            reading.timeoutMs = Number(limit) * 1000;
          } else if (version !== undefined) {
            once("client");
            reading.version = version;
          } else throw new Error(`no default: ${value}`);
        }
        break;
      case "input": {
        once(label);
        const [, bytes, , open] = defined(
          /^([0-9]+) (bytes?)(, no newline at the end)?$/.exec(text),
        );
        reading.stdin = lines.map(readProse).join("\n") + (open || lines.length === 0 ? "" : "\n");
        if (new TextEncoder().encode(reading.stdin).length !== Number(bytes)) {
          throw new Error(`${bytes} bytes of input are announced, and others are shown`);
        }
        break;
      }
    }
  }
  noneLeft();
  return reading;
}

const ESCAPE = /\\(?:([nrt\\'])|x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8}))/y;
const LETTERS: Readonly<Record<string, string>> = { n: "\n", r: "\r", t: "\t" };

function readEscapes(text: string): string {
  let read = "";
  for (let at = 0; at < text.length;) {
    if (text[at] !== "\\") {
      read += text[at++];
      continue;
    }
    ESCAPE.lastIndex = at;
    const escape = ESCAPE.exec(text);
    if (!escape) throw new Error(`an unknown escape: ${text.slice(at, at + 10)}`);
    const [whole, letter, ...codes] = escape;
    const code = codes.find((digits) => digits !== undefined);
    read += letter ? LETTERS[letter] ?? letter : String.fromCodePoint(parseInt(defined(code), 16));
    at += whole.length;
  }
  return read;
}

/** Reads prose, or one line of a script. */
export function readProse(text: string): string {
  return readEscapes(text);
}

const WORD = /(?:([A-Za-z0-9_@%+=:,./-]+)|((?:'[^']*'|\\')+)|\$'((?:[^'\\]|\\[^])*)')(?: (?!$)|$)/y;

/** Reads words as a shell does: bare, in single quotes, or in `$'…'`. */
export function readShellWords(text: string): { readonly word: string; readonly shown: string }[] {
  const words: { word: string; shown: string }[] = [];
  for (let at = 0; at < text.length;) {
    WORD.lastIndex = at;
    const match = WORD.exec(text);
    if (!match) throw new Error(`no shell word: ${text.slice(at)}`);
    const [shown = "", bare, single, dollar] = match;
    const word = bare ??
      (single !== undefined
        ? single.replace(/'([^']*)'|\\'/g, (_, inner?: string) => inner ?? "'")
        : readEscapes(dollar ?? ""));
    words.push({ word, shown });
    at += shown.length;
  }
  return words;
}
