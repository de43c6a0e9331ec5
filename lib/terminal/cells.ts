/** Where East Asian scripts begin: of what may be shown, all from here on is two cells wide. */
const FIRST_WIDE = 0x2e80;
const WIDE = /[\u2e80-\uffff]/;

/**
 * Counts the terminal cells of a text that `visible.ts` lets through, or that is our own.
 *
 * @param text The text.
 * @returns Cells: two for a character of an East Asian script, else one.
 */
export function cellWidth(text: string): number {
  if (!WIDE.test(text)) return text.length;
  let cells = 0;
  for (let at = 0; at < text.length; at++) cells += cellsOf(text.charCodeAt(at));
  return cells;
}

/** Counts the cells of one character, by its UTF-16 unit. */
export function cellsOf(unit: number): number {
  return unit < FIRST_WIDE ? 1 : 2;
}

/**
 * Cuts a text to a number of cells, for lines that only remind (the prompt itself never cuts).
 *
 * @param text The text.
 * @param cells How many cells there are.
 * @param mark What says that something was cut; one cell.
 * @returns The text, or its start and the mark, or nothing where there is no cell.
 */
export function fitCells(text: string, cells: number, mark = "…"): string {
  if (cellWidth(text) <= cells) return text;
  if (cells < 1) return "";
  let used = 0;
  for (let at = 0; at < text.length; at++) {
    used += cellsOf(text.charCodeAt(at));
    if (used > cells - 1) return `${text.slice(0, at)}${mark}`;
  }
  return text;
}
