/**
 * Measures each way to get the program, from nothing to an approved command at a prompt in tmux: runs
 * the tests of the packages again and again, and writes the table in docs/install.md.
 *
 * @module
 */
import { testFlags } from "../tests/rig/grants.ts";
import { surroundings, writeTable } from "./document.ts";
import { quantile } from "./rows.ts";

const TESTS = ["binary", "npm", "debian", "mcpb", "plugin", "module"];

/** A line that `Stopwatch` of the tests has written. */
interface Line {
  readonly way: string;
  readonly ms: number;
  readonly size: number;
}

if (import.meta.main) {
  const rounds = Number(Deno.args[0] ?? 5);
  const path = await Deno.makeTempFile({ prefix: "sudo-proxy-times-" });
  const [load = 0] = Deno.loadavg();
  for (let round = 0; round < rounds; round++) {
    const files = TESTS.map((name) => `tests/packages/${name}_test.ts`);
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--cached-only", ...testFlags(["127.0.0.1"]), ...files],
      cwd: new URL("../", import.meta.url),
      env: { SUDO_PROXY_TIMES: path },
    }).spawn().status;
    if (!success) throw new Error("a way of installing failed");
  }
  const lines: Line[] = (await Deno.readTextFile(path)).trim().split("\n")
    .map((line) => JSON.parse(line));
  await Deno.remove(path);
  await writeTable("ways", [
    ["way", "what is fetched", "from nothing to an approved command"],
    ...[...new Set(lines.map(({ way }) => way))].map((name) => {
      const runs = lines.filter(({ way }) => way === name);
      const size = runs[0]?.size ?? 0;
      const times = runs.map(({ ms }) => ms / 1000);
      return [
        name,
        size === 0 ? "nothing" : `${(size / 1e6).toFixed(1)} MB`,
        `${quantile(times, 0.5).toFixed(1)} s` +
        (rounds === 1
          ? ""
          : ` (${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} s)`),
      ];
    }),
  ], `${rounds === 1 ? "One run" : `Medians of ${rounds} runs`}, ${surroundings(load)}.`);
}
