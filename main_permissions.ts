/**
 * Prints the command line that starts sudo-proxy with exactly its grants, quoted for a shell;
 * `lib/start.sh` runs it. What is granted is computed without any package.
 *
 * @module
 */
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { systemFault } from "./lib/guard.ts";
import { hostEnvironment } from "./lib/platform/paths.ts";
import { startCommand } from "./lib/start.ts";
import { shellWord } from "./lib/platform/shell_word.ts";

if (import.meta.main) {
  const fault = systemFault();
  if (fault !== undefined) fail(`Cannot start: ${fault}`);
  try {
    console.log(startCommand(hostEnvironment(), Deno.args).map(shellWord).join(" "));
  } catch (error) {
    fail(errorMessage(error));
  }
}
