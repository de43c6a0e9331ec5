/**
 * sudo-proxy: the daemon with the approval terminal, and its small commands.
 *
 * @module
 */
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { guardStart } from "./lib/guard.ts";
import { READS_ALL } from "./lib/grants.ts";
import { startOf } from "./lib/start.ts";

/**
 * Runs what the arguments name. The start has been checked.
 *
 * @param args The arguments.
 */
export async function runProxy(args: readonly string[]): Promise<void> {
  try {
    const { makeProgram } = await import("./lib/cli/program.ts");
    await makeProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    // Deno's message about a missing permission names the flag to add.
    fail(errorMessage(error));
  }
}

if (import.meta.main) {
  const { entry } = startOf(Deno.args);
  const tasks = new Map([["proxy", "start"], ["host", "remote"], ["pkexec", "start --pkexec"]]);
  await guardStart(READS_ALL.has(entry), tasks.get(entry) ?? entry);
  await runProxy(Deno.args);
}
