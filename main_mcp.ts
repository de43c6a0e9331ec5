/**
 * sudo-proxy-mcp: the MCP server over stdio. stdout carries the protocol and nothing else.
 *
 * @module
 */
import process from "node:process";
import { errorMessage, fail } from "./lib/cli/fail.ts";
import { parseOptions, USAGE } from "./lib/mcp/options.ts";
import { serveStdio } from "./lib/mcp/connection.ts";
import { socketPath, surroundings } from "./lib/paths.ts";
import { FIRST_GRANTS, type Grants, mcpGrants, missingFlags } from "./lib/permissions.ts";
import { VERSION } from "./lib/protocol/version.ts";

if (import.meta.main) {
  // Whatever a dependency may want to say, it does not belong between the lines of the protocol.
  console.log = console.info = console.debug = console.error;
  try {
    const options = parseOptions(Deno.args);
    if (options === "help") process.stdout.write(`${USAGE}\n`);
    else if (options === "version") process.stdout.write(`${VERSION}\n`);
    else {
      requireGrants(FIRST_GRANTS);
      const here = surroundings();
      requireGrants({ ...FIRST_GRANTS, env: [...FIRST_GRANTS.env, "HOME", "XDG_CONFIG_HOME"] });
      requireGrants(mcpGrants(here, socketPath(here), []));
      await serveStdio(here, options);
    }
  } catch (error) {
    fail(errorMessage(error));
  }
}

function requireGrants(grants: Grants): void {
  const missing = missingFlags(grants);
  if (missing.length === 0) return;
  fail(
    `Deno permissions are missing. Add ${
      missing.join(" ")
    }\n(sudo-proxy permissions mcp prints all that this server needs)`,
  );
}
