/**
 * The command lines that start this project's programs. It imports nothing but this project's files,
 * since what it computes is what packages may do.
 *
 * @module
 */
import { type HostEnvironment, socketPath, withVariables } from "./platform/paths.ts";
import { UNSET_VARIABLES } from "./guard.ts";
import { ENTRY_POINTS, type EntryPoint, grantsOf } from "./grants.ts";
import { grantFlags, type Grants } from "./platform/grants.ts";
import { destinationOf } from "./remote/names.ts";

const ROOT = new URL("../", import.meta.url);

/** Whether this program was loaded from a registry, so that it has no files of its own. */
export const IS_REMOTE: boolean = ROOT.protocol !== "file:";

/** The folder of this project, or the address that it was loaded from; with a slash at its end. */
export const PROJECT: string = IS_REMOTE ? ROOT.href : decodeURIComponent(ROOT.pathname);

/** What runs: one compiled file for any account, the bundle of a package, or the sources. */
export const FORM: "compiled" | "bundle" | "sources" = Deno.build.standalone
  ? "compiled"
  : import.meta.url.endsWith("/lib/start.ts")
  ? "sources"
  : "bundle";

/** The command of the package that a bundle is in, where it is in one: `bin/` is beside its folder. */
export const PACKAGE_COMMAND: string | undefined = FORM === "bundle" && !IS_REMOTE
  ? decodeURIComponent(new URL("../bin/sudo-proxy", import.meta.url).pathname)
  : undefined;

/** Computes the grants for its arguments, and starts the program with them; beside this file. */
export const START_SCRIPT: string = decodeURIComponent(
  new URL("start.sh", import.meta.url).pathname,
);

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
  readonly socket?: string | undefined;
  /** The binary that is to be installed on a host, if it is named. */
  readonly binary?: string | undefined;
  /** The remote host, if one is named. */
  readonly host?: string | undefined;
  /** The folder in place of `XDG_STATE_HOME`, if it is named. */
  readonly stateHome?: string | undefined;
}

/**
 * Finds out which grants a command line needs. It only has to understand correct command lines:
 * with any other, the program has too few grants, and says so.
 *
 * @param args The arguments of `sudo-proxy`, or `mcp` and those of `sudo-proxy-mcp`.
 */
export function startOf(args: readonly string[]): Start {
  const [first = ""] = args;
  const entry = first === "complete"
    ? "permissions"
    : ENTRY_POINTS.find((name) => name === first) ?? "proxy";
  if (entry === "install") {
    const [, binary] = /\0--binary[=\0]([^\0]+)/.exec(["", ...args].join("\0")) ?? [];
    return { entry, binary };
  }
  if (entry !== "proxy" && entry !== "request" && entry !== "pkexec-cache") return { entry };
  const values = new Map<string, string>();
  const rest = entry === "proxy" ? [...args] : args.slice(1);
  for (let arg = rest.shift(); arg?.startsWith("-") && arg !== "--"; arg = rest.shift()) {
    const [name = "", value] = arg.split(/=(.*)/s, 2);
    values.set(name, value ?? (VALUE_OPTIONS.has(name) ? rest.shift() : undefined) ?? "");
  }
  const host = values.get("--host");
  const daemon = host !== undefined ? "host" : values.has("--pkexec") ? "pkexec" : "proxy";
  return {
    entry: entry === "proxy" ? daemon : entry,
    socket: values.get("--socket") ?? values.get("-s"),
    host,
    stateHome: values.get("--state-home"),
  };
}

/**
 * The grants that a command line needs, and of which entry point they are.
 *
 * @throws {PathError} If a path can't be granted.
 */
export function grantsFor(
  env: HostEnvironment,
  args: readonly string[],
): { readonly entry: EntryPoint; readonly grants: Grants } {
  const { entry, socket, binary, host, stateHome } = startOf(args);
  const isHost = host !== undefined && typeof destinationOf(host) !== "string";
  const path = binary ?? socket ?? (isHost ? socketPath(env, host) : undefined);
  return {
    entry,
    grants: grantsOf(entry, withVariables(env, { XDG_STATE_HOME: stateHome }), path),
  };
}

/**
 * The command line that starts a program with exactly the grants that its arguments need.
 *
 * @throws {PathError} If a path can't be granted.
 */
export function startCommand(env: HostEnvironment, args: readonly string[]): string[] {
  const { entry, grants } = grantsFor(env, args);
  const isMcp = entry === "mcp";
  const start = denoRun(Deno.execPath(), grants, isMcp ? "main_mcp" : "main_proxy");
  return [...start, ...(isMcp ? args.slice(1) : args)];
}

/**
 * The command line that starts a module of this project with exact grants:
 *
 * - SIGUSR1, which would open a debugger, is blocked: `env` is the only common program that can.
 * - Variables that would make Deno do more than run the program are left out.
 * - With `--config` or `--no-config`, the folder that it is started in changes neither its code nor
 *   its grants.
 * - With `--cached-only`, an import connects to nothing.
 */
export function denoRun(
  deno: string,
  grants: Grants,
  module: "main_mcp" | "main_proxy",
): [program: string, ...args: string[]] {
  const config = FORM === "sources" && !IS_REMOTE
    ? [`--config=${PROJECT}deno.json`]
    // From a registry, modules come from that host alone.
    : ["--no-config", ...(IS_REMOTE ? [`--allow-import=${ROOT.host}`] : [])];
  const path = FORM === "bundle"
    ? decodeURIComponent(new URL(`${module}.js`, import.meta.url).pathname)
    : `${PROJECT}${module}.ts`;
  return [
    ...underDeno(deno),
    "--cached-only",
    ...config,
    ...grantFlags(seeingOwn(grants, [PACKAGE_COMMAND])),
    path,
  ];
}

/** Adds the right to read paths of this program's own; those that are not there are left out. */
export function seeingOwn(grants: Grants, own: readonly (string | undefined)[]): Grants {
  if (grants.read === true) return grants;
  return { ...grants, read: [...grants.read, ...own.filter((path) => path !== undefined)] };
}

/**
 * Makes V8 collect garbage early: otherwise a flood of requests would cost twice the memory.
 * `start.sh` has the same flags, since V8 drops code that was compiled with others.
 */
export const V8_FLAGS = "--v8-flags=--max-semi-space-size=2,--heap-growing-percent=30";

/** How Deno starts every program of this project; its flags and a module follow. */
export function underDeno(deno: string): [program: string, ...args: string[]] {
  const unset = UNSET_VARIABLES.map((name) => `--unset=${name}`);
  return ["/usr/bin/env", "--block-signal=USR1", ...unset, deno, "run", V8_FLAGS, "--quiet"];
}
