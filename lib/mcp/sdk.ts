/**
 * The parts of the official MCP SDK that are used here. Its package maps the types of `*.js` to
 * files that do not exist; the directives point to the real ones.
 *
 * @module
 */
// The protocol itself: `McpServer` answers wrong arguments with a dump of its schema library, where
// we name the argument and the rule; and `Server` loads what only questions to the client need.
// @ts-types="@modelcontextprotocol/sdk/shared/protocol"
export { Protocol, type RequestHandlerExtra } from "@modelcontextprotocol/sdk/shared/protocol.js";
// @ts-types="@modelcontextprotocol/sdk/server/stdio"
export { StdioServerTransport } from "@modelcontextprotocol/sdk/server/stdio.js";
// @ts-types="@modelcontextprotocol/sdk/types"
export {
  CallToolRequestSchema,
  type CallToolResult,
  type ContentBlock,
  ErrorCode,
  type Implementation,
  InitializeRequestSchema,
  JSONRPC_VERSION,
  LATEST_PROTOCOL_VERSION,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
  type ReadResourceResult,
  type Resource,
  type ServerCapabilities,
  type ServerNotification,
  type ServerRequest,
  type ServerResult,
  SUPPORTED_PROTOCOL_VERSIONS,
  type Tool as ToolListing,
  type ToolAnnotations,
} from "@modelcontextprotocol/sdk/types.js";
