import fc from "fast-check";
import { textFault } from "../../lib/admit/text.ts";
import {
  isReadingKey,
  type Key,
  KEY_BINDINGS,
  type KeyContext,
  keyName,
  keyOf,
} from "../../lib/decide/keys.ts";
import { editLine } from "../../lib/decide/line_edit.ts";
import { followPaste, NO_PASTE } from "../../lib/decide/paste.ts";
import { assertEquals } from "../rig/assert.ts";

type Meanings = Readonly<Record<string, Key>>;

/** What each single byte means; all that is not here means nothing. */
const LONE: Readonly<Record<KeyContext, Meanings>> = {
  prompt: {
    "y": "approve",
    "Y": "approve",
    "n": "deny",
    "N": "deny",
    "\r": "deny",
    "\n": "deny",
    "\x1b": "deny",
    "\x03": "deny",
    "r": "reason",
    "d": "denyAll",
    "a": "trust",
    "?": "help",
    " ": "pageDown",
  },
  help: { "n": "deny", "N": "deny", "\x03": "deny", "\x1b": "close", " ": "pageDown" },
  message: { "\r": "send", "\n": "send", "\x1b": "back", "\x03": "back", "\x15": "clear" },
  idle: { "q": "quit", "\x03": "quit", "k": "endCommand", "?": "help" },
};

const SEQUENCES: Meanings = {
  "\x1b[A": "lineUp",
  "\x1bOA": "lineUp",
  "\x1b[B": "lineDown",
  "\x1bOB": "lineDown",
  "\x1b[5~": "pageUp",
  "\x1b[6~": "pageDown",
  "\x1b[H": "top",
  "\x1bOH": "top",
  "\x1b[1~": "top",
  "\x1b[7~": "top",
  "\x1b[F": "end",
  "\x1bOF": "end",
  "\x1b[4~": "end",
  "\x1b[8~": "end",
};

const PHASES = ["prompt", "help", "message", "idle"] as const;

const bytes = (text: string) => new TextEncoder().encode(text);

function edit(text: string, burst: string | Uint8Array): ReturnType<typeof editLine> {
  return editLine(text, typeof burst === "string" ? bytes(burst) : burst);
}

Deno.test("keyOf() gives every single byte its meaning in a phase, and most none", () => {
  for (const phase of PHASES) {
    for (let byte = 0; byte < 256; byte++) {
      const letter = String.fromCharCode(byte);
      const expected = Object.hasOwn(LONE[phase], letter) ? LONE[phase][letter] : undefined;
      assertEquals(keyOf(Uint8Array.of(byte), phase), expected, `byte ${byte} in ${phase}`);
    }
  }
});

Deno.test("keyOf() gives no pair of bytes a meaning", () => {
  for (const phase of PHASES) {
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        const key = keyOf(Uint8Array.of(first, second), phase);
        assertEquals(key, undefined, `bytes ${first} ${second} in ${phase}`);
      }
    }
  }
});

Deno.test("keyOf() reads the sequences of the keys that move, at a request and at its help", () => {
  for (const [sequence, key] of Object.entries(SEQUENCES)) {
    for (const phase of PHASES) {
      const counts = phase === "prompt" || phase === "help";
      assertEquals(
        keyOf(bytes(sequence), phase),
        counts ? key : undefined,
        JSON.stringify(sequence),
      );
    }
  }
});

Deno.test("keyOf() gives nothing for an empty burst, other keys' sequences, letters and pastes", () => {
  const meaningless = [
    "",
    "\x1b[C",
    "\x1b[D",
    "\x1b[3~",
    "\x1bOP",
    "\x1b[Ay",
    "\x1by",
    "\x1bY",
    "\x1ba",
    "y\r",
    "yes",
    "yyyy",
    "\x1b[121u",
    "\x1b[200~y\x1b[201~",
    "ý",
    "ÿ",
    "ｙ",
    "у",
    "🦕",
    "y".repeat(5000),
    "__proto__",
    "constructor",
  ];
  for (const text of meaningless) {
    for (const phase of PHASES) {
      assertEquals(keyOf(bytes(text), phase), undefined, JSON.stringify(text.slice(0, 20)));
    }
  }
});

Deno.test("keyOf() lets only one lone byte approve or trust, and only at a request", () => {
  const pieces = [...Object.keys(LONE.prompt), ...Object.keys(SEQUENCES), "[", "O", "~", "Y"];
  const burst = fc.oneof(
    fc.uint8Array({ maxLength: 16 }),
    // Bursts that are near to something: keys and pieces of sequences, joined.
    fc.array(fc.constantFrom(...pieces), { maxLength: 4 }).map((parts) => bytes(parts.join(""))),
  );
  fc.assert(
    fc.property(burst, fc.constantFrom(...PHASES), (read, phase) => {
      const key = keyOf(read, phase);
      const isLone = (letters: string) =>
        phase === "prompt" && read.length === 1 &&
        letters.includes(String.fromCharCode(read[0] ?? 0));
      assertEquals(key === "approve", isLone("yY"));
      assertEquals(key === "trust", isLone("a"));
    }),
    { numRuns: 2000 },
  );
});

Deno.test("isReadingKey() knows the keys that only move the text or explain the keys", () => {
  for (const sequence of [...Object.keys(SEQUENCES), " ", "?"]) {
    assertEquals(isReadingKey(bytes(sequence)), true, JSON.stringify(sequence));
  }
  for (const text of ["", "y", "n", "a", "q", "\r", "\x1b", "yy", "  ", "\x1b[C", "x"]) {
    assertEquals(isReadingKey(bytes(text)), false, JSON.stringify(text));
  }
});

Deno.test("keyName() names what decides as it is written on the key", () => {
  const names = { "y": "y", "Y": "Y", "N": "N", "\r": "Enter", "\n": "Enter", "\x1b": "Esc" };
  for (const [text, name] of Object.entries(names)) assertEquals(keyName(bytes(text)), name);
  assertEquals([keyName(bytes("\x03")), keyName(bytes("d"))], ["Ctrl+C", "d"]);
  assertEquals(keyName(bytes(" ")), "space");
});

Deno.test("KEY_BINDINGS has no burst twice in a phase, and words for what is shown", () => {
  for (const phase of PHASES) {
    const here = KEY_BINDINGS.filter(({ labels }) => labels[phase] !== undefined);
    const bursts = here.flatMap(({ bytes }) => bytes);
    assertEquals(bursts.length, new Set(bursts).size, phase);
  }
  const explained = KEY_BINDINGS.flatMap(({ help }) => help === undefined ? [] : [help[0]]);
  assertEquals(explained, ["y", "n or Enter", "r", "d", "a", "space", "k", "q"]);
});

Deno.test("editLine() adds letters of any script", () => {
  assertEquals(edit("", "n"), { text: "n", end: undefined });
  assertEquals(edit("na", "ż"), { text: "naż", end: undefined });
  assertEquals(edit("", "🦕 日本"), { text: "🦕 日本", end: undefined });
  assertEquals(edit("I say", " y"), { text: "I say y", end: undefined });
});

Deno.test("editLine() sends on Enter, alone or in the same burst as the last letters", () => {
  assertEquals(edit("use apt", "\r"), { text: "use apt", end: "send" });
  assertEquals(edit("use apt", "\n"), { text: "use apt", end: "send" });
  assertEquals(edit("", "\r"), { text: "", end: "send" });
  assertEquals(edit("use a", "pt\r"), { text: "use apt", end: "send" });
  assertEquals(edit("use a", "pt\n"), { text: "use apt", end: "send" });
});

Deno.test("editLine() goes back on a lone Esc or Ctrl+C and keeps the text", () => {
  assertEquals(edit("use apt", "\x1b"), { text: "use apt", end: "back" });
  assertEquals(edit("use apt", "\x03"), { text: "use apt", end: "back" });
});

Deno.test("editLine() takes the last code point away on Backspace, and all on Ctrl+U", () => {
  assertEquals(edit("ab", "\x7f"), { text: "a", end: undefined });
  assertEquals(edit("ab", "\b"), { text: "a", end: undefined });
  assertEquals(edit("a🦕", "\x7f"), { text: "a", end: undefined });
  assertEquals(edit("", "\x7f"), { text: "", end: undefined });
  assertEquals(edit("ab", "\x15"), { text: "", end: undefined });
});

Deno.test("editLine() joins the lines of a paste and does not send it", () => {
  assertEquals(edit("", "one\ntwo"), { text: "onetwo", end: undefined });
  assertEquals(edit("", "one\r\ntwo"), { text: "onetwo", end: undefined });
  assertEquals(edit("", "\none"), { text: "one", end: undefined });
  assertEquals(edit("", "one\n\n"), { text: "one", end: undefined });
});

Deno.test("editLine() takes a bracketed paste without its marks, and does not send it", () => {
  assertEquals(edit("a", "\x1b[200~b c\x1b[201~"), { text: "ab c", end: undefined });
  assertEquals(edit("a", "\x1b[200~b\r\x1b[201~"), { text: "ab", end: undefined });
  assertEquals(edit("a", "\x1b[200~b\r"), { text: "ab", end: undefined });
});

Deno.test("editLine() leaves out what can't be shown", () => {
  assertEquals(edit("a", "b\0\x07\tc\x9b"), { text: "abc", end: undefined });
  assertEquals(edit("", "\u202Eabc\u2066\u200B\u{E0041}"), { text: "abc", end: undefined });
  assertEquals(edit("a", "\x1b[A"), { text: "a", end: undefined });
  assertEquals(edit("a", Uint8Array.of(0xC5)), { text: "a", end: undefined });
  assertEquals(edit("a", Uint8Array.of(0xFF, 0x62)), { text: "ab", end: undefined });
});

Deno.test("editLine() takes at most 500 code points", () => {
  assertEquals(edit("a".repeat(499), "bc"), { text: "a".repeat(499) + "b", end: undefined });
  assertEquals(edit("a".repeat(500), "b\r"), { text: "a".repeat(500), end: "send" });
  assertEquals(edit("", "🦕".repeat(501)), { text: "🦕".repeat(500), end: undefined });
});

Deno.test("editLine() only ever gives text that can be shown, and is not too long", () => {
  const burst = fc.oneof(
    fc.uint8Array({ maxLength: 40 }),
    fc.string({ unit: "binary", maxLength: 20 }).map(bytes),
    fc.constantFrom("\r", "\x7f", "\x1b", "a".repeat(600), "ż\r").map(bytes),
  );
  fc.assert(fc.property(fc.array(burst, { maxLength: 20 }), (bursts) => {
    let text = "";
    for (const read of bursts) {
      text = editLine(text, read).text;
      assertEquals(textFault(text), undefined);
      assertEquals([...text].length <= 500, true);
    }
  }));
});

const BEGIN = "\x1b[200~";
const END = "\x1b[201~";

/** Reads bursts one after another, and tells of each whether it was pasted. */
function pastedOf(bursts: readonly string[], before = NO_PASTE): readonly boolean[] {
  let paste = before;
  return bursts.map((burst) => {
    paste = followPaste(paste, bytes(burst));
    return paste.pasted;
  });
}

Deno.test("followPaste() takes keys for keys where nothing is pasted", () => {
  const keys = ["y", "\x1b", "\x1b[A", "", "[", "ż", "200~", "\x1b[20", "1", "y"];
  assertEquals(pastedOf(keys), keys.map(() => false));
});

Deno.test("followPaste() knows a paste in one read or in many, from its first letter to its end", () => {
  assertEquals(pastedOf([`${BEGIN}y${END}`, "y"]), [true, false]);
  assertEquals(pastedOf([BEGIN, "y", "a", `y${END}`, "y"]), [true, true, true, true, false]);
  assertEquals(pastedOf([`x${BEGIN}y`, "y", `${END}y`, "y"]), [true, true, true, false]);
  assertEquals(pastedOf([`${BEGIN}a${END}${BEGIN}b`, "y", END]), [true, true, true]);
});

Deno.test("followPaste() never takes a pasted letter for a key, wherever the paste is cut", () => {
  const cuts = fc.uniqueArray(fc.integer({ min: 1, max: 40 }), { maxLength: 40 });
  // Letters that look like a mark are no mark.
  const letters = fc.array(fc.constantFrom("y", "a", "Y", "[", "2", "0", "~"), { maxLength: 12 });
  const earlier = fc.constantFrom("x", "\x1b[A", "yyyyyyyy");
  fc.assert(fc.property(cuts, letters, earlier, (at, content, key) => {
    const stream = `${BEGIN}${content.join("")}${END}y`;
    const ends = [...at.filter((cut) => cut < stream.length - 1), stream.length - 1, stream.length]
      .sort((one, other) => one - other);
    const bursts = ends.map((end, index) => stream.slice(ends[index - 1] ?? 0, end));
    const [, ...pasted] = pastedOf([key, ...bursts]);
    for (const [index, end] of ends.entries()) {
      const isLast = end === stream.length;
      // Before the mark is whole nobody can know; a piece of it is no lone y either.
      if (end >= BEGIN.length) assertEquals(pasted[index], !isLast, JSON.stringify(bursts));
    }
  }));
});

Deno.test("followPaste() finds a mark that is cut in two anywhere, in the very first reads too", () => {
  for (let cut = 1; cut < BEGIN.length; cut++) {
    const bursts = [BEGIN.slice(0, cut), BEGIN.slice(cut), "y"];
    assertEquals(pastedOf(bursts), [false, true, true], JSON.stringify(bursts));
  }
});
