/**
 * The commands that `sudo-proxy setup` installs for a user: where they are, and how they are
 * recognized.
 *
 * @module
 */
import { absoluteVariable, type HostEnvironment } from "./paths.ts";

/** The programs that are installed. */
export const COMMANDS = ["sudo-proxy", "sudo-proxy-mcp"] as const;

/** The name of an installed program. */
export type CommandName = typeof COMMANDS[number];

/** The second line of every script that setup writes. */
export const SETUP_MARK = "# Written by sudo-proxy setup; sudo-proxy setup --undo removes it.";

/** Whether a script is one that setup wrote, so that it may be replaced and removed. */
export function isSetupScript(text: string): boolean {
  return text.split("\n", 2)[1] === SETUP_MARK;
}

/** Where the programs of a user are (XDG Base Directory Specification). */
export function commandFolder(home: string): string {
  return `${home}/.local/bin`;
}

/** Where setup installs `sudo-proxy`; `undefined` if `HOME` is no absolute path. */
export function installedCommand(env: HostEnvironment): string | undefined {
  const home = absoluteVariable(env, "HOME");
  return home === undefined ? undefined : `${commandFolder(home)}/sudo-proxy`;
}
