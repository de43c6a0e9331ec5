import { getLogger } from "@logtape/logtape";
import type { HostEnvironment } from "../platform/paths.ts";
import { instructions, SERVER_INFO } from "./identity.ts";
import { ProtocolServer } from "./protocol_server.ts";
import { RequestStore } from "./requests.ts";
import { listResources, OutputStore, readResource, RESOURCE_TEMPLATES } from "./resources.ts";
import {
  CallToolRequestSchema,
  ErrorCode,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from "./sdk.ts";
import type { Tool, ToolCall } from "./tool.ts";
import { executeTool } from "./tools/execute.ts";
import { resultTool } from "./tools/result.ts";
import { startServerTool } from "./tools/start_server.ts";
import { statusTool } from "./tools/status.ts";
import { stopServerTool } from "./tools/stop_server.ts";
import { updateHostTool } from "./tools/update_host.ts";

/** The tools, in the order in which clients see them. */
export const TOOLS: readonly Tool[] = [
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
/** The time between two notices of progress, in milliseconds. */
const PROGRESS_INTERVAL_MS = 1000;
/** The first version of the protocol that has links to resources in answers. */
const FIRST_WITH_LINKS = "2025-06-18";
/** MCP specification, "Resources", error handling. */
const RESOURCE_NOT_FOUND = -32002;

/**
 * Makes the MCP server, not connected yet. It is only a client of the daemon's socket.
 *
 * @param env The environment.
 * @param maxTextBytes How much output an answer carries, in bytes.
 */
export function makeServer(env: HostEnvironment, maxTextBytes: number): ProtocolServer {
  const log = getLogger(["sudo-proxy", "mcp"]);
  const capabilities = { tools: {}, resources: { listChanged: true } };
  const server = new ProtocolServer(SERVER_INFO, capabilities, instructions(env));
  const noteFailure = (error: unknown) =>
    log.debug("a notice was not sent: {error}", { error: String(error) });
  const onHostsChanged = () => {
    server.notification({ method: "notifications/resources/list_changed" }).catch(noteFailure);
  };
  const outputs = new OutputStore(onHostsChanged);
  const requests: ToolCall["requests"] = new RequestStore();

  server.onerror = ({ message }) => log.warning("{message}", { message });
  server.answer(ListToolsRequestSchema, () => ({ tools: TOOLS.map((tool) => tool.list()) }));
  server.answer(CallToolRequestSchema, async ({ params }, { signal, _meta, sendNotification }) => {
    const tool = TOOLS.find(({ name }) => name === params.name);
    if (tool === undefined) throw unknownTool(params.name);
    const progressToken = _meta?.progressToken;
    const startedAt = performance.now();
    let timer: ReturnType<typeof setInterval> | undefined;
    const report = (describe: () => string) => {
      if (progressToken === undefined) return;
      const send = () => {
        const progress = Math.round((performance.now() - startedAt) / 100) / 10;
        const params = { progressToken, progress, message: describe() };
        sendNotification({ method: "notifications/progress", params }).catch(noteFailure);
      };
      send();
      timer = setInterval(send, PROGRESS_INTERVAL_MS);
    };
    log.debug("call of {tool}", { tool: tool.name });
    try {
      return await tool.call(params.arguments, {
        env,
        signal,
        report,
        session: sessionName(server),
        outputs,
        requests,
        answerBy: progressToken === undefined || requests.hasGivenUp
          ? AbortSignal.timeout(EARLY_ANSWER_MS)
          : undefined,
        knowsLinks: server.version >= FIRST_WITH_LINKS,
        maxTextBytes,
        onHostsChanged,
        log,
      });
    } finally {
      clearInterval(timer);
    }
  });
  server.answer(ListResourcesRequestSchema, () => ({ resources: listResources(env, outputs) }));
  server.answer(ListResourceTemplatesRequestSchema, () => ({
    resourceTemplates: RESOURCE_TEMPLATES,
  }));
  server.answer(ReadResourceRequestSchema, ({ params: { uri } }) => {
    const contents = readResource(uri, env, outputs);
    if (contents !== undefined) return { contents };
    throw new McpError(
      RESOURCE_NOT_FOUND,
      `There is no resource ${uri.slice(0, 300)}: outputs are kept until the session ends or ` +
        "newer ones need their room",
    );
  });
  return server;
}

function unknownTool(name: string): McpError {
  const names = TOOLS.map((tool) => tool.name).join(", ");
  const unknown = JSON.stringify(name.slice(0, 100));
  return new McpError(ErrorCode.InvalidParams, `There is no tool ${unknown}; there are ${names}`);
}

/**
 * Who asks, as the client named itself. A name that a prompt would refuse to show is left out,
 * since it would make every request fail.
 */
function sessionName({ client }: ProtocolServer): string {
  if (client === undefined) return "";
  return `${client.name} ${client.version}`
    .replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "")
    .slice(0, 200)
    .toWellFormed();
}
