import { eastAsianWidth } from "get-east-asian-width";

/** Controls, what is ignored by default, and marks that stand on the letter before them. */
const NO_CELL = /[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\p{Me}\p{Mn}]/u;
const ASCII = /^[ -~]*$/;
/**
 * One more than the cells of each code point that was counted before: the count is slow, and a
 * request may have a million characters.
 */
const COUNTED = new Uint8Array(0x110000);

/**
 * Counts the terminal cells of a text that has no control characters.
 *
 * @param text The text.
 * @returns Cells, each letter counted by itself, as a terminal does.
 */
export function cellWidth(text: string): number {
  if (ASCII.test(text)) return text.length;
  let cells = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    COUNTED[code] ||= (NO_CELL.test(character) ? 0 : eastAsianWidth(code)) + 1;
    cells += COUNTED[code] - 1;
  }
  return cells;
}

/**
 * Cuts a text to a number of cells, for lines that only remind (the prompt itself never cuts).
 *
 * @param text The text.
 * @param cells How many cells there are.
 * @returns The text, or its start and `…`, or nothing where there is no cell.
 */
export function fitCells(text: string, cells: number): string {
  if (cellWidth(text) <= cells) return text;
  if (cells < 1) return "";
  let fitted = "";
  let used = 0;
  for (const character of text) {
    used += cellWidth(character);
    if (used > cells - 1) break;
    fitted += character;
  }
  return `${fitted}…`;
}
