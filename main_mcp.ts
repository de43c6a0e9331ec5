/**
 * sudo-proxy-mcp: the MCP server over stdio. stdout carries the protocol and nothing else.
 *
 * @module
 */
import process from "node:process";
import { errorMessage, fail, requireGrants } from "./lib/cli/fail.ts";
import { guardStart } from "./lib/guard.ts";
import { socketPath, surroundings } from "./lib/paths.ts";
import { FIRST_GRANTS, mcpGrants } from "./lib/permissions.ts";
import { VERSION } from "./lib/protocol/version.ts";

if (import.meta.main) {
  await guardStart(false, "mcp");
  // Whatever a dependency may want to say, it does not belong between the lines of the protocol.
  console.log = console.info = console.debug = console.error;
  try {
    const { parseOptions, USAGE } = await import("./lib/mcp/options.ts");
    const options = parseOptions(Deno.args);
    if (options === "help") process.stdout.write(`${USAGE}\n`);
    else if (options === "version") process.stdout.write(`${VERSION}\n`);
    else {
      const hint = "sudo-proxy permissions mcp prints all that this server needs";
      requireGrants(FIRST_GRANTS, 1, hint);
      const here = surroundings();
      const env = [...FIRST_GRANTS.env, "HOME", "XDG_CONFIG_HOME"];
      requireGrants({ ...FIRST_GRANTS, env }, 1, hint);
      requireGrants(mcpGrants(here, socketPath(here)), 1, hint);
      const { serveStdio } = await import("./lib/mcp/connection.ts");
      await serveStdio(here, options);
    }
  } catch (error) {
    fail(errorMessage(error));
  }
}
