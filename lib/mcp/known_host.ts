import { type Author, type HostEntry, isConfirmed } from "../remote/registry.ts";

/** How much of a text of the registry is quoted, in UTF-16 units. */
const MAX_QUOTED_LENGTH = 200;

/** What a model is told of a host, as data. */
export type KnownHost = {
  /** Whether a person confirmed the host. */
  confirmed: boolean;
  /** What it is for. */
  description?: string;
  /** Who wrote that; unknown where it is left out. */
  description_by?: Author;
  /** Its operating system. */
  os?: string;
  /** Who wrote that; unknown where it is left out. */
  os_by?: Author;
  /** When a tunnel there came up last, in ISO 8601. */
  last_connected?: string;
};

/**
 * Takes what is for the model out of an entry of the registry.
 *
 * @param entry The entry.
 * @returns What the answers have.
 */
export function knownHost(entry: HostEntry): KnownHost {
  const { description, descriptionBy, os, osBy, lastConnected } = entry;
  return {
    confirmed: isConfirmed(entry),
    ...(description === undefined ? {} : { description }),
    ...(descriptionBy === undefined ? {} : { description_by: descriptionBy }),
    ...(os === undefined ? {} : { os }),
    ...(osBy === undefined ? {} : { os_by: osBy }),
    ...(lastConnected === undefined ? {} : { last_connected: lastConnected }),
  };
}

/**
 * Quotes a text of the registry, so that it can't pass for words of this program.
 *
 * @param text The text, from whoever wrote it.
 * @returns One line in quotation marks, of a bounded length.
 */
export function quoted(text: string): string {
  const cut = text.length > MAX_QUOTED_LENGTH ? `${text.slice(0, MAX_QUOTED_LENGTH)}…` : text;
  return JSON.stringify(cut).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}
