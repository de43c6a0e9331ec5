/**
 * What the bytes of one read from the terminal mean. Bytes that arrive together are one burst: a
 * paste, an arrow key's escape sequence and a multi-byte letter are bursts of several bytes, and no
 * burst but a single byte ever decides anything.
 *
 * @module
 */

/** A key of the approval terminal. */
export type Key =
  | "approve"
  | "deny"
  | "reason"
  | "denyAll"
  | "trust"
  | "quit"
  | "endCommand"
  | "help"
  | "lineUp"
  | "lineDown"
  | "pageUp"
  | "pageDown"
  | "top"
  | "end";

const LONE_BYTES: Readonly<Record<string, Key>> = {
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
  "q": "quit",
  "k": "endCommand",
  "?": "help",
  " ": "pageDown",
};

// Cursor and editing keys as xterm, the Linux console and their kin send them, in normal and
// application mode.
const SEQUENCES: Readonly<Record<string, Key>> = {
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

/**
 * Reads a burst as a key.
 *
 * @param burst The bytes of one read.
 * @returns The key, or `undefined` where the burst means nothing.
 */
export function keyOf(burst: Uint8Array): Key | undefined {
  if (burst.length > 8) return undefined;
  const text = String.fromCharCode(...burst);
  const table = text.length === 1 ? LONE_BYTES : SEQUENCES;
  return Object.hasOwn(table, text) ? table[text] : undefined;
}

const READING_KEYS: ReadonlySet<Key | undefined> = new Set<Key>([
  "help",
  "lineUp",
  "lineDown",
  "pageUp",
  "pageDown",
  "top",
  "end",
]);

/**
 * Tells whether a key only moves the text or explains the keys. Any other burst may have been meant
 * as an answer.
 *
 * @param key What {@linkcode keyOf} gave.
 * @returns Whether it decides nothing, wherever it is pressed.
 */
export function isReadingKey(key: Key | undefined): boolean {
  return READING_KEYS.has(key);
}

const KEY_NAMES: Readonly<Record<string, string>> = {
  "\r": "Enter",
  "\n": "Enter",
  "\x1b": "Esc",
  "\x03": "Ctrl+C",
};

/**
 * What a key that decides is called, for the audit trail.
 *
 * @param burst The bytes of one read, for which {@linkcode keyOf} gave a key of one byte.
 * @returns The letter, or the name of the key.
 */
export function keyName(burst: Uint8Array): string {
  const text = String.fromCharCode(...burst);
  return KEY_NAMES[text] ?? text;
}

/**
 * How far a bracketed paste has come (xterm, "Bracketed Paste Mode"). It may come in many reads,
 * and one of them may be a lone `y`.
 */
export interface PasteState {
  /** Whether its beginning was seen, and not its end. */
  readonly open: boolean;
  /** The last bytes, since a mark may be cut in two. */
  readonly tail: string;
}

const PASTE_BEGINS = "\x1b[200~";
const PASTE_ENDS = "\x1b[201~";

/** No paste is under way. */
export const NO_PASTE: PasteState = { open: false, tail: "" };

/**
 * Follows a paste from one read to the next.
 *
 * @param before How far it had come.
 * @param burst The bytes of one read.
 * @returns How far it has come, and whether any of the burst was pasted.
 */
export function followPaste(
  before: PasteState,
  burst: Uint8Array,
): { readonly paste: PasteState; readonly pasted: boolean } {
  const text = before.tail + new TextDecoder("latin1").decode(burst);
  const [begins, ends] = [text.lastIndexOf(PASTE_BEGINS), text.lastIndexOf(PASTE_ENDS)];
  const open = begins === ends ? before.open : begins > ends;
  const pasted = before.open || open || begins !== ends;
  return { paste: { open, tail: text.slice(1 - PASTE_BEGINS.length) }, pasted };
}

/** One step of typing a line: the text so far, and whether it is done. */
export interface LineEdit {
  /** The text after the burst. */
  readonly text: string;
  /** `send` after Enter, `cancel` after Esc or Ctrl+C. */
  readonly end: "send" | "cancel" | undefined;
}

/**
 * Applies a burst to a line that a person types. Only letters that can be shown are taken; anything
 * else is left out.
 *
 * @param text The text so far.
 * @param burst The bytes of one read; a paste may be long.
 * @param maxLength The most code points that the line may have.
 * @param isAllowed Whether a text can be shown and sent.
 * @returns The text after the burst.
 */
export function editLine(
  text: string,
  burst: Uint8Array,
  maxLength: number,
  isAllowed: (text: string) => boolean,
): LineEdit {
  const typed = new TextDecoder().decode(burst);
  if (typed === "\r" || typed === "\n") return { text, end: "send" };
  if (typed === "\x1b" || typed === "\x03") return { text, end: "cancel" };
  if (typed === "\x15") return { text: "", end: undefined };
  const pasted = typed.split(PASTE_BEGINS).join("").split(PASTE_ENDS).join("");
  if (pasted.startsWith("\x1b")) return { text, end: undefined };
  const letters = [...text];
  for (const letter of pasted) {
    if (letter === "\x7f" || letter === "\b") letters.pop();
    else if (letter !== "\uFFFD" && isAllowed(letter) && letters.length < maxLength) {
      letters.push(letter);
    }
  }
  // A fast typist's last letters and Enter may come in one read.
  const end = pasted === typed && /[^\r\n][\r\n]$/.test(typed) ? "send" : undefined;
  return { text: letters.join(""), end };
}
