/**
 * The parts of the official MCP SDK that are used here. Its package maps the types of `server/mcp.js` to a file that does not exist; the
 * directives point to the real ones.
 *
 * @module
 */
// @ts-types="@modelcontextprotocol/sdk/server/mcp"
export { McpServer } from "@modelcontextprotocol/sdk/server/mcp.js";
// @ts-types="@modelcontextprotocol/sdk/server/stdio"
export { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
