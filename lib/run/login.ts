import type { ResolvedRequest } from "../admit/request.ts";
import type { HostEnvironment } from "../platform/paths.ts";

/** Who the daemon's user is, as a login would have it. */
export interface Login {
  /** The home folder. */
  readonly home: string;
  /** The login name. */
  readonly user: string;
  /** The login shell. */
  readonly shell: string;
  /** The user's own `PATH`. */
  readonly path: string;
  /** The socket of the daemon's own ssh agent, if it has one. */
  readonly sshAgent: string | undefined;
}

/**
 * Finds out who the daemon's user is: from the environment, and from passwd(5) where a variable is
 * not set, as in a service or after `env -i`. If neither has a name, the user's id is used.
 */
export function loginOf(env: HostEnvironment): Login {
  const [name, , , , , home, shell] = passwdEntry(env.uid);
  return {
    home: env.get("HOME") || home || "/",
    user: env.get("USER") || env.get("LOGNAME") || name || String(env.uid),
    shell: env.get("SHELL") || shell || "/bin/sh",
    path: env.get("PATH") || "/usr/local/bin:/usr/bin:/bin",
    sshAgent: env.get("SSH_AUTH_SOCK") || undefined,
  };
}

function passwdEntry(uid: number): string[] {
  try {
    const entries = Deno.readTextFileSync("/etc/passwd").split("\n").map((line) => line.split(":"));
    return entries.find((fields) => fields[2] === String(uid)) ?? [];
  } catch {
    return [];
  }
}

/**
 * The whole environment of an unprivileged command: a login's variables, overridden by the
 * request's.
 */
export function userEnvironment(request: ResolvedRequest, login: Login): Record<string, string> {
  return {
    HOME: login.home,
    USER: login.user,
    LOGNAME: login.user,
    SHELL: login.shell,
    PATH: login.path,
    ...(request.forwardAgent && login.sshAgent ? { SSH_AUTH_SOCK: login.sshAgent } : {}),
    ...Object.fromEntries(request.env),
  };
}
