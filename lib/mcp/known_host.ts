import type { HostEntry } from "../remote/registry.ts";

/** What a model is told of a host. */
export type KnownHost = {
  /** What it is for. */
  description?: string;
  /** Its operating system. */
  os?: string;
  /** When a tunnel there came up last, in ISO 8601. */
  last_connected?: string;
};

/**
 * Takes what is for the model out of an entry of the registry.
 *
 * @param entry The entry, if there is one.
 * @returns What the answers have.
 */
export function knownHost({ description, os, lastConnected }: HostEntry = {}): KnownHost {
  return {
    ...(description === undefined ? {} : { description }),
    ...(os === undefined ? {} : { os }),
    ...(lastConnected === undefined ? {} : { last_connected: lastConnected }),
  };
}
