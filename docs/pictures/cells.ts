/**
 * The cells of a terminal's window, as an emulator understands what tmux says about it.
 *
 * @module
 */
import xterm from "@xterm/headless";
import { at, defined } from "../../tests/rig/assert.ts";

/** The terminal's own colors: behind characters, and of them. */
export const PAPER = "#0d1117";
export const INK = "#c9d1d9";

/** How a cell looks; colors are CSS colors, `undefined` the terminal's own. */
export interface CellStyle {
  /** The color of the character. */
  readonly foreground: string | undefined;
  /** The color behind it. */
  readonly background: string | undefined;
  /** Whether it is bold. */
  readonly bold: boolean;
  /** Whether it is faint. */
  readonly dim: boolean;
}

/** One cell. */
export interface Cell extends CellStyle {
  /** What stands in it; `""` for the second cell of a wide character. */
  readonly text: string;
}

/** The first 16 colors, which are the terminal's choice; those above are not used here. */
const PALETTE = [
  "#21262d",
  "#c93c37",
  "#57ab5a",
  "#c69026",
  "#539bf5",
  "#b083f0",
  "#39c5cf",
  "#c9d1d9",
  "#636e7b",
  "#f47067",
  "#6bc46d",
  "#e3b341",
  "#6cb6ff",
  "#dcbdfb",
  "#56d4dd",
  "#ffffff",
];

/**
 * Reads a window.
 *
 * @param captured What `tmux capture-pane -p -e` prints.
 * @param columns Its width.
 * @param rows Its height.
 * @returns Its cells, row by row.
 * @throws {Error} If a color is none of the 16.
 */
export async function readCells(
  captured: string,
  columns: number,
  rows: number,
): Promise<Cell[][]> {
  const emulator = new xterm.Terminal({
    cols: columns,
    rows,
    scrollback: 0,
    allowProposedApi: true,
  });
  const text = captured.replace(/\n$/, "").replaceAll("\n", "\r\n");
  await new Promise<void>((done) => emulator.write(text, done));
  const { active } = emulator.buffer;
  const cell = active.getNullCell();
  return Array.from({ length: rows }, (_, y) =>
    Array.from({ length: columns }, (_, x) => {
      defined(active.getLine(y)).getCell(x, cell);
      const foreground = color(cell.isFgDefault(), cell.isFgPalette(), cell.getFgColor());
      const background = color(cell.isBgDefault(), cell.isBgPalette(), cell.getBgColor());
      const isReverse = cell.isInverse() !== 0;
      return {
        text: cell.getWidth() === 0 ? "" : cell.getChars() || " ",
        foreground: isReverse ? background ?? PAPER : foreground,
        background: isReverse ? foreground ?? INK : background,
        bold: cell.isBold() !== 0,
        dim: cell.isDim() !== 0,
      };
    }));
}

function color(isDefault: boolean, isPalette: boolean, value: number): string | undefined {
  if (isDefault) return undefined;
  if (isPalette && value < PALETTE.length) return PALETTE[value];
  throw new Error(`Cannot draw the color ${value}: only the first ${PALETTE.length} are known`);
}

/**
 * Writes another word in place of one, in the style that it has; what follows moves along.
 *
 * @param row The cells of a row.
 * @param from The word to look for.
 * @param to The word that stands there instead.
 * @returns The row, as wide as before.
 */
export function replaceWord(row: readonly Cell[], from: string, to: string): Cell[] {
  const start = rowText(row).indexOf(from);
  if (start < 0) return [...row];
  const { text: _, ...style } = at(row, start);
  const word = [...to].map((text) => ({ text, ...style }));
  const blank = { ...at(row, -1), text: " " };
  const changed = [...row.slice(0, start), ...word, ...row.slice(start + from.length)];
  return [...changed, ...row.map(() => blank)].slice(0, row.length);
}

/**
 * Writes a row as a text with one UTF-16 unit a cell, so that what is found in it has the place of
 * its cell. Nothing stands for what is wide or has marks.
 *
 * @param row The cells of a row.
 * @returns A text as long as the row.
 */
export function rowText(row: readonly Cell[]): string {
  return row.map(({ text }) => text.length === 1 ? text : "\0").join("");
}
