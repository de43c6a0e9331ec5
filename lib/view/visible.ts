/**
 * The second wall: only characters of an allowlist stand for themselves, everything else is written
 * as an escape. Everything on the list has been in Unicode since 5.1, so terminals with an old
 * version also draw it as we count it. There are no marks, joiners or right-to-left letters; each
 * character takes one cell, or two from U+3001 on.
 *
 * @module
 */

/** Ranges for a character class, in order. All are in the Basic Multilingual Plane. */
const ALLOWED: string = [
  // ASCII, and Latin-1 without the blank, the soft hyphen, and the two that can be emoji.
  "\\x20-\\x7e\\xa1-\\xa8\\xaa-\\xac\\xaf-\\xff",
  // Latin Extended-A and -B, IPA Extensions, Latin Extended Additional.
  "\\u0100-\\u02af\\u1e00-\\u1eff",
  // Modern Greek; Cyrillic without its marks.
  "\\u0386\\u0388-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03ce\\u0400-\\u0481\\u048a-\\u0523",
  // Dashes, quotation marks, daggers, bullet, ellipsis, per mille, primes, euro and other currencies,
  // numero, arrows, comparisons.
  "\\u2013\\u2014\\u2018-\\u201a\\u201c-\\u201e\\u2020-\\u2022\\u2026\\u2030\\u2032\\u2033",
  "\\u2039\\u203a\\u20a0-\\u20b5\\u2116\\u2190-\\u2193\\u2248\\u2260\\u2264\\u2265",
  // CJK punctuation, hiragana, katakana.
  "\\u3001-\\u3003\\u3005-\\u3011\\u3014-\\u301b\\u3041-\\u3096\\u309d-\\u309f\\u30a0-\\u30ff",
  // Han (Extension A, and the first set of Unified Ideographs), Hangul syllables, fullwidth ASCII.
  "\\u3400-\\u4db5\\u4e00-\\u9fa5\\uac00-\\ud7a3\\uff01-\\uff5e",
].join("");

const UNSEEN = new RegExp(`[^${ALLOWED}]`, "u");
const EACH_UNSEEN = new RegExp(UNSEEN, "gu");
/** The backslash marks escapes, so it is escaped, too. */
const EACH_OF_ROW = new RegExp(`\\\\|[^${ALLOWED}]`, "gu");
/** So is each space that can't be seen: at either end, and after another. */
const EACH_OF_PROSE = new RegExp(`^ | $|(?<= ) |\\\\|[^${ALLOWED}]`, "gu");

const SHORT_ESCAPES = new Map([["\n", "\\n"], ["\t", "\\t"], ["\r", "\\r"], ["\\", "\\\\"]]);

/** Whether every character of a text stands for itself on the screen. */
export function isVisible(text: string): boolean {
  return !UNSEEN.test(text);
}

/** Writes escapes for characters that can't stand for themselves; a backslash stays as it is. */
export function visibleText(text: string): string {
  return text.replace(EACH_UNSEEN, escapeOf);
}

/**
 * Writes a code point in ASCII, in the notation of the shell's `$'…'` (POSIX.1-2024; `\u` and `\U`
 * as bash, zsh and ksh have them), such as `\n`, `\x1b`, `\u202e` or `\U000e0041`.
 */
export function escapeOf(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

/** Writes what is beyond ASCII as escapes, for a terminal that may draw it wrongly. */
export function asciiText(text: string): string {
  return text.replace(/[^ -~]/gu, escapeOf);
}

/**
 * Writes prose so that it can do nothing to the screen and reads back exactly: unseen characters
 * become escapes, and so do the backslash that marks them and every space that can't be seen, at
 * either end or after another.
 *
 * @param text Any text.
 * @returns One line without control characters.
 */
export function visibleProse(text: string): string {
  return text.replace(EACH_OF_PROSE, escapeOf);
}

/**
 * Writes one line of a script or of standard input, without its newline: as
 * {@linkcode visibleProse}, with its indentation as it is.
 */
export function visibleRow(row: string): string {
  // Not by a pattern: it would look for the end again from each space.
  let end = row.length;
  while (row[end - 1] === " ") end--;
  return row.slice(0, end).replace(EACH_OF_ROW, escapeOf) + escapeOf(" ").repeat(row.length - end);
}
