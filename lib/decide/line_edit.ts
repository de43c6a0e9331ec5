import { textFault } from "../admit/text.ts";
import { MAX_MESSAGE_LENGTH } from "../protocol/limits.ts";
import { keyOf } from "./keys.ts";
import { PASTE_BEGINS, PASTE_ENDS } from "./paste.ts";

/** One step of typing a line: the text so far, and whether it is done. */
export interface LineEdit {
  /** The text after the burst. */
  readonly text: string;
  /** `send` after Enter, `back` after Esc or Ctrl+C. */
  readonly end: "send" | "back" | undefined;
}

/**
 * Applies a burst, which may be a long paste, to the line that a person types for the model. It
 * takes only letters that can be shown, up to the longest message.
 */
export function editLine(text: string, burst: Uint8Array): LineEdit {
  const key = keyOf(burst, "message");
  if (key === "send" || key === "back") return { text, end: key };
  if (key === "clear") return { text: "", end: undefined };
  const typed = new TextDecoder().decode(burst);
  const pasted = typed.split(PASTE_BEGINS).join("").split(PASTE_ENDS).join("");
  if (pasted.startsWith("\x1b")) return { text, end: undefined };
  const letters = [...text];
  for (const letter of pasted) {
    if (letter === "\x7f" || letter === "\b") letters.pop();
    else if (isAllowed(letter) && letters.length < MAX_MESSAGE_LENGTH) letters.push(letter);
  }
  // A fast typist's last letters and Enter may come in one read.
  const isSent = pasted === typed && /[^\r\n][\r\n]$/.test(typed);
  return { text: letters.join(""), end: isSent ? "send" : undefined };
}

function isAllowed(letter: string): boolean {
  return letter !== "\uFFFD" && textFault(letter) === undefined;
}
