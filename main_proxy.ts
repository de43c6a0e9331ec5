/**
 * sudo-proxy: the daemon with the approval terminal, and its small commands.
 *
 * @module
 */
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { makeProgram } from "./lib/cli/program.ts";

if (import.meta.main) {
  try {
    await makeProgram().parseAsync(Deno.args, { from: "user" });
  } catch (error) {
    // The words of a missing permission name the flag to add.
    fail(errorMessage(error));
  }
}
