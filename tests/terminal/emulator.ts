/** A terminal emulator in place of a terminal: what a person would see is read from its cells. */
import xterm from "@xterm/headless";
import type { WindowSize } from "../../lib/terminal/prompt.ts";

/**
 * The cells of one row; a blank is one space, and a wide character is followed by an empty cell.
 */
export type Row = readonly string[];

/** Takes what the screen writes, as the class of the real terminal does, and shows it. */
export class Emulator {
  /** Everything that was written. */
  stream = "";
  /** How big the window is. */
  size: WindowSize;
  readonly #xterm: InstanceType<typeof xterm.Terminal>;
  #pending = "";

  constructor(columns: number, rows: number) {
    this.size = { columns, rows };
    this.#xterm = new xterm.Terminal({
      cols: Math.max(2, columns),
      rows,
      scrollback: 0,
      allowProposedApi: true,
    });
  }

  /** Takes what goes to the terminal. */
  write(text: string): void {
    this.stream += text;
    this.#pending += text;
  }

  /** Changes the window. */
  resize(columns: number, rows: number): void {
    this.size = { columns, rows };
    this.#xterm.resize(columns, rows);
  }

  /**
   * Shows what was written so far.
   *
   * @returns The rows of the screen.
   * @throws {Error} If a line was too long for its row, so that the terminal broke it.
   */
  async rows(): Promise<Row[]> {
    const bytes = new TextEncoder().encode(this.#pending);
    this.#pending = "";
    await new Promise<void>((shown) => this.#xterm.write(bytes, shown));
    const { active } = this.#xterm.buffer;
    const cell = active.getNullCell();
    return Array.from({ length: this.size.rows }, (_, y) => {
      const line = active.getLine(y)!;
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

  /** Where the next character would be written. */
  get cursor(): { readonly x: number; readonly y: number } {
    const { cursorX, cursorY } = this.#xterm.buffer.active;
    return { x: cursorX, y: cursorY };
  }
}
