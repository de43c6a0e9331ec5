/**
 * What a key at a prompt does. Denying always counts; approving has rules of its own.
 *
 * @module
 */
import { approveByKey, type Approved, type Press, type SessionGrant } from "./approved.ts";
import { isReadingKey, keyName, keyOf } from "./keys.ts";
import { editLine } from "./line_edit.ts";
import {
  beginMessage,
  closeHelp,
  disturbPrompt,
  dropMessage,
  isStill,
  openHelp,
  type Prompt,
  scrollPrompt,
  setMessage,
  touchPrompt,
} from "./prompt.ts";

/** What happens to a prompt. */
export type Answer =
  /** It stays, perhaps changed; the bell rings for a key without a meaning. */
  | { readonly kind: "stays"; readonly prompt: Prompt; readonly bell: boolean }
  | {
    readonly kind: "approved";
    readonly key: string;
    readonly approved: Approved;
    /** With `a`. */
    readonly grant: SessionGrant | undefined;
  }
  | { readonly kind: "denied"; readonly key: string; readonly message: string | undefined }
  /** It is denied, and so is everything that waits. */
  | { readonly kind: "allDenied"; readonly key: string }
  | { readonly kind: "timeout" };

/**
 * Handles one read from the terminal at a prompt.
 *
 * @param prompt What is shown.
 * @param press The read.
 * @param timeoutMs How long a request is shown, in milliseconds.
 */
export function answerKey(prompt: Prompt, press: Press, timeoutMs: number): Answer {
  const { burst, isPasted, now } = press;
  // A key is judged by the prompt as it was before; what the key disturbs affects only later keys.
  const approval = approveByKey(prompt, press);
  if (approval) return { kind: "approved", key: keyName(burst), ...approval };
  const isReading = isReadingKey(burst);
  const after = isReading ? prompt : disturbPrompt(prompt);
  if (prompt.message !== undefined) return typeMessage(after, prompt.message, press, timeoutMs);
  const still = touchPrompt(after, now);
  const stays = (prompt: Prompt, bell = false): Answer => ({ kind: "stays", prompt, bell });
  const pressed = keyOf(burst, prompt.help ? "help" : "prompt");
  // Denying is always safe, even if the end of a paste was lost.
  const key = isPasted && pressed !== "deny" ? undefined : pressed;
  switch (key) {
    case "deny":
      return { kind: "denied", key: keyName(burst), message: undefined };
    case "denyAll":
      return { kind: "allDenied", key: keyName(burst) };
    case "reason":
      // If sudo does not ask, a password typed ahead comes here. It must not reach the model.
      return isStill(prompt, now) ? stays(beginMessage(still, now)) : stays(still, true);
    case "help":
      return stays(openHelp(still));
    case "lineUp":
    case "lineDown":
    case "pageUp":
    case "pageDown":
    case "top":
    case "end":
      return stays(scrollPrompt(still, key));
    default:
      return prompt.help ? stays(closeHelp(still)) : stays(still, true);
  }
}

/** Takes what a person types for the model. */
function typeMessage(
  prompt: Prompt,
  message: string,
  { burst, isPasted, now }: Press,
  timeoutMs: number,
): Answer {
  const { text, end } = editLine(message, burst);
  // A newline in a paste sends nothing.
  if (end === "send" && !isPasted) return denial(text);
  const after = end === "back" ? dropMessage(prompt, now, timeoutMs) : setMessage(prompt, text);
  return { kind: "stays", prompt: after, bell: false };
}

/** Decides what happens to a prompt at its deadline. */
export function answerNothing({ message }: Prompt): Answer {
  // After `r`, the request is already denied; only the line is missing.
  return message === undefined ? { kind: "timeout" } : denial(message);
}

function denial(text: string): Answer {
  const message = text.trim();
  return { kind: "denied", key: "r", message: message === "" ? undefined : message };
}
