import { cannotListen, isAt, ownLock, removeIfOurs, removeLeftover } from "../claim.ts";
import { ensurePrivateFolder, folderOf, lockPath, PathError } from "../paths.ts";

/** How often the socket is looked for in its place, in milliseconds. */
const LOOK_MS = 1000;

/** What became of the socket's place in the file system. */
export type SocketPlace =
  | { readonly kind: "kept" }
  /** It was gone, and is there again: clients reach this daemon as before. */
  | { readonly kind: "putBack" }
  /** It is gone and can't be put back: no client reaches this daemon. */
  | { readonly kind: "lost"; readonly fault: string };

/** A socket that this process alone listens on. */
export interface ClaimedSocket {
  /** Waits for a connection; `null` once the socket was released. */
  accept(): Promise<Deno.UnixConn | null>;
  /** Looks for the socket in its place, and puts it back where nothing is. */
  look(): Promise<SocketPlace>;
  /** Stops listening and leaves nothing of ours behind; a second time it does nothing. */
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
  let lock = await ownLock(path);
  let bound: BoundSocket | undefined;
  try {
    await removeLeftover(path);
    bound = await bind(path);
  } catch (error) {
    removeIfOurs(lockPath(path), lock.statSync());
    lock.close();
    throw cannotListen(path, error);
  }
  let isReleased = false;
  let accepting: Promise<Deno.UnixConn> | undefined;

  const putBack = async () => {
    ensurePrivateFolder(folderOf(path), uid);
    if (!isAt(lockPath(path), lock.statSync())) {
      const held = await ownLock(path);
      lock.close();
      lock = held;
    }
    // First this, to its end: Deno removes whatever is at the path of a listener that it closes,
    // once nothing waits on it any more.
    bound?.listener.close();
    bound = undefined;
    await accepting?.catch(() => {});
    bound = await bind(path);
  };
  const drop = () => {
    // Not closed, since Deno would remove the path a moment later, whosever it is by then.
    bound?.listener.unref();
    if (bound) removeIfOurs(path, bound.info);
    removeIfOurs(lockPath(path), lock.statSync());
    lock.close();
  };

  return {
    async accept() {
      while (true) {
        const now = bound;
        try {
          const conn = await (accepting = now?.listener.accept());
          if (!isReleased && conn) return conn;
          conn?.close();
        } catch (error) {
          // It was put back under another listener meanwhile.
          if (now === bound) throw error;
        }
        if (isReleased) return null;
        if (!now) throw new Deno.errors.NotConnected("the socket is not in its place");
      }
    },
    async look() {
      if (isReleased || (bound && isAt(path, bound.info))) return { kind: "kept" };
      if (isThere(path)) return { kind: "lost", fault: `something else is at ${path}` };
      try {
        await putBack();
        if (isReleased) drop();
        return { kind: "putBack" };
      } catch (error) {
        return { kind: "lost", fault: error instanceof Error ? error.message : String(error) };
      }
    },
    release() {
      if (isReleased) return;
      isReleased = true;
      drop();
    },
  };
}

/**
 * Looks for the socket in its place from time to time.
 *
 * @param socket The socket.
 * @param onChange Called when it was put back, when it is lost, and when it was found again.
 * @returns Ends the watch.
 */
export function watchSocket(
  socket: Pick<ClaimedSocket, "look">,
  onChange: (place: SocketPlace) => void,
): () => void {
  let last: SocketPlace["kind"] = "kept";
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    const place = await socket.look();
    isLooking = false;
    if (place.kind === "putBack" || place.kind !== last) onChange(place);
    last = place.kind === "putBack" ? "kept" : place.kind;
  }, LOOK_MS);
  return () => clearInterval(timer);
}

interface BoundSocket {
  readonly listener: Deno.UnixListener;
  /** The file as it was made. It keeps its inode for as long as the listener is open. */
  readonly info: Deno.FileInfo;
}

async function bind(path: string): Promise<BoundSocket> {
  const listener = Deno.listen({ transport: "unix", path });
  try {
    await Deno.chmod(path, 0o600);
    return { listener, info: await Deno.lstat(path) };
  } catch (error) {
    listener.close();
    throw error;
  }
}

function isThere(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}
