import type { Launchers } from "./programs.ts";

/** The launchers of a machine on which this process can stop itself. */
export type StoppingLaunchers = Launchers & { readonly kill: string };

/** Tells whether this process can stop itself. */
export function canStop(launchers: Launchers): launchers is StoppingLaunchers {
  return launchers.kill !== undefined;
}

/**
 * Stops this process until it gets SIGCONT. Deno can't put the default action of SIGTSTP back once
 * it listens for it, so SIGTTOU stops it: the kernel discards both where no shell could let the
 * process go on (signal(7), setpgid(2) on orphaned process groups), and SIGSTOP it would not.
 *
 * @param launchers Where the programs are.
 */
export function stopSelf(launchers: StoppingLaunchers): void {
  new Deno.Command(launchers.setsid, {
    args: [launchers.kill, "-s", "TTOU", "--", String(Deno.pid)],
    clearEnv: true,
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
}
