/**
 * Measures the forms in which the program starts: the sources and a package's bundle under
 * `deno run`, and one compiled file, `SUDO_PROXY_BINARY` or the stand-in. Writes the table in docs/install.md.
 *
 * @module
 */
import { grantsOf } from "../lib/grants.ts";
import { hostEnvironment } from "../lib/platform/paths.ts";
import { ping } from "../lib/protocol/client.ts";
import { compileStandIn, makeBundle, standInTools } from "../tests/binary/standin.ts";
import { bundleToRun } from "../tools/build.ts";
import { startFrom } from "./bundle.ts";
import { surroundings, writeTable } from "./document.ts";
import { FORMS_FOLDER } from "./grants.ts";
import { measureMcpStart } from "./mcp_start.ts";
import { memoryOf } from "./memory.ts";
import { quantile } from "./rows.ts";
import { BenchDaemon } from "./terminal.ts";

const RUNS = 10;

/** A form of the program. */
interface Form {
  readonly name: string;
  /** What starts it: one file, or the folder of a bundle; the sources are started without it. */
  readonly start?: readonly string[] | string;
  /** In bytes. */
  readonly size: number;
  readonly daemonMs: number[];
  readonly daemonPeak: number[];
  readonly mcpMs: number[];
  readonly mcpPeak: number[];
}

function form(name: string, size: number, start?: Form["start"]): Form {
  const runs = { daemonMs: [], daemonPeak: [], mcpMs: [], mcpPeak: [] };
  return { name, size, ...runs, ...(start ? { start } : {}) };
}

/** The sum of all files in a folder. */
function sizeOf(folder: string): number {
  return [...Deno.readDirSync(folder)].map(({ name, isDirectory }) =>
    isDirectory ? sizeOf(`${folder}/${name}`) : Deno.statSync(`${folder}/${name}`).size
  ).reduce((sum, size) => sum + size, 0);
}

async function forms(folder: string): Promise<Form[]> {
  const bundle = `${folder}/bundle`;
  await bundleToRun(bundle);
  const compile = async (tools: string) =>
    await compileStandIn(await makeBundle(`${folder}/compiled`), tools);
  const given = Deno.env.get("SUDO_PROXY_BINARY");
  const tools = given === undefined ? await standInTools() : undefined;
  const file = given ?? (tools === undefined ? undefined : await compile(tools));
  const name = given === undefined ? "one file, with an older runtime" : "one file";
  return [
    form("sources", sizeOf(new URL("../lib", import.meta.url).pathname)),
    form("bundle of a package", sizeOf(bundle), bundle),
    ...(file === undefined
      ? []
      : [form(name, (await Deno.stat(file)).size, ["/usr/bin/env", file])]),
  ];
}

async function measureDaemon({ start, daemonMs, daemonPeak }: Form): Promise<void> {
  await using daemon = BenchDaemon.start(FORMS_FOLDER, start);
  while (!await ping(daemon.socket).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  daemonMs.push(performance.now() - daemon.startedAt);
  daemonPeak.push(await memoryOf(await daemon.pid(), "VmHWM"));
}

async function measureMcp({ start, mcpMs, mcpPeak }: Form): Promise<void> {
  const words = typeof start === "string"
    ? startFrom(start, Deno.execPath(), grantsOf("mcp", hostEnvironment()), "main_mcp")
    : start && [...start, "mcp"];
  const { ms, peak } = await measureMcpStart(words);
  mcpMs.push(ms);
  mcpPeak.push(peak);
}

if (import.meta.main) {
  await Deno.remove(FORMS_FOLDER, { recursive: true }).catch(() => {});
  await Deno.mkdir(FORMS_FOLDER, { mode: 0o700 });
  try {
    const all = await forms(FORMS_FOLDER);
    const [load = 0] = Deno.loadavg();
    // The first run fills the caches. They take turns, so that what else runs disturbs all alike.
    for (let run = 0; run <= RUNS; run++) {
      for (const one of all) {
        await measureDaemon(one);
        await measureMcp(one);
      }
    }
    const median = (runs: readonly number[], unit: string) =>
      `${quantile(runs.slice(1), 0.5).toFixed(0)} ${unit}`;
    await writeTable("forms", [
      ["form", "size", "daemon: start", "peak", "MCP server: start", "peak"],
      ...all.map(({ name, size, daemonMs, daemonPeak, mcpMs, mcpPeak }) => [
        name,
        `${(size / 1e6).toFixed(1)} MB`,
        median(daemonMs, "ms"),
        median(daemonPeak, "MB"),
        median(mcpMs, "ms"),
        median(mcpPeak, "MB"),
      ]),
    ], `Medians of ${RUNS} runs in turns, ${surroundings(load)}.`);
  } finally {
    await Deno.remove(FORMS_FOLDER, { recursive: true });
  }
}
