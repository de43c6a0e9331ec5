/** A terminal emulator in place of a terminal: what a person would see is read from its cells. */
import xterm from "@xterm/headless";
import type { Device } from "../../lib/terminal/tty.ts";
import { type Line, paintLine } from "../../lib/view/paint.ts";
import type { WindowSize } from "../../lib/view/prompt_lines.ts";

/**
 * The cells of one row; a blank is one space, and a wide character is followed by an empty cell.
 */
export type Row = readonly string[];

/** Takes what is written, shows it, and answers as xterm does. */
export class Emulator implements Device {
  /** Everything that was written. */
  stream = "";
  /** How big the window is. */
  size: WindowSize;
  /** The mode. */
  isRaw = false;
  /** Whether anybody reads. */
  isRead = false;
  /** Whether it answers questions. */
  isAnswering = true;
  /** Resolves when it reads on; it takes `appetite` bytes at once. */
  ready: Promise<unknown> = Promise.resolve();
  /** See {@linkcode ready}. */
  appetite = Infinity;
  readonly #xterm: InstanceType<typeof xterm.Terminal>;
  readonly #decoder = new TextDecoder();
  #onBytes: (bytes: Uint8Array) => void = () => {};

  constructor(columns: number, rows: number) {
    this.size = { columns, rows };
    this.#xterm = new xterm.Terminal({
      cols: Math.max(2, columns),
      rows: Math.max(1, rows),
      scrollback: 0,
      allowProposedApi: true,
    });
    this.#xterm.onData((answer) => {
      if (this.isAnswering) this.type(answer);
    });
  }

  listen(onBytes: (bytes: Uint8Array) => void): void {
    this.#onBytes = onBytes;
  }

  read(on: boolean): void {
    this.isRead = on;
  }

  setRaw(raw: boolean): void {
    this.isRaw = raw;
  }

  async write(bytes: Uint8Array): Promise<number> {
    await this.ready;
    const taken = bytes.subarray(0, this.appetite);
    return this.writeSync(taken);
  }

  writeSync(bytes: Uint8Array): number {
    // The emulator's own decoder loses a letter that is cut behind its second byte.
    const text = this.#decoder.decode(bytes, { stream: true });
    this.stream += text;
    this.#xterm.write(text);
    return bytes.length;
  }

  /** Somebody types, or another program writes an answer. */
  type(text: string): void {
    if (this.isRead) this.#onBytes(new TextEncoder().encode(text));
  }

  /** Somebody else writes. */
  feed(text: string): void {
    this.writeSync(new TextEncoder().encode(text));
  }

  /** Draws lines from the first row on. */
  draw(lines: readonly Line[]): void {
    this.feed("\x1b[?7l\x1b[2J");
    lines.forEach((line, row) => this.feed(`\x1b[${row + 1};1H${paintLine(line, "plain")}`));
  }

  /** Changes the window. */
  resize(columns: number, rows: number): void {
    this.size = { columns, rows };
    this.#xterm.resize(columns, rows);
  }

  #drawn(): Promise<void> {
    return new Promise((resolve) => this.#xterm.write("", resolve));
  }

  /**
   * Shows what was written so far.
   *
   * @returns The rows of the screen.
   * @throws {Error} If a line was too long for its row, so that the terminal broke it.
   */
  async rows(): Promise<Row[]> {
    await this.#drawn();
    const { active } = this.#xterm.buffer;
    const cell = active.getNullCell();
    return Array.from({ length: this.size.rows }, (_, y) => {
      const line = active.getLine(y);
      if (line === undefined) throw new Error(`There is no row ${y}`);
      const cells: string[] = [];
      for (let x = 0; x < this.size.columns; x++) {
        line.getCell(x, cell);
        cells.push(cell.getWidth() === 0 ? "" : cell.getChars() || " ");
      }
      if (line.isWrapped) throw new Error(`The terminal broke a line: row ${y}, ${cells.join("")}`);
      return cells;
    });
  }

  /** Shows what was written so far, as text. */
  async text(): Promise<string> {
    return (await this.rows()).map((row) => row.join("").trimEnd()).join("\n");
  }

  /** Whether the alternate screen is shown. */
  get isAlternate(): boolean {
    return this.#xterm.buffer.active.type === "alternate";
  }

  /** Where the next character would be written. */
  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#xterm.buffer.active;
    return { x: cursorX, y: cursorY };
  }
}
