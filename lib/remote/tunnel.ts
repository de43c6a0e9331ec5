import { ProtocolError } from "../protocol/errors.ts";
import { ping, type Pong, UnreachableError } from "../protocol/client.ts";
import { type Failure, failureIn } from "./diagnosis.ts";
import type { SshEnd, StartSsh } from "./process.ts";

/** How long the daemon there may take to answer once ssh has logged in, in milliseconds. */
export const UP_TIMEOUT_MS = 20_000;
/** The same where what is known of the host may be old. */
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
  /** Why it did not work, or broke; nothing where the remote program ended by itself. */
  readonly failure?: Failure | "no answer";
}

/** What happens while a tunnel is open. */
export interface TunnelEvents {
  /** ssh wrote a line before the remote program had the terminal. */
  readonly onLine: (line: string) => void;
  /** A daemon answered through the tunnel; `fault` is what it has against our requests. */
  readonly onUp: (pong: Pong, fault?: string) => void;
  /** ssh has logged in, and has made a local end. */
  readonly onOpen: (local: string, socket: Deno.FileInfo) => void;
  /** The process is there, and can be ended. */
  readonly onProcess: (end: () => void) => void;
}

/**
 * Opens the connection with the terminal and the tunnel, and waits for its end. ssh has the
 * terminal itself: nothing here reads it, and nothing is written on it once ssh has logged in.
 *
 * @param start Starts ssh.
 * @param args The arguments of ssh.
 * @param locals The local ends of the tunnel, one at least.
 * @param events What to call meanwhile.
 * @param patienceMs How long the daemon there may take to answer, in milliseconds.
 * @returns How it ended.
 */
export async function openTunnel(
  start: StartSsh,
  args: readonly string[],
  locals: readonly string[],
  { onLine, onOpen, onUp, onProcess }: TunnelEvents,
  patienceMs: number = UP_TIMEOUT_MS,
): Promise<TunnelEnd> {
  let wasOpen = false;
  let wasUp = false;
  let isSilent = false;
  const ssh = start(args, "inherit", (line) => {
    if (!wasOpen) onLine(line);
  });
  onProcess(ssh.end);
  const over = new AbortController();
  const watching = (async () => {
    const appeared = await Promise.all(locals.map(async (local) => {
      const socket = await appears(local, over.signal);
      if (socket !== undefined) onOpen(local, socket);
      return socket !== undefined;
    }));
    if (appeared.includes(false)) return;
    wasOpen = true;
    // The last StreamLocalBindMask that ssh reads counts, so the configuration's own: not ours.
    for (const local of locals) await Deno.chmod(local, 0o600).catch(() => {});
    const answered = await answer(locals[0], ssh.words, over.signal, patienceMs);
    if (over.signal.aborted) return;
    wasUp = answered !== undefined;
    if (answered) return onUp(answered.pong, answered.fault);
    isSilent = true;
    ssh.end();
  })();
  const end = await ssh.ended;
  over.abort();
  await watching;
  const failure = failureOf(end, isSilent);
  return { ...end, wasUp, wasOpen, ...(failure === undefined ? {} : { failure }) };
}

function failureOf(end: SshEnd, isSilent: boolean): TunnelEnd["failure"] {
  if (isSilent) {
    return failureIn(end.words) === "forwarding refused" ? "forwarding refused" : "no answer";
  }
  if (end.signal !== null) return "lost";
  return end.code === 255 ? failureIn(end.words) : undefined;
}

/** ssh makes the local end when it has logged in, which may take as long as a person types. */
async function appears(local: string, signal: AbortSignal): Promise<Deno.FileInfo | undefined> {
  while (!signal.aborted) {
    try {
      const info = await Deno.lstat(local);
      if (info.isSocket) return info;
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
    await pause(POLL_MS);
  }
  return undefined;
}

/** The daemon there takes a moment to start: until then, the tunnel closes every connection. */
async function answer(
  local: string,
  words: () => string,
  signal: AbortSignal,
  patienceMs: number,
): Promise<{ readonly pong: Pong; readonly fault?: string } | undefined> {
  const deadline = performance.now() + patienceMs;
  for (let wait = POLL_MS; performance.now() < deadline && !signal.aborted; wait *= 1.5) {
    try {
      const patience = AbortSignal.any([signal, AbortSignal.timeout(PING_TIMEOUT_MS)]);
      return { pong: await ping(local, patience) };
    } catch (error) {
      // Whoever refuses a question (our clock may be wrong, all places taken) is there.
      if (
        error instanceof ProtocolError && !/closed the connection|went away/.test(error.message)
      ) {
        return { pong: { version: "", features: [], waiting: undefined }, fault: error.message };
      }
      if (error instanceof UnreachableError && signal.aborted) return undefined;
      if (failureIn(words()) === "forwarding refused") return undefined;
    }
    await pause(Math.min(wait, 1000));
  }
  return undefined;
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
