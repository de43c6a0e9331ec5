/**
 * How far a bracketed paste has come (xterm, "Bracketed Paste Mode"). It may come in many reads, and
 * one of them may be a lone `y`.
 */
export interface PasteState {
  /** Whether its beginning was seen, but not its end. */
  readonly open: boolean;
  /** Whether any of the last burst was pasted. */
  readonly pasted: boolean;
  /** The last bytes, since a read may end within a mark. */
  readonly tail: string;
}

/** What begins a paste. */
export const PASTE_BEGINS = "\x1b[200~";
/** What ends a paste. */
export const PASTE_ENDS = "\x1b[201~";

/** No paste is under way. */
export const NO_PASTE: PasteState = { open: false, pasted: false, tail: "" };

/** One character for each byte. */
const BYTES = new TextDecoder("latin1");

/** Follows a paste from one read to the next. */
export function followPaste(before: PasteState, burst: Uint8Array): PasteState {
  const text = before.tail + BYTES.decode(burst);
  const [begins, ends] = [text.lastIndexOf(PASTE_BEGINS), text.lastIndexOf(PASTE_ENDS)];
  const open = begins === ends ? before.open : begins > ends;
  const pasted = open || begins !== ends;
  return { open, pasted, tail: text.slice(1 - PASTE_BEGINS.length) };
}
