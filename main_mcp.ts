/**
 * sudo-proxy-mcp: the MCP server over stdio. stdout carries the protocol and nothing else.
 *
 * @module
 */
import { errorMessage, fail, requireGrants, requireRegistryVariables } from "./lib/cli/fail.ts";
import { guardStart } from "./lib/guard.ts";
import { hostEnvironment, socketPath } from "./lib/platform/paths.ts";
import { mcpGrants } from "./lib/grants.ts";
import { VERSION } from "./lib/protocol/version.ts";

/**
 * Runs the server, whose start has been checked.
 *
 * @param args Its arguments.
 * @returns Whether it serves from now on; else it has said all that it had to say.
 */
export async function runMcp(args: readonly string[]): Promise<boolean> {
  // Whatever a dependency may want to say, it does not belong between the lines of the protocol.
  console.log = console.info = console.debug = console.error;
  try {
    const { parseOptions, USAGE } = await import("./lib/mcp/options.ts");
    const options = parseOptions(args);
    if (options === "help" || options === "version") {
      Deno.stdout.writeSync(
        new TextEncoder().encode(options === "help" ? `${USAGE}\n` : `${VERSION}\n`),
      );
      return false;
    }
    const hint = "sudo-proxy permissions mcp prints all that this server needs";
    requireRegistryVariables(hint);
    const env = hostEnvironment();
    requireGrants(mcpGrants(env, socketPath(env)), 1, hint);
    const { serveStdio } = await import("./lib/mcp/stdio.ts");
    await serveStdio(env, options);
    return true;
  } catch (error) {
    fail(errorMessage(error));
  }
}

if (import.meta.main) {
  await guardStart(false, "mcp");
  await runMcp(Deno.args);
}
