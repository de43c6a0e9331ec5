/**
 * Prints what the bench itself may do, as flags: its folder, the programs that it starts, and the
 * socket of the daemon that it measures, which runs with its own, narrower grants.
 *
 * @module
 */
import { systemProgram } from "../lib/paths.ts";

const PROGRAMS = ["cat", "date", "env", "head", "kill", "pgrep", "setsid", "sh", "socat", "sudo"];

/** The folder of everything that is measured: a fixed one, since Deno grants sockets by path. */
export const BENCH_FOLDER = `/tmp/sudo-proxy-bench-${Deno.uid()}`;

if (import.meta.main) {
  const programs = PROGRAMS.map(systemProgram).filter((path) => path !== undefined);
  const results = new URL("results/", import.meta.url).pathname;
  console.log([
    "--no-prompt",
    "--allow-read",
    `--allow-write=${BENCH_FOLDER},${results}`,
    "--allow-env",
    "--allow-sys",
    `--allow-run=${[Deno.execPath(), ...programs].join(",")}`,
    `--allow-net=unix:${BENCH_FOLDER}/sudo-proxy.sock`,
  ].join(" "));
}
