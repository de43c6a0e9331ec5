/**
 * The thread of the compiled program that uses a socket: Deno gives it exact permissions, and no
 * more than these. `main_binary.ts` starts it with its arguments and its grants as its name.
 *
 * @module
 */
import { fail } from "./lib/cli/fail.ts";
import { excessOf } from "./lib/narrow.ts";
import { runMcp } from "./main_mcp.ts";
import { runProxy } from "./main_proxy.ts";

/** Of the worker's scope, whose types would clash with those of a window. */
declare function postMessage(message: number): void;

// In a worker this ends the worker alone: the exit code goes to the thread that ends the process,
// last of all that is done at the end.
const exit = Deno.exit;
Deno.exit = (code = Deno.exitCode) => {
  globalThis.addEventListener("unload", () => postMessage(code));
  return exit(code);
};

const { args, grants } = JSON.parse(name);
const excess = excessOf(grants);
if (excess.length > 0) fail(`Cannot start: Deno still allows ${excess.join(", ")}`);
if (args[0] !== "mcp") {
  await runProxy(args);
  Deno.exit();
} else if (!await runMcp(args.slice(1))) {
  Deno.exit();
}
