import { textFault } from "../../lib/admit/text.ts";
import { cellWidth } from "../../lib/view/cells.ts";
import { escapeOf, isVisible, visibleText } from "../../lib/view/visible.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { Emulator } from "./emulator.ts";

const CODE_POINTS = 0x110000;
/** Each character has so many cells of the screen for itself. */
const PLACE_CELLS = 4;
const PLACES = 40;
const ROWS = 500;

Deno.test("every code point is refused, or shown as an escape, or takes the cells that are counted for it", async () => {
  let refused = 0;
  let escaped = 0;
  const itself: string[] = [];
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
  for (let code = 0; code < CODE_POINTS; code++) {
    const character = String.fromCodePoint(code);
    const isEscape = !isVisible(character);
    const shown = visibleText(character);
    assertEquals(shown, isEscape ? escapeOf(character) : character);
    if (isEscape) assertTrue(/^\\[ -~]+$/.test(shown), shown);
    if (textFault(character) !== undefined) {
      refused++;
      assertTrue(isEscape, `${shown} is no escape behind the gate`);
    } else if (isEscape) escaped++;
    else {
      itself.push(character);
      const joined = [...graphemes.segment(`a${character}a`)].length;
      assertEquals(joined, 3, `${escapeOf(character)} joins its neighbours`);
    }
  }
  console.log(`code points: ${refused} refused, ${escaped} escaped, ${itself.length} shown`);
  assertEquals(refused + escaped + itself.length, CODE_POINTS);

  const emulator = new Emulator(PLACE_CELLS * PLACES, ROWS);
  const wrong: string[] = [];
  for (let start = 0; start < itself.length; start += PLACES * ROWS) {
    const batch = itself.slice(start, start + PLACES * ROWS);
    const place = (index: number) => ({
      x: (index % PLACES) * PLACE_CELLS,
      y: Math.floor(index / PLACES),
    });
    emulator.feed("\x1b[2J");
    batch.forEach((character, index) => {
      const { x, y } = place(index);
      emulator.feed(`\x1b[${y + 1};${x + 1}H${character}|`);
    });
    const rows = await emulator.rows();
    batch.forEach((character, index) => {
      const { x, y } = place(index);
      const cells = (rows[y] ?? []).slice(x, x + PLACE_CELLS);
      const expected = [character, ...(cellWidth(character) === 2 ? [""] : []), "|"];
      while (expected.length < PLACE_CELLS) expected.push(" ");
      if (cells.join("\0") !== expected.join("\0")) wrong.push(escapeOf(character));
    });
  }
  assertEquals(wrong, [], "the terminal has other cells for these");
});

Deno.test("our own frame and gutter can't be written by a request", () => {
  for (const character of "━┊█│║") assertEquals(isVisible(character), false);
});
