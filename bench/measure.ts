/**
 * Measures the real daemon, prints one table, and keeps its numbers in `bench/results/` as JSON.
 *
 * @module
 */
import { ping, sendRequest } from "../lib/protocol/client.ts";
import { type Measured, measured, quantile, type Row, type RowKey, ROWS } from "./rows.ts";
import { BenchTrail } from "./audit.ts";
import { BENCH_FOLDER } from "./grants.ts";
import { measureMcpStarts } from "./mcp_start.ts";
import { BenchDaemon } from "./terminal.ts";

const MIB = 1024 * 1024;
const FOLDER = new URL("results/", import.meta.url).pathname;
const results: Partial<Record<RowKey, Measured>> = {};

/** Runs a program to its end; gives what it wrote, and how long it took in milliseconds. */
async function bare(...[name, ...args]: string[]): Promise<{ text: () => string; ms: number }> {
  const startedAt = performance.now();
  const { stdout, success, stderr } = await new Deno.Command(name, { args, stdin: "null" })
    .output();
  const ms = performance.now() - startedAt;
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return { text: () => new TextDecoder().decode(stdout), ms };
}

/** Whether sudo runs a command here without a question; without it, its rows are left out. */
async function sudoIsContent(): Promise<boolean> {
  return await bare("sudo", "-n", "true").then(() => true, () => false);
}

async function repeat(runs: number, run: () => Promise<number>): Promise<number[]> {
  const numbers: number[] = [];
  for (let index = 0; index < runs; index++) numbers.push(await run());
  return numbers;
}

async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

async function measurePings({ socket }: BenchDaemon): Promise<void> {
  await repeat(500, () => timed(() => ping(socket)));
  // The p99 is that of each hundred, so that one disturbance is one run of many.
  const one = await repeat(3000, () => timed(() => ping(socket)));
  results.pingMedian = measured(one);
  results.pingWorst = measured(hundreds(one));
  const many: number[] = [];
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      for (const ms of await repeat(100, () => timed(() => ping(socket)))) many.push(ms);
    }),
  );
  results.pingsMedian = measured(many);
  results.pingsWorst = measured(hundreds(many));
}

function hundreds(numbers: readonly number[]): number[] {
  return Array.from(
    { length: Math.floor(numbers.length / 100) },
    (_, index) => quantile(numbers.slice(index * 100, index * 100 + 100), 0.99),
  );
}

async function measurePrompt(daemon: BenchDaemon): Promise<void> {
  const runs = await repeat(20, async () => {
    const startedAt = performance.now();
    const answer = sendRequest({ pipeline: [["true"]] }, { socketPath: daemon.socket });
    await daemon.shows("\x1b[5n");
    const ms = performance.now() - startedAt;
    await daemon.answer("n");
    await answer;
    return ms;
  });
  results.promptDrawn = measured(runs);
}

/** The time of the epoch at which a command ran, in milliseconds, as the command itself says it. */
const MOMENT = ["date", "+%s%N"];
const momentOf = (text: string) => Number(text.trim()) / 1e6;

async function measureRoot(daemon: BenchDaemon): Promise<void> {
  if (!await sudoIsContent()) return;
  const [ours, sudos, asks]: number[][] = [[], [], []];
  for (let run = 0; run < 20; run++) {
    const answer = sendRequest({ pipeline: [MOMENT] }, { socketPath: daemon.socket });
    const pressedAt = await daemon.answer("y");
    const { stdout = "" } = await answer;
    ours.push(momentOf(atob(stdout)) - pressedAt);
    const startedAt = performance.timeOrigin + performance.now();
    sudos.push(momentOf((await bare("sudo", "-n", ...MOMENT)).text()) - startedAt);
    asks.push((await bare("sudo", "-n", "-v")).ms);
  }
  results.rootStarted = measured(ours, sudos);
  results.sudoAsked = measured(asks);
}

/** From the key to the whole answer, beside the same command without the daemon. */
async function measureRun(
  daemon: BenchDaemon,
  key: RowKey,
  runs: number,
  pipeline: string[][],
  beside: string[],
  toNumber: (ms: number) => number = (ms) => ms,
): Promise<void> {
  const [ours, others]: number[][] = [[], []];
  for (let run = 0; run < runs; run++) {
    const answer = sendRequest({ pipeline, privileged: false }, { socketPath: daemon.socket });
    const pressedAt = await daemon.answer("y");
    const { status, message } = await answer;
    const ms = performance.timeOrigin + performance.now() - pressedAt;
    if (status !== "ok") throw new Error(message);
    ours.push(toNumber(ms));
    others.push(toNumber((await bare(...beside)).ms));
  }
  results[key] = measured(ours, others);
}

async function measureRuns(daemon: BenchDaemon): Promise<void> {
  await measureRun(daemon, "trueEnded", 20, [["true"]], ["setsid", "true"]);
  const head = ["head", "-c", String(16 * MIB), "/dev/zero"];
  await measureRun(daemon, "outputEnded", 15, [head], ["setsid", ...head]);
  const bytes = 128 * MIB;
  const stages = [
    ["head", "-c", String(bytes), "/dev/zero"],
    ...Array.from({ length: 14 }, () => ["cat"]),
    ["wc", "-c"],
  ];
  const shell = stages.map((words) => words.join(" ")).join(" | ");
  await measureRun(
    daemon,
    "pipeline",
    7,
    stages,
    ["sh", "-c", shell],
    (ms) => bytes / 1e6 / (ms / 1000),
  );
}

async function memoryOf(pid: number, name: "VmRSS" | "VmHWM"): Promise<number> {
  const text = (await bare("cat", `/proc/${pid}/status`)).text();
  return Number(new RegExp(`${name}:\\s+(\\d+)`).exec(text)?.[1]) * 1024 / 1e6;
}

async function answers(socket: string): Promise<void> {
  while (!await ping(socket).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function measureStart(folder: string): Promise<void> {
  const [starts, memories]: number[][] = [[], []];
  for (let run = 0; run < 12; run++) {
    await using daemon = BenchDaemon.start(folder);
    await answers(daemon.socket);
    starts.push(performance.now() - daemon.startedAt);
    memories.push(await memoryOf(await daemon.pid(), "VmRSS"));
  }
  // The first one fills the caches.
  results.daemonReady = measured(starts.slice(2));
  results.idleMemory = measured(memories.slice(2));
}

async function measureFlood(folder: string): Promise<void> {
  const runs = await repeat(3, async () => {
    await using daemon = BenchDaemon.start(folder);
    const { socket } = daemon;
    await answers(socket);
    const line = new Uint8Array(MIB).fill(0x61);
    await Promise.all(
      Array.from({ length: 128 }, async () => {
        for (let round = 0; round < 20; round++) {
          using conn = await Deno.connect({ transport: "unix", path: socket });
          const talk = round % 2 === 0 ? conn.write(line) : ping(socket);
          await talk.catch(() => {});
        }
      }),
    );
    await answers(socket);
    return await memoryOf(await daemon.pid(), "VmRSS");
  });
  results.floodMemory = measured(runs);
}

async function measureOutputMemory(folder: string): Promise<void> {
  const runs = await repeat(3, async () => {
    await using daemon = BenchDaemon.start(folder);
    await answers(daemon.socket);
    for (let run = 0; run < 3; run++) {
      const answer = sendRequest({
        pipeline: [["head", "-c", String(16 * MIB), "/dev/zero"]],
        privileged: false,
      }, { socketPath: daemon.socket });
      await daemon.answer("y");
      await answer;
    }
    return await memoryOf(await daemon.pid(), "VmHWM");
  });
  results.outputMemory = measured(runs);
}

async function measureAudit(folder: string): Promise<void> {
  const trail = new BenchTrail(`${folder}/million`);
  trail.write(1_000_000);
  results.auditRecord = measured(trail.appends(200));
  results.auditList = measured(await repeat(5, () => trail.command("list")));
  const search = ["list", "--text", "package-1000 "];
  results.auditSearch = measured(await repeat(3, () => trail.command(...search)));
  results.auditVerify = measured(await repeat(3, () => trail.command("verify")));
}

async function measureMcp(): Promise<void> {
  results.mcpReady = measured(await measureMcpStarts(15));
}

function table(): string {
  const cells = Object.entries(ROWS).map(([key, { name, unit, aim, beside }]: [string, Row]) => {
    const found = results[key as RowKey];
    if (!found) return [name, "not measured", "", "", ""];
    const number = (value: number) => value < 10 ? value.toFixed(2) : value.toFixed(0);
    const ratio = found.beside === undefined ? undefined : found.median / found.beside;
    const limit = aim === undefined
      ? ""
      : "below" in aim
      ? `< ${aim.below} ${unit}`
      : `< ${aim.times} x`;
    return [
      name,
      `${number(found.median)} ${unit}`,
      `${number(found.least)} to ${number(found.most)}`,
      beside === undefined ? "" : `${beside}: ${number(found.beside!)} (${ratio!.toFixed(2)} x)`,
      limit,
    ];
  });
  const rows = [["what", "median", "from to", "beside", "aim"], ...cells];
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(widths[column])).join("  ").trimEnd()
  )
    .join("\n");
}

if (import.meta.main) {
  const folder = BENCH_FOLDER;
  // What a bench that was killed has left would be measured.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { mode: 0o700 });
  const loadBefore = Deno.loadavg()[0];
  try {
    await measureStart(folder);
    {
      await using daemon = BenchDaemon.start(folder);
      await answers(daemon.socket);
      await measurePings(daemon);
      await measurePrompt(daemon);
      await measureRoot(daemon);
      await measureRuns(daemon);
    }
    await measureFlood(folder);
    await measureOutputMemory(folder);
    await measureMcp();
    await measureAudit(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const surroundings = {
    at: new Date().toISOString(),
    deno: Deno.version.deno,
    cores: navigator.hardwareConcurrency,
    loadBefore,
    loadAfter: Deno.loadavg()[0],
  };
  console.log(table());
  console.log(
    `${surroundings.cores} cores, Deno ${surroundings.deno}, load ${
      loadBefore.toFixed(2)
    } before and ${surroundings.loadAfter.toFixed(2)} after (other work disturbs every number)`,
  );
  await Deno.mkdir(FOLDER, { recursive: true });
  const path = `${FOLDER}${surroundings.at.replace(/[:.]/g, "-")}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify({ surroundings, results }, null, 2)}\n`);
}
