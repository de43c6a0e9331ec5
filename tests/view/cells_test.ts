import fc from "fast-check";
import { cellWidth, fitCells } from "../../lib/view/cells.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";

Deno.test("cellWidth() counts one cell for letters, two for East Asian scripts", () => {
  assertEquals(cellWidth(""), 0);
  assertEquals(cellWidth("abc def"), 7);
  assertEquals(cellWidth("é"), 1);
  assertEquals(cellWidth("漢字"), 4);
  assertEquals(cellWidth("한글ab"), 6);
  assertEquals(cellWidth("━┊…"), 3);
  assertEquals(cellWidth("かな"), 4);
  assertEquals(cellWidth("ｙ"), 2);
});

Deno.test("cellWidth() counts each letter by itself", () => {
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
    const sum = [...text].reduce((cells, letter) => cells + cellWidth(letter), 0);
    assertEquals(cellWidth(text), sum);
    assertEquals(cellWidth(text), cellWidth(text), "the second time as the first");
  }));
});

Deno.test("fitCells() leaves a text that fits as it is, and marks one that is cut", () => {
  assertEquals(fitCells("abc", 3), "abc");
  assertEquals(fitCells("abcd", 3), "ab…");
  assertEquals(fitCells("字字", 4), "字字");
  assertEquals(fitCells("字字字", 4), "字…");
  assertEquals(fitCells("字字", 3), "字…");
  assertEquals(fitCells("abc", 1), "…");
});

Deno.test("fitCells() writes nothing where there is no cell", () => {
  assertEquals(fitCells("abc", 0), "");
  assertEquals(fitCells("abc", -1), "");
  assertEquals(fitCells("", 0), "");
});

Deno.test("fitCells() never takes more cells than there are", () => {
  const text = fc.array(fc.constantFrom("a", " ", "字", "é", "…")).map((all) => all.join(""));
  fc.assert(fc.property(text, fc.integer({ min: -1, max: 20 }), (text, cells) => {
    const fitted = fitCells(text, cells);
    assertTrue(cellWidth(fitted) <= Math.max(0, cells));
    assertTrue(fitted === text || cells < 1 || fitted.endsWith("…"));
    assertTrue(text.startsWith(fitted.replace(/…$/, "")));
  }));
});
