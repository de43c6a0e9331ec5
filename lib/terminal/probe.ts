import { cellWidth } from "./cells.ts";
import type { Terminal } from "./mode.ts";

const CSI = "\x1b[";

/**
 * The state that every picture begins from, whatever a command left behind: soft reset (DECSTR),
 * replace mode, no margins at the sides, G0 in use and ASCII in it, UTF-8 (ISO 2022), no styling,
 * no reports of the mouse or the focus (each would count as a key), and pastes marked as such. For
 * terminals that know no DECSTR, each is named.
 */
export const RESET =
  `${CSI}!p${CSI}4l${CSI}?69l\x0f\x1b(B\x1b%G${CSI}0m${CSI}?1000;1002;1003;1004l${CSI}?2004h`;
/** No scrolling region, and no rows that count from it; both move the cursor. */
export const RESET_MARGINS = `${CSI}r${CSI}?6l`;

/**
 * What is written to see what the terminal makes of it: our frame, and letters of each script that
 * `visible.ts` lets through. A terminal in an 8-bit mode takes bytes of them for controls (`Û` is
 * C3 9B, and 9B begins a control sequence there, which `m` ends), one with CJK widths gives most of
 * them two cells. No byte of them begins a string, or moves the cursor to another line.
 */
export const SAMPLES: readonly string[] = ["━┊…", "Ûm", "é", "Дα", "漢か한"];

/**
 * Asks the terminal whether it draws what `visible.ts` lets through, each in its cells. Nothing of
 * a request is written before the answer.
 *
 * @param terminal Where to ask; the cursor's line must be free, and is empty afterwards.
 * @returns False where an answer is wrong, or does not come within a second.
 */
export async function drawsUnicode(
  terminal: Pick<Terminal, "write" | "cursorColumn">,
): Promise<boolean> {
  const columns = SAMPLES.map((sample) => {
    terminal.write(`\r${sample}`);
    return terminal.cursorColumn();
  });
  terminal.write(`\r${CSI}0m${CSI}K`);
  const answers = await Promise.all(columns);
  return answers.every((column, index) => column === cellWidth(SAMPLES[index]) + 1);
}
