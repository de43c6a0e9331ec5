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
  return script({ command, args, env: { DENO_DIR } }, setupWords(stableDeno(places)));
}

/** Whether a script is one that setup wrote, so that it may be replaced and removed. */
export function isOurs(text: string): boolean {
  return text.split("\n", 2)[1] === MARK;
}

/**
 * The words that start setup with its grants, which no other program of ours has.
 *
 * @param deno Deno, an absolute path.
 * @returns The program and its arguments; those of setup follow.
 */
export function setupWords(deno: string): string[] {
  if (Deno.build.standalone) return [`${folderOf(Deno.execPath())}/sudo-proxy-setup`];
  return [deno, "task", "--quiet", `--config=${PROJECT}deno.json`, "setup"];
}

function programWords(here: Surroundings, places: Places): string[] {
  if (Deno.build.standalone) return [`${folderOf(Deno.execPath())}/sudo-proxy`];
  return denoRun(stableDeno(places), grantsOf("installed", here), `${PROJECT}main_proxy.ts`);
}

/** A script for any POSIX shell; a line for each argument, so that a diff can be read. */
function script({ command, args, env }: StartWords, setup?: readonly string[]): string {
  const lines = ["#!/bin/sh", MARK];
  for (const [name, value] of Object.entries(env)) {
    lines.push(`export ${name}=${shellWord(value)}`);
  }
  if (setup !== undefined) {
    // Setup has grants of its own: the daemon can't write what MCP clients start.
    lines.push(
      'if [ "${1-}" = setup ]; then',
      "  shift",
      `  exec ${setup.map(shellWord).join(" ")} "$@"`,
      "fi",
    );
  }
  const words = [command, ...args].map(shellWord);
  lines.push(`exec ${words.join(" \\\n  ")} \\\n  "$@"`, "");
  return lines.join("\n");
}
