/**
 * What a daemon remembers of the key `a` for the next one on this machine. It is a reminder, no
 * grant: the next daemon asks the person, and the gate takes a key for it.
 *
 * @module
 */
import { z } from "zod";

/** When the person pressed `a`. */
export interface StoredTrust {
  /** ISO 8601 in UTC. */
  readonly since: string;
}

const schema = z.object({ unprivileged: z.literal(true), since: z.iso.datetime() });

/**
 * Reads what an earlier daemon stored.
 *
 * @param path The file.
 * @returns What it says, `undefined` where there is none, or why it can't be used.
 */
export function readTrust(path: string): StoredTrust | undefined | { readonly fault: string } {
  let text: string;
  try {
    text = Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    return { fault: `can't be read: ${error instanceof Error ? error.message : error}` };
  }
  try {
    return { since: schema.parse(JSON.parse(text)).since };
  } catch {
    return { fault: 'must be {"unprivileged": true, "since": TIME}' };
  }
}

/**
 * Stores that the person pressed `a`.
 *
 * @param path The file, in a folder that exists; replaced as a whole, mode 0600.
 * @param since When.
 */
export function storeTrust(path: string, since: Date): void {
  const text = `${JSON.stringify({ unprivileged: true, since: since.toISOString() })}\n`;
  Deno.writeTextFileSync(`${path}.new`, text, { mode: 0o600 });
  Deno.renameSync(`${path}.new`, path);
}

/**
 * Forgets what was stored.
 *
 * @param path The file.
 * @returns Whether there was one.
 */
export function forgetTrust(path: string): boolean {
  try {
    Deno.removeSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
