import { cannotListen, claimPath, isAt, removeIfOurs } from "../platform/claim.ts";
import { infoOf } from "../platform/exists.ts";
import { messageOf } from "../platform/message_of.ts";
import { ensurePrivateFolder, folderOf } from "../platform/paths.ts";

/** How often the socket's file is looked for, in milliseconds. */
const LOOK_MS = 1000;

/** Whether the socket is where clients look for it. */
export type SocketStatus =
  | { readonly kind: "kept" }
  /** It was gone, and is there again: clients reach this daemon as before. */
  | { readonly kind: "putBack" }
  /** It is gone and can't be put back: no client reaches this daemon. */
  | { readonly kind: "lost"; readonly fault: string };

/** A socket that this process alone listens on. */
export interface ClaimedSocket {
  /** Waits for a connection; `null` once the socket was released. */
  accept(): Promise<Deno.UnixConn | null>;
  /** Looks for the socket's file, and puts it back if nothing is there. */
  look(): Promise<SocketStatus>;
  /** Stops listening and leaves nothing of ours behind; a second call does nothing. */
  release(): void;
}

/**
 * Takes a socket for this process: 0600 in a folder of mode 0700, both ours. The leftovers of a
 * daemon that died are replaced; a live one is reported. The lock decides between daemons that
 * start at the same moment, and the kernel drops it however its holder ends.
 *
 * @throws {PathError} If a daemon listens there already, or the folder is not safe.
 */
export async function claimSocket(path: string, uid: number): Promise<ClaimedSocket> {
  const claim = claimPath(path, uid);
  let bound: BoundSocket | undefined;
  try {
    await claim.removeLeftover();
    bound = await bind(path);
  } catch (error) {
    claim.release();
    throw cannotListen(path, error);
  }
  let isReleased = false;
  let accepting: Promise<Deno.UnixConn> | undefined;

  const putBack = async () => {
    ensurePrivateFolder(folderOf(path), uid);
    claim.renew();
    // This must be finished first: when Deno closes a listener and nothing waits on it any more, it
    // removes whatever is at the path.
    bound?.listener.close();
    bound = undefined;
    await accepting?.catch(() => {});
    bound = await bind(path);
  };
  const release = () => {
    isReleased = true;
    // Not closed: Deno would remove the path a moment later, even if it belongs to another program
    // then.
    bound?.listener.unref();
    if (bound) removeIfOurs(path, bound.info);
    claim.release();
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
      try {
        if (infoOf(path)) return { kind: "lost", fault: `something else is at ${path}` };
        await putBack();
        if (isReleased) release();
        return { kind: "putBack" };
      } catch (error) {
        return { kind: "lost", fault: messageOf(error) };
      }
    },
    release,
  };
}

/**
 * Looks for the socket's file from time to time.
 *
 * @param onChange Called when it was put back, when it is lost, and when it was found again.
 * @returns Ends the watch.
 */
export function watchSocket(
  socket: ClaimedSocket,
  onChange: (status: SocketStatus) => void,
): () => void {
  let last: SocketStatus["kind"] = "kept";
  let isLooking = false;
  const timer = setInterval(async () => {
    if (isLooking) return;
    isLooking = true;
    const status = await socket.look();
    isLooking = false;
    if (status.kind === "putBack" || status.kind !== last) onChange(status);
    last = status.kind === "putBack" ? "kept" : status.kind;
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
