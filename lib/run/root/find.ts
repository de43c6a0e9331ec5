import { systemProgram } from "../../paths.ts";
import type { Launchers } from "../programs.ts";
import { pkexecWay } from "./pkexec.ts";
import { selfWay } from "./self.ts";
import { sudoWay } from "./sudo.ts";
import type { RootOptions, RootWay } from "./way.ts";

/**
 * Finds the way to root on this machine.
 *
 * @param launchers Where the programs are.
 * @param uid The user that runs the daemon.
 * @param options How it asks, and whether polkit is wanted in place of sudo.
 * @returns The way; `undefined` where there is none.
 * @throws {Error} If polkit is wanted, and a program of it is missing.
 */
export function findRootWay(
  launchers: Launchers,
  uid: number,
  options: RootOptions & { readonly pkexec: boolean },
): RootWay | undefined {
  if (options.pkexec) return pkexecWay(launchers, options);
  const sudo = systemProgram("sudo");
  if (sudo !== undefined) return sudoWay(launchers, sudo, options);
  return uid === 0 ? selfWay(launchers) : undefined;
}
