/**
 * The two commands, as small scripts in the user's own folder of programs.
 *
 * `deno install --global` is not used: its script starts whatever `deno` comes first in `PATH`, and
 * takes a copy of deno.json along without the lock file, so that it would resolve the packages anew.
 *
 * @module
 */
import { denoRun, PROJECT, shellWord } from "../mcp/launch.ts";
import { folderOf, type Surroundings } from "../paths.ts";
import { grantsOf } from "../permissions.ts";
import type { Places } from "./clients.ts";
import type { CommandName } from "./files.ts";
import { stableDeno, type StartWords } from "./server_entry.ts";

/**
 * First words of `sudo-proxy` that have grants of their own, and the task that starts each with
 * them. The daemon has none of these: it can't write what MCP clients start.
 */
const TASKS: Readonly<Record<string, string>> = {
  setup: "setup",
  "--host": "remote",
  hosts: "hosts",
};

const MARK = "# Written by sudo-proxy setup; sudo-proxy setup --undo removes it.";

/**
 * Writes the script of a command.
 *
 * @param name Which one.
 * @param here The surroundings.
 * @param places Where the user's files are.
 * @param server What starts the MCP server.
 * @returns Its contents.
 */
export function commandScript(
  name: CommandName,
  here: Surroundings,
  places: Places,
  server: StartWords,
): string {
  if (name === "sudo-proxy-mcp") return script(server);
  const { DENO_DIR } = server.env;
  const [command, ...args] = programWords(here, places);
  return script({ command, args, env: { DENO_DIR } }, stableDeno(places));
}

/** Whether a script is one that setup wrote, so that it may be replaced and removed. */
export function isOurs(text: string): boolean {
  return text.split("\n", 2)[1] === MARK;
}

/**
 * The words that start a task, which has grants of its own.
 *
 * @param deno Deno, an absolute path.
 * @param task Its name.
 * @returns The program and its arguments; those of the task follow.
 */
export function taskWords(deno: string, task: string): string[] {
  if (Deno.build.standalone) return [`${folderOf(Deno.execPath())}/sudo-proxy-${task}`];
  return [deno, "task", "--quiet", `--config=${PROJECT}deno.json`, task];
}

/** The grants of a tunnel are for one host: no compiled file has them baked in. */
function isWithoutFile(word: string): boolean {
  return word === "--host" && Deno.build.standalone;
}

function programWords(here: Surroundings, places: Places): string[] {
  if (Deno.build.standalone) return [`${folderOf(Deno.execPath())}/sudo-proxy`];
  return denoRun(stableDeno(places), grantsOf("installed", here), `${PROJECT}main_proxy.ts`);
}

/** A script for any POSIX shell; a line for each argument, so that a diff can be read. */
function script({ command, args, env }: StartWords, deno?: string): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  const tasks = deno === undefined
    ? []
    : Object.entries(TASKS).filter(([word]) => !isWithoutFile(word)).map(([word, task]) =>
      `  ${word}) shift; exec ${taskWords(deno, task).map(shellWord).join(" ")} "$@" ;;`
    );
  return [
    "#!/bin/sh",
    MARK,
    ...exports,
    ...(tasks.length === 0 ? [] : ['case "${1-}" in', ...tasks, "esac"]),
    `exec ${[command, ...args].map(shellWord).join(" \\\n  ")} \\\n  "$@"`,
    "",
  ].join("\n");
}
