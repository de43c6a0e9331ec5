/**
 * The command lines that start this project's programs. It imports nothing but this project's files,
 * since what it computes is what packages may do.
 *
 * @module
 */
import { socketPath, type Surroundings, withVariables } from "./paths.ts";
import { UNSET_VARIABLES } from "./guard.ts";
import { ENTRY_POINTS, type EntryPoint, grantFlags, type Grants, grantsOf } from "./permissions.ts";
import { destinationOf } from "./remote/names.ts";

/** The folder of this project, with a slash at its end. */
export const PROJECT: string = decodeURIComponent(new URL("../", import.meta.url).pathname);

/** Options of the daemon and of `request` that take a value in the next argument. */
export const VALUE_OPTIONS: ReadonlySet<string> = new Set([
  "-s",
  "--socket",
  "--prompt-timeout",
  "--password",
  "--notify",
  "--state-home",
  "--host",
  "--login",
  "-r",
  "--reason",
  "--session",
  "-e",
  "--env",
  "-C",
  "--cwd",
  "-t",
  "--timeout",
]);

/** What an argument list means for the grants. */
export interface Start {
  /** Which grants. */
  readonly entry: EntryPoint;
  /** The daemon's socket, if it is named. */
  readonly socket?: string;
  /** The remote host, if one is named. */
  readonly host?: string;
  /** The folder in place of `XDG_STATE_HOME`, if it is named. */
  readonly stateHome?: string;
}

/**
 * Finds out which grants a command line needs. It only has to understand command lines that are
 * right: with others the program has too few grants, and says so.
 *
 * @param args The arguments of `sudo-proxy`, or `mcp` and those of `sudo-proxy-mcp`.
 * @returns The entry point and what its grants depend on.
 */
export function startOf(args: readonly string[]): Start {
  const [first = ""] = args;
  const entry = first === "complete"
    ? "permissions"
    : ENTRY_POINTS.find((name) => name === first) ?? "proxy";
  if (entry !== "proxy" && entry !== "request" && entry !== "pkexec-cache") return { entry };
  const values = new Map<string, string>();
  for (let index = entry === "proxy" ? 0 : 1; args[index]?.startsWith("-"); index++) {
    if (args[index] === "--") break;
    const [name, value] = args[index].split(/=(.*)/s, 2);
    values.set(name, value ?? args[index + 1] ?? "");
    if (value === undefined && VALUE_OPTIONS.has(name)) index++;
  }
  const [socket, host, stateHome] = [
    values.get("--socket") ?? values.get("-s"),
    values.get("--host"),
    values.get("--state-home"),
  ];
  return {
    entry: entry !== "proxy"
      ? entry
      : host !== undefined
      ? "host"
      : values.has("--pkexec")
      ? "pkexec"
      : "proxy",
    ...(socket === undefined ? {} : { socket }),
    ...(host === undefined ? {} : { host }),
    ...(stateHome === undefined ? {} : { stateHome }),
  };
}

/**
 * The command line that starts a program with exactly the grants that its arguments need.
 *
 * @param here The surroundings.
 * @param args The arguments, as in {@linkcode startOf}.
 * @returns A program by absolute path, and its arguments.
 * @throws {PathError} If a path can't be granted.
 */
export function startCommand(here: Surroundings, args: readonly string[]): string[] {
  const { entry, socket, host, stateHome } = startOf(args);
  const isHost = host !== undefined && typeof destinationOf(host) !== "string";
  const path = socket ?? (isHost ? socketPath(here, host) : undefined);
  const grants = grantsOf(entry, withVariables(here, { XDG_STATE_HOME: stateHome }), path);
  const isMcp = entry === "mcp";
  const module = `${PROJECT}${isMcp ? "main_mcp.ts" : "main_proxy.ts"}`;
  return [...denoRun(Deno.execPath(), grants, module), ...(isMcp ? args.slice(1) : args)];
}

/**
 * The command line that starts a module of this project with exact grants:
 *
 * - SIGUSR1, which would open a debugger, is blocked: `env` is the only common program that can.
 * - What variables would make Deno do before or beside the program is left out.
 * - With `--config`, the folder that it is started in changes neither its code nor its grants.
 * - With `--cached-only`, an import connects to nothing.
 *
 * @param deno Deno, an absolute path.
 * @param grants What it may do.
 * @param module The module, an absolute path.
 * @returns The program and its arguments.
 */
export function denoRun(deno: string, grants: Grants, module: string): string[] {
  return [
    "/usr/bin/env",
    "--block-signal=USR1",
    ...UNSET_VARIABLES.map((name) => `--unset=${name}`),
    deno,
    "run",
    "--quiet",
    "--cached-only",
    `--config=${PROJECT}deno.json`,
    ...grantFlags(grants),
    module,
  ];
}

/**
 * Quotes a word for a shell, where it needs that.
 *
 * @param word Any text without NUL.
 * @returns What a shell reads as that word.
 */
export function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,.\/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
