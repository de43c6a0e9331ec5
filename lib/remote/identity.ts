import { type Surroundings, systemProgram } from "../paths.ts";
import { BOOT_ID, isIdentity } from "./remote_shell.ts";

/**
 * Tells which machine this is, and as whom this process runs, as the question to a host has it. The
 * name is in it since a container has the boot id of its host.
 *
 * @param here The surroundings.
 * @param name What this machine calls itself.
 * @returns The identity, or `undefined` on a system without a boot id.
 */
export async function ownIdentity(
  here: Surroundings,
  name: string,
): Promise<string | undefined> {
  const cat = systemProgram("cat");
  if (cat === undefined) return undefined;
  // Deno itself reads nothing there without all permissions.
  const { stdout } = await new Deno.Command(cat, { args: [BOOT_ID], stderr: "null" }).output();
  const identity = `${new TextDecoder().decode(stdout).trim()} ${here.uid} ${name}`;
  return isIdentity(identity) ? identity : undefined;
}
