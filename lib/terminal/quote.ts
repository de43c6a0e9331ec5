import { escapeOf, joinText, visibleCharacters } from "./visible.ts";

const BARE = /^[A-Za-z0-9_@%+=:,.\/-]+$/;
/** Nothing but printable ASCII and line breaks, which is what nearly all long words are. */
const ASCII_SCRIPT = /^[ -~\n]*\n[ -~\n]*$/;
const NOT_ASCII = /[^\0-\x7f]/;

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
  if (ASCII_SCRIPT.test(word)) {
    const text = word.replace(/[\n'\\]/g, (letter) => letter === "\n" ? "\\n" : `\\${letter}`);
    return { text: `$'${text}'`, ascii: undefined };
  }
  // One pass to look, and one to write: a list of all characters of a long word would take a hundred
  // times its memory.
  const text = visibleCharacters(word).some(({ isEscape }) => isEscape)
    ? dollarQuote(
      visibleCharacters(word).map(({ text, isEscape }) => isEscape ? text : escapeSyntax(text)),
    )
    : `'${word.replaceAll("'", `'\\''`)}'`;
  const ascii = NOT_ASCII.test(text)
    ? dollarQuote(
      Iterator.from(word).map((character) =>
        isPrintableAscii(character) ? escapeSyntax(character) : escapeOf(character)
      ),
    )
    : undefined;
  return { text, ascii };
}

function dollarQuote(parts: Iterable<string>): string {
  return `$'${joinText(parts)}'`;
}

/** What has a meaning inside `$'…'`. */
function escapeSyntax(character: string): string {
  return character === "'" || character === "\\" ? `\\${character}` : character;
}

function isPrintableAscii(character: string): boolean {
  return character >= " " && character <= "~";
}
