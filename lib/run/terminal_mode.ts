import { systemProgram } from "../paths.ts";
import type { Launchers } from "./programs.ts";

/**
 * Puts the normal mode of the terminal back where this process can't: the kernel lets nobody wait
 * for output and set the mode who has a write of his own under way. `-drain` does not wait
 * (stty(1)), and a session of its own is not stopped for the attempt (tcsetattr(3)).
 *
 * @param launchers Where the launchers are.
 */
export async function setNormalMode({ setsid }: Launchers): Promise<void> {
  const stty = systemProgram("stty");
  if (stty === undefined) return;
  await new Deno.Command(setsid, {
    args: [stty, "-drain", "brkint", "icrnl", "ixon", "isig", "icanon", "iexten", "echo"],
    stdin: "inherit",
    stdout: "null",
    stderr: "null",
  }).output();
}
