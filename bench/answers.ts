import { ping, sendRequest } from "../lib/protocol/client.ts";
import { writeLine } from "../lib/protocol/framing.ts";
import type { RequestInput } from "../lib/protocol/request.ts";
import type { Groups, Setting } from "./groups.ts";
import { measured, quantile, type Results } from "./rows.ts";
import type { BenchDaemon } from "./terminal.ts";
import { bare, inTurns, MIB, repeat, timed } from "./tools.ts";
import { memoryOf } from "./memory.ts";
import { PROJECT } from "../lib/start.ts";

/** The time of the epoch at which a command ran, in milliseconds, as the command itself says it. */
const MOMENT = ["date", "+%s%N"];
const HEAD = ["head", "-c", String(16 * MIB), "/dev/zero"];

/** What a running daemon answers. Both sides run all the while, and are asked in turns. */
export const ANSWER_GROUPS: Groups = [
  [["pingMedian", "pingWorst", "pingsMedian", "pingsWorst"], measurePings],
  [["promptDrawn"], measurePrompt],
  [["rootStarted", "rootEnded", "sudoAsked"], measureRoot],
  [["trueEnded"], async (setting) => ({
    trueEnded: await measureRun(setting, 20, [["true"]], ["setsid", "true"]),
  })],
  [["outputEnded"], async (setting) => ({
    outputEnded: await measureRun(setting, 15, [HEAD], ["setsid", ...HEAD]),
  })],
  [["stages2"], async (setting) => ({ stages2: await measureStages(setting, 2) })],
  [["stages8"], async (setting) => ({ stages8: await measureStages(setting, 8) })],
  [["stages16"], async (setting) => ({ stages16: await measureStages(setting, 16) })],
  [["workMemory"], async ({ ours, original }) => ({
    workMemory: measured({
      ours: [await memoryOf(await ours.pid(), "VmHWM")],
      original: original ? [await memoryOf(await original.pid(), "VmHWM")] : [],
    }),
  })],
];

async function measurePings({ ours, original, folder, runs }: Setting): Promise<Results> {
  const path = `${folder}/echo.sock`;
  const grants = [`--allow-read=${path}`, `--allow-write=${path}`, `--allow-net=unix:${path}`];
  const echo = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-config", ...grants, `${PROJECT}bench/echo.ts`, path],
  }).spawn();
  try {
    const line = { id: crypto.randomUUID(), time: new Date().toISOString(), action: "ping" };
    const askEcho = async () => {
      const conn = await Deno.connect({ transport: "unix", path });
      await writeLine(conn, line);
      await conn.read(new Uint8Array(4096));
      conn.close();
    };
    while (!await askEcho().then(() => true, () => false)) {
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await repeat(500, () => timed(() => ping(ours.socket)));
    await repeat(500, () => timed(askEcho));
    const one: number[] = [];
    const beside: number[] = [];
    const others: number[] = [];
    for (let round = 0; round < runs(30); round++) {
      one.push(...await repeat(100, () => timed(() => ping(ours.socket))));
      beside.push(...await repeat(100, () => timed(askEcho)));
      if (original) others.push(await timed(() => ping(original.socket)));
    }
    const many: number[] = [];
    const client = async () => {
      many.push(...await repeat(runs(100), () => timed(() => ping(ours.socket))));
    };
    await Promise.all(Array.from({ length: 32 }, client));
    return {
      pingMedian: measured({ ours: one, beside, original: others }),
      pingWorst: measured({ ours: hundreds(one) }),
      pingsMedian: measured({ ours: many }),
      pingsWorst: measured({ ours: hundreds(many) }),
    };
  } finally {
    echo.kill();
    await echo.status;
  }
}

/** The p99 of each hundred, so that one disturbance is one run of many. */
function hundreds(numbers: readonly number[]): number[] {
  return Array.from(
    { length: Math.floor(numbers.length / 100) },
    (_, index) => quantile(numbers.slice(index * 100, index * 100 + 100), 0.99),
  );
}

async function measurePrompt({ ours, original, runs }: Setting): Promise<Results> {
  // Our prompt ends with a question to the terminal, and the original's with a question to you.
  const draw = (daemon: BenchDaemon, end: string) => async () => {
    const startedAt = performance.now();
    const answer = sendRequest({ pipeline: [["true"]] }, { socketPath: daemon.socket });
    await daemon.shows(end, false);
    const ms = performance.now() - startedAt;
    await daemon.answer("n");
    await answer;
    return ms;
  };
  const all = await inTurns(runs(20), {
    ours: draw(ours, "\x1b[5n"),
    beside: undefined,
    original: original && draw(original, original.prompt),
  });
  return { promptDrawn: measured(all) };
}

async function measureRoot({ ours, original, runs }: Setting): Promise<Results> {
  // Where sudo asks for a password, these rows are left out.
  if (!await bare("sudo", "-n", "true").then(() => true, () => false)) return {};
  const momentOf = (text: string) => Number(text.trim()) / 1e6;
  const start = (daemon: BenchDaemon) => async () => {
    const { pressedAt, stdout } = await askFor(daemon, { pipeline: [MOMENT] });
    return momentOf(stdout) - pressedAt;
  };
  const started = await inTurns(runs(20), {
    ours: start(ours),
    beside: async () => {
      const startedAt = performance.timeOrigin + performance.now();
      return momentOf((await bare("sudo", "-n", ...MOMENT)).text) - startedAt;
    },
    original: original && start(original),
  });
  const end = (daemon: BenchDaemon) => async () =>
    (await askFor(daemon, { pipeline: [["true"]] })).ms;
  const ended = await inTurns(runs(20), {
    ours: end(ours),
    beside: async () => (await bare("sudo", "-n", "true")).ms,
    original: original && end(original),
  });
  const asked = await repeat(runs(20), async () => (await bare("sudo", "-n", "-v")).ms);
  return {
    rootStarted: measured(started),
    rootEnded: measured(ended),
    sudoAsked: measured({ ours: asked }),
  };
}

/** From the key to the whole answer, beside the same command without the daemon. */
async function measureRun(
  { ours, original, runs }: Setting,
  count: number,
  pipeline: string[][],
  [program, ...args]: readonly [string, ...string[]],
) {
  const end = (daemon: BenchDaemon) => async () =>
    (await askFor(daemon, { pipeline, privileged: false })).ms;
  const all = await inTurns(runs(count), {
    ours: end(ours),
    beside: async () => (await bare(program, ...args)).ms,
    original: original && end(original),
  });
  return measured(all);
}

function measureStages(setting: Setting, count: number) {
  const stages = [
    ["head", "-c", String(128 * MIB), "/dev/zero"],
    ...Array.from({ length: count - 2 }, () => ["cat"]),
    ["wc", "-c"],
  ];
  const shell = stages.map((words) => words.join(" ")).join(" | ");
  return measureRun(setting, 7, stages, ["sh", "-c", shell]);
}

/** Asks, presses the key, and gives the time from the key to the answer, in milliseconds. */
export async function askFor(
  daemon: BenchDaemon,
  input: RequestInput,
): Promise<{ readonly pressedAt: number; readonly ms: number; readonly stdout: string }> {
  const answer = sendRequest(input, { socketPath: daemon.socket });
  const pressedAt = await daemon.answer("y");
  const { status, message, stdout = new Uint8Array() } = await answer;
  const ms = performance.timeOrigin + performance.now() - pressedAt;
  if (status !== "ok") throw new Error(message);
  return { pressedAt, ms, stdout: new TextDecoder().decode(stdout.subarray(0, 1000)) };
}
