/**
 * Which host each tunnel of the MCP server leads to. The launcher that has a slot writes a note into
 * its lock file, which the MCP server may read and not write.
 *
 * @module
 */
import { type Claim, claimOf, removeLeftover } from "../platform/claim.ts";
import { tryLock } from "../platform/lock.ts";
import { lockPath, tunnelSockets } from "../platform/paths.ts";
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

/** The contents of the lock file for a host whose name has been checked. */
export function slotNote(host: string): string {
  return `${host}\n${crypto.randomUUID()}\n`;
}

/**
 * Takes the first free slot for the tunnel to a host, and notes the host in it.
 *
 * @param folder The folder for sockets, which is ours and private.
 * @returns The local end of its tunnel and the claim to it, or `undefined` if all are taken.
 */
export async function claimSlot(
  folder: string,
  host: string,
): Promise<readonly [string, Claim] | undefined> {
  for (const socket of tunnelSockets(folder)) {
    const lock = tryLock(lockPath(socket));
    if (lock === undefined) continue;
    try {
      await removeLeftover(socket);
    } catch {
      // An ssh whose launcher was killed still listens there: its note stays true.
      lock.close();
      continue;
    }
    // Nobody listens there before the note is written.
    lock.truncateSync();
    lock.writeSync(new TextEncoder().encode(slotNote(host)));
    return [socket, claimOf(socket, lock)];
  }
  return undefined;
}

/**
 * Finds the slot of a host. A launcher takes the first free slot, so the note of a killed launcher
 * never comes before that of the next launcher for the same host.
 *
 * @param folder The folder for sockets.
 */
export function slotOf(folder: string, host: string): Slot | undefined {
  return notedSlots(folder).find((slot) => slot.host === host);
}

/**
 * Makes sure that a slot is unchanged. If its note is the same, its socket led nowhere else
 * meanwhile.
 *
 * @throws {UnreachableError} If its launcher has ended, or another one has it.
 */
export function requireSame({ host, socket, note }: Slot): void {
  if (read(lockPath(socket)) === note) return;
  throw new UnreachableError(`the tunnel to ${host} is closed`);
}

/** The hosts of the slots that launchers have at this moment. */
export function openTunnels(folder: string): string[] {
  return notedSlots(folder).filter(({ socket }) => isHeld(lockPath(socket)))
    .map(({ host }) => host);
}

function notedSlots(folder: string): Slot[] {
  return tunnelSockets(folder).flatMap((socket) => {
    const note = read(lockPath(socket)) ?? "";
    const host = note.replace(/\n.*/s, "");
    return hostFault(host) === undefined ? [{ host, socket, note }] : [];
  });
}

function read(path: string): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch {
    // A slot that can't be read names no host.
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
