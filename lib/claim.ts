/**
 * Who may have a socket at a path: one program at a time. A lock beside the path decides between
 * those that start at the same moment, and the kernel drops it whatever ends its holder.
 *
 * @module
 */
import { ensurePrivateFolder, folderOf, lockPath, PathError } from "./paths.ts";

/** A path at which this process alone lets a socket be made, by a program that it starts. */
export interface Claim {
  /**
   * Removes what a program that died has left there.
   *
   * @throws {PathError} If somebody listens there, or something is there that is not a socket.
   */
  removeLeftover(): Promise<void>;
  /** Gives the path up; a second time it does nothing. */
  release(): void;
}

/**
 * Claims a path for a socket in a folder of mode 0700, both ours.
 *
 * @param path An absolute path.
 * @param uid The user that runs this process.
 * @returns The claim.
 * @throws {PathError} If another program has it, or the place is not safe.
 */
export async function claimPath(path: string, uid: number): Promise<Claim> {
  if (!path.startsWith("/")) {
    throw new PathError(`Cannot listen at "${path}": the socket must be an absolute path`);
  }
  ensurePrivateFolder(folderOf(path), uid);
  return claimOf(path, await ownLock(path));
}

/**
 * Makes the claim of a path whose lock this process has.
 *
 * @param path The path of the socket.
 * @param lock Its lock.
 * @returns The claim.
 */
export function claimOf(path: string, lock: Deno.FsFile): Claim {
  let isReleased = false;
  return {
    removeLeftover: () => removeLeftover(path),
    release() {
      if (isReleased) return;
      isReleased = true;
      removeIfOurs(lockPath(path), lock.statSync());
      lock.close();
    },
  };
}

/**
 * Takes the lock of a socket's path.
 *
 * @param path The path of the socket.
 * @returns The lock; the kernel drops it whatever ends this process.
 * @throws {PathError} If another program has it, or the lock can't be made.
 */
export async function ownLock(path: string): Promise<Deno.FsFile> {
  const lock = await takeLock(lockPath(path)).catch((error) => {
    throw cannotListen(path, error);
  });
  if (!lock) throw new PathError(`Cannot listen at ${path}: another sudo-proxy does`);
  return lock;
}

/**
 * Takes a lock without waiting for it.
 *
 * @param path The file, made where it does not exist.
 * @returns The lock, or `undefined` where another program has it.
 */
export async function takeLock(path: string): Promise<Deno.FsFile | undefined> {
  while (true) {
    const file = await Deno.open(path, { create: true, write: true, mode: 0o600 });
    if (!await file.tryLock(true)) {
      file.close();
      return undefined;
    }
    // The one before us removes its lock file as it ends: a lock on a file that is gone locks
    // nobody out.
    const [held, there] = [await file.stat(), await Deno.stat(path).catch(() => undefined)];
    if (there && held.ino === there.ino && held.dev === there.dev) return file;
    file.close();
  }
}

/**
 * Removes what a program that died has left at a path.
 *
 * @param path The path of the socket.
 * @throws {PathError} If somebody listens there, or something is there that is not a socket.
 */
export async function removeLeftover(path: string): Promise<void> {
  let info: Deno.FileInfo;
  try {
    info = await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return;
    throw error;
  }
  if (!info.isSocket) {
    throw new PathError(`Cannot listen at ${path}: something that is not a socket is there`);
  }
  // A daemon of another make holds no lock of ours: only a connection tells.
  try {
    (await Deno.connect({ transport: "unix", path })).close();
  } catch {
    await Deno.remove(path);
    return;
  }
  throw new PathError(`Cannot listen at ${path}: another daemon does`);
}

/** Says of a fault of the file system what it keeps us from. */
export function cannotListen(path: string, error: unknown): PathError {
  if (error instanceof PathError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new PathError(`Cannot listen at ${path}: ${reason}`, { cause: error });
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
