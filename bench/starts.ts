import { hostEnvironment } from "../lib/platform/paths.ts";
import { grantsOf } from "../lib/grants.ts";
import { grantsFor, START_SCRIPT, startCommand } from "../lib/start.ts";
import { benchBundle, startFrom } from "./bundle.ts";
import type { Groups, Place } from "./groups.ts";
import { measureMcpStart } from "./mcp_start.ts";
import { measured, type Results } from "./rows.ts";
import { BenchDaemon } from "./terminal.ts";
import { answers, inTurns, timed } from "./tools.ts";
import { memoryOf } from "./memory.ts";

/** What the start of a program costs; a module that does nothing stands beside it. */
export const START_GROUPS: Groups<Place> = [
  [["daemonReady", "idleMemory"], measureDaemon],
  [["installedReady", "sourcesReady"], async ({ folder, runs }) => {
    const by = (script: string) => () => start(() => BenchDaemon.startByScript(folder, script));
    const [bundle, sources] = [by(`${await benchBundle()}/start.sh`), by(START_SCRIPT)];
    const turns = (ours: () => Promise<number>) =>
      inTurns(runs(10), { ours, beside: empty(folder), original: undefined });
    return {
      installedReady: measured(await turns(bundle)),
      sourcesReady: measured(await turns(sources)),
    };
  }],
  [["mcpReady"], async ({ folder, originals, runs }) => {
    const grants = grantsOf("mcp", hostEnvironment());
    const start = startFrom(await benchBundle(), Deno.execPath(), grants, "main_mcp");
    const ours = async () => (await measureMcpStart(start)).ms;
    await ours();
    return {
      mcpReady: measured(
        await inTurns(runs(15), {
          ours,
          beside: empty(folder),
          original: originals === undefined
            ? undefined
            : async () => (await measureMcpStart([`${originals}/sudo-proxy-mcp`])).ms,
        }),
      ),
    };
  }],
  [["clientEnded"], measureClient],
];

/** Starts Deno with a module that does nothing, in the way of {@linkcode startCommand}. */
function empty(folder: string): () => Promise<number> {
  const path = `${folder}/empty.ts`;
  Deno.writeTextFileSync(path, "");
  const [program = "", ...words] = startCommand(hostEnvironment(), ["request"]);
  const deno = words.slice(0, words.indexOf("run") + 1);
  const args = [...deno, "--quiet", "--no-config", path];
  return () => timed(() => new Deno.Command(program, { args, stdin: "null" }).output());
}

async function start(make: () => BenchDaemon): Promise<number> {
  await using daemon = make();
  await answers(daemon.socket);
  return performance.now() - daemon.startedAt;
}

async function measureDaemon({ folder, originals, runs }: Place): Promise<Results> {
  const memories: number[] = [];
  const others: number[] = [];
  const from = (make: () => BenchDaemon, kept: number[]) => async () => {
    await using daemon = make();
    await answers(daemon.socket);
    const ms = performance.now() - daemon.startedAt;
    kept.push(await memoryOf(await daemon.pid(), "VmRSS"));
    return ms;
  };
  const bundle = await benchBundle();
  const ours = from(() => BenchDaemon.start(folder, bundle), memories);
  // The first one fills the caches.
  await ours();
  memories.length = 0;
  const starts = await inTurns(runs(10), {
    ours,
    beside: empty(folder),
    original: originals === undefined
      ? undefined
      : from(() => BenchDaemon.startOriginal(folder, `${originals}/sudo-proxy`), others),
  });
  return {
    daemonReady: measured(starts),
    idleMemory: measured({ ours: memories, original: others }),
  };
}

async function measureClient({ folder, originals, runs }: Place): Promise<Results> {
  const nobody = `${folder}/nobody.sock`;
  const run = ([program = "", ...args]: readonly string[]) => () =>
    timed(() => new Deno.Command(program, { args, stdin: "null" }).output());
  const { grants } = grantsFor(hostEnvironment(), ["request", "--socket", nobody]);
  const start = startFrom(await benchBundle(), Deno.execPath(), grants, "main_proxy");
  const ours = run([...start, "request", "--socket", nobody, "true"]);
  await ours();
  const all = await inTurns(runs(15), {
    ours,
    beside: empty(folder),
    original: originals === undefined
      ? undefined
      : run([`${originals}/sudo-request`, "--socket", nobody, "true"]),
  });
  return { clientEnded: measured(all) };
}
