import type { Line } from "./paint.ts";

/**
 * Paragraphs that become lines of a width. They are laid out anew each time, since the lines of a
 * million characters take far more memory than the characters.
 */
export interface Paragraphs {
  /** How many there are. */
  readonly count: number;
  /**
   * Lays one out.
   *
   * @param index Which one, from 0.
   * @param columns The width in cells.
   * @returns Its lines, at least one.
   */
  lines(index: number, columns: number): Iterable<Line>;
}

/** Paragraphs in a width: knows where each begins, and keeps no line. */
export class Layout {
  /** How many lines there are. */
  readonly total: number;
  readonly #parts: readonly {
    readonly paragraphs: Paragraphs;
    /** The first line of each paragraph, and one more for the end. */
    readonly starts: Uint32Array;
  }[];
  readonly #columns: number;

  /**
   * Counts the lines.
   *
   * @param all What stands one below the other.
   * @param columns The width in cells.
   */
  constructor(all: readonly Paragraphs[], columns: number) {
    let total = 0;
    this.#parts = all.map((paragraphs) => {
      const starts = new Uint32Array(paragraphs.count + 1);
      for (let index = 0; index < paragraphs.count; index++) {
        starts[index] = total;
        for (const _ of paragraphs.lines(index, columns)) total++;
      }
      starts[paragraphs.count] = total;
      return { paragraphs, starts };
    });
    this.total = total;
    this.#columns = columns;
  }

  /**
   * Lays out some of the lines.
   *
   * @param first The first line, from 0.
   * @param count How many at most.
   * @yields The lines.
   */
  *lines(first: number, count: number): Generator<Line, void> {
    const end = first + count;
    for (const { paragraphs, starts } of this.#parts) {
      if (starts[paragraphs.count] <= first) continue;
      for (let index = paragraphAt(starts, first); index < paragraphs.count; index++) {
        let at = starts[index];
        if (at >= end) return;
        for (const line of paragraphs.lines(index, this.#columns)) {
          if (at >= end) return;
          if (at >= first) yield line;
          at++;
        }
      }
    }
  }
}

/** The last paragraph that begins at a line or before it; the first where none does. */
function paragraphAt(starts: Uint32Array, line: number): number {
  let [low, high] = [0, starts.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle] <= line) low = middle;
    else high = middle;
  }
  return low;
}
