import { systemProgram } from "../platform/paths.ts";

/** Where Linux keeps an id that is new with each boot (random(4)). */
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Whether a text is an identity: a boot id, a user's id and a name, so that no shell reads more. */
export function isIdentity(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} \d{1,10} [A-Za-z0-9._-]{1,64}$/.test(text);
}

/**
 * Tells which machine this is, and as whom this process runs, as the question to a host has it. The
 * name is in it since a container has the boot id of its host.
 *
 * @returns The identity, or `undefined` on a system without a boot id.
 */
export async function ownIdentity(uid: number, name: string): Promise<string | undefined> {
  const cat = systemProgram("cat");
  if (cat === undefined) return undefined;
  // Deno itself reads nothing there without all permissions.
  const { stdout } = await new Deno.Command(cat, { args: [BOOT_ID], stderr: "null" }).output();
  const identity = `${new TextDecoder().decode(stdout).trim()} ${uid} ${name}`;
  return isIdentity(identity) ? identity : undefined;
}
