/**
 * Who may have a socket at a path: one program at a time. A lock beside the path decides between
 * those that start at the same moment, and the kernel drops it however its holder ends.
 *
 * @module
 */
import { infoOf } from "./exists.ts";
import { tryLock } from "./lock.ts";
import { messageOf } from "./message_of.ts";
import { ensurePrivateFolder, folderOf, lockPath, PathError } from "./paths.ts";

/** Another program has the path. */
export class TakenError extends PathError {}

/** A path where only this process may let a program that it starts make a socket. */
export interface Claim {
  /**
   * Claims the path anew if somebody removed the file of the lock.
   *
   * @throws {TakenError} If another program has it meanwhile.
   */
  renew(): void;
  /**
   * Removes what a program that died has left there.
   *
   * @throws {TakenError} If somebody listens there.
   * @throws {PathError} If something is there that is not a socket.
   */
  removeLeftover(): Promise<void>;
  /** Gives the path up; a second call does nothing. */
  release(): void;
}

/**
 * Claims a path for a socket in a folder of mode 0700, both ours.
 *
 * @throws {TakenError} If another program has it.
 * @throws {PathError} If the place is not safe.
 */
export function claimPath(path: string, uid: number): Claim {
  if (!path.startsWith("/")) {
    throw new PathError(`Cannot listen at "${path}": the socket must be an absolute path`);
  }
  ensurePrivateFolder(folderOf(path), uid);
  return claimOf(path, ownLock(path));
}

/** The claim of a path whose lock this process has. */
export function claimOf(path: string, lock: Deno.FsFile): Claim {
  let isReleased = false;
  return {
    renew() {
      if (isAt(lockPath(path), lock.statSync())) return;
      const held = ownLock(path);
      lock.close();
      lock = held;
    },
    removeLeftover: () => removeLeftover(path),
    release() {
      if (isReleased) return;
      isReleased = true;
      removeIfOurs(lockPath(path), lock.statSync());
      lock.close();
    },
  };
}

function ownLock(path: string): Deno.FsFile {
  let lock: Deno.FsFile | undefined;
  try {
    lock = tryLock(lockPath(path));
  } catch (error) {
    throw cannotListen(path, error);
  }
  if (!lock) throw new TakenError(`Cannot listen at ${path}: another sudo-proxy does`);
  return lock;
}

/**
 * Removes what a program that died has left at a path.
 *
 * @throws {TakenError} If somebody listens there.
 * @throws {PathError} If something is there that is not a socket.
 */
export async function removeLeftover(path: string): Promise<void> {
  const info = infoOf(path);
  if (info === undefined) return;
  if (!info.isSocket) {
    throw new PathError(`Cannot listen at ${path}: something that is not a socket is there`);
  }
  // A daemon of another implementation holds no lock of ours: only a connection shows that it is
  // there.
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new TakenError(`Cannot listen at ${path}: another daemon does`);
}

/** Describes a fault of the file system, and that it keeps us from listening. */
export function cannotListen(path: string, error: unknown): PathError {
  if (error instanceof PathError) return error;
  return new PathError(`Cannot listen at ${path}: ${messageOf(error)}`, { cause: error });
}

/** Removes a file that is still ours: not what another process has put in its place. */
export function removeIfOurs(path: string, ours: Deno.FileInfo): void {
  if (!isAt(path, ours)) return;
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody removed it before us, or the folder can't be written any more.
  }
}

/** Whether a file is in its place. */
export function isAt(path: string, ours: Deno.FileInfo): boolean {
  try {
    const { dev, ino } = Deno.lstatSync(path);
    return dev === ours.dev && ino === ours.ino;
  } catch {
    return false;
  }
}
