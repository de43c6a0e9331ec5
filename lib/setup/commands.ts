/**
 * The two commands, as small scripts in the user's own folder of programs.
 *
 * `deno install --global` is not used: its script starts whatever `deno` comes first in `PATH`, and
 * takes a copy of deno.json along without the lock file, so that it would resolve the packages anew.
 *
 * @module
 */
import { type CommandName, SETUP_MARK } from "../platform/installed.ts";
import { shellWord } from "../platform/shell_word.ts";
import { FORM, START_SCRIPT } from "../start.ts";
import type { UserFolders } from "./clients.ts";
import { stableDeno, type StartSpec } from "./server_entry.ts";

/** The script of a command; `server` is what starts the MCP server. */
export function commandScript(name: CommandName, folders: UserFolders, server: StartSpec): string {
  if (name === "sudo-proxy-mcp") return script(server);
  const { DENO_DIR } = server.env;
  const [command, ...args] = commandArgv(stableDeno(folders));
  return script({ command, args, env: DENO_DIR === undefined ? {} : { DENO_DIR } });
}

/**
 * What starts `sudo-proxy`, or one of its subcommands; arguments follow. The grants are computed at
 * each start, for its arguments.
 */
export function commandArgv(
  deno: string,
  subcommand?: string,
): readonly [program: string, ...args: string[]] {
  const parts = subcommand === undefined ? [] : [subcommand];
  if (FORM === "compiled") return [Deno.execPath(), ...parts];
  return ["/bin/sh", START_SCRIPT, deno, ...parts];
}

/** A script for any POSIX shell; a line for each argument, so that a diff can be read. */
function script({ command, args, env }: StartSpec): string {
  const exports = Object.entries(env).map(([name, value]) => `export ${name}=${shellWord(value)}`);
  return [
    "#!/bin/sh",
    SETUP_MARK,
    ...exports,
    `exec ${[command, ...args].map(shellWord).join(" \\\n  ")} \\\n  "$@"`,
    "",
  ].join("\n");
}
