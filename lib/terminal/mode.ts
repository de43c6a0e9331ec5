/**
 * The mode of the terminal. `node:process` reads it, since what `Deno.stdin.read()` has begun can't
 * be taken back: it would eat the first letters of a password after the terminal was lent.
 *
 * @module
 */
import process from "node:process";

/** Device status report, and its answer (ECMA-48 8.3.35; every terminal since the VT100 has it). */
const STATUS_QUESTION = "\x1b[5n";
const STATUS_ANSWER = "\x1b[0n";
/**
 * How long an answer is waited for; a terminal that gives none counts as one that draws at once.
 */
const STATUS_TIMEOUT_MS = 2000;

/** The terminal that this process was started in. */
export class Terminal {
  #onBurst: (burst: Uint8Array) => void = () => {};
  readonly #gone = Promise.withResolvers<void>();
  #isRaw = false;
  /** What waits for an answer of the terminal, in order. */
  readonly #questions: (() => void)[] = [];
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
   */
  takeKeys(onBurst: (burst: Uint8Array) => void): void {
    this.#onBurst = onBurst;
    this.#setRaw(true);
    process.stdin.resume();
  }

  /** Stops reading and gives the terminal its normal mode back, so that a child can use it. */
  release(): void {
    this.#onBurst = () => {};
    process.stdin.pause();
    this.#setRaw(false);
  }

  /**
   * Waits until the terminal has drawn what was written. Its answer comes in line with the keys, so
   * a key that comes before it was pressed before the drawing was to be seen, however slow the
   * line.
   */
  drawn(): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        const at = this.#questions.indexOf(done);
        if (at >= 0) this.#questions.splice(at, 1);
        resolve();
      };
      const timer = setTimeout(done, STATUS_TIMEOUT_MS);
      this.#questions.push(done);
      this.write(STATUS_QUESTION);
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

  #withoutAnswers(bytes: Uint8Array): Uint8Array {
    if (this.#questions.length === 0 || !bytes.includes(0x1b)) return bytes;
    const parts = new TextDecoder("latin1").decode(bytes).split(STATUS_ANSWER);
    for (let answers = parts.length - 1; answers > 0; answers--) this.#questions[0]?.();
    return Uint8Array.from(parts.join(""), (letter) => letter.charCodeAt(0));
  }

  /**
   * Writes at once.
   *
   * @param text What to write, control sequences of our own included.
   */
  write(text: string): void {
    let bytes = new TextEncoder().encode(text);
    try {
      while (bytes.length > 0) bytes = bytes.subarray(Deno.stdout.writeSync(bytes));
    } catch {
      // The terminal is gone; SIGHUP follows and ends the daemon.
    }
  }

  #setRaw(raw: boolean): void {
    if (raw === this.#isRaw) return;
    try {
      process.stdin.setRawMode(raw);
      this.#isRaw = raw;
    } catch {
      // The terminal is gone; SIGHUP follows and ends the daemon.
    }
  }
}
