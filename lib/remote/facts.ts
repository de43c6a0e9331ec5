import { FACTS_BEGIN, FACTS_END, isIdentity } from "./remote_shell.ts";

/** What is known of a remote host before the tunnel is opened. Every value has been checked. */
export interface RemoteFacts {
  /** The user's id there. */
  readonly uid: number;
  /** The folder for sockets there, an absolute path. */
  readonly folder: string;
  /** Whether that folder is the user's alone; `absent` where it has to be made. */
  readonly state: "private" | "absent" | "unsafe";
  /** Where the program is, or `undefined` where it isn't installed. */
  readonly program: string | undefined;
  /** The program's version, or `""` where it says none. */
  readonly version: string;
  /** Which machine it is, and as whom we are there; nothing where it does not say. */
  readonly identity?: string;
}

const MAX_UID = 2 ** 32 - 2;
/** The longest path of a socket in bytes (unix(7), `sun_path`, without its final NUL). */
export const MAX_SOCKET_PATH = 107;

/** No character of a path may have a meaning in ssh's `-L`, or move the cursor of a terminal. */
const PATH = /^\/[A-Za-z0-9._@+=,~/-]*$/;
const VERSION =
  /^(?:sudo-proxy )?v?(\d{1,6}(?:\.\d{1,6}){1,3}(?:[-+][0-9A-Za-z.+-]{1,20})?)(?: |$)/;

/**
 * Reads what the remote host printed. It may print anything: what is not exactly as it should be is
 * a fault.
 *
 * @param output Its standard output.
 * @returns The facts, or what is wrong as the end of a sentence that names no remote text.
 */
export function parseFacts(output: string): RemoteFacts | string {
  const lines = output.split("\n").map((line) => line.replace(/\r$/, ""));
  const begin = lines.lastIndexOf(FACTS_BEGIN);
  const end = lines.indexOf(FACTS_END, begin);
  if (begin < 0 || end < 0) return "its shell did not run the question (sh is needed there)";
  const values = new Map(
    lines.slice(begin + 1, end).map((line) => {
      const at = line.indexOf("=");
      return [line.slice(0, at), line.slice(at + 1)] as const;
    }),
  );
  const value = (name: string) => values.get(name) ?? "";
  const uid = parseUid(value("uid"));
  if (uid === undefined) return "it gave no user id";
  const folder = value("folder");
  const fault = remotePathFault(folder);
  if (fault !== undefined) return `its folder for sockets ${fault}`;
  const state = (["private", "absent", "unsafe"] as const).find((name) => name === value("state"));
  if (state === undefined) return "it did not say whether its folder for sockets is private";
  const program = value("program");
  if (program !== "" && remotePathFault(program) !== undefined) {
    return `the path of its sudo-proxy ${remotePathFault(program)}`;
  }
  return {
    uid,
    folder,
    state,
    program: program === "" ? undefined : program,
    version: parseVersion(value("version")),
    ...(isIdentity(value("identity")) ? { identity: value("identity") } : {}),
  };
}

/**
 * Tells why a path on the remote host can't be used.
 *
 * @param path The path.
 * @returns The rule that it breaks, as the end of a sentence, or `undefined`.
 */
export function remotePathFault(path: string): string | undefined {
  if (!PATH.test(path)) return "must be an absolute path of letters, digits and . _ @ + = , ~ - /";
  if (path.split("/").includes("..")) return "must not have .. in it";
  return remoteSocket(path).length > MAX_SOCKET_PATH
    ? `must leave room for a socket, whose path has at most ${MAX_SOCKET_PATH} bytes`
    : undefined;
}

/** The daemon's socket in a folder there. */
export function remoteSocket(folder: string): string {
  return `${folder.replace(/\/+$/, "")}/sudo-proxy.sock`;
}

/**
 * Reads a user's id.
 *
 * @param text Decimal digits.
 * @returns The id, or `undefined` where the text is none.
 */
export function parseUid(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_UID ? Number(text) : undefined;
}

/**
 * The folder for sockets that a login with systemd makes.
 *
 * @param uid The user's id.
 * @returns An absolute path.
 */
export function systemFolder(uid: number): string {
  return `/run/user/${uid}`;
}

/**
 * Finds the version in what a program of any make prints for `--version`.
 *
 * @param text The first line.
 * @returns Such as `1.1.0`, or `""`.
 */
export function parseVersion(text: string): string {
  return VERSION.exec(text)?.[1] ?? "";
}

/**
 * The facts that can be used without asking the host again. Nothing but the folder that the system
 * makes for the user can be known: a program that can write the registry must not choose where the
 * tunnel leads.
 *
 * @param entry What the registry has.
 * @returns The facts, or `undefined` where the host has to be asked.
 */
export function cachedFacts(
  { uid, version = "" }: { readonly uid?: number; readonly version?: string } = {},
): RemoteFacts | undefined {
  if (uid === undefined) return undefined;
  return { uid, folder: systemFolder(uid), state: "private", program: undefined, version };
}
