import { folderOf, socketPath, type Surroundings } from "../paths.ts";
import type { Endpoint } from "../protocol/client.ts";
import { hostFault, isThisMachine, withoutUser } from "../remote/names.ts";
import { requireSame, slotOf } from "../remote/slots.ts";

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
  /** The daemon's socket, or the local end of its tunnel that has the host's name. */
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
 * Finds the socket by which this server reaches the daemon of a place: of a host, the slot that its
 * launcher has at this moment.
 *
 * @param place The place.
 * @returns Where to connect, or `undefined` where no tunnel to the host is open.
 */
export function endpointOf({ host, socket }: Place): Endpoint | undefined {
  if (host === undefined) return { socketPath: socket };
  const slot = slotOf(folderOf(socket), host);
  return slot && { socketPath: slot.socket, check: () => requireSame(slot) };
}

function ownName(): string {
  try {
    return Deno.hostname();
  } catch {
    // Without the grant only the loopback names are known.
    return "";
  }
}
