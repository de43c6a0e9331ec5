import fc from "fast-check";
import { excerptOf, fairShare, isUtf8 } from "../../lib/mcp/excerpt.ts";
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

Deno.test("half a character is forgiven only at the end of what was cut", () => {
  const half = new Uint8Array([0x41, 0xc3]);
  assertEquals(excerptOf(half, 5, true, "MARK"), { text: "A", shownBytes: 2, isText: true });
  assertEquals(excerptOf(half, 5, false, "MARK"), { text: "", shownBytes: 0, isText: false });
});

Deno.test("isUtf8() looks at all of a long stream, also where a character is cut by a piece", () => {
  const long = bytesOf("a" + "ä".repeat(100_000));
  assertTrue(isUtf8(long, false));
  assertTrue(!isUtf8(long.with(150_000, 0xff), false));
});

Deno.test("fairShare() gives the small ones all they need, and the others equal parts", () => {
  assertEquals(fairShare([500, 10, 1000], 210), 100);
  assertEquals(fairShare([10, 20], 100), Infinity);
  assertEquals(fairShare([10, 20], 30), Infinity);
  assertEquals(fairShare([], 100), Infinity);
});

Deno.test("fairShare() never goes beyond the budget, and leaves next to nothing of it", () => {
  fc.assert(fc.property(fc.array(fc.nat(1000)), fc.nat(3000), (sizes, budget) => {
    const share = fairShare(sizes, budget);
    const used = sizes.reduce((sum, size) => sum + Math.min(size, share), 0);
    assertTrue(used <= budget);
    if (share !== Infinity) assertTrue(budget - used < sizes.length);
  }));
});
