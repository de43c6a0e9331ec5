import { textFault } from "../../lib/gate/text.ts";
import { cellWidth } from "../../lib/terminal/cells.ts";
import { escapeOf, visibleCharacters } from "../../lib/terminal/visible.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { Emulator } from "./emulator.ts";

const CODE_POINTS = 0x110000;
/**
 * Each character gets a place of its own on the screen: on a narrow base, on a wide one, or
 * without.
 */
const PLACE_CELLS = 8;
const PLACES = 20;
const ROWS = 500;

Deno.test("every code point is refused, or shown as an escape, or takes the cells that are counted for it", async () => {
  let refused = 0;
  let escaped = 0;
  const itself: { character: string; text: string }[] = [];
  let shown = 0;
  const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });
  for (let code = 0; code < CODE_POINTS; code++) {
    const character = String.fromCodePoint(code);
    const [alone, ...none] = visibleCharacters(character);
    assertEquals(none.length, 0);
    const [, onLetter] = visibleCharacters(`a${character}`);
    const isMark = alone.isEscape && !onLetter.isEscape;
    if (alone.isEscape) assertEquals(alone.text, escapeOf(character));
    else assertEquals(alone.text, character);
    if (alone.isEscape) assertTrue(/^\\[ -~]+$/.test(alone.text), alone.text);
    if (textFault(character) !== undefined) {
      refused++;
      assertTrue(alone.isEscape && onLetter.isEscape, `${alone.text} is no escape behind the gate`);
    } else if (alone.isEscape && onLetter.isEscape) escaped++;
    else {
      shown++;
      if (!isMark) {
        itself.push({ character, text: character });
        const joined = [...graphemes.segment(`a${character}a`)].length;
        assertEquals(joined, 3, `${escapeOf(character)} joins its neighbours`);
      } else for (const base of ["a", "字"]) itself.push({ character, text: base + character });
    }
  }
  console.log(`code points: ${refused} refused, ${escaped} escaped, ${shown} shown`);
  assertEquals(refused + escaped + shown, CODE_POINTS);

  const emulator = new Emulator(PLACE_CELLS * PLACES, ROWS);
  const wrong: string[] = [];
  for (let start = 0; start < itself.length; start += PLACES * ROWS) {
    const batch = itself.slice(start, start + PLACES * ROWS);
    const place = (index: number) => ({
      x: (index % PLACES) * PLACE_CELLS,
      y: Math.floor(index / PLACES),
    });
    emulator.write("\x1b[2J");
    batch.forEach(({ text }, index) => {
      const { x, y } = place(index);
      emulator.write(`\x1b[${y + 1};${x + 1}H${text}|`);
    });
    const rows = await emulator.rows();
    batch.forEach(({ character, text }, index) => {
      const { x, y } = place(index);
      const cells = rows[y].slice(x, x + PLACE_CELLS);
      const width = cellWidth(text);
      const expected = [text, ...(width === 2 ? [""] : []), "|"];
      while (expected.length < PLACE_CELLS) expected.push(" ");
      if (cells.join("\0") !== expected.join("\0")) wrong.push(escapeOf(character));
    });
  }
  assertEquals(wrong, [], "the terminal has other cells for these");
});

Deno.test("our own frame and gutter can't be written by a request", () => {
  for (const character of "━┊█│║") {
    assertEquals([...visibleCharacters(character)][0].isEscape, true);
  }
});
