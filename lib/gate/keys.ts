/**
 * What the bytes of one read from the terminal mean. Bytes that arrive together are one burst: a paste, an arrow key's escape
 * sequence and a multi-byte letter are bursts of several bytes, and no burst but a single byte ever decides anything.
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
  " ": "pageDown",
};

// Cursor and editing keys as xterm, the Linux console and their kin send them, in normal and application mode.
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

/** One step of typing a line: the text so far, and whether it is done. */
export interface LineEdit {
  /** The text after the burst. */
  readonly text: string;
  /** `send` after Enter, `cancel` after Esc or Ctrl+C. */
  readonly end: "send" | "cancel" | undefined;
}

/**
 * Applies a burst to a line that a person types. Only letters that can be shown are taken; anything else is left out.
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
  if (typed === "\x7f" || typed === "\b") {
    return { text: [...text].slice(0, -1).join(""), end: undefined };
  }
  if (typed === "\x15") return { text: "", end: undefined };
  if (typed.startsWith("\x1b")) return { text, end: undefined };
  const letters = [...typed].filter((letter) => letter !== "\uFFFD" && isAllowed(letter));
  // A fast typist's last letters and Enter may come in one read.
  const end = /[^\r\n][\r\n]$/.test(typed) ? "send" : undefined;
  return { text: [...text, ...letters].slice(0, maxLength).join(""), end };
}
