/**
 * The command that `sudo-proxy setup` installs for a user: where it is, and how it is recognised.
 *
 * @module
 */
import type { Surroundings } from "./paths.ts";

/** The second line of every script that setup writes. */
export const SETUP_MARK = "# Written by sudo-proxy setup; sudo-proxy setup --undo removes it.";

/** Whether a script is one that setup wrote, so that it may be replaced and removed. */
export function isSetupScript(text: string): boolean {
  return text.split("\n", 2)[1] === SETUP_MARK;
}

/**
 * Where the programs of a user are: `~/.local/bin` (XDG Base Directory Specification).
 *
 * @param home The user's home.
 * @returns An absolute path.
 */
export function commandFolder(home: string): string {
  return `${home}/.local/bin`;
}

/**
 * Where setup installs `sudo-proxy`.
 *
 * @param here The surroundings.
 * @returns An absolute path, or `undefined` where `HOME` is none.
 */
export function installedCommand(here: Surroundings): string | undefined {
  const home = here.env("HOME");
  return home?.startsWith("/")
    ? `${commandFolder(home.replace(/\/+$/, ""))}/sudo-proxy`
    : undefined;
}
