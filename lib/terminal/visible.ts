/**
 * The second wall: whatever is not plainly visible is written as an escape. The classes come from the Unicode data of the runtime.
 *
 * @module
 */

/** Controls, format, surrogate, private-use and unassigned code points; separators and other blanks; what is ignored by default. */
const UNSEEN = /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\u2800\u{1D159}]/u;
const MARK = /\p{M}/u;
const LETTER = /\p{L}/u;
/** More marks than these on one letter pile up over the lines around it. */
const MAX_MARKS = 2;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\t": "\\t", "\r": "\\r" };

/** One code point as it stands on the screen. */
export interface VisibleCharacter {
  /** What is written: the character itself, or an escape in ASCII. */
  readonly text: string;
  /** Whether it is an escape. */
  readonly isEscape: boolean;
}

/**
 * Walks a text as it stands on the screen.
 *
 * @param text Any text, well-formed or not.
 * @yields One entry a code point. Printable ASCII always stands for itself.
 */
export function* visibleCharacters(text: string): Generator<VisibleCharacter> {
  let onLetter = false;
  let marks = 0;
  for (const character of text) {
    const isMark = MARK.test(character);
    marks = isMark ? marks + 1 : 0;
    const isSeen: boolean = character === " " ||
      (!UNSEEN.test(character) && (!isMark || (onLetter && marks <= MAX_MARKS)));
    // A mark stands on the letter before it; on anything else it would change what that looks like.
    onLetter = isSeen && (isMark ? onLetter : LETTER.test(character));
    yield isSeen
      ? { text: character, isEscape: false }
      : { text: escapeOf(character), isEscape: true };
  }
}

/**
 * Writes a code point in ASCII, in the notation of the shell's `$'…'` (POSIX.1-2024; `\u` and `\U` as bash, zsh and ksh have them).
 *
 * @param character One code point.
 * @returns Such as `\n`, `\x1b`, `\u202e` or `\U000e0041`.
 */
export function escapeOf(character: string): string {
  const code = character.codePointAt(0)!;
  if (character in SHORT_ESCAPES) return SHORT_ESCAPES[character];
  if (code < 0x80) return `\\x${code.toString(16).padStart(2, "0")}`;
  return code <= 0xffff
    ? `\\u${code.toString(16).padStart(4, "0")}`
    : `\\U${code.toString(16).padStart(8, "0")}`;
}

/**
 * Writes prose so that it can do nothing to the screen: unseen characters become escapes, and so does the backslash that marks them.
 *
 * @param text Any text.
 * @returns One line without control characters.
 */
export function visibleProse(text: string): string {
  return [...visibleCharacters(text)]
    .map(({ text, isEscape }) => text === "\\" && !isEscape ? "\\\\" : text).join("");
}
