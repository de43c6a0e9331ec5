import fc from "fast-check";
import { quoteWord } from "../../lib/view/quote.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { nastyText } from "./nasty.ts";
import { readShellWords } from "./reader.ts";

const QUOTED: readonly [word: string, text: string, ascii?: string][] = [
  ["/usr/bin/id", "/usr/bin/id"],
  ["--color=auto", "--color=auto"],
  ["user@host:/path", "user@host:/path"],
  ["", "''"],
  ["two words", "'two words'"],
  [" ", "' '"],
  ["it's", "'it'\\''s'"],
  ["'", "''\\'''"],
  ["\\", "'\\'"],
  ["$HOME", "'$HOME'"],
  ["*", "'*'"],
  ["~", "'~'"],
  ["|", "'|'"],
  ["a\nb", "$'a\\nb'"],
  ["\t", "$'\\t'"],
  ["it's\n\\n", "$'it\\'s\\n\\\\n'"],
  ["\x1b[2J", "$'\\x1b[2J'"],
  // More digits than two would be part of the escape for ksh.
  ["\x07bee\\x07e", "$'\\x07\\x62\\x65\\x65\\\\x07e'"],
  ["é", "'é'", "$'\\u00e9'"],
  ["dé's", "'dé'\\''s'", "$'d\\u00e9\\'s'"],
  ["а\n", "$'а\\n'", "$'\\u0430\\n'"],
  ["🙂", "$'\\U0001f642'"],
  ["字🙂\\", "$'字\\U0001f642\\\\'", "$'\\u5b57\\U0001f642\\\\'"],
  ["\u200B", "$'\\u200b'"],
];

for (const [word, text, ascii] of QUOTED) {
  Deno.test(`quoteWord() writes ${JSON.stringify(word)} as ${text}`, () =>
    assertEquals(quoteWord(word), { text, ascii }));
}

Deno.test("quoteWord() writes words that read back exactly, one by one and in a row", () => {
  fc.assert(
    fc.property(fc.array(nastyText("script", true), { maxLength: 5 }), (words) => {
      const quoted = words.map(quoteWord);
      const read = readShellWords(quoted.map(({ text }) => text).join(" "));
      assertEquals(read.map(({ word }) => word), words);
      quoted.forEach(({ text, ascii }, index) => {
        assertEquals(ascii !== undefined, /[^ -~]/.test(text));
        if (ascii === undefined) return;
        assertTrue(/^[ -~]*$/.test(ascii), ascii);
        assertEquals(readShellWords(ascii).map(({ word }) => word), [words[index]]);
      });
    }),
    { numRuns: 1000 },
  );
});
