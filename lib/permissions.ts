/**
 * The exact Deno permissions that each entry point needs for this user, computed here and nowhere
 * else.
 *
 * @module
 */
import {
  auditFolder,
  fallbackFolder,
  folderOf,
  lockPath,
  PathError,
  socketPath,
  stateFolder,
  type Surroundings,
  SYSTEM_FOLDERS,
  systemFolder,
  systemProgram,
  trialSocketPath,
  tunnelSockets,
} from "./paths.ts";
import { DRIVEN_VARIABLES } from "./driven.ts";
import { PROC } from "./guard.ts";
import { allTerminals, installedTerminals } from "./mcp/terminals.ts";
import { registryFiles, registryPath } from "./remote/registry.ts";
import { SSH_VARIABLES } from "./remote/ssh.ts";
import { CLIENT_VARIABLES, placesOf as clientPlaces } from "./setup/clients.ts";
import { installedCommand } from "./installed.ts";
import { setupFiles } from "./setup/files.ts";

/** A program of this project that runs with grants of its own; `pkexec` is the daemon with --pkexec. */
export type EntryPoint =
  | "proxy"
  | "pkexec"
  | "host"
  | "request"
  | "pkexec-cache"
  | "try"
  | "audit"
  | "hosts"
  | "mcp"
  | "permissions"
  | "setup"
  | "installed";

/** The entry points, for messages and checks. */
export const ENTRY_POINTS: readonly EntryPoint[] = [
  "proxy",
  "pkexec",
  "host",
  "request",
  "pkexec-cache",
  "try",
  "audit",
  "hosts",
  "mcp",
  "permissions",
  "setup",
  "installed",
];

/** The entry points that may read every file, and so never give that back. */
export const READS_ALL: ReadonlySet<EntryPoint> = new Set([
  "proxy",
  "pkexec",
  "try",
  "setup",
  "permissions",
]);

/**
 * What the compiled `sudo-proxy` can do. `setup` is not among them: a daemon that may write the
 * configuration of MCP clients would start what it likes.
 */
const INSTALLED: readonly EntryPoint[] = [
  "proxy",
  "request",
  "try",
  "audit",
  "permissions",
];

/**
 * What an entry point may do; a list names exact paths, programs or variables, `true` stands for
 * all of a kind.
 */
export interface Grants {
  /** Paths that may be read. */
  readonly read: readonly string[] | true;
  /** Paths that may be written. */
  readonly write: readonly string[];
  /** Sockets that may be used, as `unix:PATH`. */
  readonly net: readonly string[];
  /** Programs that may be started, by absolute path. */
  readonly run: readonly string[];
  /** Environment variables that may be read. */
  readonly env: readonly string[];
  /** Facts about the system that may be read. */
  readonly sys: readonly ("uid" | "hostname")[];
}

/** Where sockets are, and how text is shown. */
const PLACE_VARIABLES = ["XDG_RUNTIME_DIR", "TMPDIR"];
const TEXT_VARIABLES = ["NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"];
/** The login defaults of unprivileged commands, and the language of sudo's words. */
const LOGIN_VARIABLES = ["HOME", "USER", "LOGNAME", "SHELL", "PATH", "SSH_AUTH_SOCK"];
const LANGUAGE_VARIABLES = ["LANG", "LC_ALL", "LC_MESSAGES"];
/** How the MCP server finds out where it can open a terminal. */
const DESKTOP_VARIABLES = ["TMUX", "TERMINAL", "DISPLAY", "WAYLAND_DISPLAY"];
/** Where the registry of hosts is. */
const REGISTRY_VARIABLES = ["XDG_CONFIG_HOME", "HOME"];
/** Where the audit trail is; beside `HOME`. */
const STATE_VARIABLES = ["XDG_STATE_HOME"];
/** How long a daemon may say nothing. */
const REQUEST_VARIABLES = ["SUDO_REQUEST_TIMEOUT_SECS"];
/** Where Deno keeps the packages, and whether the installed commands will be found. */
const SETUP_VARIABLES = [...CLIENT_VARIABLES, "DENO_DIR", "XDG_CACHE_HOME", "PATH"];
/** What the library that reads YAML for `setup` looks at: whether to print what it reads. */
const YAML_VARIABLES = ["LOG_TOKENS", "LOG_STREAM"];
/** What the library that asks the questions of `setup` reads: how to draw them. */
const QUESTION_VARIABLES = [
  "NODE_DISABLE_COLORS",
  "TF_BUILD",
  "CI",
  "TEAMCITY_VERSION",
  "TERM_PROGRAM",
  "COLORTERM",
  "INQUIRER_KEYBINDINGS",
  "CLI_WIDTH",
];

/** What every entry point needs to find out the rest. */
export const FIRST_GRANTS: Grants = {
  read: [],
  write: [],
  net: [],
  run: [],
  env: [...PLACE_VARIABLES, ...TEXT_VARIABLES],
  sys: ["uid"],
};

/**
 * Computes the grants of an entry point.
 *
 * @param entry Which one.
 * @param here The surroundings.
 * @param socket The daemon's socket where it isn't the standard one, an absolute path; for `host`,
 * the local end of the tunnel.
 * @returns What it may do, and no more.
 * @throws {PathError} If the socket is not an absolute path.
 */
export function grantsOf(entry: EntryPoint, here: Surroundings, socket?: string): Grants {
  // What looks at files alone needs no socket, and so no place for one.
  if (entry === "audit") {
    return stateGrants(here, (state) => ({ read: [auditFolder(state)], write: [] }));
  }
  if (entry === "hosts") {
    const files = registryGrants(here);
    const env = [...FIRST_GRANTS.env, ...REGISTRY_VARIABLES];
    return { ...FIRST_GRANTS, read: files, write: files, env };
  }
  const path = socket ?? (entry === "try" ? trialSocketPath(here) : socketPath(here));
  if (!path.startsWith("/")) {
    throw new PathError(`Cannot use the socket "${path}": it must be an absolute path`);
  }
  if (/[,\s]/.test(path)) {
    throw new PathError(
      `Cannot use the socket "${path}": commas and blanks have a meaning in Deno's permission flags`,
    );
  }
  const client: Grants = {
    read: [path, ...placesOf(here)],
    write: [path],
    net: [`unix:${path}`],
    run: [],
    env: FIRST_GRANTS.env,
    sys: FIRST_GRANTS.sys,
  };
  switch (entry) {
    case "permissions":
      return {
        ...client,
        read: true,
        write: [],
        net: [],
        env: [
          ...new Set([
            ...client.env,
            ...LOGIN_VARIABLES,
            ...DESKTOP_VARIABLES,
            ...REGISTRY_VARIABLES,
            ...STATE_VARIABLES,
            ...SETUP_VARIABLES,
          ]),
        ],
      };
    case "setup": {
      const places = clientPlaces(here);
      const registry = registryPath(here);
      const folders = [registry === undefined ? undefined : folderOf(registry)]
        .filter((folder) => folder !== undefined).filter(isMissing);
      return {
        // It looks at every folder on the way to a file before it trusts it.
        read: true,
        write: [...(places === undefined ? [] : setupFiles(places)), ...folders],
        net: [],
        run: [],
        env: [
          ...new Set([
            ...client.env,
            ...DESKTOP_VARIABLES,
            ...REGISTRY_VARIABLES,
            ...STATE_VARIABLES,
            ...SETUP_VARIABLES,
            ...QUESTION_VARIABLES,
            ...YAML_VARIABLES,
          ]),
        ],
        sys: FIRST_GRANTS.sys,
      };
    }
    case "installed":
      return union(
        INSTALLED.map((part) => grantsOf(part, here, part === "try" ? undefined : socket)),
      );
    case "request":
      return { ...client, env: [...client.env, ...REQUEST_VARIABLES] };
    case "pkexec-cache":
      return { ...client, read: [...client.read as string[], "/etc/passwd"] };
    case "host":
      return {
        // It makes sure that the folder of its sockets is private, and finds ssh. ssh itself makes
        // the sockets.
        read: [
          folderOf(path),
          ...placesOf(here),
          ...registryGrants(here),
          ...SYSTEM_FOLDERS,
        ],
        write: [
          ...[path, ...tunnelSockets(folderOf(path))].flatMap((socket) => [
            socket,
            lockPath(socket),
          ]),
          ...(folderOf(path) === fallbackFolder(here) ? [fallbackFolder(here)] : []),
          ...registryGrants(here),
        ],
        net: [path, ...tunnelSockets(folderOf(path))].map((socket) => `unix:${socket}`),
        run: installed(["ssh", "stty", "cat"]),
        env: [
          ...new Set([
            ...client.env,
            ...REGISTRY_VARIABLES,
            ...SSH_VARIABLES,
            ...DRIVEN_VARIABLES,
          ]),
        ],
        sys: ["uid", "hostname"],
      };
    case "mcp":
      return withInstalledCommand(here, {
        ...mcpGrants(here, path),
        run: installedTerminals(here),
      });
    case "proxy":
    case "pkexec":
    case "try":
      return {
        // A request may name a program anywhere; it is looked at (metadata, links) before it is
        // shown.
        read: true,
        write: [
          path,
          lockPath(path),
          ...(folderOf(path) === fallbackFolder(here) ? [fallbackFolder(here)] : []),
          ...placeOfState(here),
        ],
        net: client.net,
        run: installed(
          entry === "pkexec" ? ["pkttyagent", "setsid", "timeout"] : ["sudo", "setsid", "timeout"],
        ),
        env: [
          ...client.env,
          ...LOGIN_VARIABLES,
          ...STATE_VARIABLES,
          ...LANGUAGE_VARIABLES,
          ...DRIVEN_VARIABLES,
        ],
        sys: ["uid", "hostname"],
      };
  }
}

/**
 * The grants of the MCP server as it is written into the configuration of a client. It will be
 * started from sessions that are not this one, so every terminal that is installed may be opened.
 *
 * @param here The surroundings.
 * @param opensTerminals Whether it may open terminals at all.
 * @returns What it may do.
 */
export function configuredMcpGrants(
  here: Surroundings,
  opensTerminals: boolean,
): Grants {
  const registry = registryPath(here);
  const grants = mcpGrants(here, socketPath(here));
  // Setup makes the folder of the registry.
  const write = grants.write.filter((path) =>
    registry === undefined || path !== folderOf(registry)
  );
  const run = opensTerminals ? allTerminals(here) : [];
  return withInstalledCommand(here, { ...grants, write, run });
}

/** The MCP server may see whether the command is installed that it tells the person to run. */
function withInstalledCommand(
  here: Surroundings,
  grants: Grants & { read: readonly string[] },
): Grants {
  const command = installedCommand(here);
  return command === undefined ? grants : { ...grants, read: [...grants.read, command] };
}

/** All that any of them may do. */
function union(parts: readonly Grants[]): Grants {
  const all = <Item>(lists: readonly (readonly Item[])[]) => [...new Set(lists.flat())];
  return {
    read: parts.some(({ read }) => read === true)
      ? true
      : all(parts.map(({ read }) => read as readonly string[])),
    write: all(parts.map(({ write }) => write)),
    net: all(parts.map(({ net }) => net)),
    run: all(parts.map(({ run }) => run)),
    env: all(parts.map(({ env }) => env)),
    sys: all(parts.map(({ sys }) => sys)),
  };
}

/**
 * What the MCP server can't do without. It starts without the grants of terminals and sockets: it
 * tells the model then.
 *
 * @param here The surroundings.
 * @param socket The daemon's socket on this machine; those of the tunnels are beside it.
 * @returns What it may do.
 */
export function mcpGrants(
  here: Surroundings,
  socket: string,
): Grants & { read: readonly string[] } {
  const tunnels = tunnelSockets(folderOf(socket));
  const sockets = [socket, ...tunnels];
  const registry = registryPath(here);
  const files = registry === undefined ? [] : registryFiles(registry);
  return {
    // It computes the grants of the daemon that it opens, and finds what it may start. The locks say
    // which host a tunnel leads to: it can't write them.
    read: [
      ...sockets,
      ...tunnels.map(lockPath),
      ...placesOf(here),
      ...files,
      Deno.execPath(),
      ...SYSTEM_FOLDERS,
    ],
    write: [...sockets, ...registryGrants(here)],
    net: sockets.map((path) => `unix:${path}`),
    run: [],
    env: [...FIRST_GRANTS.env, ...DESKTOP_VARIABLES, ...REGISTRY_VARIABLES, ...STATE_VARIABLES],
    // Its own name tells whether a host that a model names is this machine.
    sys: ["uid", "hostname"],
  };
}

/**
 * The registry's files. A folder's grant is a grant for all that will ever be in it: it is given
 * only where it has to be made.
 */
function registryGrants(here: Surroundings): string[] {
  const registry = registryPath(here);
  if (registry === undefined) return [];
  const folder = folderOf(registry);
  return [...registryFiles(registry), ...(isMissing(folder) ? [folder] : [])];
}

function installed(programs: readonly string[]): string[] {
  return programs.map(systemProgram).filter((found) => found !== undefined);
}

function stateGrants(
  here: Surroundings,
  files: (state: string) => Pick<Grants, "read" | "write">,
): Grants {
  const state = stateFolder(here);
  return {
    ...FIRST_GRANTS,
    env: [...FIRST_GRANTS.env, ...STATE_VARIABLES, "HOME"],
    ...(state === undefined ? {} : files(state)),
  };
}

/** The daemon's own folder; it may be missing where neither variable says where it is. */
function placeOfState(here: Surroundings): string[] {
  const folder = stateFolder(here);
  return folder === undefined ? [] : [folder];
}

/** Where nothing says which folder the sockets are in, both places are looked at. */
function placesOf(here: Surroundings): string[] {
  return here.env("XDG_RUNTIME_DIR") ? [] : [systemFolder(here), fallbackFolder(here)];
}

/** Without the right to look, as in the server itself, a folder counts as there. */
function isMissing(folder: string): boolean {
  try {
    Deno.lstatSync(folder);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}

/**
 * Writes grants as flags of `deno run`; what the guard of the start needs is among them.
 *
 * @param grants What may be done.
 * @returns The flags, `--no-prompt` among them.
 * @throws {PathError} If a path has a comma: it would be read as two paths.
 */
export function grantFlags(grants: Grants): string[] {
  const flags = ["--no-prompt"];
  const read = grants.read === true || [...grants.read, PROC];
  for (const [name, value] of Object.entries({ ...grants, read })) {
    if (value === true) {
      flags.push(`--allow-${name}`);
      continue;
    }
    const split = value.find((item: string) => item.includes(","));
    if (split !== undefined) {
      throw new PathError(
        `Cannot grant "${split}": commas have a meaning in Deno's permission flags`,
      );
    }
    if (value.length > 0) flags.push(`--allow-${name}=${value.join(",")}`);
  }
  return flags;
}

/**
 * Finds the grants that this process lacks.
 *
 * @param grants What it needs.
 * @returns The flags to add; empty where nothing is missing.
 */
export function missingFlags(grants: Grants): string[] {
  return descriptors(grants)
    .filter(({ descriptor }) => Deno.permissions.querySync(descriptor).state !== "granted")
    .map(({ flag }) => flag);
}

function descriptors(
  grants: Grants,
): { readonly flag: string; readonly descriptor: Deno.PermissionDescriptor }[] {
  const read = grants.read === true
    ? [{ flag: "--allow-read", descriptor: { name: "read" } as const }]
    : grants.read.map((path) => ({
      flag: `--allow-read=${path}`,
      descriptor: { name: "read", path } as const,
    }));
  return [
    ...read,
    ...grants.write.map((path) => ({
      flag: `--allow-write=${path}`,
      descriptor: { name: "write", path } as const,
    })),
    ...grants.net.map((host) => ({
      flag: `--allow-net=${host}`,
      descriptor: { name: "net", host } as const,
    })),
    ...grants.run.map((command) => ({
      flag: `--allow-run=${command}`,
      descriptor: { name: "run", command } as const,
    })),
    ...grants.env.map((variable) => ({
      flag: `--allow-env=${variable}`,
      descriptor: { name: "env", variable } as const,
    })),
    ...grants.sys.map((kind) => ({
      flag: `--allow-sys=${kind}`,
      descriptor: { name: "sys", kind } as const,
    })),
  ];
}
