import fc from "fast-check";
import { asciiJson, asciiOnly, codePointName, textFault } from "../../lib/admit/text.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";

const MAX_CODE_POINT = 0x10FFFF;

/** Ranges written out by hand: the code asks Unicode's own properties, and the two must agree. */
const FORBIDDEN: Readonly<Record<string, readonly (readonly [first: number, last: number])[]>> = {
  "a control character": [[0x00, 0x1F], [0x7F, 0x9F]],
  "a lone surrogate": [[0xD800, 0xDFFF]],
  "a bidirectional control character": [
    [0x061C, 0x061C],
    [0x200E, 0x200F],
    [0x202A, 0x202E],
    [0x2066, 0x2069],
  ],
  "a zero-width character": [
    [0x180E, 0x180E],
    [0x200B, 0x200D],
    [0x2060, 0x2064],
    [0xFEFF, 0xFEFF],
  ],
  "a tag character": [[0xE0000, 0xE007F]],
};

function forbiddenCodePoints(): readonly (readonly [codePoint: number, name: string])[] {
  const found: [number, string][] = [];
  for (const [name, ranges] of Object.entries(FORBIDDEN)) {
    for (const [first, last] of ranges) {
      for (let codePoint = first; codePoint <= last; codePoint++) found.push([codePoint, name]);
    }
  }
  return found;
}

const honestText = fc.oneof(
  fc.string({ unit: "grapheme-ascii" }),
  fc.string({
    unit: fc.constantFrom(
      ..."Zażółć gęślą jaźń Łódź ñ ß Ελλάδα Привет שלום مرحبا 你好 ありがとう 한국어 ✓ 🦕 €½",
    ),
  }),
);

Deno.test("textFault() refuses every forbidden code point and names its class", () => {
  for (const [codePoint, name] of forbiddenCodePoints()) {
    const hex = codePoint.toString(16).toUpperCase().padStart(4, "0");
    assertEquals(
      textFault(`apt ${String.fromCodePoint(codePoint)} install`),
      `must not contain ${name} (U+${hex})`,
    );
  }
});

Deno.test("textFault() refuses every forbidden code point but tab and newline in a script", () => {
  for (const [codePoint, name] of forbiddenCodePoints()) {
    const fault = textFault(`a\n\tb${String.fromCodePoint(codePoint)}`, "script");
    if (codePoint === 0x09 || codePoint === 0x0A) assertEquals(fault, undefined);
    else assertTrue(fault?.includes(name), `U+${codePoint.toString(16)}: ${fault}`);
  }
});

Deno.test("textFault() refuses tab and newline in a line", () => {
  assertMatch(textFault("a\tb") ?? "", /a control character \(U\+0009\)/);
  assertMatch(textFault("a\nb") ?? "", /a control character \(U\+000A\)/);
  assertMatch(textFault("a\rb", "script") ?? "", /a control character \(U\+000D\)/);
});

Deno.test("textFault() lets every letter, mark, digit, punctuation, symbol and blank pass", () => {
  const honest = /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}]$/u;
  for (let codePoint = 0; codePoint <= MAX_CODE_POINT; codePoint++) {
    const character = String.fromCodePoint(codePoint);
    if (honest.test(character)) assertEquals(textFault(character), undefined);
  }
});

Deno.test("textFault() tells a lone surrogate from a pair", () => {
  assertEquals(textFault("\u{1F995}"), undefined);
  assertMatch(textFault("\uD83E") ?? "", /lone surrogate \(U\+D83E\)/);
  assertMatch(textFault("\uDD95\uD83E") ?? "", /lone surrogate \(U\+DD95\)/);
  assertMatch(textFault("\u{1F995}\uDD95") ?? "", /lone surrogate \(U\+DD95\)/);
});

Deno.test("textFault() lets honest text of any length pass, the empty text too", () => {
  assertEquals(textFault(""), undefined);
  fc.assert(fc.property(honestText, (text) => {
    assertEquals(textFault(text), undefined);
    assertEquals(textFault(`${text}\n\t${text}\n`, "script"), undefined);
  }));
});

Deno.test("textFault() finds one forbidden code point wherever it stands", () => {
  const forbidden = fc.constantFrom(...forbiddenCodePoints().map(([codePoint]) => codePoint));
  fc.assert(fc.property(honestText, forbidden, honestText, (before, codePoint, after) => {
    const character = String.fromCodePoint(codePoint);
    // Half a pair beside another half is a whole one only where the neighbours are surrogates, and
    // honest text has none at its rim.
    const fault = textFault(before + character + after);
    assertTrue(fault?.endsWith(`(${codePointName(character)})`), fault);
  }));
});

Deno.test("codePointName() names a code point in Unicode notation", () => {
  assertEquals(codePointName("\n"), "U+000A");
  assertEquals(codePointName("\u202Eabc"), "U+202E");
  assertEquals(codePointName("\u{E0041}"), "U+E0041");
});

Deno.test("asciiJson() writes every value so that it reads back, in printable ASCII alone", () => {
  const value = { "ключ\x7f": ["\u202e", "\x9b", "💥", "a\tb\nc"] };
  for (const text of [asciiJson(value), asciiJson(value, 2), asciiOnly(JSON.stringify(value))]) {
    assertEquals(JSON.parse(text), value);
    assertMatch(text, /^[ -~\n]*$/);
  }
});
