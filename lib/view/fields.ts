/**
 * The fields of a prompt: our label at the left, then a text of the request. Further lines of the
 * text begin with the gutter.
 *
 * @module
 */
import type { Paragraphs } from "./layout.ts";
import { type Line, span, type Style } from "./paint.ts";
import { quoteWord } from "./quote.ts";
import { asciiText, visibleProse, visibleRow } from "./visible.ts";
import { type Chunk, wrapChunks } from "./wrap.ts";

const LABEL_CELLS = 11;
const NOT_ASCII = /[^\0-\x7f]/;

/** Characters that are our own; in ASCII where the terminal may draw others wrongly. */
export interface Marks {
  /** What the frame is made of. */
  readonly rule: string;
  /** Begins a continuation line; no field begins with it. */
  readonly gutter: string;
  /** Follows the gutter if the line continues a word. */
  readonly continued: string;
  /** Stands where the next letter is typed. */
  readonly cursor: string;
}

/** The marks for a terminal that draws them, and for another. */
export const MARKS: Readonly<Record<"unicode" | "ascii", Marks>> = {
  unicode: { rule: "━", gutter: "┊", continued: "…", cursor: "█" },
  ascii: { rule: "-", gutter: "|", continued: "~", cursor: "_" },
};

/** How a label looks; a badge draws the eye to it. */
export type Look = "label" | "badge";

/** Writes fields for one kind of terminal. */
export class FieldWriter {
  /** Characters that are our own. */
  readonly marks: Marks;
  readonly #ascii: boolean;

  /** Makes a writer; with `ascii`, it writes nothing else. */
  constructor(ascii: boolean) {
    this.#ascii = ascii;
    this.marks = MARKS[ascii ? "ascii" : "unicode"];
  }

  /** Writes free text; a backslash begins an escape. */
  proseText(text: string): string {
    return this.#encode(visibleProse(text));
  }

  #encode(visible: string): string {
    return this.#ascii ? asciiText(visible) : visible;
  }

  /** Writes free text in words. */
  prose(text: string, style: Style = "plain"): Iterable<Chunk> {
    const visible = this.proseText(text);
    return {
      *[Symbol.iterator]() {
        for (let at = 0, end = 0; end < visible.length; at = end + 1) {
          end = visible.indexOf(" ", at);
          if (end < 0) end = visible.length;
          yield { text: visible.slice(at, end), style };
        }
      },
    };
  }

  /** Writes a word as the shell would read it back. */
  word(word: string): string {
    const { text, ascii } = quoteWord(word);
    return this.#ascii ? ascii ?? text : text;
  }

  /** The same word in ASCII, if {@linkcode word} writes other letters. */
  asciiWord(word: string): string | undefined {
    return this.#ascii ? undefined : quoteWord(word).ascii;
  }

  /** Makes a field of a label and its text. */
  field(label: string, chunks: Iterable<Chunk>, look: Look = "label"): Paragraphs {
    return { count: 1, lines: (_, columns) => this.fieldLines(label, chunks, columns, look) };
  }

  /** Lays a field out. */
  *fieldLines(
    label: string,
    chunks: Iterable<Chunk>,
    columns: number,
    look: Look = "label",
  ): Generator<Line, void> {
    let margin = marginOf(label, look);
    for (const { line, continuesWord } of wrapChunks(chunks, columns - LABEL_CELLS - 2)) {
      if (margin.length === 0) margin = [this.#gutter("", continuesWord)];
      yield [...margin, ...line];
      margin = [];
    }
  }

  #gutter(before: string, continuesWord: boolean): Line[number] {
    const mark = continuesWord ? this.marks.continued : " ";
    return span(`${before.padStart(LABEL_CELLS)}${this.marks.gutter}${mark}`, "label");
  }

  /** A text line by line, each with its number and the gutter. */
  rows(text: string): Paragraphs {
    const { starts, row } = rowsOf(text);
    const count = starts.length - (text === "" || text.endsWith("\n") ? 1 : 0);
    return { count, lines: (index, columns) => this.#rowLines(row(index), index, columns) };
  }

  *#rowLines(row: string, index: number, columns: number): Generator<Line, void> {
    const chunk = { text: this.#encode(visibleRow(row)), style: "plain" as const };
    for (const { line, continuesWord } of wrapChunks([chunk], columns - LABEL_CELLS - 2)) {
      yield [this.#gutter(continuesWord ? "" : `${index + 1} `, continuesWord), ...line];
    }
  }

  /** The lines of a text that have letters beyond ASCII, once more in ASCII. */
  asciiRows(text: string): Paragraphs {
    if (this.#ascii || !NOT_ASCII.test(text)) return { count: 0, lines: () => [] };
    const { starts, row } = rowsOf(text);
    return {
      count: starts.length,
      lines: (index, columns) => {
        const ascii = this.asciiWord(row(index));
        if (ascii === undefined) return [];
        const chunks: Chunk[] = [`line ${index + 1} in ASCII:`, ascii]
          .map((text) => ({ text, style: "plain" }));
        return this.fieldLines("note", chunks, columns, "badge");
      },
    };
  }
}

/** A label at its place; the blanks beside a badge belong to it. */
function marginOf(label: string, look: Look): Line {
  if (look === "label") return [span(`${label.padStart(LABEL_CELLS - 1)}   `, "label")];
  const before = " ".repeat(Math.max(0, LABEL_CELLS - 2 - label.length));
  return [span(before), span(` ${label} `, "badge"), span("  ")];
}

/** Where each line of a text begins: one number each, since there may be half a million. */
function rowsOf(text: string): {
  readonly starts: Uint32Array;
  readonly row: (index: number) => string;
} {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  const starts = new Uint32Array(count);
  for (let row = 1, at = 0; row < count; row++) starts[row] = at = text.indexOf("\n", at) + 1;
  const row = (index: number) => {
    const next = starts[index + 1];
    return text.slice(starts[index], next === undefined ? undefined : next - 1);
  };
  return { starts, row };
}
