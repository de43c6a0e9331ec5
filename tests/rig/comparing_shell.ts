import { shellWord } from "../../lib/platform/shell_word.ts";
import type { Installation } from "./installation.ts";
import { TmuxTerminal } from "./tmux.ts";
import { succeed } from "./tools.ts";
import type { OrdinaryUser } from "./user.ts";
import { at } from "./assert.ts";

/**
 * Opens a shell that compares the modes of its terminal before and after the daemon.
 *
 * @param installation Where the daemon is installed.
 * @param user Whose shell it is.
 * @returns The terminal, once the daemon in it listens.
 */
export async function comparingShell(
  installation: Installation,
  user: OrdinaryUser,
): Promise<TmuxTerminal> {
  const daemon = installation.command("proxy", ["--socket", installation.socket]);
  const words = daemon.map(shellWord).join(" ");
  const script = [
    "stty -a > before",
    words,
    "echo ended with $?",
    "stty -a > after",
    "cmp before after && echo the terminal is as it was",
    "ls -A run | grep . || echo nothing is left",
    "sleep infinity",
  ].join("\n");
  const path = `${installation.folder}/compare.sh`;
  await Deno.writeTextFile(path, `cd ${installation.home} && ln -sfn ../run run\n${script}\n`);
  const terminal = await TmuxTerminal.open({ command: ["/bin/sh", path], user: user.name });
  await terminal.shows("waiting on");
  return terminal;
}

/**
 * Finds a user's daemon.
 *
 * @param user Whose.
 * @returns Its process id.
 */
export async function daemonPid(user: OrdinaryUser): Promise<string> {
  const program = "(main_proxy.ts|main_proxy.js|main_binary.js|sudo-proxy) --socket";
  const pids = await succeed(["pgrep", "-u", user.name, "-f", program]);
  return at(pids.trim().split("\n"), -1);
}
