import { cellWidth } from "./cells.ts";
import type { Line, Span, Style } from "./paint.ts";

/** A part of a paragraph that is better not broken: a word, or a space between words. */
export interface Chunk {
  /** The text, without control characters. */
  readonly text: string;
  /** How it looks. */
  readonly style: Style;
}

/** One line of a wrapped paragraph. */
export interface WrappedLine {
  /** Its pieces. */
  readonly line: Line;
  /** Whether it begins in the middle of a chunk of the line before. */
  readonly continuesWord: boolean;
}

/**
 * Breaks a paragraph into lines of a width. It breaks between chunks where it can, else within one;
 * nothing is left out, and the marks say which it was, so that the lines can be put together again:
 * with one space, or with nothing where a word goes on. A line that breaks within a word has all
 * cells but at most the last filled.
 *
 * @param chunks The words, with one space between them on the screen.
 * @param cells The width of a line.
 * @returns At least one line.
 */
export function wrapChunks(chunks: readonly Chunk[], cells: number): WrappedLine[] {
  const lines: { line: Span[]; continuesWord: boolean }[] = [];
  let used = cells;
  const begin = (continuesWord: boolean) => {
    lines.push({ line: [], continuesWord });
    used = 0;
  };
  begin(false);
  for (const [index, { text, style }] of chunks.entries()) {
    const width = cellWidth(text);
    if (index > 0) {
      if (used + 1 + width <= cells) {
        lines.at(-1)!.line.push({ text: " ", style: "plain" });
        used += 1;
      } else begin(false);
    }
    if (used + width <= cells) {
      lines.at(-1)!.line.push({ text, style });
      used += width;
      continue;
    }
    let begun = 0;
    let at = 0;
    for (const character of text) {
      const characterWidth = cellWidth(character);
      // A blank in the last column could be a space, or room that a wide letter left: it is never a
      // space.
      if (used + characterWidth > cells || (character === " " && used + 1 === cells)) {
        lines.at(-1)!.line.push({ text: text.slice(begun, at), style });
        begun = at;
        begin(true);
      }
      at += character.length;
      used += characterWidth;
    }
    lines.at(-1)!.line.push({ text: text.slice(begun), style });
  }
  return lines;
}
