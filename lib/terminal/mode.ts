/**
 * The mode of the terminal. `node:process` reads it, since what `Deno.stdin.read()` has begun can't
 * be taken back: it would eat the first letters of a password after the terminal was lent.
 *
 * @module
 */
import process from "node:process";

/** Questions to the terminal (ECMA-48 8.3.35; every terminal since the VT100 answers them). */
const QUESTIONS = { status: "\x1b[5n", cursor: "\x1b[6n" } as const;
/** The answers: `CSI 0 n`, and the row and the column of the cursor. */
// deno-lint-ignore no-control-regex -- answers are control sequences
const ANSWER = /\x1b\[(?:0n|\d+;(\d+)R)/g;
/**
 * How long an answer is waited for, in milliseconds. A terminal that gives none counts as one that
 * draws at once, and can't be asked for its columns.
 */
const TIMEOUTS_MS = { status: 2000, cursor: 1000 } as const;
/** How much may wait for a terminal that does not read, in UTF-16 units. */
const MAX_QUEUED = 1024 * 1024;

/** What waits for an answer of the terminal. */
interface Question {
  readonly kind: keyof typeof QUESTIONS;
  /** Called with the column, where the terminal gave one. */
  readonly answered: (column?: number) => void;
}

/** What waits to be written. */
interface Queued {
  text: string;
  /** Whether a later picture makes it needless. */
  readonly isPicture: boolean;
}

/** The terminal that this process was started in. */
export class Terminal {
  #onBurst: (burst: Uint8Array) => void = () => {};
  readonly #gone = Promise.withResolvers<void>();
  #isRaw = false;
  readonly #questions: Question[] = [];
  #queue: Queued[] = [];
  #queued = 0;
  #isWriting = false;
  /** Whether the system writes, which may take until the terminal reads again. */
  #isBusy = false;
  #isLost = false;
  #onLost: () => void = () => {};
  /** Called once all is written. */
  #onFlushed: (() => void)[] = [];
  #settling: Promise<void> | undefined;

  constructor() {
    process.stdin.on("data", (bytes: Uint8Array) => {
      const keys = this.#withoutAnswers(bytes);
      if (keys.length > 0) this.#onBurst(keys);
    });
    for (const end of ["end", "error"]) process.stdin.on(end, () => this.#gone.resolve());
    process.stdin.pause();
  }

  /**
   * Resolves when the terminal has hung up. SIGHUP goes to the first process of its session alone,
   * and that may be a shell that waits for us.
   */
  get gone(): Promise<void> {
    return this.#gone.promise;
  }

  /** Whether both sides of this process's terminal are there. */
  static isThere(): boolean {
    return Deno.stdin.isTerminal() && Deno.stdout.isTerminal();
  }

  /** Its size; 80 by 24 where it does not say. */
  get size(): { columns: number; rows: number } {
    try {
      return Deno.consoleSize();
    } catch {
      return { columns: 80, rows: 24 };
    }
  }

  /**
   * Takes every key from now on. What was typed while the terminal was in its normal mode comes as
   * the first burst.
   *
   * @param onBurst Called with the bytes of each read.
   * @param onLost Called when the terminal reads again, after it had not for so long that something
   * was dropped: everything has to be drawn anew.
   */
  takeKeys(onBurst: (burst: Uint8Array) => void, onLost: () => void): void {
    this.#onBurst = onBurst;
    this.#onLost = onLost;
    this.#setRaw(true);
    process.stdin.resume();
  }

  /**
   * Stops reading and gives the terminal its normal mode back, so that a child can use it. The
   * system sets no mode while it writes: wait for {@linkcode flushed} before.
   */
  release(): void {
    this.#onBurst = () => {};
    process.stdin.pause();
    this.#setRaw(false);
  }

  /**
   * Waits until the terminal has drawn what was written. Its answer comes in line with the keys, so
   * a key that comes before it was pressed before the terminal had drawn. tmux, screen and mosh
   * answer for themselves: the person may see it later.
   * A terminal that does not read keeps this waiting.
   */
  async drawn(): Promise<void> {
    await this.#ask("status");
  }

  /**
   * Asks for the column of the cursor.
   *
   * @returns The column, from 1, or `undefined` where there was no answer within a second.
   */
  cursorColumn(): Promise<number | undefined> {
    return this.#ask("cursor");
  }

  #ask(kind: Question["kind"]): Promise<number | undefined> {
    return new Promise((resolve) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const question: Question = {
        kind,
        answered: (column) => {
          clearTimeout(timer);
          const at = this.#questions.indexOf(question);
          if (at < 0) return;
          this.#questions.splice(at, 1);
          resolve(column);
        },
      };
      this.#questions.push(question);
      this.write(QUESTIONS[kind]);
      void this.flushed().then(() => {
        if (this.#questions.includes(question)) {
          timer = setTimeout(question.answered, TIMEOUTS_MS[kind]);
        }
      });
    });
  }

  /**
   * Waits until no answer of the terminal is on its way any more: it would reach whoever reads
   * next.
   */
  settled(): Promise<void> {
    // Two that wait at once would each see the other's question.
    return this.#settling ??= this.#settle().finally(() => this.#settling = undefined);
  }

  async #settle(): Promise<void> {
    while (this.#questions.length > 0) await this.drawn();
  }

  /** Answers that come too late are no keys either. */
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

  /**
   * Writes, without waiting: a terminal that does not read holds up nothing but its own picture.
   *
   * @param text What to write, control sequences of our own included.
   * @param kind `picture` for what draws the whole window: it takes the place of a picture before
   * it that was not begun.
   */
  write(text: string, kind: "text" | "picture" = "text"): void {
    if (this.#isLost) return;
    const isPicture = kind === "picture";
    const last = this.#queue.at(-1);
    if (isPicture && last?.isPicture) {
      this.#queued += text.length - last.text.length;
      last.text = text;
    } else {
      this.#queue.push({ text, isPicture });
      this.#queued += text.length;
    }
    if (this.#queued > MAX_QUEUED) {
      this.#isLost = true;
      this.#queue = [];
      this.#queued = 0;
    }
    if (!this.#isWriting) void this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    this.#isWriting = true;
    // What is written in one turn of the loop goes out at once, and of its pictures the last alone.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        let bytes = new TextEncoder().encode(this.#takeQueue());
        this.#isBusy = true;
        while (bytes.length > 0) bytes = bytes.subarray(await Deno.stdout.write(bytes));
        this.#isBusy = false;
      }
    } catch {
      // The terminal is gone; SIGHUP follows and ends the daemon.
      this.#takeQueue();
    }
    this.#isBusy = false;
    this.#isWriting = false;
    for (const resolve of this.#onFlushed.splice(0)) resolve();
    if (!this.#isLost) return;
    this.#isLost = false;
    this.#onLost();
  }

  #takeQueue(): string {
    const text = this.#queue.map(({ text }) => text).join("");
    this.#queue = [];
    this.#queued = 0;
    return text;
  }

  /** Waits until everything is written. */
  flushed(): Promise<void> {
    if (!this.#isWriting) return Promise.resolve();
    return new Promise((resolve) => this.#onFlushed.push(resolve));
  }

  /**
   * Writes what waits, and waits for it: the last words of a process that ends at once. Where the
   * terminal does not read, they are lost.
   */
  writeLast(): void {
    if (this.#isBusy) return;
    let bytes = new TextEncoder().encode(this.#takeQueue());
    try {
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    } catch {
      // The terminal is gone.
    }
  }

  #setRaw(raw: boolean): void {
    if (raw === this.#isRaw || this.#isBusy) return;
    try {
      process.stdin.setRawMode(raw);
      this.#isRaw = raw;
    } catch {
      // The terminal is gone; SIGHUP follows and ends the daemon.
    }
  }
}
