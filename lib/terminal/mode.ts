/**
 * The mode of the terminal. `node:process` reads it, since what `Deno.stdin.read()` has begun can't
 * be taken back: it would eat the first letters of a password after the terminal was lent.
 *
 * @module
 */
import process from "node:process";

/** The terminal that this process was started in. */
export class Terminal {
  #onBurst: (burst: Uint8Array) => void = () => {};
  #isRaw = false;

  constructor() {
    process.stdin.on("data", (bytes: Uint8Array) => this.#onBurst(bytes));
    process.stdin.on("error", () => {});
    process.stdin.pause();
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
