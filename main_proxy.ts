/**
 * sudo-proxy: the daemon with the approval terminal, and its small commands.
 *
 * @module
 */
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { guardStart } from "./lib/guard.ts";
import { READS_ALL } from "./lib/permissions.ts";
import { startOf } from "./lib/start.ts";

if (import.meta.main) {
  const { entry } = startOf(Deno.args);
  const task = { proxy: "start", host: "remote", pkexec: "start --pkexec" }[entry as string] ??
    entry;
  await guardStart(READS_ALL.has(entry), task);
  try {
    const { makeProgram } = await import("./lib/cli/program.ts");
    await makeProgram().parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    // The words of a missing permission name the flag to add.
    fail(errorMessage(error));
  }
}
