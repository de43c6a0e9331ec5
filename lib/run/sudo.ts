/**
 * Authentication as a step of its own, so that the terminal is sudo's alone for just as long as sudo asks (sudo(8): `-v`, `-n`, `-k`).
 *
 * @module
 */
import { sudoEnvironment } from "./environment.ts";
import type { Launchers } from "./programs.ts";

/** The launchers of a machine that has sudo. */
export type SudoLaunchers = Launchers & { readonly sudo: string };

/**
 * The words that run sudo without the terminal. `timeout 0` sets no limit: it puts sudo into a background process group, where the kernel keeps it
 * and its command from reading our keys (termios(3), "Job control"), and where one signal reaches all of it.
 *
 * @param launchers Where the programs are.
 * @param words sudo's own words.
 * @returns A program and its arguments.
 */
export function sudoInBackground(launchers: SudoLaunchers, words: readonly string[]): string[] {
  return [launchers.timeout, "0", launchers.sudo, "-n", ...words];
}

/**
 * Asks whether sudo would run a command without a question.
 *
 * @param launchers Where the programs are.
 * @returns Whether `sudo -nv` is content.
 */
export async function hasCredentials(launchers: SudoLaunchers): Promise<boolean> {
  const [program, ...args] = sudoInBackground(launchers, ["-v"]);
  const { success } = await new Deno.Command(program, {
    args,
    clearEnv: true,
    env: sudoEnvironment(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().status;
  return success;
}

/**
 * Lets sudo ask its question. The terminal must be in its normal mode, and nobody else may read it until this ends.
 *
 * @param launchers Where the programs are.
 * @param env What sudo's own words depend on: `TERM` and the language.
 * @returns Whether sudo was content, and whether it keeps what it learned.
 */
export async function authenticate(
  launchers: SudoLaunchers,
  env: Readonly<Record<string, string>>,
): Promise<"kept" | "notKept" | "failed"> {
  const { success } = await new Deno.Command(launchers.sudo, {
    args: ["-v"],
    clearEnv: true,
    env: { ...sudoEnvironment(), ...env },
    stdin: "inherit",
    stdout: "inherit",
    stderr: "inherit",
  }).spawn().status;
  if (!success) return "failed";
  return await hasCredentials(launchers) ? "kept" : "notKept";
}

/**
 * Drops what sudo remembers for this terminal. Synchronous, since it is the last thing that the daemon does.
 *
 * @param launchers Where the programs are.
 */
export function dropCredentials(launchers: SudoLaunchers): void {
  new Deno.Command(launchers.sudo, {
    args: ["-k"],
    clearEnv: true,
    env: sudoEnvironment(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).outputSync();
}
