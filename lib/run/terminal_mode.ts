import { systemProgram } from "../platform/paths.ts";
import { succeeds, system } from "./launch.ts";
import type { HelperPrograms } from "./programs.ts";

/**
 * Restores the terminal's normal mode when this process can't, because its own write is under way:
 * whoever sets the mode and waits for output is blocked then. `-drain` does not wait (stty(1)), and
 * in a session of its own, stty is not stopped for the attempt (tcsetattr(3)).
 */
export async function setNormalMode({ setsid }: HelperPrograms): Promise<void> {
  const stty = systemProgram("stty");
  if (stty === undefined) return;
  const mode = ["brkint", "icrnl", "ixon", "isig", "icanon", "iexten", "echo"];
  await succeeds(system(setsid, stty, "-drain", ...mode), { stdin: "inherit" });
}
