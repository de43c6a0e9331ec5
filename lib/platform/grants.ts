/**
 * What a program of this project may do in Deno. Each room declares what it needs in its own
 * `grants.ts`; `lib/grants.ts` adds that up for each entry point.
 *
 * @module
 */
import { isMissing } from "./exists.ts";
import {
  fallbackFolder,
  folderOf,
  type HostEnvironment,
  PathError,
  systemFolder,
  systemProgram,
} from "./paths.ts";

/** Exact paths, programs and variables; `true` stands for all of a kind. */
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

/** What grants depend on. */
export interface Site {
  /** The environment. */
  readonly env: HostEnvironment;
  /** The daemon's socket, or the local end of a tunnel: an absolute path. */
  readonly socket: string;
  /** The binary that is to be installed on a host, if one is named. */
  readonly binary?: string | undefined;
}

/** What a room needs; kinds that it does not need are left out. */
export type Declaration = (site: Site) => Partial<Grants>;

/**
 * Deno reads a file below /proc only with all permissions, but imports one as text with this grant.
 * The guard of the start gives it back before anything else is loaded.
 */
export const PROC = "/proc";

/** Where sockets are, and how text is shown: what every entry point needs to find out the rest. */
export const FIRST_GRANTS: Grants = {
  read: [],
  write: [],
  net: [],
  run: [],
  env: ["XDG_RUNTIME_DIR", "TMPDIR", "NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "TERM"],
  sys: ["uid"],
};

/** Where the audit trail is. */
export const STATE_VARIABLES: readonly string[] = ["XDG_STATE_HOME", "HOME"];

/** A client of the socket. Deno wants the right to read and write a socket's path to connect. */
export function socketGrants({ env, socket }: Site): Partial<Grants> {
  return {
    read: [socket, ...socketFolders(env)],
    write: [socket],
    net: [`unix:${socket}`],
  };
}

/** If no variable says which folder the sockets are in, both candidates are looked at. */
export function socketFolders(env: HostEnvironment): string[] {
  return env.get("XDG_RUNTIME_DIR") ? [] : [systemFolder(env), fallbackFolder(env)];
}

/** The folder of a socket, where we make it ourselves. */
export function ownFolder({ env, socket }: Site): string[] {
  const folder = folderOf(socket);
  return folder === fallbackFolder(env) ? [folder] : [];
}

/** A folder that has to be made; a grant for an existing folder would cover all that is in it. */
export function newFolder(folder: string | undefined): string[] {
  return folder !== undefined && isMissing(folder) ? [folder] : [];
}

/** Programs of the system, by absolute path; what is not installed is left out. */
export function programs(...names: readonly string[]): string[] {
  return names.map(systemProgram).filter((path) => path !== undefined);
}

/** All that any of the parts may do. */
export function addUp(parts: readonly Partial<Grants>[]): Grants {
  const all = <Item>(list: (part: Partial<Grants>) => readonly Item[] | undefined) => [
    ...new Set(parts.flatMap((part) => list(part) ?? [])),
  ];
  return {
    read: parts.some(({ read }) => read === true) ||
      all(({ read }) => read === true ? [] : read),
    write: all(({ write }) => write),
    net: all(({ net }) => net),
    run: all(({ run }) => run),
    env: all(({ env }) => env),
    sys: all(({ sys }) => sys),
  };
}

/**
 * Writes grants as flags of `deno run`; what the guard of the start needs is among them.
 *
 * @throws {PathError} If a path has a comma: Deno would read it as two paths.
 */
export function grantFlags(grants: Grants): string[] {
  const read = grants.read === true || [...grants.read, PROC];
  const flags = Object.entries({ ...grants, read }).flatMap(([name, value]) => {
    if (value === true) return [`--allow-${name}`];
    const split = value.find((item: string) => item.includes(","));
    if (split === undefined) return value.length > 0 ? [`--allow-${name}=${value.join(",")}`] : [];
    throw new PathError(
      `Cannot grant "${split}": commas have a meaning in Deno's permission flags`,
    );
  });
  return ["--no-prompt", ...flags];
}

/** The flags for what this process needs and lacks; empty if nothing is missing. */
export function missingFlags({ read, write, net, run, env, sys }: Grants): string[] {
  const flags: string[] = [];
  const need = (descriptor: Deno.PermissionDescriptor, value?: string) => {
    if (Deno.permissions.querySync(descriptor).state === "granted") return;
    flags.push(`--allow-${descriptor.name}${value === undefined ? "" : `=${value}`}`);
  };
  // A compiled program may read `/` and all below it, which is not the bare flag.
  if (read === true) need({ name: "read", path: "/" });
  else for (const path of read) need({ name: "read", path }, path);
  for (const path of write) need({ name: "write", path }, path);
  for (const host of net) need({ name: "net", host }, host);
  for (const command of run) need({ name: "run", command }, command);
  for (const variable of env) need({ name: "env", variable }, variable);
  for (const kind of sys) need({ name: "sys", kind }, kind);
  return flags;
}
