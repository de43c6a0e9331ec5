import fc from "fast-check";
import { quoteWord } from "../../lib/view/quote.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { lacks, program } from "../rig/tools.ts";
import { nastyText } from "./nasty.ts";

/** Linux takes at most 128 KiB in one argument. */
const MAX_SCRIPT_BYTES = 100_000;

/** Those that know `$'…'`, which POSIX has since 2024, and dash, which does not. */
type Shell = "bash" | "ksh" | "dash";
const DOLLAR_SHELLS = ["bash", "ksh"] as const;

/** What a shell makes of words, each as the bytes of its argument. */
async function readByShell(shell: Shell, words: readonly string[]): Promise<string[]> {
  const read: string[] = [];
  for (const script of scripts(words)) {
    const { success, stdout, stderr } = await new Deno.Command(program(shell), {
      args: ["-c", script],
      env: { LC_ALL: "C.UTF-8" },
      clearEnv: true,
    }).output();
    assertTrue(success, new TextDecoder().decode(stderr));
    const bytes = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(stdout);
    read.push(...bytes.split("\0").slice(0, -1));
  }
  return read;
}

function* scripts(words: readonly string[]): Generator<string> {
  let script = "";
  let bytes = 0;
  for (const word of words) {
    bytes += new TextEncoder().encode(word).length + 1;
    if (bytes > MAX_SCRIPT_BYTES && script !== "") {
      yield `printf '%s\\0'${script}`;
      script = "";
      bytes = 0;
    }
    script += ` ${word}`;
  }
  if (script !== "") yield `printf '%s\\0'${script}`;
}

async function assertReadBack(
  shell: Shell,
  words: readonly string[],
  quoted: readonly string[],
): Promise<void> {
  const read = await readByShell(shell, quoted);
  words.forEach((word, index) => assertEquals(read[index], word, quoted[index]));
  assertEquals(read.length, words.length);
}

/** No argument can hold NUL, and half a character has no bytes. */
const word = fc.oneof(nastyText("script", true), fc.string({ unit: "binary" }))
  .map((text) => text.replaceAll("\0", "").toWellFormed());
const words = fc.array(word, { minLength: 200, maxLength: 400, size: "max" });

for (const shell of DOLLAR_SHELLS) {
  Deno.test({
    name: `${shell} reads every quoted word back, byte by byte`,
    ignore: lacks(shell),
    fn: () =>
      fc.assert(
        fc.asyncProperty(
          words,
          (words) => assertReadBack(shell, words, words.map((word) => quoteWord(word).text)),
        ),
        { numRuns: 15 },
      ),
  });

  Deno.test({
    name: `${shell} reads the ASCII form of every word with other letters back, byte by byte`,
    ignore: lacks(shell),
    fn: () =>
      fc.assert(
        fc.asyncProperty(words, async (words) => {
          const quoted = words.map((word) => quoteWord(word).ascii);
          const other = words.filter((_, index) => quoted[index] !== undefined);
          const ascii = quoted.filter((text) => text !== undefined);
          ascii.forEach((text) => assertTrue(/^[ -~]*$/.test(text), text));
          await assertReadBack(shell, other, ascii);
        }),
        { numRuns: 15 },
      ),
  });

  Deno.test({
    name: `${shell} reads every code point back from a quoted word`,
    ignore: lacks(shell),
    async fn() {
      const words: string[] = [];
      for (let start = 0; start < 0x110000; start += 256) {
        let word = "";
        for (let code = start; code < start + 256; code++) {
          const isSurrogate = code >= 0xD800 && code <= 0xDFFF;
          if (code !== 0 && !isSurrogate) word += String.fromCodePoint(code);
        }
        if (word !== "") words.push(word);
      }
      await assertReadBack(shell, words, words.map((word) => quoteWord(word).text));
    },
  });
}

Deno.test({
  name: "dash reads every word that is quoted without $'…' back, byte by byte",
  ignore: lacks("dash"),
  fn: () =>
    fc.assert(
      fc.asyncProperty(words, async (words) => {
        const plain = words.filter((word) => !quoteWord(word).text.startsWith("$"));
        await assertReadBack("dash", plain, plain.map((word) => quoteWord(word).text));
      }),
      { numRuns: 15 },
    ),
});
