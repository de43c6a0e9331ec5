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
  runtimeFolder,
  type Surroundings,
  withVariables,
} from "../paths.ts";
import { configuredMcpGrants } from "../permissions.ts";
import { denoRun, PROJECT } from "../start.ts";
import type { EntryKeys, McpClient, Places } from "./clients.ts";
import type { Entry } from "./config_text.ts";

/** A program that can be started: by absolute path, with its arguments and variables. */
export interface StartWords {
  /** The program. */
  readonly command: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** What its grants depend on; the rest of its environment is the client's. */
  readonly env: Readonly<Record<string, string>>;
}

/** What the person wants the MCP server to be able to do. */
export interface ServerWishes {
  /** Whether it may open terminals. */
  readonly opensTerminals: boolean;
}

/**
 * The words that start the MCP server with its grants.
 *
 * @param here The surroundings.
 * @param places Where the user's files are.
 * @param wishes What it is to be able to do.
 * @returns The words.
 * @throws {PathError} If a path can't be granted.
 */
export function serverWords(
  here: Surroundings,
  places: Places,
  { opensTerminals }: ServerWishes,
): StartWords {
  const env = pinned(here, places);
  if (Deno.build.standalone) {
    return { command: `${folderOf(Deno.execPath())}/sudo-proxy-mcp`, args: [], env };
  }
  const grants = configuredMcpGrants(withVariables(here, env), opensTerminals);
  const [command, ...args] = denoRun(stableDeno(places), grants, `${PROJECT}main_mcp.ts`);
  return { command, args, env };
}

/**
 * The variables that say where sockets, the registry, the audit trail and the packages are. They are written down,
 * since the grants are for these places: some clients start servers without them, and packages like
 * snaps set others.
 */
function pinned(here: Surroundings, places: Places): Record<string, string> {
  const folder = runtimeFolder(here);
  const sockets: Record<string, string> = folder === fallbackFolder(here)
    ? { XDG_RUNTIME_DIR: "", TMPDIR: folderOf(folder) }
    : { XDG_RUNTIME_DIR: folder };
  const state = here.env("XDG_STATE_HOME");
  return {
    ...sockets,
    XDG_CONFIG_HOME: places.config,
    // The daemon that the server opens keeps its audit trail where this user's others do.
    ...(state === undefined ? {} : { XDG_STATE_HOME: state }),
    DENO_DIR: denoFolder(places),
  };
}

/** Where Deno keeps the packages of this user. */
function denoFolder({ home, env }: Places): string {
  return env("DENO_DIR") ?? `${env("XDG_CACHE_HOME") ?? `${home}/.cache`}/deno`;
}

/**
 * Deno by a path that outlives an update. Some package managers keep each version in a folder of
 * its own and move a link; others put a new program in the place of the old.
 *
 * @param places Where the user's files are.
 * @returns An absolute path that leads to the Deno that runs this.
 */
export function stableDeno({ home }: Places): string {
  const running = Deno.execPath();
  const candidates = [
    "/usr/bin/deno",
    "/usr/local/bin/deno",
    "/home/linuxbrew/.linuxbrew/bin/deno",
    "/snap/bin/deno",
    `${home}/.deno/bin/deno`,
  ];
  return candidates.find((path) => {
    try {
      return Deno.realPathSync(path) === running;
    } catch {
      return false;
    }
  }) ?? running;
}

/**
 * Writes the entry of a client. What the person has added to an old entry stays.
 *
 * @param client The client.
 * @param words What it is to start.
 * @param old The entry that is there.
 * @returns The entry as it is to be.
 */
export function clientEntry(
  { fixed, defaults, limit, keys = STANDARD_KEYS }: McpClient,
  { command, args, env }: StartWords,
  old: Entry | undefined,
): Entry {
  const program = old?.[keys.command];
  // An entry of another kind, such as one with an address, is no start for ours.
  const kept = typeof program === "string" || Array.isArray(program) ? old! : {};
  const oldEnv = kept[keys.env];
  const keptEnv = typeof oldEnv === "object" && oldEnv !== null ? oldEnv : {};
  return {
    ...defaults,
    ...limit,
    ...kept,
    ...fixed,
    ...(keys.args === undefined
      ? { [keys.command]: [command, ...args] }
      : { [keys.command]: command, [keys.args]: [...args] }),
    [keys.env]: { ...keptEnv, ...env },
  };
}

const STANDARD_KEYS: EntryKeys = { command: "command", args: "args", env: "env" };
