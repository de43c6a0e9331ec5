import process from "node:process";
import { getLogger } from "@logtape/logtape";
import type { Surroundings } from "../paths.ts";
import { configureLog } from "./log.ts";
import type { McpOptions } from "./options.ts";
import { lineLimit, MAX_LINE_BYTES } from "./line_limit.ts";
import { ErrorCode, JSONRPC_VERSION, StdioServerTransport } from "./sdk.ts";
import { makeServer } from "./server.ts";

/** How long calls may still take once the client has gone, in milliseconds. */
const GRACE_MS = 400;
/** How long the last answers may take on their way, in milliseconds. */
const FLUSH_MS = 300;
const POLL_MS = 20;

/**
 * Serves one client on standard input and output, and ends the process when it has gone.
 *
 * @param here The surroundings.
 * @param options What the command line said.
 */
export async function serveStdio(here: Surroundings, options: McpOptions): Promise<void> {
  await configureLog(options.logLevel);
  const log = getLogger(["sudo-proxy", "mcp"]);
  const { server, callsUnderWay } = makeServer(here, options.maxTextBytes);
  const end = async (why: string) => {
    log.info("the client has gone: {why}", { why });
    const deadline = performance.now() + GRACE_MS;
    // Answers to what was asked in the last moment still go out. What waits for a person is not
    // waited for: with our connection its prompt goes, too. A command that runs goes on, as for any
    // client that leaves: half an upgrade would be worse.
    do await pause(POLL_MS); while (callsUnderWay() > 0 && performance.now() < deadline);
    await Promise.race([flushed(), pause(FLUSH_MS)]);
    Deno.exit(0);
  };
  process.stdin.once("end", () => void end("standard input ended"));
  process.stdin.once("error", () => void end("standard input broke"));
  // Nobody reads any more.
  process.stdout.once("error", () => Deno.exit(0));
  server.onclose = () => void end("the transport closed");
  const lines = process.stdin.pipe(lineLimit(() => {
    const message = `A line is longer than ${MAX_LINE_BYTES} bytes: it was not read`;
    log.warning("{message}", { message });
    // Its id is not known: JSON-RPC 2.0 has null for that.
    const error = { code: ErrorCode.InvalidRequest, message };
    process.stdout.write(`${JSON.stringify({ jsonrpc: JSONRPC_VERSION, id: null, error })}\n`);
  }));
  // It gets whole lines of that size; its own limit would end the server.
  const maxBufferSize = 2 * MAX_LINE_BYTES;
  await server.connect(new StdioServerTransport(lines, process.stdout, { maxBufferSize }));
  log.info("serving");
}

function flushed(): Promise<void> {
  return new Promise((resolve) => process.stdout.write("", () => resolve()));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
