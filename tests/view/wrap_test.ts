import fc from "fast-check";
import { cellWidth } from "../../lib/view/cells.ts";
import type { Line } from "../../lib/view/paint.ts";
import { type Chunk, wrapChunks as wrapLazily, type WrappedLine } from "../../lib/view/wrap.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";

function chunksOf(...texts: string[]): Chunk[] {
  return texts.map((text) => ({ text, style: "plain" }));
}

function wrapChunks(chunks: readonly Chunk[], cells: number): WrappedLine[] {
  return [...wrapLazily(chunks, cells)];
}

function textOf(line: Line): string {
  return line.map(({ text }) => text).join("");
}

function picture(lines: readonly WrappedLine[]): string[] {
  return lines.map(({ line, continuesWord }) => `${continuesWord ? "…" : " "}${textOf(line)}`);
}

Deno.test("wrapChunks() makes one empty line of nothing", () => {
  assertEquals(picture(wrapChunks([], 10)), [" "]);
  assertEquals(picture(wrapChunks(chunksOf(""), 10)), [" "]);
});

Deno.test("wrapChunks() breaks between chunks where it can", () => {
  assertEquals(picture(wrapChunks(chunksOf("one", "two", "three"), 7)), [" one two", " three"]);
  assertEquals(picture(wrapChunks(chunksOf("one", "two"), 6)), [" one", " two"]);
});

Deno.test("wrapChunks() breaks a chunk that is longer than a line, from a line of its own", () => {
  assertEquals(picture(wrapChunks(chunksOf("a", "bcdefgh", "i"), 4)), [
    " a",
    " bcde",
    "…fgh",
    " i",
  ]);
  assertEquals(picture(wrapChunks(chunksOf("abcdefgh", "i"), 4)), [" abcd", "…efgh", " i"]);
});

Deno.test("wrapChunks() leaves the last cell free where a wide letter does not fit", () => {
  assertEquals(picture(wrapChunks(chunksOf("a字字"), 4)), [" a字", "…字"]);
  assertEquals(picture(wrapChunks(chunksOf("字字字"), 4)), [" 字字", "…字"]);
});

Deno.test("wrapChunks() puts no space into the last cell of a line that goes on", () => {
  assertEquals(picture(wrapChunks(chunksOf("abc d"), 4)), [" abc", "… d"]);
  assertEquals(picture(wrapChunks(chunksOf("ab   d"), 4)), [" ab ", "…  d"]);
});

Deno.test("wrapChunks() keeps styles", () => {
  const lines = wrapChunks([{ text: "one", style: "good" }, { text: "twothree", style: "bad" }], 5);
  assertEquals(lines.map(({ line }) => line), [
    [{ text: "one", style: "good" }],
    [{ text: "twoth", style: "bad" }],
    [{ text: "ree", style: "bad" }],
  ]);
});

Deno.test("wrapChunks() leaves nothing out, is never too long, and fills a line that breaks within a word", () => {
  const piece = fc.constantFrom(
    "a",
    "b",
    "…",
    "'",
    " ",
    "  ",
    "字",
    "é",
    "かな",
    "long-word",
  );
  const chunk = fc.array(piece, { minLength: 1, maxLength: 12 }).map((pieces) => pieces.join(""));
  const chunks = fc.array(chunk, { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(chunks, fc.integer({ min: 2, max: 30 }), (texts, cells) => {
      const lines = wrapChunks(chunksOf(...texts), cells);
      let joined = "";
      lines.forEach(({ line, continuesWord }, index) => {
        const text = textOf(line);
        assertTrue(cellWidth(text) <= cells);
        const breaksWord = lines[index + 1]?.continuesWord === true;
        if (breaksWord) assertTrue(cellWidth(text) >= cells - 1);
        if (breaksWord && cellWidth(text) === cells) assertTrue(!text.endsWith(" "));
        joined += (index === 0 || continuesWord ? "" : " ") + text;
      });
      assertEquals(joined, texts.join(" "));
    }),
    { numRuns: 2000 },
  );
});
