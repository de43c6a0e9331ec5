import { grantsOf } from "../lib/grants.ts";
import { hostEnvironment, withVariables } from "../lib/platform/paths.ts";
import { denoRun } from "../lib/start.ts";
import type { Groups, Place } from "./groups.ts";
import { linesOf, messages } from "./mcp_start.ts";
import { memoryOf } from "./memory.ts";
import { measured } from "./rows.ts";
import { BenchDaemon, variablesOf } from "./terminal.ts";
import { answers, inTurns, MIB } from "./tools.ts";

const OUTPUT_BYTES = 16 * MIB;
const HEAD = ["head", "-c", String(OUTPUT_BYTES), "/dev/zero"];

/** What the output of a command takes in the programs that ask for it. */
export const READER_GROUPS: Groups<Place> = [
  [["clientMemory"], async (place) => ({ clientMemory: await measure(place, clientPeak) })],
  [["serverMemory"], async (place) => ({ serverMemory: await measure(place, serverPeak) })],
];

async function measure(
  { folder, runs }: Place,
  peak: (daemon: BenchDaemon, folder: string) => Promise<number>,
) {
  const ours = async () => {
    await using daemon = BenchDaemon.start(folder);
    await answers(daemon.socket);
    return await peak(daemon, folder);
  };
  const beside = () => Promise.resolve(OUTPUT_BYTES / 1e6);
  return measured(await inTurns(runs(3), { ours, beside, original: undefined }));
}

/** Starts a program of ours as one that asks this daemon. */
function start(folder: string, entry: "request" | "mcp", args: readonly string[]) {
  const env = withVariables(hostEnvironment(), variablesOf(folder));
  const grants = grantsOf(entry, env, `${folder}/sudo-proxy.sock`);
  const module = entry === "mcp" ? "main_mcp" : "main_proxy";
  const [program, ...words] = denoRun(Deno.execPath(), grants, module);
  return new Deno.Command(program, {
    args: [...words, ...args],
    env: variablesOf(folder),
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

async function clientPeak(daemon: BenchDaemon, folder: string): Promise<number> {
  const socket = ["--socket", daemon.socket];
  const client = start(folder, "request", ["request", ...socket, "--no-privilege", ...HEAD]);
  await daemon.shows(daemon.prompt, false);
  const before = await memoryOf(client.pid, "VmRSS");
  await daemon.answer("y");
  const drained = client.stdout.pipeTo(new WritableStream());
  let peak = 0;
  // Until it has ended, and there is nothing to read.
  for (let now = 0; !Number.isNaN(now); now = await memoryOf(client.pid, "VmHWM")) peak = now;
  await drained;
  await client.stdin.close();
  await client.status;
  return peak - before;
}

async function serverPeak(daemon: BenchDaemon, folder: string): Promise<number> {
  const server = start(folder, "mcp", []);
  const writer = server.stdin.getWriter();
  const call = { method: "tools/call", params: { name: "execute", arguments: { argv: HEAD } } };
  await writer.write(linesOf([...messages, { id: 3, ...call }]));
  await daemon.shows(daemon.prompt, false);
  const before = await memoryOf(server.pid, "VmRSS");
  await daemon.answer("y");
  let text = "";
  for await (const chunk of server.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    if (/"id":3.*\n/.test(text)) break;
  }
  if (!text.includes("Exit code: 0")) throw new Error(text.slice(-1000));
  const peak = await memoryOf(server.pid, "VmHWM");
  await writer.close();
  await server.status;
  return peak - before;
}
