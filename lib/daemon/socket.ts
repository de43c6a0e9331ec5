import { ensurePrivateFolder, folderOf, lockPath, PathError } from "../paths.ts";

/** A socket that this process alone listens on. */
export interface ClaimedSocket {
  /** Where connections come from. */
  readonly listener: Deno.UnixListener;
  /** Stops listening and leaves nothing behind; a second time it does nothing. */
  release(): void;
}

/**
 * Takes a socket for this process: 0600 in a folder of mode 0700, both ours. The leftovers of a
 * daemon that died are replaced; a live one is reported. The lock decides between daemons that
 * start at the same moment, and the kernel drops it whatever ends its holder.
 *
 * @param path Where to listen, an absolute path.
 * @param uid The user that runs this process.
 * @returns The socket.
 * @throws {PathError} If a daemon listens there already, or the place is not safe.
 */
export async function claimSocket(path: string, uid: number): Promise<ClaimedSocket> {
  if (!path.startsWith("/")) {
    throw new PathError(`Cannot listen at "${path}": the socket must be an absolute path`);
  }
  ensurePrivateFolder(folderOf(path), uid);
  const lock = await takeLock(lockPath(path));
  if (!lock) throw new PathError(`Cannot listen at ${path}: another sudo-proxy does`);
  try {
    await removeLeftover(path);
    const listener = Deno.listen({ transport: "unix", path });
    await Deno.chmod(path, 0o600);
    let isReleased = false;
    return {
      listener,
      release() {
        if (isReleased) return;
        isReleased = true;
        listener.close();
        removeIfThere(path);
        removeIfThere(lockPath(path));
        lock.close();
      },
    };
  } catch (error) {
    removeIfThere(lockPath(path));
    lock.close();
    throw error;
  }
}

async function takeLock(path: string): Promise<Deno.FsFile | undefined> {
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

async function removeLeftover(path: string): Promise<void> {
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

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Somebody removed it before us.
  }
}
