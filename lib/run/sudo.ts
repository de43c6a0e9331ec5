/**
 * Authentication as a step of its own, so that the terminal is sudo's alone for just as long as
 * sudo asks (sudo(8): `-v`, `-n`, `-k`).
 *
 * @module
 */
import { sudoEnvironment } from "./environment.ts";
import type { Launchers } from "./programs.ts";

/** The launchers of a machine that has sudo. */
export type SudoLaunchers = Launchers & { readonly sudo: string };

/** Root by name: sudoers(5) may have another `runas_default`. */
export const AS_ROOT: readonly string[] = ["-u", "root"];

/** Tells whether there is a sudo. */
export function hasSudo(launchers: Launchers): launchers is SudoLaunchers {
  return launchers.sudo !== undefined;
}

/**
 * The words that run sudo without the terminal. `timeout 0` sets no limit: it puts sudo into a
 * background process group, where the kernel keeps it and its command from reading our keys
 * (termios(3), "Job control"), and where one signal reaches all of it.
 *
 * @param launchers Where the programs are.
 * @param words sudo's own words.
 * @returns A program and its arguments.
 */
export function sudoInBackground(launchers: SudoLaunchers, words: readonly string[]): string[] {
  return [launchers.timeout, "0", launchers.sudo, "-n", ...AS_ROOT, ...words];
}

/**
 * Asks whether sudo would run a command without a question. `sudo -v` alone does not tell: it asks
 * where any rule of the user wants a password, even if the rule that counts does not (sudoers(5),
 * `verifypw`), as on cloud machines whose user has no password at all.
 *
 * @param launchers Where the programs are.
 * @returns Whether `sudo -nv`, or `sudo -n true`, is content.
 */
export async function hasCredentials(launchers: SudoLaunchers): Promise<boolean> {
  return await succeeds(sudoInBackground(launchers, ["-v"])) ||
    await succeeds(sudoInBackground(launchers, ["--", launchers.true]));
}

/**
 * Asks whether sudo runs every command of this user without ever asking a question (`NOPASSWD`).
 * What it remembers does not count, and stays as it is (sudo(8): `-k` together with another
 * option).
 *
 * @param launchers Where the programs are.
 * @returns Whether no question would be asked.
 */
export async function asksNothing(launchers: SudoLaunchers): Promise<boolean> {
  return await succeeds(sudoInBackground(launchers, ["-k", "-v"])) ||
    await succeeds(sudoInBackground(launchers, ["-k", "--", launchers.true]));
}

/**
 * Asks whether what sudo remembers counts beyond this terminal, as with `timestamp_type=global`
 * (sudoers(5)): in a session without a terminal, started as unprivileged commands are.
 *
 * @param launchers Where the programs are.
 * @returns Whether such a session becomes root only because of what sudo remembers.
 */
export async function sharesCredentials(launchers: SudoLaunchers): Promise<boolean> {
  const sudo = [launchers.setsid, launchers.sudo, "-n", ...AS_ROOT];
  const isRoot = await succeeds([...sudo, "-v"]) ||
    await succeeds([...sudo, "--", launchers.true]);
  return isRoot && !await asksNothing(launchers);
}

/**
 * Lets sudo ask its question. The terminal must be in its normal mode, and nobody else may read it
 * until this ends.
 *
 * @param launchers Where the programs are.
 * @param password With `each`, what sudo remembers is dropped first, so that it asks its question
 * whatever it knows.
 * @param env What sudo's own words depend on: `TERM` and the language.
 * @returns Whether sudo was content, and whether it keeps what it learned.
 */
export async function authenticate(
  launchers: SudoLaunchers,
  password: "each" | "cached",
  env: Readonly<Record<string, string>>,
): Promise<"kept" | "notKept" | "failed"> {
  if (password === "each") dropCredentials(launchers);
  const { success } = await new Deno.Command(launchers.sudo, {
    args: [...AS_ROOT, "-v"],
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
 * Drops what sudo remembers for this terminal. Synchronous, since it is the last thing that the
 * daemon does.
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

async function succeeds([program, ...args]: readonly string[]): Promise<boolean> {
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
