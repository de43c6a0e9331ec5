import { commandOf, system } from "./launch.ts";
import type { HelperPrograms } from "./programs.ts";

/**
 * Stops this process until it gets SIGCONT; does nothing if `kill` is missing. Deno can't restore
 * the default action of SIGTSTP after it has listened for it, so SIGTTOU stops the process. Unlike
 * SIGSTOP, the kernel discards both if no shell could continue the process (signal(7), setpgid(2)
 * on orphaned process groups).
 */
export function stopSelf({ setsid, kill }: HelperPrograms): void {
  if (kill === undefined) return;
  commandOf(system(setsid, kill, "-s", "TTOU", "--", String(Deno.pid))).outputSync();
}
