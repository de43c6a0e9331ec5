/**
 * Which host each tunnel of the MCP server leads to. The launcher that has a slot writes a note into
 * its lock file, which the MCP server may read and not write.
 *
 * @module
 */
import { lockPath, tunnelSockets } from "../paths.ts";
import { UnreachableError } from "../protocol/client.ts";
import { hostFault } from "./names.ts";

/** A slot that a launcher has, or had until it was killed. */
export interface Slot {
  /** The host that its tunnel leads to. */
  readonly host: string;
  /** The local end of its tunnel. */
  readonly socket: string;
  /** What the launcher wrote: another text for each start. */
  readonly note: string;
}

/**
 * Writes a note for a slot.
 *
 * @param host The host, by a name that has been checked.
 * @returns The contents of the lock file.
 */
export function slotNote(host: string): string {
  return `${host}\n${crypto.randomUUID()}\n`;
}

/**
 * Finds the slot of a host. A launcher takes the first that is free, so one that was killed left no
 * note before that of the next launcher for the same host.
 *
 * @param folder The folder for sockets.
 * @param host The host.
 * @returns The slot, or `undefined` where no launcher has one for that host.
 */
export function slotOf(folder: string, host: string): Slot | undefined {
  return notedSlots(folder).find((slot) => slot.host === host);
}

/**
 * Makes sure that a slot still is what it was. Between two looks at the same note, its socket led
 * nowhere else.
 *
 * @param slot The slot.
 * @throws {UnreachableError} If its launcher has ended, or another one has it.
 */
export function requireSame({ host, socket, note }: Slot): void {
  if (read(lockPath(socket)) === note) return;
  throw new UnreachableError(`the tunnel to ${host} is closed`);
}

/**
 * Lists the hosts of the slots that launchers have at this moment.
 *
 * @param folder The folder for sockets.
 * @returns The names of the hosts.
 */
export function openTunnels(folder: string): string[] {
  return notedSlots(folder).filter(({ socket }) => isHeld(lockPath(socket)))
    .map(({ host }) => host);
}

function notedSlots(folder: string): Slot[] {
  return tunnelSockets(folder).flatMap((socket) => {
    const note = read(lockPath(socket)) ?? "";
    const [host] = note.split("\n");
    return hostFault(host) === undefined ? [{ host, socket, note }] : [];
  });
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // What can't be read names no host.
    return undefined;
  }
}

/** The kernel drops the lock of a launcher that has ended. */
function isHeld(path: string): boolean {
  try {
    using file = Deno.openSync(path);
    return !file.tryLockSync(false);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
