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
  trustPath,
} from "./paths.ts";
import { DRIVEN_VARIABLES } from "./driven.ts";
import { installedTerminals } from "./mcp/terminals.ts";
import { readRegistry, registryFiles, registryPath } from "./remote/registry.ts";

/** A program of this project that runs with grants of its own. */
export type EntryPoint = "proxy" | "request" | "try" | "audit" | "trust" | "mcp" | "permissions";

/** The entry points, for messages and checks. */
export const ENTRY_POINTS: readonly EntryPoint[] = [
  "proxy",
  "request",
  "try",
  "audit",
  "trust",
  "mcp",
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
 * @param socket The daemon's socket where it isn't the standard one, an absolute path.
 * @returns What it may do, and no more.
 * @throws {PathError} If the socket is not an absolute path.
 */
export function grantsOf(entry: EntryPoint, here: Surroundings, socket?: string): Grants {
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
          ]),
        ],
      };
    case "request":
      return client;
    case "audit":
      return stateGrants(here, (state) => ({ read: [auditFolder(state)], write: [] }));
    case "trust":
      return stateGrants(
        here,
        (state) => ({ read: [trustPath(state)], write: [trustPath(state)] }),
      );
    case "mcp":
      return {
        ...mcpGrants(here, path, [...readRegistry(registryPath(here)).hosts.keys()]),
        run: installedTerminals(here),
      };
    case "proxy":
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
        run: ["sudo", "setsid", "timeout"].map(systemProgram).filter((found) =>
          found !== undefined
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
 * What the MCP server can't do without, and the sockets of some hosts. It starts without the grants
 * of terminals and hosts: it tells the model then.
 *
 * @param here The surroundings.
 * @param socket The daemon's socket on this machine.
 * @param hosts The hosts whose tunnels it may use.
 * @returns What it may do.
 */
export function mcpGrants(here: Surroundings, socket: string, hosts: readonly string[]): Grants {
  const sockets = [socket, ...hosts.map((host) => socketPath(here, host))];
  const registry = registryPath(here);
  const files = registry === undefined ? [] : registryFiles(registry);
  // A folder's grant is a grant for all that will ever be in it: it is given only where it has to
  // be made.
  const folder = registry !== undefined && isMissing(folderOf(registry))
    ? [folderOf(registry)]
    : [];
  return {
    // It computes the grants of the daemon that it opens, and finds what it may start.
    read: [...sockets, ...placesOf(here), ...files, Deno.execPath(), ...SYSTEM_FOLDERS],
    write: [...sockets, ...files, ...folder],
    net: sockets.map((path) => `unix:${path}`),
    run: [],
    env: [...FIRST_GRANTS.env, ...DESKTOP_VARIABLES, ...REGISTRY_VARIABLES, ...STATE_VARIABLES],
    // Its own name tells whether a host that a model names is this machine.
    sys: ["uid", "hostname"],
  };
}

/** What looks at the daemon's files alone needs no socket. */
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
 * Writes grants as flags of `deno run`.
 *
 * @param grants What may be done.
 * @returns The flags, `--no-prompt` among them.
 */
export function grantFlags(grants: Grants): string[] {
  const flags = ["--no-prompt"];
  for (const [name, value] of Object.entries(grants)) {
    if (value === true) flags.push(`--allow-${name}`);
    else if (value.length > 0) flags.push(`--allow-${name}=${value.join(",")}`);
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
