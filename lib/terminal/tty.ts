/**
 * The terminal as a device: its mode, what it reads and what it answers. Keys are read by
 * `node:process`: a `Deno.stdin.read()` can't be cancelled once it has begun, and would eat the
 * first letters of a password after the terminal was lent.
 *
 * @module
 */
import process from "node:process";
import { writeAll } from "../platform/write_all.ts";
import { QUESTIONS } from "./sequences.ts";

/** The answers: `CSI 0 n`, and the row and the column of the cursor (ECMA-48 8.3.35). */
// deno-lint-ignore no-control-regex -- answers are control sequences
const ANSWER = /\x1b\[(?:0n|\d+;(\d+)R)/g;
/**
 * How long an answer is waited for, in milliseconds. A terminal that gives none counts as one that
 * draws at once, and can't be asked for its columns.
 */
const TIMEOUTS_MS = { status: 2000, cursor: 1000 } as const;
/** How long after its deadline an answer still belongs to its own question, in milliseconds. */
const LATE_MS = 30_000;

/** The device behind a terminal; tests have one of their own. */
export interface Device {
  /** The window, in cells and rows. */
  readonly size: { readonly columns: number; readonly rows: number };
  /** Calls back with each read, and once at the end. */
  listen(onBytes: (bytes: Uint8Array) => void, onEnd: () => void): void;
  /** Reads, or stops reading. */
  read(on: boolean): void;
  /** Sets the mode: raw, or as it was found. */
  setRaw(raw: boolean): void;
  /** Writes some of the bytes, and gives how many. */
  write(bytes: Uint8Array): Promise<number>;
  /** The same, and waits for it. */
  writeSync(bytes: Uint8Array): number;
}

/** The terminal that this process was started in. */
const PROCESS: Device = {
  get size() {
    try {
      return Deno.consoleSize();
    } catch {
      return { columns: 80, rows: 24 };
    }
  },
  listen(onBytes, onEnd) {
    process.stdin.on("data", onBytes);
    for (const end of ["end", "error"]) process.stdin.on(end, onEnd);
  },
  read: (on) => void (on ? process.stdin.resume() : process.stdin.pause()),
  setRaw: (raw) => void process.stdin.setRawMode(raw),
  write: (bytes) => Deno.stdout.write(bytes),
  writeSync: (bytes) => Deno.stdout.writeSync(bytes),
};

/** Whether standard input and standard output are terminals. */
export function hasTerminal(): boolean {
  return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
}

/** A question that the terminal has not answered yet. */
interface Question {
  readonly kind: keyof typeof QUESTIONS;
  /** Called with the column, where the terminal gave one. */
  readonly answered: (column?: number) => void;
  /**
   * Called if no answer came in time; a late one still belongs to this question, not to the next.
   */
  readonly giveUp: () => void;
  timer: ReturnType<typeof setTimeout> | undefined;
  givenUpAt: number;
}

/** A terminal that keeps its answers apart from the keys. */
export class Tty {
  /** Resolves when the terminal has hung up. SIGHUP goes to the first process of its session alone. */
  readonly gone: Promise<void>;
  readonly #device: Device;
  #onKeys: (burst: Uint8Array) => void = () => {};
  #questions: Question[] = [];
  #writing: Promise<void> = Promise.resolve();
  /** Whether the system writes, which may take until the terminal reads again. */
  #isBusy = false;

  /** Listens to a terminal, and takes no keys yet. */
  constructor(device: Device = PROCESS) {
    this.#device = device;
    this.gone = new Promise((resolve) => {
      device.listen((bytes) => {
        const keys = this.#withoutAnswers(bytes);
        if (keys.length > 0) this.#onKeys(keys);
      }, resolve);
    });
    device.read(false);
  }

  /** The window. */
  get size(): Device["size"] {
    return this.#device.size;
  }

  /**
   * Takes every key from now on, in raw mode. What was typed while the terminal was in its normal
   * mode comes as the first burst.
   */
  take(onKeys: (burst: Uint8Array) => void): void {
    this.#onKeys = onKeys;
    this.#setRaw(true);
    this.#device.read(true);
  }

  /** Stops reading, and gives the terminal its normal mode back, so that a child can use it. */
  release(): void {
    this.#onKeys = () => {};
    this.#device.read(false);
    this.#setRaw(false);
  }

  #setRaw(raw: boolean): void {
    // The system sets no mode while it writes.
    if (this.#isBusy) return;
    try {
      this.#device.setRaw(raw);
    } catch {
      // The terminal is gone; SIGHUP follows and ends the daemon.
    }
  }

  /** Writes after all that is still being written, and waits until the system has taken it. */
  write(text: string): Promise<void> {
    return this.#writing = this.#writing.then(async () => {
      let bytes = new TextEncoder().encode(text);
      this.#isBusy = true;
      try {
        while (bytes.length > 0) bytes = bytes.subarray(await this.#device.write(bytes));
      } catch {
        // The terminal is gone.
      }
      this.#isBusy = false;
      for (const question of this.#questions) {
        question.timer ??= setTimeout(question.giveUp, TIMEOUTS_MS[question.kind]);
      }
    });
  }

  /** The last words of a process that ends at once; lost if the terminal takes no output. */
  writeLast(text: string): void {
    if (this.#isBusy) return;
    try {
      writeAll(this.#device, new TextEncoder().encode(text));
    } catch {
      // The terminal is gone.
    }
  }

  /**
   * Waits for the answer to a question that is in the next write. Answers and keys arrive in order:
   * a key that arrives before the answer was pressed before the terminal had drawn what precedes
   * the question. tmux, screen and mosh answer for themselves: the person may see it later.
   *
   * @returns The column of the cursor, from 1; `undefined` if there was no answer in time.
   */
  ask(kind: keyof typeof QUESTIONS): Promise<number | undefined> {
    const oldest = performance.now() - LATE_MS;
    this.#questions = this.#questions.filter(({ givenUpAt }) => givenUpAt > oldest);
    return new Promise((resolve) => {
      const question: Question = {
        kind,
        timer: undefined,
        givenUpAt: Infinity,
        answered: (column) => {
          clearTimeout(question.timer);
          this.#questions = this.#questions.filter((other) => other !== question);
          resolve(column);
        },
        giveUp: () => {
          question.givenUpAt = performance.now();
          resolve(undefined);
        },
      };
      this.#questions.push(question);
    });
  }

  /**
   * Waits until no answer of the terminal is on its way any more: a late one would reach the
   * program that reads next.
   */
  async answered(): Promise<void> {
    while (this.#questions.some(({ givenUpAt }) => givenUpAt === Infinity)) {
      const answer = this.ask("status");
      await this.write(QUESTIONS.status);
      await answer;
    }
  }

  /** Takes the terminal's answers out of what was read, also those that come too late. */
  #withoutAnswers(bytes: Uint8Array): Uint8Array {
    if (!bytes.includes(0x1b)) return bytes;
    const keys = new TextDecoder("latin1").decode(bytes).replace(ANSWER, (_, column?: string) => {
      const kind = column === undefined ? "status" : "cursor";
      const question = this.#questions.find((question) => question.kind === kind);
      question?.answered(column === undefined ? undefined : Number(column));
      return "";
    });
    return Uint8Array.from(keys, (letter) => letter.charCodeAt(0));
  }
}
