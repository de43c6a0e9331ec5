import fc from "fast-check";
import {
  asciiText,
  escapeOf,
  visibleProse,
  visibleRow,
  visibleText,
} from "../../lib/view/visible.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { nastyText } from "./nasty.ts";
import { readProse } from "./reader.ts";

Deno.test("printable ASCII stands for itself", () => {
  const ascii = Array.from({ length: 95 }, (_, index) => String.fromCharCode(32 + index)).join("");
  assertEquals(visibleText(ascii), ascii);
});

const ESCAPED: readonly [what: string, text: string, escape: string][] = [
  ["a newline", "\n", "\\n"],
  ["a tab", "\t", "\\t"],
  ["a carriage return", "\r", "\\r"],
  ["NUL", "\0", "\\x00"],
  ["Escape", "\x1b", "\\x1b"],
  ["DEL", "\x7f", "\\x7f"],
  ["a control character of C1", "\x9b", "\\u009b"],
  ["a no-break space", "\u00A0", "\\u00a0"],
  ["an ideographic space", "\u3000", "\\u3000"],
  ["a soft hyphen", "\u00AD", "\\u00ad"],
  ["a line separator", "\u2028", "\\u2028"],
  ["a zero-width space", "\u200B", "\\u200b"],
  ["a joiner", "\u200D", "\\u200d"],
  ["a bidi override", "\u202E", "\\u202e"],
  ["a bidi isolate", "\u2066", "\\u2066"],
  ["a byte order mark", "\uFEFF", "\\ufeff"],
  ["a variation selector", "\uFE0F", "\\ufe0f"],
  ["a supplementary variation selector", "\u{E0100}", "\\U000e0100"],
  ["a tag letter", "\u{E0041}", "\\U000e0041"],
  ["a private-use character", "\uE000", "\\ue000"],
  ["an unassigned code point", "\u0378", "\\u0378"],
  ["a noncharacter", "\uFFFF", "\\uffff"],
  ["a lone surrogate", "\uD800", "\\ud800"],
  ["a Hangul filler", "\u3164", "\\u3164"],
  ["an empty braille pattern", "\u2800", "\\u2800"],
  ["our frame", "━", "\\u2501"],
  ["our gutter", "┊", "\\u250a"],
  ["a block", "█", "\\u2588"],
  ["an emoji", "🙂", "\\U0001f642"],
  ["a sign that some terminals draw as an emoji", "☺", "\\u263a"],
  ["a flag's letter", "🇩", "\\U0001f1e9"],
  ["a part of a Hangul syllable", "\u1112", "\\u1112"],
  ["a vowel that joins the letter before it", "\u093F", "\\u093f"],
  ["a mark", "\u0301", "\\u0301"],
  ["a Thai letter", "\u0e01", "\\u0e01"],
  ["a sign that can be an emoji", "©", "\\u00a9"],
  ["an ideograph beyond the first plane", "𠀀", "\\U00020000"],
  ["a compatibility ideograph", "\uF900", "\\uf900"],
  ["a letter of Unicode 15", "\u{1DF25}", "\\U0001df25"],
];

for (const [what, text, escape] of ESCAPED) {
  Deno.test(`${what} is an escape`, () => assertEquals(visibleText(`b${text}c`), `b${escape}c`));
}

Deno.test("letters of other scripts stay readable", () => {
  for (
    const text of [
      "é",
      "Ελλάδα",
      "Москва",
      "漢字",
      "かな",
      "カナ",
      "한글",
      "ÛåßẼ",
      "ｙｅｓ，",
      "«„–…€№→»",
    ]
  ) {
    assertEquals(visibleText(text), text);
  }
});

Deno.test("asciiText() leaves nothing beyond ASCII", () => {
  assertEquals(asciiText("aÛ字\\"), "a\\u00db\\u5b57\\");
});

Deno.test("escapeOf() writes each code point in as few digits as its notation has", () => {
  assertEquals(escapeOf("a"), "\\x61");
  assertEquals(escapeOf("\x80"), "\\u0080");
  assertEquals(escapeOf("\uFFFF"), "\\uffff");
  assertEquals(escapeOf("\u{10000}"), "\\U00010000");
  assertEquals(escapeOf("\u{10FFFF}"), "\\U0010ffff");
});

Deno.test("visibleProse() escapes the backslash, and every space that can't be seen", () => {
  assertEquals(visibleProse(""), "");
  assertEquals(visibleProse("two words"), "two words");
  assertEquals(visibleProse("\\n"), "\\\\n");
  assertEquals(visibleProse("\n"), "\\n");
  assertEquals(visibleProse(" a "), "\\x20a\\x20");
  assertEquals(visibleProse("a   b"), "a \\x20\\x20b");
  assertEquals(visibleProse(" "), "\\x20");
  assertEquals(visibleProse("🙂 "), "\\U0001f642\\x20");
});

Deno.test("visibleRow() leaves indentation as it is, and escapes the spaces at the end", () => {
  assertEquals(visibleRow(""), "");
  assertEquals(visibleRow("    if x:  y"), "    if x:  y");
  assertEquals(visibleRow("a  "), "a\\x20\\x20");
  assertEquals(visibleRow("  "), "\\x20\\x20");
  assertEquals(visibleRow("\ta\\"), "\\ta\\\\");
  assertEquals(visibleRow("🙂 "), "\\U0001f642\\x20");
});

Deno.test("prose and rows read back exactly, and have no control characters", () => {
  fc.assert(
    fc.property(nastyText("script", true), (text) => {
      for (const written of [visibleProse(text), visibleRow(text)]) {
        assertEquals(readProse(written), text);
        assertTrue(!/[\p{C}\p{Zl}\p{Zp}]| $/u.test(written));
      }
      assertTrue(!/^ | {2}/.test(visibleProse(text)));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("a million spaces take no longer than a million letters", () => {
  const before = performance.now();
  for (const text of [" ".repeat(1e6), `${" ".repeat(1e6)}x`]) {
    visibleRow(text);
    visibleProse(text);
  }
  assertTrue(performance.now() - before < 10_000);
});

Deno.test("letters that are written from right to left are escapes, since some terminals turn the line around them", () => {
  assertEquals(visibleText("\u05d0b"), "\\u05d0b");
  assertEquals(visibleText("\u0645"), "\\u0645");
  assertEquals(visibleText("\u{1e900}"), "\\U0001e900");
});
