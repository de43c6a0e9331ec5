import { getLogger } from "@logtape/logtape";
import type { Surroundings } from "../paths.ts";
import { VERSION } from "../protocol/version.ts";
import { ICON } from "./icon.ts";
import { instructions } from "./instructions.ts";
import { OutputStore } from "./outputs.ts";
import { ProtocolServer } from "./protocol_server.ts";
import { PendingRequests } from "./pending.ts";
import { Progress, type SendProgress } from "./progress.ts";
import { listResources, readResource } from "./resources.ts";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from "./sdk.ts";
import type { Tool, ToolCall, ToolResult } from "./tool.ts";
import { executeTool } from "./tools/execute.ts";
import { resultTool } from "./tools/result.ts";
import { startServerTool } from "./tools/start_server.ts";
import { statusTool } from "./tools/status.ts";
import { stopServerTool } from "./tools/stop_server.ts";
import { updateHostTool } from "./tools/update_host.ts";
import { OUTPUT_TEMPLATE, PART_TEMPLATE } from "./uri.ts";

const TOOLS: readonly Tool[] = [
  executeTool,
  resultTool,
  startServerTool,
  stopServerTool,
  statusTool,
  updateHostTool,
];

/**
 * How long a call may wait for a person or a command where the client wants no progress, in
 * milliseconds: such clients give up after 60 s.
 */
const EARLY_ANSWER_MS = 50_000;

/** The first version of the protocol that has links to resources in answers. */
const FIRST_WITH_LINKS = "2025-06-18";

/** MCP specification, "Resources", error handling. */
const RESOURCE_NOT_FOUND = -32002;

/**
 * An MCP server that counts its calls.
 *
 * @internal
 */
export interface McpService {
  /** The server, not connected yet. */
  readonly server: ProtocolServer;
  /** How many tool calls are under way. */
  readonly callsUnderWay: () => number;
}

/**
 * Makes the MCP server. It is only a client of the daemon's socket.
 *
 * @param here The surroundings.
 * @param maxTextBytes How much output an answer carries, in bytes.
 * @returns The server.
 * @internal
 */
export function makeServer(here: Surroundings, maxTextBytes: number): McpService {
  const log = getLogger(["sudo-proxy", "mcp"]);
  const server = new ProtocolServer({
    info: {
      name: "sudo-proxy",
      title: "sudo-proxy",
      description: "Runs commands as root after a person has approved each at a terminal",
      version: VERSION,
      icons: [ICON],
    },
    capabilities: { tools: {}, resources: { listChanged: true } },
    instructions: instructions(here),
  });
  server.onerror = ({ message }) => log.warning("{message}", { message });
  const onChanged = () => {
    server.sendResourceListChanged().catch((error) =>
      log.debug("no notice: {error}", { error: String(error) })
    );
  };
  const outputs = new OutputStore(onChanged);
  const requests = new PendingRequests();
  let underWay = 0;

  server.answer(ListToolsRequestSchema, () => ({
    tools: TOOLS.map((tool) => tool.list()),
  }));
  server.answer(
    CallToolRequestSchema,
    async ({ params }, { signal, _meta, ...extra }) => {
      const tool = TOOLS.find(({ name }) => name === params.name);
      if (tool === undefined) throw unknownTool(params.name);
      const token = _meta?.progressToken;
      const send: SendProgress | undefined = token === undefined
        ? undefined
        : (progress, message) => {
          extra.sendNotification({
            method: "notifications/progress",
            params: { progressToken: token, progress, message },
          }).catch((error) => log.debug("no progress: {error}", { error: String(error) }));
        };
      using progress = new Progress(send);
      underWay++;
      try {
        return await callTool(tool, params.arguments, {
          here,
          signal,
          progress,
          session: sessionName(server),
          outputs,
          requests,
          answerBy: token === undefined || requests.hasGivenUp
            ? performance.now() + EARLY_ANSWER_MS
            : undefined,
          knowsLinks: server.version >= FIRST_WITH_LINKS,
          maxTextBytes,
          onHostsChanged: onChanged,
          log,
        });
      } finally {
        underWay--;
      }
    },
  );
  server.answer(ListResourcesRequestSchema, () => ({
    resources: listResources(here, outputs),
  }));
  server.answer(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: [{
      uriTemplate: OUTPUT_TEMPLATE,
      name: "output",
      title: "Output of a command",
      description: "The output of a command whose answer was cut, by the request's id",
    }, {
      uriTemplate: PART_TEMPLATE,
      name: "output-part",
      title: "Further parts of a very long output",
      description: "Part 2 and so on of an output that is too long to be read at once",
    }],
  }));
  server.answer(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const contents = readResource(uri, here, outputs);
    if (contents !== undefined) return { contents };
    throw new McpError(
      RESOURCE_NOT_FOUND,
      `There is no resource ${
        uri.slice(0, 300)
      }: outputs are kept until the session ends or newer ones need their room`,
    );
  });
  return { server, callsUnderWay: () => underWay };
}

/** What goes wrong unforeseen is an answer as well, without its stack; a protocol error is none. */
async function callTool(
  tool: Tool,
  args: unknown,
  call: ToolCall,
): Promise<ToolResult> {
  call.log.debug("call of {tool}", { tool: tool.name });
  try {
    return await tool.call(args, call);
  } catch (error) {
    call.signal.throwIfAborted();
    if (error instanceof McpError) throw error;
    const message = error instanceof Error ? error.message : String(error);
    call.log.error("{tool} failed: {message}", { tool: tool.name, message });
    const text = `sudo-proxy-mcp: ${message}. Tell the person.`;
    return {
      content: [{ type: "text", text }],
      structuredContent: { status: "error", message },
      isError: true,
    };
  }
}

function unknownTool(name: string): McpError {
  const names = TOOLS.map((tool) => tool.name).join(", ");
  return new McpError(
    ErrorCode.InvalidParams,
    `There is no tool ${JSON.stringify(name.slice(0, 100))}; there are ${names}`,
  );
}

/**
 * Who asks, as the client named itself. What a prompt would refuse to show is left out: it would
 * make every request fail.
 */
function sessionName({ client }: ProtocolServer): string {
  if (client === undefined) return "";
  return `${client.name} ${client.version}`
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "")
    .slice(0, 200)
    .toWellFormed();
}
