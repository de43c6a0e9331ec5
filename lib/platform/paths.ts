/**
 * Where files live. Decided here once, for the daemon, the clients and the grants that they run
 * with.
 *
 * @module
 */
import { infoOf } from "./exists.ts";

const NOT_THERE = "it does not exist";

/** What the places of files depend on. */
export interface HostEnvironment {
  /** Reads an environment variable. */
  readonly get: (name: string) => string | undefined;
  /** The user that runs this process. */
  readonly uid: number;
}

/** A place that can't be used, or isn't safe to use; the message says which and why. */
export class PathError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "PathError";
}

/** Where programs for root are looked for, never in the user's `PATH`. */
export const SYSTEM_FOLDERS: readonly string[] = [
  "/usr/local/sbin",
  "/usr/local/bin",
  "/usr/sbin",
  "/usr/bin",
  "/sbin",
  "/bin",
  "/snap/bin",
];

/**
 * This process's own environment. Needs `--allow-sys=uid` and `--allow-env` for the names asked
 * for.
 */
export function hostEnvironment(): HostEnvironment {
  return { get: (name) => Deno.env.get(name), uid: Deno.uid() ?? 0 };
}

/** The same environment, with other values of some variables; what is `undefined` stays as it is. */
export function withVariables(
  env: HostEnvironment,
  instead: Readonly<Record<string, string | undefined>>,
): HostEnvironment {
  return { ...env, get: (name) => instead[name] ?? env.get(name) };
}

/**
 * Finds a program in the system folders, by a bare name such as `sudo`; in those of the local
 * administrator last, since other groups may write there.
 */
export function systemProgram(name: string): string | undefined {
  const isLocal = (folder: string) => folder.startsWith("/usr/local/");
  const folders = [
    ...SYSTEM_FOLDERS.filter((folder) => !isLocal(folder)),
    ...SYSTEM_FOLDERS.filter(isLocal),
  ];
  return folders.map((folder) => `${folder}/${name}`).find(isExecutableFile);
}

/**
 * The folder for sockets: `$XDG_RUNTIME_DIR`, else `/run/user/UID` if it is ours and private, else
 * a folder of our own under the temporary directory, which may not exist yet.
 *
 * @throws {PathError} If `XDG_RUNTIME_DIR` is not an absolute path, or the folder of our own is not
 * ours alone.
 */
export function runtimeFolder(env: HostEnvironment): string {
  const configured = env.get("XDG_RUNTIME_DIR");
  if (configured) {
    if (configured.startsWith("/")) return withoutTrailingSlash(configured);
    throw new PathError(`Cannot use XDG_RUNTIME_DIR "${configured}": it must be an absolute path`);
  }
  const standard = systemFolder(env);
  if (folderFault(standard, env.uid) === undefined) return standard;
  const fallback = fallbackFolder(env);
  const fault = folderFault(fallback, env.uid);
  // Anybody can make a folder of that name there: a socket in it would be theirs.
  if (fault === undefined || fault === NOT_THERE) return fallback;
  throw new PathError(`Cannot use the folder ${fallback}: ${fault}`);
}

/** The folder that a login makes for a user's sockets (systemd-logind, pam_rundir). */
export function systemFolder(env: HostEnvironment): string {
  return `/run/user/${env.uid}`;
}

/** The folder for sockets that we make ourselves, if the system provides none. */
export function fallbackFolder(env: HostEnvironment): string {
  return `${withoutTrailingSlash(env.get("TMPDIR") || "/tmp")}/sudo-proxy-${env.uid}`;
}

/** The daemon's socket on this machine, or the local end of the tunnel to a host. */
export function socketPath(env: HostEnvironment, host?: string): string {
  return `${runtimeFolder(env)}/sudo-proxy${host === undefined ? "" : `-${host}`}.sock`;
}

/** The longest path of a socket in bytes (unix(7), `sun_path`, without its final NUL). */
export const MAX_SOCKET_PATH = 107;

/** How many tunnels to remote hosts the MCP server can use at a time. */
export const MAX_TUNNELS = 16;

/**
 * The sockets through which the MCP server reaches remote hosts, each for one tunnel at a time. Deno
 * grants sockets by exact path, so these names say no host, and no host's own socket has such a name.
 */
export function tunnelSockets(folder: string): string[] {
  return Array.from(
    { length: MAX_TUNNELS },
    (_, index) => `${folder}/sudo-proxy.tunnel-${index + 1}.sock`,
  );
}

/**
 * The socket of `deno task try`: a name that no host can have, so that a trial disturbs no daemon.
 */
export function trialSocketPath(env: HostEnvironment): string {
  return `${runtimeFolder(env)}/sudo-proxy.try.sock`;
}

/**
 * The folder for what the daemon keeps: `$XDG_STATE_HOME/sudo-proxy`, else below `~/.local/state`;
 * `undefined` if neither variable is an absolute path.
 */
export function stateFolder(env: HostEnvironment): string | undefined {
  const state = absoluteVariable(env, "XDG_STATE_HOME");
  if (state !== undefined) return `${state}/sudo-proxy`;
  const home = absoluteVariable(env, "HOME");
  return home === undefined ? undefined : `${home}/.local/state/sudo-proxy`;
}

/**
 * A variable that is an absolute path, without slashes at its end. The XDG Base Directory
 * Specification has relative paths ignored.
 */
export function absoluteVariable(env: HostEnvironment, name: string): string | undefined {
  const path = env.get(name);
  return path?.startsWith("/") ? path.replace(/\/+$/, "") : undefined;
}

/** The folder of the audit trail. */
export function auditFolder(state: string): string {
  return `${state}/audit`;
}

/** The file whose lock makes a daemon the only one at its socket. */
export function lockPath(socket: string): string {
  return `${socket}.lock`;
}

/** The folder in which the daemon makes pipes, for a moment. */
export function pipesFolder(socket: string): string {
  return `${socket}.pipes`;
}

/** The folder that holds a path. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/**
 * Tells why a folder is not a private one of that user, as the end of a sentence. Anyone who can
 * write there could put another socket in place of ours.
 */
export function folderFault(path: string, uid: number): string | undefined {
  let info: Deno.FileInfo | undefined;
  try {
    info = infoOf(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return "it can't be looked at";
  }
  if (info === undefined) return NOT_THERE;
  if (info.isSymlink) return "it is a link";
  if (!info.isDirectory) return "it is not a folder";
  if (info.uid !== uid) return `it belongs to the user with the id ${info.uid}`;
  if (((info.mode ?? 0) & 0o077) !== 0) return "it is open to other users (its mode must be 0700)";
  return undefined;
}

/**
 * Makes sure that a folder is there, is ours and is private; it is made with mode 0700.
 *
 * @throws {PathError} If it is a link, someone else's or open to others, or can't be made.
 */
export function ensurePrivateFolder(path: string, uid: number): void {
  if (infoOf(path) === undefined) Deno.mkdirSync(path, { mode: 0o700 });
  const fault = folderFault(path, uid);
  if (fault !== undefined) throw new PathError(`Cannot use the folder ${path}: ${fault}`);
}

function isExecutableFile(path: string): boolean {
  try {
    const info = Deno.statSync(path);
    return info.isFile && ((info.mode ?? 0) & 0o111) !== 0;
  } catch {
    return false;
  }
}

function withoutTrailingSlash(path: string): string {
  return path.length > 1 ? path.replace(/\/+$/, "") : path;
}
