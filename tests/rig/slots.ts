/**
 * The places where tests install the program. They are fixed, since Deno grants sockets by exact
 * path; a test takes the first that is free.
 *
 * @module
 */
import { tunnelSockets } from "../../lib/platform/paths.ts";

/** The numbers of the places. */
export const SLOTS: readonly number[] = Array.from({ length: 24 }, (_, slot) => slot);

/** Whoever takes a place, or takes one away, holds it. */
const LOCK = `/tmp/sudo-proxy-test-${Deno.uid()}.lock`;

/** The folder of a place. */
export function slotFolder(slot: number): string {
  return `/tmp/sudo-proxy-test-${slot}`;
}

/** The remote hosts of the tests, as aliases. */
export const TEST_HOSTS: readonly string[] = [
  "web1",
  ...Array.from({ length: 10 }, (_, index) => `host${index}`),
];

/** How many tests have a listener that is never closed. */
const LASTING = 5;

/**
 * The sockets of listeners in this process that are never closed, one for each test that has one.
 * When Deno drops such a listener at last, it removes what is at its path, which must not be the
 * socket of another test by then.
 */
export function lastingSockets(folder: string): string[] {
  return Array.from({ length: LASTING }, (_, test) => `${folder}/run/lasting-${test}.sock`);
}

/** The socket of a daemon that is installed there, or of the tunnel to a host. */
export function slotSocket(slot: number, host?: string): string {
  return `${slotFolder(slot)}/run/sudo-proxy${host === undefined ? "" : `-${host}`}.sock`;
}

/** The sockets of the tunnels that an MCP server there may use. */
export function slotTunnels(slot: number): string[] {
  return tunnelSockets(`${slotFolder(slot)}/run`);
}

/**
 * Takes a free place; what a dead test left there is removed.
 *
 * @returns Its folder, empty but for a note of who has it.
 * @throws {Error} If every place is taken.
 */
export async function takeSlot(): Promise<string> {
  // Two test runs at once must not take the same leftover for theirs.
  using lock = await Deno.open(LOCK, { create: true, write: true });
  await lock.lock(true);
  for (const slot of SLOTS) {
    const folder = slotFolder(slot);
    if (await isLeftover(folder)) {
      // What a daemon of a dead test still writes to can't be removed yet; another place will do.
      await Deno.remove(folder, { recursive: true }).catch(() => {});
    }
    try {
      await Deno.mkdir(folder, { mode: 0o755 });
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) continue;
      throw error;
    }
    await Deno.writeTextFile(`${folder}/pid`, String(Deno.pid));
    return folder;
  }
  throw new Error(`all ${SLOTS.length} places for test installations are taken`);
}

/**
 * Shell commands that remove the place of this process once it has ended. Another process may have
 * taken the place by then.
 */
export function leaveSlot(folder: string): string {
  const gone = `${folder}.${Deno.pid}`;
  // A daemon that is about to end still writes there.
  return `flock ${LOCK} sh -c '[ "$(cat ${folder}/pid)" != ${Deno.pid} ] || mv ${folder} ${gone}'
for try in $(seq 50); do rm -rf ${gone} && break; sleep 0.1; done`;
}

async function isLeftover(folder: string): Promise<boolean> {
  const pid = await Deno.readTextFile(`${folder}/pid`).catch(() => undefined);
  if (pid === undefined) return false;
  const { success } = await new Deno.Command("/usr/bin/env", {
    args: ["sh", "-c", 'kill -0 "$1" 2>/dev/null', "sh", pid],
  }).output();
  return !success;
}
