/**
 * Prints what the bench itself may do, as flags: its folders, the page with its tables, the programs that it starts, and the
 * socket of the daemon that it measures, which runs with its own, narrower grants.
 *
 * @module
 */
import { systemProgram } from "../lib/platform/paths.ts";
import { findOriginal } from "./original.ts";

const PROGRAMS = [
  "cat",
  "cp",
  "date",
  "env",
  "head",
  "kill",
  "pgrep",
  "setsid",
  "sh",
  "socat",
  "sudo",
];

/** The folder of everything that is measured: a fixed one, since Deno grants sockets by path. */
export const BENCH_FOLDER = `/tmp/sudo-proxy-bench-${Deno.uid()}`;

/** The same for the forms of the program. */
export const FORMS_FOLDER = `/tmp/sudo-proxy-forms-${Deno.uid()}`;

if (import.meta.main) {
  const original = findOriginal();
  const programs = [
    ...PROGRAMS.map(systemProgram),
    original && `${original}/sudo-proxy`,
    original && `${original}/sudo-proxy-mcp`,
    original && `${original}/sudo-request`,
  ].filter((path) => path !== undefined);
  const sockets = ["sudo-proxy", "original", "echo"].map((name) => `${BENCH_FOLDER}/${name}.sock`);
  const [results, page] = ["results/", "../docs/install.md"].map((path) =>
    new URL(path, import.meta.url).pathname
  );
  console.log([
    "--no-prompt",
    "--allow-read",
    `--allow-write=${BENCH_FOLDER},${FORMS_FOLDER},${results},${page}`,
    "--allow-env",
    "--allow-sys",
    `--allow-run=${[Deno.execPath(), ...programs].join(",")}`,
    `--allow-net=${
      [...sockets, `${FORMS_FOLDER}/sudo-proxy.sock`].map((path) => `unix:${path}`).join(",")
    }`,
  ].join(" "));
}
