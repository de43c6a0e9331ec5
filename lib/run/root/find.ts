import { systemProgram } from "../../platform/paths.ts";
import type { HelperPrograms } from "../programs.ts";
import { pkexecWay } from "./pkexec.ts";
import { selfWay } from "./self.ts";
import { sudoWay } from "./sudo.ts";
import type { RootOptions, RootWay } from "./way.ts";

/**
 * Finds the way to root on this machine for the daemon's user; `undefined` if there is none.
 *
 * @throws {Error} If polkit is wanted, and a program of it is missing.
 */
export function findRootWay(
  helpers: HelperPrograms,
  uid: number,
  options: RootOptions & { readonly pkexec: boolean },
): RootWay | undefined {
  if (options.pkexec) return pkexecWay(helpers, options);
  const sudo = systemProgram("sudo");
  if (sudo !== undefined) return sudoWay(helpers, sudo, options);
  return uid === 0 ? selfWay() : undefined;
}
