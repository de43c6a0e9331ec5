/**
 * What a client is told to start.
 *
 * The entry names Deno, the configuration file, each grant and the module by itself, and not the
 * installed command, for these reasons:
 *
 * - A client looks a bare name up in its own `PATH`, where a folder may come first that the model
 *   can write; clients of the desktop often have another `PATH` than a shell.
 * - The person can read every grant in it, with "--print" without writing anything.
 * - Between the client and Deno there is no script that could be exchanged in silence.
 *
 * @module
 */
import {
  fallbackFolder,
  folderOf,
  type HostEnvironment,
  runtimeFolder,
  withVariables,
} from "../platform/paths.ts";
import { configuredMcpGrants } from "../grants.ts";
import { denoRun, FORM } from "../start.ts";
import type { EntryKeys, McpClient, UserFolders } from "./clients.ts";
import type { Entry } from "./config_text.ts";
import { behindLinks } from "./own_file.ts";

/** A program that can be started. */
export interface StartSpec {
  /** The program, an absolute path. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** What its grants depend on; the rest of its environment is the client's. */
  readonly env: Readonly<Record<string, string>>;
}

/**
 * What starts the MCP server with its grants.
 *
 * @throws {PathError} If a path can't be granted.
 */
export function serverStart(
  env: HostEnvironment,
  folders: UserFolders,
  opensTerminals: boolean,
): StartSpec {
  const { DENO_DIR, ...places } = pinned(env, folders);
  if (FORM === "compiled") {
    // It computes its grants itself; with these variables empty, it finds no terminal to open.
    const none = { TMUX: "", DISPLAY: "", WAYLAND_DISPLAY: "" };
    const env = { ...places, ...(opensTerminals ? {} : none) };
    return { command: Deno.execPath(), args: ["mcp"], env };
  }
  const variables = { ...places, DENO_DIR };
  const grants = configuredMcpGrants(withVariables(env, variables), opensTerminals);
  const [command, ...args] = denoRun(stableDeno(folders), grants, "main_mcp");
  return { command, args, env: variables };
}

/**
 * The variables that say where sockets, the registry, the audit trail and the packages are. They
 * are written down, since the grants are for these places: some clients start servers without them,
 * and packages like snaps set others.
 */
function pinned(
  env: HostEnvironment,
  { home, config, get }: UserFolders,
): Record<string, string> & { readonly DENO_DIR: string } {
  const folder = runtimeFolder(env);
  const state = env.get("XDG_STATE_HOME");
  return {
    ...(folder === fallbackFolder(env)
      ? { XDG_RUNTIME_DIR: "", TMPDIR: folderOf(folder) }
      : { XDG_RUNTIME_DIR: folder }),
    XDG_CONFIG_HOME: config,
    // The daemon that the server opens keeps its audit trail where this user's others do.
    ...(state === undefined ? {} : { XDG_STATE_HOME: state }),
    DENO_DIR: get("DENO_DIR") ?? `${get("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`,
  };
}

/**
 * The Deno that runs this, by a path that outlives an update. Some package managers keep each
 * version in a folder of its own and move a link; others put a new program in the place of the old.
 */
export function stableDeno({ home }: UserFolders): string {
  const running = Deno.execPath();
  const candidates = [
    "/usr/bin/deno",
    "/usr/local/bin/deno",
    "/home/linuxbrew/.linuxbrew/bin/deno",
    "/snap/bin/deno",
    `${home}/.deno/bin/deno`,
  ];
  return candidates.find((path) => behindLinks(path) === running) ?? running;
}

/** Writes the entry of a client. What the person has added to an old entry stays. */
export function clientEntry(
  { fixed, defaults, limit, keys = STANDARD_KEYS }: McpClient,
  { command, args, env }: StartSpec,
  old: Entry | undefined,
): Entry {
  const program = old?.[keys.command];
  // An entry of another kind, such as one with an address, can't be extended to ours.
  const kept: Entry = typeof program === "string" || Array.isArray(program) ? { ...old } : {};
  const oldEnv = kept[keys.env];
  return {
    ...defaults,
    ...limit,
    ...kept,
    ...fixed,
    ...(keys.args === undefined
      ? { [keys.command]: [command, ...args] }
      : { [keys.command]: command, [keys.args]: [...args] }),
    [keys.env]: { ...(typeof oldEnv === "object" ? oldEnv : {}), ...env },
  };
}

const STANDARD_KEYS: EntryKeys = { command: "command", args: "args", env: "env" };
