/**
 * The two commands, as small scripts in the user's own folder of programs.
 *
 * `deno install --global` is not used: its script starts whatever `deno` comes first in `PATH`, and
 * takes a copy of deno.json along without the lock file, so that it would resolve the packages anew.
 *
 * @module
 */
import { SETUP_MARK } from "../installed.ts";
import { folderOf } from "../paths.ts";
import { PROJECT, shellWord } from "../start.ts";
import type { Places } from "./clients.ts";
import type { CommandName } from "./files.ts";
import { stableDeno, type StartWords } from "./server_entry.ts";

/** First arguments of the compiled `sudo-proxy` for which there is a file with grants of its own. */
const FILES = ["setup", "hosts"];

/**
 * Writes the script of a command.
 *
 * @param name Which one.
 * @param places Where the user's files are.
 * @param server What starts the MCP server.
 * @returns Its contents.
 */
export function commandScript(name: CommandName, places: Places, server: StartWords): string {
  if (name === "sudo-proxy-mcp") return script(server);
  const { DENO_DIR } = server.env;
  const [command, ...args] = commandWords(stableDeno(places));
  return script({ command, args, env: { DENO_DIR } }, Deno.build.standalone ? FILES : []);
}

/**
 * The words that start `sudo-proxy`. The grants are computed at each start, for its arguments.
 *
 * @param deno Deno, an absolute path.
 * @param command The subcommand, if one is meant.
 * @returns The program and its arguments; those of the subcommand follow.
 */
export function commandWords(deno: string, command?: string): string[] {
  const subcommand = command === undefined ? [] : [command];
  if (Deno.build.standalone) {
    return [[`${folderOf(Deno.execPath())}/sudo-proxy`, ...subcommand].join("-")];
  }
  return ["/bin/sh", `${PROJECT}lib/start.sh`, deno, ...subcommand];
}

/** A script for any POSIX shell; a line for each argument, so that a diff can be read. */
function script({ command, args, env }: StartWords, files: readonly string[] = []): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  const cases = files.map((name) =>
    `  ${name}) shift; exec ${shellWord(`${command}-${name}`)} "$@" ;;`
  );
  return [
    "#!/bin/sh",
    SETUP_MARK,
    ...exports,
    ...(cases.length === 0 ? [] : ['case "${1-}" in', ...cases, "esac"]),
    `exec ${[command, ...args].map(shellWord).join(" \\\n  ")} \\\n  "$@"`,
    "",
  ].join("\n");
}
