/**
 * Prints the command line that starts sudo-proxy with exactly its grants, quoted for a shell;
 * `lib/start.sh` runs it. What is granted is computed without any package.
 *
 * @module
 */
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { surroundings } from "./lib/paths.ts";
import { shellWord, startCommand } from "./lib/start.ts";

if (import.meta.main) {
  try {
    console.log(startCommand(surroundings(), Deno.args).map(shellWord).join(" "));
  } catch (error) {
    fail(errorMessage(error));
  }
}
