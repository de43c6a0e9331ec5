/** Where East Asian scripts begin: all characters that we show from here on are two cells wide. */
const FIRST_WIDE = 0x2e80;
const WIDE = /[\u2e80-\uffff]/;

/**
 * Counts the terminal cells of a text that `visible.ts` lets through, or that is our own: two for a
 * character of an East Asian script, else one.
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
 * Cuts a text to a number of cells; the last one then has the mark. This is for lines that only
 * remind (the prompt itself never cuts).
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
