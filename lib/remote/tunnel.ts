import { pause } from "../platform/deadline.ts";
import { infoOf } from "../platform/exists.ts";
import { ping, type Pong } from "../protocol/client.ts";
import { ConnectionLostError, ProtocolError } from "../protocol/errors.ts";
import { type Failure, failureIn } from "./diagnosis.ts";
import type { SshEnd, StartSsh } from "./process.ts";

/** How long the daemon there may take to answer once ssh has logged in, in milliseconds. */
export const UP_TIMEOUT_MS = 20_000;
/** The same if the known facts of the host may be old. */
export const DOUBT_TIMEOUT_MS = 8000;
/** How long one question may take to come back, in milliseconds. */
const PING_TIMEOUT_MS = 3000;
const POLL_MS = 100;

/** How a tunnel ended. */
export interface TunnelEnd extends SshEnd {
  /** Whether a daemon answered through it. */
  readonly wasUp: boolean;
  /** Whether ssh had logged in there. */
  readonly wasOpen: boolean;
  /** Why it did not work, or broke; nothing if the remote program ended by itself. */
  readonly failure: Failure | "no answer" | undefined;
}

/**
 * Opens the connection with the terminal and the tunnel, and waits for its end. ssh has the
 * terminal itself: nothing here reads it, and nothing is written on it once ssh has logged in.
 *
 * @param locals The local ends of the tunnel, one at least.
 * @param patienceMs How long the daemon there may take to answer, in milliseconds.
 */
export async function openTunnel(
  start: StartSsh,
  args: readonly string[],
  locals: readonly string[],
  patienceMs: number,
  { onLine, onOpen, onUp }: {
    /** ssh wrote a line before the remote program had the terminal. */
    readonly onLine: (line: string) => void;
    /** ssh has logged in, and has made a local end. */
    readonly onOpen: (local: string, socket: Deno.FileInfo) => void;
    /** A daemon answered through the tunnel; `fault` says why it would refuse our requests. */
    readonly onUp: (pong: Pong, fault?: string) => void;
  },
): Promise<TunnelEnd> {
  let [wasOpen, wasUp, isSilent] = [false, false, false];
  const ssh = start(args, "inherit", (line) => {
    if (!wasOpen) onLine(line);
  });
  const over = new AbortController();
  const watching = (async () => {
    const appeared = await Promise.all(locals.map(async (local) => {
      const socket = await appears(local, over.signal);
      if (socket !== undefined) onOpen(local, socket);
      return socket !== undefined;
    }));
    const [first] = locals;
    if (first === undefined || appeared.includes(false)) return;
    wasOpen = true;
    // ssh uses the last StreamLocalBindMask that it reads: the configuration's, not ours.
    for (const local of locals) await Deno.chmod(local, 0o600).catch(() => {});
    const answered = await answer(first, ssh.stderr, over.signal, patienceMs);
    if (over.signal.aborted) return;
    wasUp = answered !== undefined;
    if (answered) return onUp(answered.pong, answered.fault);
    isSilent = true;
    ssh.end();
  })();
  const end = await ssh.ended;
  over.abort();
  await watching;
  return { ...end, wasUp, wasOpen, failure: failureOf(end, isSilent) };
}

function failureOf(end: SshEnd, isSilent: boolean): TunnelEnd["failure"] {
  const failure = failureIn(end.stderr);
  if (isSilent) return failure === "forwarding refused" ? failure : "no answer";
  if (end.signal !== null) return "lost";
  return end.code === 255 ? failure : undefined;
}

/** ssh makes the local end when it has logged in, which may take as long as a person types. */
async function appears(local: string, signal: AbortSignal): Promise<Deno.FileInfo | undefined> {
  while (!signal.aborted) {
    const info = infoOf(local);
    if (info?.isSocket) return info;
    await pause(POLL_MS);
  }
  return undefined;
}

/** The daemon there takes a moment to start: until then, the tunnel closes every connection. */
async function answer(
  local: string,
  stderr: () => string,
  signal: AbortSignal,
  patienceMs: number,
): Promise<{ readonly pong: Pong; readonly fault?: string } | undefined> {
  const deadline = performance.now() + patienceMs;
  for (let wait = POLL_MS; performance.now() < deadline && !signal.aborted; wait *= 1.5) {
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PING_TIMEOUT_MS)]);
      return { pong: await ping(local, patience) };
    } catch (error) {
      // A daemon that refuses a question is there (our clock may be wrong, or it is busy).
      if (error instanceof ProtocolError && !(error instanceof ConnectionLostError)) {
        return { pong: { version: "", features: [], waiting: undefined }, fault: error.message };
      }
      if (signal.aborted || failureIn(stderr()) === "forwarding refused") return undefined;
    }
    await pause(Math.min(wait, 1000));
  }
  return undefined;
}
