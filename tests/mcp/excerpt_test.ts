import fc from "fast-check";
import { decode, excerptOf, shareOut } from "../../lib/mcp/excerpt.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("excerptOf() leaves alone what fits", () => {
  const text = "a\nä\n";
  assertEquals(excerptOf(bytesOf(text), 5, false, "MARK"), { text, shownBytes: 5, isText: true });
});

Deno.test("excerptOf() cuts the middle, and says how much", () => {
  const { text, shownBytes } = excerptOf(bytesOf("0123456789".repeat(10)), 20, false, "MARK");
  assertEquals(text, "0123456789\n[… 80 of 100 bytes are left out · MARK]\n0123456789");
  assertEquals(shownBytes, 20);
});

Deno.test("excerptOf() never cuts a character, and never shows more than it may", () => {
  fc.assert(fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, max) => {
    const bytes = bytesOf(text);
    const excerpt = excerptOf(bytes, max, false, "MARK");
    assertTrue(excerpt.shownBytes <= Math.max(max, 0) || bytes.length <= max);
    assertTrue(!excerpt.text.includes("\ufffd") || text.includes("\ufffd"));
    if (bytes.length > max) assertMatch(excerpt.text, /bytes are left out/);
  }));
});

Deno.test("excerptOf() shows nothing of what is not UTF-8", () => {
  assertEquals(excerptOf(new Uint8Array([0xff, 0x41]), 99, false, "MARK"), {
    text: "",
    shownBytes: 0,
    isText: false,
  });
});

Deno.test("decode() forgives half a character only at the end of what was cut", () => {
  assertEquals(decode(new Uint8Array([0x41, 0xc3]), true), "A");
  assertEquals(decode(new Uint8Array([0x41, 0xc3]), false), undefined);
});

Deno.test("shareOut() gives the small ones all they need, and the others equal parts", () => {
  assertEquals(shareOut([10, 500, 1000], 210), [10, 100, 100]);
  assertEquals(shareOut([10, 20], 100), [10, 20]);
  assertEquals(shareOut([], 100), []);
});
