/**
 * How long the MCP server takes from its start to the answer of `tools/list`, which is what a
 * client waits for. Prints the median and the extremes in milliseconds.
 *
 * deno run --allow-read --allow-env --allow-sys=uid --allow-run bench/mcp_start.ts
 *
 * @module
 */
import { surroundings } from "../lib/paths.ts";
import { grantsOf } from "../lib/permissions.ts";
import { denoRun, PROJECT } from "../lib/start.ts";

const initialize = {
  id: 1,
  method: "initialize",
  params: {
    protocolVersion: "2025-11-25",
    capabilities: {},
    clientInfo: { name: "bench", version: "1" },
  },
};
const messages = [
  initialize,
  { method: "notifications/initialized" },
  { id: 2, method: "tools/list" },
];
const input = new TextEncoder().encode(
  messages.map((message) => `${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`).join(""),
);

/**
 * Starts the server again and again, one start after the other.
 *
 * @param runs How often; one more start before fills the caches.
 * @returns From process start to the answer of `tools/list` in milliseconds, the fastest first.
 */
export async function measureMcpStarts(runs: number): Promise<number[]> {
  await measure();
  const times: number[] = [];
  for (let run = 0; run < runs; run++) times.push(await measure());
  return times.sort((a, b) => a - b);
}

async function measure(): Promise<number> {
  const startedAt = performance.now();
  const [program, ...args] = denoRun(
    Deno.execPath(),
    grantsOf("mcp", surroundings()),
    `${PROJECT}main_mcp.ts`,
  );
  const child = new Deno.Command(program, {
    args,
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(input);
  let text = "";
  let ms = 0;
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (!text.includes('"id":2}')) continue;
    ms = performance.now() - startedAt;
    break;
  }
  await writer.close();
  await child.status;
  return ms;
}

if (import.meta.main) {
  const times = (await measureMcpStarts(20)).map(Math.round);
  console.log(
    `start to tools/list: ${times[times.length / 2]} ms ` +
      `(${times[0]} to ${times.at(-1)}, ${times.length} runs)`,
  );
}
