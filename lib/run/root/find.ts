import { systemProgram } from "../../paths.ts";
import type { Launchers } from "../programs.ts";
import { selfWay } from "./self.ts";
import { sudoWay } from "./sudo.ts";
import type { RootWay } from "./way.ts";

/**
 * Finds the way to root on this machine.
 *
 * @param launchers Where the programs are.
 * @param uid The user that runs the daemon.
 * @param password With `each`, the way asks its question whatever it remembers.
 * @returns The way; `undefined` where there is none.
 */
export function findRootWay(
  launchers: Launchers,
  uid: number,
  password: "each" | "cached",
): RootWay | undefined {
  const sudo = systemProgram("sudo");
  if (sudo !== undefined) return sudoWay(launchers, sudo, password);
  return uid === 0 ? selfWay(launchers) : undefined;
}
