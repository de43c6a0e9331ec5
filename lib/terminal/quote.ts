import { asciiText, isVisible, visibleText } from "./visible.ts";

const BARE = /^[A-Za-z0-9_@%+=:,.\/-]+$/;
const NOT_ASCII = /[^\0-\x7f]/;
/** What has a meaning inside `$'…'`. */
const SYNTAX = /['\\]/g;

/** A word as the shell would read it back. */
export interface QuotedWord {
  /** The word, readable: letters beyond ASCII stand for themselves. */
  readonly text: string;
  /** The same word in ASCII alone, where `text` is not; look-alike letters differ here. */
  readonly ascii: string | undefined;
}

/**
 * Quotes a word so that a POSIX shell reads the same bytes back: bare where it needs no quotes,
 * else in single quotes, else in `$'…'` with escapes.
 *
 * @param word Any text.
 * @returns The word for the screen.
 */
export function quoteWord(word: string): QuotedWord {
  if (BARE.test(word)) return { text: word, ascii: undefined };
  const text = isVisible(word)
    ? `'${word.replaceAll("'", `'\\''`)}'`
    : `$'${visibleText(word.replace(SYNTAX, "\\$&"))}'`;
  const ascii = NOT_ASCII.test(text) ? `$'${asciiText(word.replace(SYNTAX, "\\$&"))}'` : undefined;
  return { text, ascii };
}
