/**
 * The second wall: whatever is not plainly visible is written as an escape. The classes come from
 * the Unicode data of the runtime.
 *
 * @module
 */
import { cellWidth } from "./cells.ts";

/**
 * Controls, format, surrogate, private-use and unassigned code points; separators and other blanks;
 * what is ignored by default; emoji and the few others that terminals disagree about; what is
 * written from right to left, since some terminals turn the line around it, too (the ranges that
 * default to R and AL in DerivedBidiClass.txt); and the boxes and blocks that our own frame is made
 * of.
 */
const UNSEEN =
  /[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\p{Variation_Selector}\p{Emoji_Presentation}\p{Extended_Pictographic}\p{Regional_Indicator}\u0590-\u08FF\uFB1D-\uFDFF\uFE70-\uFEFF\u{10800}-\u{10FFF}\u{1E800}-\u{1EFFF}\u2500-\u259F\u2800\u3248-\u324F\u{1D159}]/u;
/**
 * Marks that take no cell on any terminal: those of Latin, Greek and Cyrillic letters, Thai vowels
 * and tones, and the sound marks of kana. Tables disagree about others, which came later or join
 * two letters into one.
 */
const MARK = /[\p{Mn}&&[\u0300-\u036F\p{Script=Thai}\u3099\u309A]]/v;
/**
 * What takes two cells on every terminal: ideographs, and blocks of CJK punctuation, kana, Hangul
 * and fullwidth forms.
 */
const WIDE =
  /[\p{Unified_Ideograph}\u3001-\u3029\u3030-\u303E\u3041-\u30FF\u3131-\u318E\uAC00-\uD7A3\uFF01-\uFF60\uFFE0-\uFFE6]/u;
/**
 * Other characters of these scripts (letter parts, narrow and circled letters) take one cell or
 * two, by themselves or joined.
 */
const DISPUTED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]/u;
/** A terminal that thinks in graphemes draws what joins its neighbour in the neighbour's cells. */
const GRAPHEMES = new Intl.Segmenter("en", { granularity: "grapheme" });
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
  /** How many UTF-16 units it has in the text. */
  readonly length: number;
}

/**
 * Walks a text as it stands on the screen.
 *
 * @param text Any text, well-formed or not.
 * @yields One entry a code point. Printable ASCII always stands for itself.
 */
export function* visibleCharacters(text: string): Generator<VisibleCharacter, void> {
  let onLetter = false;
  let marks = 0;
  for (const character of text) {
    const isMark = MARK.test(character);
    marks = isMark ? marks + 1 : 0;
    const isSeen: boolean = isPlain(character) && (!isMark || (onLetter && marks <= MAX_MARKS));
    // A mark stands on the letter before it; on anything else it would change what that looks like.
    onLetter = isSeen && (isMark ? onLetter : LETTER.test(character));
    const { length } = character;
    yield isSeen
      ? { text: character, isEscape: false, length }
      : { text: escapeOf(character), isEscape: true, length };
  }
}

/**
 * What was found out about each code point; a request may have a million characters, and is drawn
 * every second.
 */
const PLAIN = new Uint8Array(0x110000);
const IS_PLAIN = 1;
const IS_NOT_PLAIN = 2;

/** Whether every terminal shows a character, and in the number of cells that we count for it. */
function isPlain(character: string): boolean {
  const code = character.codePointAt(0)!;
  PLAIN[code] ||= judge(character) ? IS_PLAIN : IS_NOT_PLAIN;
  return PLAIN[code] === IS_PLAIN;
}

function judge(character: string): boolean {
  if (character >= " " && character <= "~") return true;
  if (UNSEEN.test(character)) return false;
  const cells = cellWidth(character);
  if (MARK.test(character)) return cells === 0;
  if ([...GRAPHEMES.segment(`a${character}a`)].length !== 3) return false;
  if (WIDE.test(character)) return cells === 2;
  return cells === 1 && !DISPUTED.test(character);
}

/**
 * Writes a code point in ASCII, in the notation of the shell's `$'…'` (POSIX.1-2024; `\u` and `\U`
 * as bash, zsh and ksh have them).
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
 * Writes prose so that it can do nothing to the screen and reads back exactly: unseen characters
 * become escapes, and so do the backslash that marks them and every space that can't be seen, at
 * either end or after another.
 *
 * @param text Any text.
 * @returns One line without control characters.
 */
export function visibleProse(text: string): string {
  return withoutHiddenSpaces(
    text,
    (at) => at === 0 || at === text.length - 1 || text[at - 1] === " ",
  );
}

/** Printable ASCII without the backslash: it stands for itself. */
const PLAIN_ROW = /^[ -[\]-~]*$/;

/**
 * Writes one line of a script or of standard input: as {@linkcode visibleProse}, with its
 * indentation as it is.
 *
 * @param row The line, without its newline.
 * @returns One line without control characters.
 */
export function visibleRow(row: string): string {
  // Not by a pattern: it would look for the end again from each space.
  let end = row.length;
  while (row[end - 1] === " ") end--;
  if (end === row.length && PLAIN_ROW.test(row)) return row;
  return withoutHiddenSpaces(row, (at) => at >= end);
}

function withoutHiddenSpaces(text: string, isHidden: (at: number) => boolean): string {
  let at = 0;
  return joinText(
    visibleCharacters(text).map(({ text: shown, isEscape, length }) => {
      const isUnseen = shown === " " && isHidden(at);
      at += length;
      if (isUnseen) return escapeOf(" ");
      return shown === "\\" && !isEscape ? "\\\\" : shown;
    }),
  );
}

/** How many pieces are joined at once. */
const JOINED = 1024;

/**
 * Joins many short texts. Adding them one by one would make a chain with a link for each.
 *
 * @param parts The texts.
 * @returns All of them, one after another.
 */
export function joinText(parts: Iterable<string>): string {
  const blocks: string[] = [];
  let block: string[] = [];
  for (const part of parts) {
    if (block.push(part) < JOINED) continue;
    blocks.push(block.join(""));
    block = [];
  }
  return blocks.join("") + block.join("");
}
