import type { Line } from "./paint.ts";

/**
 * Paragraphs that become lines of a width. They are laid out anew each time, since the lines of a
 * million characters take far more memory than the characters.
 */
export interface Paragraphs {
  /** How many there are. */
  readonly count: number;
  /** Lays one out in so many cells: any number of lines. */
  lines(index: number, columns: number): Iterable<Line>;
}

/** Stands between paragraphs where it took long to find the next. */
export const PAUSE = "pause";

/** About how many letters are laid out in 5 ms; meanwhile the event loop does nothing else. */
const SLICE = 300_000;
/** Making a line takes as long as laying out this many letters. */
const LINE_COST = 16;

/** How many lines are handed on at once. */
const HANDED_LINES = 256;

/** Stands for the first line of a paragraph that was not laid out yet. */
const UNKNOWN = 0xffff_ffff;

/**
 * Advances a generator. One that threw would report its end from then on; this throws each time.
 */
function failing<T>(source: Generator<T, void>): () => IteratorResult<T, void> {
  let fault: { readonly error: unknown } | undefined;
  return () => {
    if (fault) throw fault.error;
    try {
      return source.next();
    } catch (error) {
      fault = { error };
      throw error;
    }
  };
}

/** What a generator gives, for any number of readers; each item is made once. */
export function shared<T>(source: Generator<T, void>): Iterable<T> {
  const nextOf = failing(source);
  const made: T[] = [];
  return {
    *[Symbol.iterator]() {
      for (let index = 0;; index++) {
        if (index === made.length) {
          const next = nextOf();
          if (next.done) return;
          made.push(next.value);
        }
        yield* made.slice(index, index + 1);
      }
    },
  };
}

interface Part {
  readonly paragraphs: Paragraphs;
  /** The first line of each, and of what follows. */
  readonly starts: Uint32Array;
}

/** Paragraphs in a width: knows where each begins, and keeps the lines that were asked for last. */
export class Layout {
  readonly #parts: Part[] = [];
  readonly #columns: number;
  readonly #counting: () => IteratorResult<void, void>;
  readonly #onText: ((text: string) => void) | undefined;
  #counted = 0;
  #isWhole = false;
  #last: { readonly first: number; readonly count: number; readonly lines: readonly Line[] } = {
    first: 0,
    count: 0,
    lines: [],
  };

  /**
   * Lays out the first slice of paragraphs, one below the other, in so many cells.
   *
   * @param onText Told the text of each slice, as {@linkcode textOf} writes it.
   */
  constructor(
    all: Iterable<Paragraphs | typeof PAUSE>,
    columns: number,
    onText?: (text: string) => void,
  ) {
    this.#columns = columns;
    this.#onText = onText;
    this.#counting = failing(this.#count(all));
    this.advance();
  }

  /** How many lines there are; `Infinity` until all of them were laid out. */
  get total(): number {
    return this.#isWhole ? this.#counted : Infinity;
  }

  /** How many lines were laid out so far. */
  get counted(): number {
    return this.#counted;
  }

  /**
   * Lays out one more slice; false if nothing was left. Once it has thrown, it throws each time.
   */
  advance(): boolean {
    if (this.#counting().done) this.#isWhole = true;
    return !this.#isWhole;
  }

  /** Counts lines, and pauses after each slice. */
  *#count(all: Iterable<Paragraphs | typeof PAUSE>): Generator<void, void> {
    let room = SLICE;
    let lines: Line[] = [];
    const hand = () => {
      this.#onText?.(textOf(lines));
      lines = [];
    };
    for (const paragraphs of all) {
      if (paragraphs === PAUSE) {
        room = 0;
        continue;
      }
      const starts = new Uint32Array(paragraphs.count + 1).fill(UNKNOWN);
      this.#parts.push({ paragraphs, starts });
      for (let index = 0; index < paragraphs.count; index++) {
        if ((room -= LINE_COST) <= 0) {
          yield;
          room = SLICE;
        }
        starts[index] = this.#counted;
        for (const line of paragraphs.lines(index, this.#columns)) {
          this.#counted++;
          // V8 moves longer-lived lines to memory that it collects late.
          if (this.#onText && lines.push(line) === HANDED_LINES) hand();
          room -= line.reduce((cost, { text }) => cost + text.length, LINE_COST);
          if (room <= 0) {
            yield;
            room = SLICE;
          }
        }
      }
      starts[paragraphs.count] = this.#counted;
    }
    hand();
  }

  /** The given number of lines from `first` on, as far as they were laid out. */
  lines(first: number, count: number): readonly Line[] {
    if (this.#last.first !== first || this.#last.count !== count) {
      this.#last = { first, count, lines: [...this.#linesFrom(first).take(count)] };
    }
    return this.#last.lines;
  }

  *#linesFrom(first: number): Generator<Line, void> {
    for (const { paragraphs, starts } of this.#parts) {
      if ((starts[paragraphs.count] ?? 0) <= first) continue;
      for (let index = paragraphAt(starts, first); index < paragraphs.count; index++) {
        let at = starts[index] ?? 0;
        for (const line of paragraphs.lines(index, this.#columns)) if (at++ >= first) yield line;
      }
    }
  }
}

/** The text of lines, without colors, a newline after each. */
export function textOf(lines: readonly Line[]): string {
  return lines.map((line) => `${line.map(({ text }) => text).join("")}\n`).join("");
}

/** The last paragraph that begins at a line or before it; the first where none does. */
function paragraphAt(starts: Uint32Array, line: number): number {
  let [low, high] = [0, starts.length - 1];
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? 0) <= line) low = middle;
    else high = middle;
  }
  return low;
}
