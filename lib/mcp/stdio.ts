import { Buffer } from "node:buffer";
import process from "node:process";
import { Transform } from "node:stream";
import { configure, getLogger } from "@logtape/logtape";
import { pause, within } from "../platform/deadline.ts";
import type { HostEnvironment } from "../platform/paths.ts";
import type { LogLevel, McpOptions } from "./options.ts";
import { ErrorCode, JSONRPC_VERSION, StdioServerTransport } from "./sdk.ts";
import { makeServer } from "./server.ts";

/** How long calls may still take once the client has gone, in milliseconds. */
const GRACE_MS = 400;
/** How long the last answers may take on their way, in milliseconds. */
const FLUSH_MS = 300;
const POLL_MS = 20;
/** The longest line of the protocol, in bytes: 10 MiB, as the official SDK has it. */
const MAX_LINE_BYTES = 10 * 1024 * 1024;
const LINE_FEED = 0x0a;
/** The longest line of the log, in UTF-16 units. */
const MAX_LOG_LENGTH = 1000;

/** Serves one client on standard input and output, and ends the process when it has gone. */
export async function serveStdio(env: HostEnvironment, options: McpOptions): Promise<void> {
  await configureLog(options.logLevel);
  const log = getLogger(["sudo-proxy", "mcp"]);
  const server = makeServer(env, options.maxTextBytes);
  const end = async (why: string) => {
    log.info("the client has gone: {why}", { why });
    const deadline = performance.now() + GRACE_MS;
    // Answers to what was asked in the last moment still go out. Requests that wait for a person
    // are not waited for: their prompts go away with our connection. A command that runs goes on,
    // as for any client that leaves: half an upgrade would be worse.
    do await pause(POLL_MS); while (server.underWay > 0 && performance.now() < deadline);
    await within(FLUSH_MS, new Promise<void>((done) => process.stdout.write("", () => done())));
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

/**
 * Makes a stream that passes whole lines on and drops those that are too long, so that one of them
 * neither fills the memory nor ends the server. What follows the last line feed is dropped too.
 *
 * @param onTooLong Called once for each line that is dropped, before its end is there.
 */
function lineLimit(onTooLong: () => void): Transform {
  let parts: Uint8Array[] = [];
  let size = 0;
  const collect = (bytes: Uint8Array) => {
    const wasTooLong = size > MAX_LINE_BYTES;
    size += bytes.length;
    if (size <= MAX_LINE_BYTES) parts.push(bytes);
    else if (!wasTooLong) {
      parts = [];
      onTooLong();
    }
  };
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      let start = 0;
      for (let end; (end = chunk.indexOf(LINE_FEED, start)) >= 0; start = end + 1) {
        collect(chunk.subarray(start, end + 1));
        if (size <= MAX_LINE_BYTES) this.push(Buffer.concat(parts));
        [parts, size] = [[], 0];
      }
      collect(chunk.subarray(start));
      done();
    },
  });
}

/** Sends the log to standard error; a record is one line, whatever is in it. */
async function configureLog(lowestLevel: LogLevel): Promise<void> {
  await configure({
    sinks: {
      stderr: ({ level, message, timestamp }) => {
        const text = message.map(String).join("").slice(0, MAX_LOG_LENGTH)
          // deno-lint-ignore no-control-regex
          .replace(/[\x00-\x1f\x7f-\x9f]/g, " ");
        console.error(`${new Date(timestamp).toISOString()} sudo-proxy-mcp ${level}: ${text}`);
      },
    },
    loggers: [
      { category: "sudo-proxy", lowestLevel, sinks: ["stderr"] },
      { category: ["logtape", "meta"], lowestLevel: "warning", sinks: ["stderr"] },
    ],
  });
}
