import { SYSTEM_FOLDERS } from "../platform/paths.ts";
import type { HelperPrograms } from "./programs.ts";

/** A program, an absolute path, and its arguments. */
export type Argv = readonly [program: string, ...args: string[]];

/** What is spawned. */
export interface LaunchSpec {
  /** The program and its arguments. */
  readonly argv: Argv;
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** The environment of the system's own programs. */
export const SYSTEM_ENVIRONMENT: LaunchSpec["env"] = { PATH: SYSTEM_FOLDERS.join(":") };

/** Where a program runs, and where its streams lead; a number is a descriptor of this process. */
export type Streams =
  & Pick<Deno.CommandOptions, "cwd" | "stderr">
  & {
    readonly [Name in "stdin" | "stdout"]?: NonNullable<Deno.CommandOptions[Name]> | number;
  };

/** Prepares to spawn something; streams that are not mentioned lead nowhere. */
export function commandOf(
  { argv: [program, ...args], env }: LaunchSpec,
  streams: Streams = {},
): Deno.Command {
  return new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { ...env },
    stdin: "null",
    stdout: "null",
    stderr: "null",
    // Deno's types do not list descriptors, though `spawn` of `node:child_process` passes them like
    // this. `spawn` itself would end this process if a real-time signal ended a child.
    ...streams as Deno.CommandOptions,
  });
}

/** Runs something to its end and tells whether it succeeded. */
export async function succeeds(spec: LaunchSpec, streams: Streams = {}): Promise<boolean> {
  return (await commandOf(spec, streams).spawn().status).success;
}

/** Runs a program of the system to its end. */
export async function outputOf(
  ...argv: Argv
): Promise<{ readonly success: boolean; readonly stdout: string }> {
  const { success, stdout } = await commandOf(system(...argv), { stdout: "piped" }).output();
  return { success, stdout: new TextDecoder().decode(stdout) };
}

/** A program of the system, with the environment of system programs. */
export function system(...argv: Argv): LaunchSpec {
  return { argv, env: SYSTEM_ENVIRONMENT };
}

/**
 * A command that starts as this user, in a session of its own, with an empty signal mask and three
 * descriptors. The program that sets these up gets the command's environment as arguments, and has
 * none itself.
 */
export function ownSession(
  { setsid, cleaner }: HelperPrograms,
  { argv, env }: LaunchSpec,
): LaunchSpec {
  if (cleaner === undefined) return { argv: [setsid, ...argv], env };
  const variables = assignmentsOf(env);
  return {
    argv: [setsid, ...cleaner, String(variables.length), ...variables, ...argv],
    env: {},
  };
}

/** What is spawned so that root runs a command. */
export interface RootLaunch extends LaunchSpec {
  /**
   * Where it runs: in the `foreground`, where it may ask on the terminal; in a process `group` of its
   * own; or in a `session` of its own, without the terminal.
   */
  readonly place: "foreground" | "group" | "session";
}

/** What this process has to spawn so that something starts at its place. */
export function placed(helpers: HelperPrograms, { argv, env, place }: RootLaunch): LaunchSpec {
  if (place === "session") return ownSession(helpers, { argv, env });
  return { argv: place === "group" ? inBackground(helpers, argv) : argv, env };
}

/**
 * Puts a program into a background process group, where the kernel keeps it and what it starts from
 * reading our keys (termios(3), "Job control"), and where one signal reaches all of it. `timeout 0`
 * sets no limit.
 */
export function inBackground({ timeout }: Pick<HelperPrograms, "timeout">, argv: Argv): Argv {
  return [timeout, "0", ...argv];
}

/** An environment as arguments: each variable as NAME=VALUE. */
export function assignmentsOf(env: LaunchSpec["env"]): string[] {
  return Object.entries(env).map(([name, value]) => `${name}=${value}`);
}
