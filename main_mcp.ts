/**
 * sudo-proxy-mcp: the MCP server over stdio. stdout carries the protocol and nothing else.
 *
 * @module
 */
import { StdioServerTransport } from "./lib/mcp/sdk.ts";
import { makeServer } from "./lib/mcp/server.ts";
import { grantsOf, missingFlags } from "./lib/permissions.ts";
import { surroundings } from "./lib/paths.ts";

if (import.meta.main) {
  const here = surroundings();
  const missing = missingFlags(grantsOf("mcp", here));
  if (missing.length > 0) {
    console.error(`sudo-proxy-mcp lacks permissions: start it with ${missing.join(" ")}`);
    Deno.exit(1);
  }
  await makeServer(here).connect(new StdioServerTransport());
}
