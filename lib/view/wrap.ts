import { cellsOf, cellWidth } from "./cells.ts";
import type { Line, Span, Style } from "./paint.ts";

const SPACE = 0x20;

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
 * Breaks a paragraph into lines of a width, between chunks if possible, else within one. Nothing is
 * left out, and the marks show how to join the lines again: with one space, or with nothing if a
 * word continues. A line that breaks within a word fills all cells except perhaps the last. There
 * is at least one line. Lines are not kept, since a paragraph may have a hundred thousand.
 */
export function* wrapChunks(
  chunks: Iterable<Chunk>,
  cells: number,
): Generator<WrappedLine, void> {
  let line: Span[] = [];
  let continuesWord = false;
  let used = 0;
  let isFirst = true;
  for (const { text, style } of chunks) {
    const width = cellWidth(text);
    if (isFirst) isFirst = false;
    else if (used + 1 + width <= cells) {
      line.push({ text: " ", style: "plain" });
      used += 1;
    } else {
      yield { line, continuesWord };
      [line, continuesWord, used] = [[], false, 0];
    }
    if (used + width <= cells) {
      line.push({ text, style });
      used += width;
      continue;
    }
    let begun = 0;
    for (let at = 0; at < text.length; at++) {
      const unit = text.charCodeAt(at);
      const characterWidth = cellsOf(unit);
      // A blank in the last column could be a space, or room that a wide letter left: so no space
      // is put there.
      if (used + characterWidth > cells || (unit === SPACE && used + 1 === cells)) {
        line.push({ text: text.slice(begun, at), style });
        yield { line, continuesWord };
        [line, continuesWord, used] = [[], true, 0];
        begun = at;
      }
      used += characterWidth;
    }
    line.push({ text: text.slice(begun), style });
  }
  yield { line, continuesWord };
}
