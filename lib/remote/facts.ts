import { MAX_SOCKET_PATH } from "../platform/paths.ts";
import { type Failure, failureIn } from "./diagnosis.ts";
import { isIdentity } from "./identity.ts";
import type { Destination } from "./names.ts";
import { MAX_KEPT, type StartSsh } from "./process.ts";
import { FACTS_BEGIN, FACTS_COMMAND, FACTS_END } from "./remote_shell.ts";
import {
  configurationArguments,
  type Connection,
  questionArguments,
  remoteSocket,
  type SshConfiguration,
} from "./ssh.ts";

/** What is known of a remote host before the tunnel is opened. Every value has been checked. */
export interface RemoteFacts {
  /** The user's id there. */
  readonly uid: number;
  /** The folder for sockets there, an absolute path. */
  readonly folder: string;
  /** Whether that folder is the user's alone; `absent` if it has to be made. */
  readonly state: "private" | "absent" | "unsafe";
  /** Where the program is, or `undefined` if it isn't installed. */
  readonly program: string | undefined;
  /** The program's version, or `""` if it says none. */
  readonly version: string;
  /** Which machine it is, and as whom we are there; nothing if it does not say. */
  readonly identity?: string;
}

const MAX_UID = 2 ** 32 - 2;

/** No character of a path may have a meaning in ssh's `-L`, or move the cursor of a terminal. */
const PATH = /^\/[A-Za-z0-9._@+=,~/-]{0,1000}$/;
const VERSION =
  /^(?:sudo-proxy )?v?(\d{1,6}(?:\.\d{1,6}){1,3}(?:[-+][0-9A-Za-z.+-]{1,20})?)(?: |$)/;

/** Asks ssh what its configuration says about a host. Nothing is connected. */
export async function readConfiguration(
  start: StartSsh,
  destination: Destination,
): Promise<SshConfiguration> {
  const { code, output } = await start(configurationArguments(destination), "none", () => {}).ended;
  if (code !== 0) return new Map();
  // The first of several values counts, as everywhere in ssh.
  return new Map(output.split("\n").reverse().flatMap(fieldOf(" ")));
}

/**
 * The result of a question to a host: the facts; or why ssh did not get there; or what is wrong
 * with the host's output, as the end of a sentence.
 */
export type Learned<Facts> =
  | { readonly facts: Facts }
  | { readonly failure: Failure; readonly stderr: string }
  | { readonly fault: string };

/** Learns what has to be known of a host before the tunnel is opened. */
export function learnFacts(
  start: StartSsh,
  connection: Connection,
  onLine: (line: string) => void,
): Promise<Learned<RemoteFacts>> {
  return askHost(start, connection, { command: FACTS_COMMAND, parse: parseFacts }, onLine);
}

/**
 * Asks a host something, over a connection of its own. `parse` reads what it printed, and gives the
 * facts or what is wrong with it.
 */
export async function askHost<Facts extends object>(
  start: StartSsh,
  connection: Connection,
  { command, parse }: {
    readonly command: string;
    readonly parse: (output: string) => Facts | string;
  },
  onLine: (line: string) => void,
): Promise<Learned<Facts>> {
  const args = questionArguments(connection, command);
  const { code, signal, output, stderr } = await start(args, "none", onLine).ended;
  if (output.length >= MAX_KEPT) return { fault: "it printed far more than was asked for" };
  const facts = parse(output);
  if (typeof facts !== "string") return { facts };
  const hasFailed = code === 255 || signal !== null;
  return hasFailed ? { failure: failureIn(stderr), stderr } : { fault: facts };
}

/**
 * Reads what the remote host printed. It may print anything; whatever differs from the expected
 * form is a fault.
 *
 * @returns The facts, or what is wrong as the end of a sentence that names no remote text.
 */
export function parseFacts(output: string): RemoteFacts | string {
  const value = readFields(output);
  if (value === undefined) return NO_SHELL;
  const uid = parseUid(value("uid"));
  if (uid === undefined) return "it gave no user id";
  const folder = value("folder");
  const fault = remotePathFault(folder);
  if (fault !== undefined) return `its folder for sockets ${fault}`;
  const state = (["private", "absent", "unsafe"] as const).find((name) => name === value("state"));
  if (state === undefined) return "it did not say whether its folder for sockets is private";
  const program = value("program") || undefined;
  const programFault = program === undefined ? undefined : remotePathFault(program);
  if (programFault !== undefined) return `the path of its sudo-proxy ${programFault}`;
  const [version, identity] = [parseVersion(value("version")), value("identity")];
  return { uid, folder, state, program, version, ...(isIdentity(identity) ? { identity } : {}) };
}

/** What is wrong if the fields are missing, as the end of a sentence. */
export const NO_SHELL = "its shell did not run the question (sh is needed there)";

/**
 * Finds the fields among all that a host printed: its shell's start-up files may print as well.
 *
 * @returns A function that gives the value of a field, or `""`; `undefined` if there are no fields.
 */
export function readFields(output: string): ((name: string) => string) | undefined {
  const lines = output.split("\n").map((line) => line.replace(/\r$/, ""));
  const begin = lines.lastIndexOf(FACTS_BEGIN);
  const end = lines.indexOf(FACTS_END, begin);
  if (begin < 0 || end < 0) return undefined;
  const values = new Map(lines.slice(begin + 1, end).flatMap(fieldOf("=")));
  return (name) => values.get(name) ?? "";
}

/** Makes the function that takes a line apart into name and value, if it has both. */
function fieldOf(separator: string): (line: string) => (readonly [string, string])[] {
  return (line) => {
    const at = line.indexOf(separator);
    return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
  };
}

/** Tells which rule a path on the remote host breaks, as the end of a sentence. */
export function remotePathFault(path: string): string | undefined {
  if (!PATH.test(path)) {
    return "must be an absolute path of at most 1000 letters, digits and . _ @ + = , ~ - /";
  }
  if (path.split("/").includes("..")) return "must not have .. in it";
  return remoteSocket(path).length > MAX_SOCKET_PATH
    ? `must leave room for a socket, whose path has at most ${MAX_SOCKET_PATH} bytes`
    : undefined;
}

/** Reads a user's id of decimal digits. */
export function parseUid(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= MAX_UID ? Number(text) : undefined;
}

/** The folder for sockets that a login with systemd makes. */
export function systemFolder(uid: number): string {
  return `/run/user/${uid}`;
}

/** Finds the version, or `""`, in the first line that a program of any make prints for `--version`. */
export function parseVersion(text: string): string {
  return VERSION.exec(text)?.[1] ?? "";
}

/**
 * The facts that can be used without asking the host again. The only folder that counts is the one
 * that the system makes for the user: a program that can write the registry must not choose where
 * the tunnel leads.
 *
 * @returns The facts, or `undefined` if the host has to be asked.
 */
export function cachedFacts(
  { uid, version = "" }: { readonly uid?: number; readonly version?: string } = {},
): RemoteFacts | undefined {
  if (uid === undefined) return undefined;
  return { uid, folder: systemFolder(uid), state: "private", program: undefined, version };
}
