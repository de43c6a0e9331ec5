import { socketPath, type Surroundings } from "../paths.ts";
import { hostFault, isThisMachine, withoutUser } from "../remote/names.ts";

/** The longest path of a socket in bytes (unix(7), `sun_path`, without its final NUL). */
const MAX_SOCKET_PATH = 107;

/** Where a tool is to act. */
export interface Place {
  /** How answers call it. */
  readonly name: string;
  /** The remote host, or `undefined` for this machine. */
  readonly host: string | undefined;
  /** Whether commands there would run on this machine, whoever runs them. */
  readonly isHere: boolean;
  /** The daemon's socket, or the local end of its tunnel. */
  readonly socket: string;
}

/** This machine in answers and in the registry. */
export const THIS_MACHINE = "localhost";

/**
 * Finds out which host is meant.
 *
 * @param here The surroundings.
 * @param host What the model gave; this machine if left out or empty.
 * @returns The place, or what is wrong with the name.
 */
export function placeOf(
  here: Surroundings,
  host: string | undefined,
): { readonly place: Place } | { readonly fault: string } {
  const local = { name: THIS_MACHINE, host: undefined, isHere: true, socket: socketPath(here) };
  if (host === undefined || host === "") return { place: local };
  const fault = hostFault(host);
  if (fault !== undefined) return { fault: `"host" ${fault}` };
  if (isThisMachine(host, ownName())) return { place: local };
  const socket = socketPath(here, host);
  if (socket.length > MAX_SOCKET_PATH) {
    return {
      fault:
        `"host" is too long: the path of its socket would have more than ${MAX_SOCKET_PATH} bytes`,
    };
  }
  // Another account of this machine is a host of its own, and still this machine.
  const isHere = isThisMachine(withoutUser(host), ownName());
  return { place: { name: host, host, isHere, socket } };
}

/**
 * The flags that let the server use the socket of a place.
 *
 * @param socket The socket.
 * @returns The flags that it lacks; empty where nothing is missing.
 */
export function missingSocketFlags(socket: string): string[] {
  const wanted = [
    ["--allow-read", { name: "read", path: socket }],
    ["--allow-write", { name: "write", path: socket }],
    ["--allow-net", { name: "net", host: `unix:${socket}` }],
  ] as const;
  return wanted
    .filter(([, descriptor]) => Deno.permissions.querySync(descriptor).state !== "granted")
    .map(([flag]) => `${flag}=${flag === "--allow-net" ? "unix:" : ""}${socket}`);
}

/**
 * Says how the person lets the server use the socket of a host.
 *
 * @param host The host; left out for this machine.
 * @param flags The flags that the server lacks.
 * @returns The end of a sentence, "Ask the person to" before it.
 */
export function grantAdvice(host: string | undefined, flags: readonly string[]): string {
  // Of what a name may have, brackets alone mean something to a shell.
  const word = host !== undefined && /[[\]]/.test(host) ? `'${host}'` : host;
  const command = word === undefined ? "sudo-proxy setup" : `sudo-proxy setup --host ${word}`;
  return `run "${command}" in a terminal and to start their MCP client again (where they ` +
    `configure the client by hand, these flags are missing: ${flags.join(" ")})`;
}

function ownName(): string {
  try {
    return Deno.hostname();
  } catch {
    // Without the grant only the loopback names are known.
    return "";
  }
}
