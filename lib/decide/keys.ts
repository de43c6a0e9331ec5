/**
 * The one table of keys: what a terminal sends for each, where it counts, and how it is explained.
 * The footer, the help, the documents and the audit trail take their words from it. Bytes that
 * arrive together are one burst, and only a burst of one byte can decide anything.
 *
 * @module
 */

/**
 * Where a key is pressed: at a request, at its help, at the line for the model, or between prompts.
 */
export type KeyContext = "prompt" | "help" | "message" | "idle";

/** A key that moves the text. */
export type ScrollKey = "lineUp" | "lineDown" | "pageUp" | "pageDown" | "top" | "end";

/** What a key means. */
export type Key =
  | "approve"
  | "trust"
  | "deny"
  | "reason"
  | "denyAll"
  | "help"
  | "close"
  | "send"
  | "back"
  | "clear"
  | "endCommand"
  | "quit"
  | ScrollKey;

/** A row of the table. */
export interface KeyBinding {
  /** What it means. */
  readonly key: Key;
  /** What it is called in the footer and in the audit trail. */
  readonly name: string;
  /** What a terminal sends for it, as one read: a letter for each byte. */
  readonly bytes: readonly string[];
  /** Where it counts, and its label in the footer there; `""` for none. */
  readonly labels: Readonly<Partial<Record<KeyContext, string>>>;
  /** What the help says: which keys, and what they do. */
  readonly help?: readonly [keys: string, does: string];
  /** Whether it only moves the text or explains the keys, and so is never meant as an answer. */
  readonly isReading: boolean;
}

/** What `a` does. */
const TRUST = "run it, and stop asking about unprivileged commands until this daemon ends";

function key(
  key: Key,
  name: string,
  bytes: readonly string[],
  labels: KeyBinding["labels"],
  help?: KeyBinding["help"],
): KeyBinding {
  return { key, name, bytes, labels, isReading: key === "help", ...(help && { help }) };
}

/** A key that moves the text. */
function scroll(key: ScrollKey, name: string, bytes: readonly string[]): KeyBinding {
  return { key, name, bytes, labels: { prompt: "", help: "" }, isReading: true };
}

/** Every key, in the order of the footer and the help. */
export const KEY_BINDINGS: readonly KeyBinding[] = [
  key("approve", "y", ["y", "Y"], { prompt: "run it" }, ["y", "run exactly what is shown"]),
  key("deny", "n", ["n", "N"], { prompt: "deny", help: "" }, [
    "n or Enter",
    "deny; so do Esc and Ctrl+C",
  ]),
  key("deny", "Ctrl+C", ["\x03"], { prompt: "", help: "" }),
  key("deny", "Enter", ["\r", "\n"], { prompt: "" }),
  key("deny", "Esc", ["\x1b"], { prompt: "" }),
  // In the help, any key without another meaning closes it, too.
  key("close", "Esc", ["\x1b"], { help: "back" }),
  key("send", "Enter", ["\r", "\n"], { message: "deny" }),
  key("back", "Esc", ["\x1b", "\x03"], { message: "back" }),
  key("clear", "Ctrl+U", ["\x15"], { message: "" }),
  key("reason", "r", ["r"], { prompt: "deny, say why" }, [
    "r",
    "deny, and type a line that the model reads",
  ]),
  key("denyAll", "d", ["d"], { prompt: "deny all" }, ["d", "deny this request and all that wait"]),
  key("trust", "a", ["a"], { prompt: TRUST }, ["a", TRUST]),
  // Cursor and editing keys as xterm, the Linux console and similar terminals send them, in normal
  // and application mode.
  {
    ...scroll("pageDown", "space", [" "]),
    labels: { prompt: "", help: "more" },
    help: ["space", "read on; arrows, PgUp, PgDn, Home and End, too"],
  },
  scroll("pageDown", "PgDn", ["\x1b[6~"]),
  scroll("pageUp", "PgUp", ["\x1b[5~"]),
  scroll("lineUp", "Up", ["\x1b[A", "\x1bOA"]),
  scroll("lineDown", "Down", ["\x1b[B", "\x1bOB"]),
  scroll("top", "Home", ["\x1b[H", "\x1bOH", "\x1b[1~", "\x1b[7~"]),
  scroll("end", "End", ["\x1b[F", "\x1bOF", "\x1b[4~", "\x1b[8~"]),
  key("endCommand", "k", ["k"], { idle: "end" }, ["k", "between requests: end a running command"]),
  key("quit", "q", ["q"], { idle: "quit" }, ["q", "between requests: quit"]),
  key("quit", "Ctrl+C", ["\x03"], { idle: "" }),
  key("help", "?", ["?"], { prompt: "keys", idle: "keys" }),
];

/** The rows by what a terminal sends. */
const BY_BYTES: ReadonlyMap<string, readonly { readonly binding: KeyBinding }[]> = Map.groupBy(
  KEY_BINDINGS.flatMap((binding) => binding.bytes.map((text) => ({ text, binding }))),
  ({ text }) => text,
);

/** The row for a burst, among those that count somewhere. */
function bindingOf(
  burst: Uint8Array,
  counts: (binding: KeyBinding) => boolean = () => true,
): KeyBinding | undefined {
  // A paste may be long; a key is short.
  const text = String.fromCharCode(...burst.subarray(0, 8));
  return BY_BYTES.get(text)?.find(({ binding }) => counts(binding))?.binding;
}

/** What a burst means where it is pressed; `undefined` if it means nothing there. */
export function keyOf(burst: Uint8Array, context: KeyContext): Key | undefined {
  return bindingOf(burst, ({ labels }) => labels[context] !== undefined)?.key;
}

/** Whether a burst only moves the text or explains the keys, wherever it is pressed. */
export function isReadingKey(burst: Uint8Array): boolean {
  return bindingOf(burst)?.isReading === true;
}

/** What the key of one byte is called: the letter itself, or the name of the key. */
export function keyName(burst: Uint8Array): string {
  const text = String.fromCharCode(...burst);
  return text > " " ? text : bindingOf(burst)?.name ?? text;
}
