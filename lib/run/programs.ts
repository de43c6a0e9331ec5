import { systemProgram } from "../paths.ts";
import { findUnblocker } from "./unblock.ts";

/** The programs that start and end commands, by absolute path. */
export interface Launchers {
  /** Starts a command in a session of its own, without the terminal. */
  readonly setsid: string;
  /** Gives a command an empty signal mask; `undefined` where none is needed or installed. */
  readonly unblocker: readonly string[] | undefined;
  /**
   * Starts sudo in a process group of its own, so that it can't read the terminal and can be ended
   * whole.
   */
  readonly timeout: string;
  /** Sends signals; `undefined` where it isn't installed. */
  readonly kill: string | undefined;
  /** Lists processes; `undefined` where it isn't installed. */
  readonly ps: string | undefined;
  /** Does nothing; what sudo lets it do without a question it lets others. */
  readonly true: string;
}

/**
 * Finds the launchers in the system folders, never in the user's `PATH`.
 *
 * @returns Their absolute paths.
 * @throws {Error} If one is missing that nothing can run without; the message says what to install.
 */
export function findLaunchers(): Launchers {
  return {
    setsid: required("setsid", "util-linux"),
    unblocker: findUnblocker(),
    timeout: required("timeout", "coreutils"),
    kill: systemProgram("kill"),
    ps: systemProgram("ps"),
    true: required("true", "coreutils"),
  };
}

/**
 * Finds a program that nothing runs without.
 *
 * @param name Its name.
 * @param packageName What to install where it is missing.
 * @returns Its absolute path.
 * @throws {Error} If it is in none of the system folders.
 */
export function required(name: string, packageName: string): string {
  const path = systemProgram(name);
  if (path === undefined) {
    throw new Error(
      `Cannot find ${name} in the system folders: install the package ${packageName}`,
    );
  }
  return path;
}
