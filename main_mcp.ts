/**
 * sudo-proxy-mcp: the MCP server over stdio. stdout carries the protocol and nothing else.
 *
 * @module
 */
import { errorMessage, fail, startAs } from "./lib/cli/fail.ts";
import { StdioServerTransport } from "./lib/mcp/sdk.ts";
import { makeServer } from "./lib/mcp/server.ts";

if (import.meta.main) {
  try {
    const here = startAs("mcp");
    await makeServer(here).connect(new StdioServerTransport());
  } catch (error) {
    fail(errorMessage(error));
  }
}
