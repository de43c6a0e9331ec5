import { asciiText, escapeOf, isVisible, visibleText } from "./visible.ts";

const BARE = /^[A-Za-z0-9_@%+=:,.\/-]+$/;
const NOT_ASCII = /[^\0-\x7f]/;
/** What has a meaning inside `$'…'`. */
const SYNTAX = /['\\]/g;
/** An escaped backslash or quote; or an escape before letters that could be read as its digits. */
const ESCAPE = /\\['\\]|(\\x[0-9a-f]{2})([0-9A-Fa-f]+)/g;

/** A word as the shell would read it back. */
export interface QuotedWord {
  /** The word, readable: letters beyond ASCII stand for themselves. */
  readonly text: string;
  /** The same word in ASCII alone, where `text` is not; look-alike letters differ here. */
  readonly ascii: string | undefined;
}

/**
 * Quotes a word so that a POSIX shell reads the same bytes back: bare if it needs no quotes,
 * else in single quotes, else in `$'…'` with escapes.
 */
export function quoteWord(word: string): QuotedWord {
  if (BARE.test(word)) return { text: word, ascii: undefined };
  const text = isVisible(word)
    ? `'${word.replaceAll("'", `'\\''`)}'`
    : escaped(visibleText(word.replace(SYNTAX, "\\$&")));
  const ascii = NOT_ASCII.test(text) ? escaped(asciiText(word.replace(SYNTAX, "\\$&"))) : undefined;
  return { text, ascii };
}

/** POSIX.1-2024 leaves open how many digits `\x` reads: ksh reads more than two. */
function escaped(text: string): string {
  const safe = text.replace(
    ESCAPE,
    (all, escape?: string, digits = "") =>
      escape === undefined ? all : escape + [...digits].map(escapeOf).join(""),
  );
  return `$'${safe}'`;
}
