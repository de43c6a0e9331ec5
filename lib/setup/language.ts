/** Where an entry stands in a configuration file. */
export interface EntryKey {
  /** The key of the servers, at the top level. */
  readonly servers: string;
  /** The name of the entry. */
  readonly name: string;
  /** Whether the servers are a list in which each has its `name`. */
  readonly isList?: boolean;
}

/** Reads and changes text in one language; what is not the entry stays, byte by byte. */
export interface Language {
  /** The value of a text; an empty one stands for an empty object. */
  readonly parse: (text: string) => unknown;
  /** Sets an entry; makes the object of the servers if it is missing. */
  readonly set: (text: string, key: EntryKey, value: Readonly<Record<string, unknown>>) => string;
  /** Takes an entry out. */
  readonly remove: (text: string, key: EntryKey) => string;
  /** Takes out the empty object of the servers. */
  readonly removeServers: (text: string, servers: string) => string;
}

/** A text that can't be changed safely; the message is the end of a sentence about the file. */
export class ConfigTextError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ConfigTextError";
}

/** Makes the error for an entry that can't be changed without a risk to something else. */
export function unsafeKey(key: string): ConfigTextError {
  return new ConfigTextError(
    `has the key "${key}", or one above it, in a form that can't be changed safely`,
  );
}

/** The line end of a text. */
export function lineEndOf(text: string): string {
  return text.includes("\r\n") ? "\r\n" : "\n";
}
