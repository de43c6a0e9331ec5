import { type Claim, claimOf, removeLeftover, takeLock } from "../claim.ts";
import { lockPath, MAX_TUNNELS, PathError, tunnelSockets } from "../paths.ts";
import { openTunnels, slotNote } from "../remote/slots.ts";

/** A slot for the tunnel of one host. */
export interface SlotClaim extends Claim {
  /** The local end of the tunnel, for the MCP server. */
  readonly socket: string;
}

/**
 * Takes the first free slot for the tunnel to a host, and notes the host in it.
 *
 * @param folder The folder for sockets, which is ours and private.
 * @param host The host.
 * @returns The slot.
 * @throws {PathError} If all are taken.
 */
export async function claimSlot(folder: string, host: string): Promise<SlotClaim> {
  for (const socket of tunnelSockets(folder)) {
    const lock = await takeLock(lockPath(socket));
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
    return { socket, ...claimOf(socket, lock) };
  }
  throw new PathError(tooManyTunnels(openTunnels(folder)));
}

function tooManyTunnels(hosts: readonly string[]): string {
  return `Cannot open a tunnel: ${MAX_TUNNELS} can be open at a time, and all are taken (${
    hosts.join(", ")
  }). End one in its window (q)`;
}
