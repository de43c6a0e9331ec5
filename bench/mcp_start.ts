/**
 * How long the MCP server takes from its start to the answer of `tools/list`, which is what a
 * client waits for. Prints the median and the extremes in milliseconds.
 *
 * deno run --allow-read --allow-env --allow-sys=uid --allow-run bench/mcp_start.ts
 *
 * @module
 */
import { memoryOf } from "./memory.ts";
import { hostEnvironment } from "../lib/platform/paths.ts";
import { grantsOf } from "../lib/grants.ts";
import { denoRun } from "../lib/start.ts";

const initialize = {
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
};
/** What a client says before it calls tools. */
export const messages: readonly Record<string, unknown>[] = [
  initialize,
  { method: "notifications/initialized" },
  { id: 2, method: "tools/list" },
];

/** Messages as they travel. */
export function linesOf(messages: readonly Record<string, unknown>[]): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(
    messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""),
  );
}

/**
 * Starts the server once.
 *
 * @param start What starts it; from the sources if left out.
 * @returns From process start to the answer of `tools/list` in milliseconds, and the most memory
 * that was resident until then, in MB.
 */
export async function measureMcpStart(
  start: readonly string[] = denoRun(
    Deno.execPath(),
    grantsOf("mcp", hostEnvironment()),
    "main_mcp",
  ),
): Promise<{ readonly ms: number; readonly peak: number }> {
  const [program = "", ...args] = start;
  const startedAt = performance.now();
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(linesOf(messages));
  let text = "";
  let [ms, peak] = [0, 0];
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!/"tools":.*\n/.test(text)) continue;
    ms = performance.now() - startedAt;
    peak = await memoryOf(child.pid, "VmHWM");
    break;
  }
  await writer.close();
  await child.status;
  return { ms, peak };
}

if (import.meta.main) {
  await measureMcpStart();
  const times: number[] = [];
  for (let run = 0; run < 20; run++) times.push(Math.round((await measureMcpStart()).ms));
  times.sort((a, b) => a - b);
  console.log(
    `start to tools/list: ${times[times.length / 2]} ms ` +
      `(${times[0]} to ${times.at(-1)}, ${times.length} runs)`,
  );
}
