/**
 * The fields of a prompt: a label of ours at the left, and behind it a text of the request, which
 * goes on in lines that begin with the gutter.
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
  /** Begins a line that goes on, which no field does. */
  readonly gutter: string;
  /** Stands behind the gutter where a word goes on. */
  readonly continued: string;
  /** Stands where the next letter is typed. */
  readonly cursor: string;
}

/** The marks for a terminal that draws them, and for another. */
export const MARKS: Readonly<Record<"unicode" | "ascii", Marks>> = {
  unicode: { rule: "━", gutter: "┊", continued: "…", cursor: "█" },
  ascii: { rule: "-", gutter: "|", continued: "~", cursor: "_" },
};

/** Writes fields for one kind of terminal. */
export class FieldWriter {
  /** What the frame is made of. */
  readonly marks: Marks;
  readonly #ascii: boolean;

  /**
   * Makes a writer.
   *
   * @param ascii Whether the terminal is to get nothing but ASCII.
   */
  constructor(ascii: boolean) {
    this.#ascii = ascii;
    this.marks = MARKS[ascii ? "ascii" : "unicode"];
  }

  /** Writes free text; a backslash begins an escape. */
  proseText(text: string): string {
    const visible = visibleProse(text);
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

  /** The same word in ASCII, where what {@linkcode word} writes is not. */
  asciiWord(word: string): string | undefined {
    return this.#ascii ? undefined : quoteWord(word).ascii;
  }

  /** Makes a field of a label and its text; a badge as its label draws the eye to it. */
  field(label: string, chunks: Iterable<Chunk>, look: "label" | "badge" = "label"): Paragraphs {
    return { count: 1, lines: (_, columns) => this.fieldLines(label, chunks, columns, look) };
  }

  /** Lays a field out. */
  *fieldLines(
    label: string,
    chunks: Iterable<Chunk>,
    columns: number,
    look: "label" | "badge" = "label",
  ): Generator<Line, void> {
    let isFirst = true;
    for (const { line, continuesWord } of wrapChunks(chunks, columns - LABEL_CELLS - 2)) {
      const margin = isFirst
        ? marginOf(label, look)
        : [span(`${" ".repeat(LABEL_CELLS)}${this.#gutter(continuesWord)}`, "label")];
      yield [...margin, ...line];
      isFirst = false;
    }
  }

  /** A text line by line, each with its number and the gutter. */
  rows(text: string): Paragraphs {
    const starts = rowStarts(text);
    const count = starts.length - (text === "" || text.endsWith("\n") ? 1 : 0);
    return { count, lines: (index, columns) => this.#rowLines(text, starts, index, columns) };
  }

  *#rowLines(
    text: string,
    starts: Uint32Array,
    index: number,
    columns: number,
  ): Generator<Line, void> {
    const visible = visibleRow(rowAt(text, starts, index));
    const chunks = [{ text: this.#ascii ? asciiText(visible) : visible, style: "plain" as const }];
    for (const { line, continuesWord } of wrapChunks(chunks, columns - LABEL_CELLS - 2)) {
      const number = continuesWord ? "" : String(index + 1);
      const margin = `${number.padStart(LABEL_CELLS - 1)} ${this.#gutter(continuesWord)}`;
      yield [span(margin, "label"), ...line];
    }
  }

  /** The lines of a text that have letters beyond ASCII, once more in ASCII. */
  asciiRows(text: string): Paragraphs {
    if (this.#ascii || !NOT_ASCII.test(text)) return { count: 0, lines: () => [] };
    const starts = rowStarts(text);
    const indexes = Uint32Array.from(
      starts.keys().filter((index) => quoteWord(rowAt(text, starts, index)).ascii !== undefined),
    );
    return {
      count: indexes.length,
      lines: (at, columns) => {
        const index = indexes[at];
        const ascii = this.asciiWord(rowAt(text, starts, index)) ?? "";
        const chunks = [`line ${index + 1} in ASCII:`, ascii];
        return this.fieldLines(
          "note",
          chunks.map((text) => ({ text, style: "plain" })),
          columns,
          "badge",
        );
      },
    };
  }

  #gutter(continuesWord: boolean): string {
    return `${this.marks.gutter}${continuesWord ? this.marks.continued : " "}`;
  }
}

/** A label at its place; the blanks beside a badge belong to it. */
function marginOf(label: string, look: "label" | "badge"): Line {
  if (look === "label") return [span(`${label.padStart(LABEL_CELLS - 1)}   `, "label")];
  const before = " ".repeat(Math.max(0, LABEL_CELLS - 2 - label.length));
  return [span(before), span(` ${label} `, "badge"), span("  ")];
}

/** Where each line of a text begins; one number each, since there may be half a million. */
function rowStarts(text: string): Uint32Array {
  let count = 1;
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
  const starts = new Uint32Array(count);
  for (let row = 1; row < count; row++) starts[row] = text.indexOf("\n", starts[row - 1]) + 1;
  return starts;
}

function rowAt(text: string, starts: Uint32Array, index: number): string {
  return text.slice(starts[index], index + 1 < starts.length ? starts[index + 1] - 1 : undefined);
}
