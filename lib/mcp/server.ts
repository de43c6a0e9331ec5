import { McpServer } from "./sdk.ts";
import { z } from "zod";
import { socketPath, type Surroundings } from "../paths.ts";
import { sendRequest, UnreachableError } from "../protocol/client.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import { VERSION } from "../protocol/version.ts";
import { launchDaemon, type LaunchResult } from "./launch.ts";
import { executionResult, type ToolResult, toolText } from "./result.ts";

/** The longest limit that a model may set, in milliseconds. */
const MAX_TIMEOUT_MS = 600_000;
/** The limit for privileged commands if none is given, in milliseconds. */
const PRIVILEGED_TIMEOUT_MS = 120_000;
/** No limit ends before the prompt has, and a second more. */
const MIN_TIMEOUT_MS = PROMPT_TIMEOUT_MS + 1000;

const INSTRUCTIONS = `sudo-proxy runs commands as root after a person approved them at a terminal.
Call start_server once; a terminal opens for the person. Then call execute with the exact argv (no shell: use pipeline for pipes) and a short honest description.
The person sees the exact command and presses one key; sudo may ask them for a password. You never see or need one.
A denial is a person's decision: do not route around it.`;

const words = z.array(z.string()).min(1);

/** What `execute` takes; the schema and its words are what the model reads. */
const EXECUTE_INPUT = {
  argv: words.optional().describe(
    'The program and its arguments, one string each, such as ["apt-get","install","-y","nginx"]. No shell.',
  ),
  pipeline: z.array(words).min(1).max(16).optional()
    .describe("Instead of argv: stages joined by pipes, each a program and its arguments"),
  description: z.string().describe("Why, in one sentence; the person reads it next to the command"),
  privileged: z.boolean().default(true).describe("Run as root; true unless given"),
  env: z.record(z.string(), z.string()).optional()
    .describe("Environment entries: LANG, LC_*, TZ, HOME, DEBIAN_FRONTEND or TERM"),
  timeout: z.number().int().min(1000).max(MAX_TIMEOUT_MS).optional()
    .describe(
      `Limit on the run in milliseconds, at most ${MAX_TIMEOUT_MS}; ${PRIVILEGED_TIMEOUT_MS} if left out for a privileged command`,
    ),
  host: z.string().optional().describe("The host to run on; leave it out for this machine"),
};

type ExecuteInput = z.output<z.ZodObject<typeof EXECUTE_INPUT>>;

/**
 * Makes the MCP server. It is only a client of the daemon's socket.
 *
 * @param here The surroundings.
 * @returns A server that is not connected yet.
 * @internal
 */
export function makeServer(here: Surroundings): McpServer {
  const server = new McpServer({ name: "sudo-proxy", version: VERSION }, {
    instructions: INSTRUCTIONS,
  });
  server.registerTool("execute", {
    title: "Run a command that a person approves",
    description:
      "Runs a command, as root unless privileged is false. A person sees it and must approve it at their terminal, so it may take a minute.",
    inputSchema: EXECUTE_INPUT,
    annotations: {
      readOnlyHint: false,
      destructiveHint: true,
      idempotentHint: false,
      openWorldHint: true,
    },
  }, (input, { signal }) => execute(input, here, signal, sessionName(server)));
  server.registerTool("start_server", {
    title: "Open the approval terminal",
    description:
      "Opens a terminal in which the person approves commands, and returns when it is ready. Returns at once if it is open already.",
    inputSchema: {},
    annotations: {
      readOnlyHint: false,
      destructiveHint: false,
      idempotentHint: true,
      openWorldHint: false,
    },
  }, async (_, { signal }) => launchText(await launchDaemon(here, signal)));
  return server;
}

async function execute(
  input: ExecuteInput,
  here: Surroundings,
  signal: AbortSignal,
  session: string,
): Promise<ToolResult> {
  const { argv, pipeline, description, privileged, env, host } = input;
  if ((argv === undefined) === (pipeline === undefined)) {
    return toolText("Give exactly one of argv and pipeline.", true);
  }
  if (host !== undefined) {
    return toolText("Only this machine can be reached: leave host out.", true);
  }
  const timeout = input.timeout ?? (privileged ? PRIVILEGED_TIMEOUT_MS : undefined);
  const timeoutMs = timeout === undefined ? {} : { timeoutMs: Math.max(timeout, MIN_TIMEOUT_MS) };
  try {
    const response = await sendRequest({
      pipeline: pipeline ?? [argv!],
      reason: description,
      privileged,
      session,
      ...(env === undefined ? {} : { env }),
      ...timeoutMs,
    }, { socketPath: socketPath(here), signal });
    return executionResult(response);
  } catch (error) {
    if (error instanceof UnreachableError) {
      return toolText(
        "No approval terminal is open. Call start_server, then call execute again.",
        true,
      );
    }
    return toolText(`sudo-proxy: ${error instanceof Error ? error.message : error}`, true);
  }
}

function launchText(result: LaunchResult): ToolResult {
  switch (result.kind) {
    case "running":
      return toolText(
        `The approval terminal is open already (sudo-proxy ${result.pong.version}).`,
        false,
      );
    case "started":
      return toolText(
        `The approval terminal is open: ${result.where} (sudo-proxy ${result.pong.version}). Tell the person to watch it.`,
        false,
      );
    case "manual":
      return toolText(
        `No terminal can be opened from here. Ask the person to run this in a terminal, then call execute:\n${result.command}`,
        true,
      );
    case "silent":
      return toolText(
        `${result.where} was opened, and the daemon in it did not answer in time. Ask the person what it says, or to run:\n${result.command}`,
        true,
      );
  }
}

/** Who asks, as the client named itself. */
function sessionName(server: McpServer): string {
  const client = server.server.getClientVersion();
  return client ? `${client.name} ${client.version}`.slice(0, 200) : "";
}
