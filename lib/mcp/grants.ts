import { type Grants, type Site, STATE_VARIABLES } from "../platform/grants.ts";
import { SYSTEM_FOLDERS } from "../platform/paths.ts";
import { allTerminals, installedTerminals } from "./terminals.ts";

/** How the MCP server finds out where it can open a terminal. */
export const DESKTOP_VARIABLES: readonly string[] = [
  "TMUX",
  "TERMINAL",
  "DISPLAY",
  "WAYLAND_DISPLAY",
];

/**
 * The server itself. It computes the grants of the daemon that it opens, finds what it may start,
 * and tells by the machine's name whether a host is this machine.
 */
export function serverGrants(): Partial<Grants> {
  return {
    read: [Deno.execPath(), ...SYSTEM_FOLDERS],
    env: [...DESKTOP_VARIABLES, ...STATE_VARIABLES],
    sys: ["uid", "hostname"],
  };
}

/** The terminals of this session. */
export function terminalGrants({ env }: Site): Partial<Grants> {
  return { run: installedTerminals(env) };
}

/** The terminals of any session of this user. */
export function anyTerminalGrants({ env }: Site): Partial<Grants> {
  return { run: allTerminals(env) };
}
