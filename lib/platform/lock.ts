/**
 * Locks between processes. The kernel drops a lock however its holder ends (flock(2)).
 *
 * @module
 */
import { pause } from "./deadline.ts";

/** How often a lock that another process has is tried again, in milliseconds. */
const POLL_MS = 2;
/** How many times a lock file may vanish just as it is locked. */
const MAX_TRIES = 100;

/**
 * Takes a lock without waiting for it.
 *
 * @param path The lock file; made with the mode 0600 if it does not exist.
 * @returns The lock, held until it is closed; `undefined` if another process has it.
 */
export function tryLock(path: string): Deno.FsFile | undefined {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const file = Deno.openSync(path, { create: true, write: true, mode: 0o600 });
    if (!file.tryLockSync(true)) {
      file.close();
      return undefined;
    }
    // A holder may remove its lock file as it ends: a lock on a file that is gone locks nobody out.
    if (isFileAt(path, file.statSync())) return file;
    file.close();
  }
  return undefined;
}

/**
 * Waits for a lock.
 *
 * @param path The lock file.
 * @param deadline Until when, in monotonic milliseconds; it is tried once at least.
 * @returns The lock, or `undefined` if another process had it for all that time.
 */
export async function waitForLock(
  path: string,
  deadline: number,
): Promise<Deno.FsFile | undefined> {
  while (true) {
    const lock = tryLock(path);
    if (lock !== undefined || performance.now() >= deadline) return lock;
    await pause(POLL_MS);
  }
}

/** Waits for a lock like {@linkcode waitForLock}, but blocks this process meanwhile. */
export function waitForLockSync(path: string, deadline: number): Deno.FsFile | undefined {
  while (true) {
    const lock = tryLock(path);
    if (lock !== undefined || performance.now() >= deadline) return lock;
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, POLL_MS);
  }
}

function isFileAt(path: string, { dev, ino }: Deno.FileInfo): boolean {
  try {
    const there = Deno.statSync(path);
    return there.dev === dev && there.ino === ino;
  } catch {
    return false;
  }
}
