import { DRIVEN_VARIABLES } from "../platform/driven.ts";
import { type Grants, programs } from "../platform/grants.ts";
import { SYSTEM_FOLDERS } from "../platform/paths.ts";

/** The daemon's command says whether other programs can press keys on its terminal. */
export function serveGrants(): Partial<Grants> {
  return { env: DRIVEN_VARIABLES };
}

/** How long a daemon may say nothing. */
export function requestGrants(): Partial<Grants> {
  return { env: ["SUDO_REQUEST_TIMEOUT_SECS"] };
}

/** What is installed, what sudo is, whether it asks, and who can press keys on the terminal. */
export function doctorGrants(): Partial<Grants> {
  return {
    read: [Deno.execPath(), ...SYSTEM_FOLDERS],
    run: programs("sudo", "timeout"),
    env: DRIVEN_VARIABLES,
  };
}

/** The rule of polkit names the user. */
export function pkexecCacheGrants(): Partial<Grants> {
  return { read: ["/etc/passwd"] };
}
