/**
 * Where files live. Decided here once, for the daemon, the clients and the grants that they run
 * with.
 *
 * @module
 */

const NOT_THERE = "it does not exist";

/** What the places of files depend on. */
export interface Surroundings {
  /** Reads an environment variable. */
  readonly env: (name: string) => string | undefined;
  /** The user that runs this process. */
  readonly uid: number;
}

/** A place that can't be used, or isn't safe to use; the message says which and why. */
export class PathError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "PathError";
}

/** Where root's programs are looked for; the user's own `PATH` has no say. */
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
 * This process's own surroundings. Needs `--allow-sys=uid` and `--allow-env` for the names asked
 * for.
 */
export function surroundings(): Surroundings {
  return { env: (name) => Deno.env.get(name), uid: Deno.uid() ?? 0 };
}

/**
 * The same surroundings, with some variables as the command line says.
 *
 * @param here The surroundings.
 * @param instead Variables and their values; what is `undefined` stays as it is.
 * @returns Other surroundings.
 */
export function withVariables(
  here: Surroundings,
  instead: Readonly<Record<string, string | undefined>>,
): Surroundings {
  return { ...here, env: (name) => instead[name] ?? here.env(name) };
}

/**
 * Finds a program in the system folders; in those of the local administrator last, since other
 * groups may write there.
 *
 * @param name A bare name, such as `sudo`.
 * @returns Its absolute path, or `undefined` where it isn't installed.
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
 * a folder of our own under the temporary directory.
 *
 * @param here The surroundings.
 * @returns An absolute path; the folder may not exist yet.
 * @throws {PathError} If `XDG_RUNTIME_DIR` is not an absolute path, or the folder of our own is not
 * ours alone.
 */
export function runtimeFolder(here: Surroundings): string {
  const configured = here.env("XDG_RUNTIME_DIR");
  if (configured) {
    if (configured.startsWith("/")) return withoutTrailingSlash(configured);
    throw new PathError(`Cannot use XDG_RUNTIME_DIR "${configured}": it must be an absolute path`);
  }
  const standard = systemFolder(here);
  if (folderFault(standard, here.uid) === undefined) return standard;
  const fallback = fallbackFolder(here);
  const fault = folderFault(fallback, here.uid);
  // Anybody can make a folder of that name there: a socket in it would be theirs.
  if (fault === undefined || fault === NOT_THERE) return fallback;
  throw new PathError(`Cannot use the folder ${fallback}: ${fault}`);
}

/** The folder that a login makes for a user's sockets (systemd-logind, pam_rundir). */
export function systemFolder(here: Surroundings): string {
  return `/run/user/${here.uid}`;
}

/** The folder for sockets that we make ourselves, where the system provides none. */
export function fallbackFolder(here: Surroundings): string {
  return `${withoutTrailingSlash(here.env("TMPDIR") || "/tmp")}/sudo-proxy-${here.uid}`;
}

/**
 * The daemon's socket on this machine, or the local end of the tunnel to a host.
 *
 * @param here The surroundings.
 * @param host The remote host; left out for this machine.
 * @returns An absolute path.
 */
export function socketPath(here: Surroundings, host?: string): string {
  return `${runtimeFolder(here)}/sudo-proxy${host === undefined ? "" : `-${host}`}.sock`;
}

/** How many tunnels to remote hosts the MCP server can use at a time. */
export const MAX_TUNNELS = 16;

/**
 * The sockets through which the MCP server reaches remote hosts, each for one tunnel at a time. Deno
 * grants sockets by exact path, so these names say no host, and no host's own socket has such a name.
 *
 * @param folder The folder for sockets.
 * @returns Absolute paths.
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
export function trialSocketPath(here: Surroundings): string {
  return `${runtimeFolder(here)}/sudo-proxy.try.sock`;
}

/**
 * The folder for what the daemon keeps: `$XDG_STATE_HOME/sudo-proxy`, else below `~/.local/state`.
 *
 * @param here The surroundings.
 * @returns An absolute path, or `undefined` where neither variable is an absolute path.
 */
export function stateFolder(here: Surroundings): string | undefined {
  // The XDG Base Directory Specification has relative paths ignored.
  const configured = here.env("XDG_STATE_HOME");
  if (configured?.startsWith("/")) return `${withoutTrailingSlash(configured)}/sudo-proxy`;
  const home = here.env("HOME");
  return home?.startsWith("/")
    ? `${withoutTrailingSlash(home)}/.local/state/sudo-proxy`
    : undefined;
}

/** The folder of the audit trail. */
export function auditFolder(state: string): string {
  return `${state}/audit`;
}

/** The file whose lock makes a daemon the only one at its socket. */
export function lockPath(socket: string): string {
  return `${socket}.lock`;
}

/** The folder that holds a path. */
export function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf("/")));
}

/**
 * Tells why a folder is not safe for sockets. Whoever can write there could put a socket of their
 * own in place of ours.
 *
 * @param path The folder.
 * @param uid Whose it must be.
 * @returns What is wrong, as the end of a sentence, or `undefined` if it is a private folder of
 * that user.
 */
export function folderFault(path: string, uid: number): string | undefined {
  let info: Deno.FileInfo;
  try {
    info = Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) throw error;
    return error instanceof Deno.errors.NotFound ? NOT_THERE : "it can't be looked at";
  }
  if (info.isSymlink) return "it is a link";
  if (!info.isDirectory) return "it is not a folder";
  if (info.uid !== uid) return `it belongs to the user with the id ${info.uid}`;
  if (((info.mode ?? 0) & 0o077) !== 0) return "it is open to other users (its mode must be 0700)";
  return undefined;
}

/**
 * Makes sure that a folder is there, is ours and is private.
 *
 * @param path The folder; made with mode 0700 where it does not exist.
 * @param uid Whose it must be.
 * @throws {PathError} If it is a link, someone else's or open to others, or can't be made.
 */
export function ensurePrivateFolder(path: string, uid: number): void {
  try {
    Deno.lstatSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    Deno.mkdirSync(path, { mode: 0o700 });
  }
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
