import type { Surroundings } from "../paths.ts";

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
 * not set, as in a service or after `env -i`. A user whom another directory keeps has none there.
 *
 * @param here The surroundings; needs to read `/etc/passwd`.
 * @returns The login; the user's id stands for a name that is not to be found.
 */
export function loginOf({ env, uid }: Surroundings): Login {
  const [name, , , , , home, shell] = passwdEntry(uid);
  return {
    home: env("HOME") || home || "/",
    user: env("USER") || env("LOGNAME") || name || String(uid),
    shell: env("SHELL") || shell || "/bin/sh",
    path: env("PATH") || "/usr/local/bin:/usr/bin:/bin",
    sshAgent: env("SSH_AUTH_SOCK") || undefined,
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
