import { ProtocolError } from "./errors.ts";
import type { Feature } from "./features.ts";
import { LineReader, writeLine } from "./framing.ts";
import { MAX_RESPONSE_LINE_BYTES } from "./limits.ts";
import { type RequestInput, requestLine } from "./request.ts";
import { parseAnswer, type ProgressEvent, type Response } from "./response.ts";
import { wireTime } from "./time.ts";
import { VERSION } from "./version.ts";

/** Where a daemon is. */
export interface Endpoint {
  /** The daemon's socket, an absolute path. */
  readonly socketPath: string;
  /** Called on each connection before anything is sent; what it throws ends the exchange. */
  readonly check?: () => void;
}

/** How to send a request. */
export interface SendOptions extends Endpoint {
  /** Called for each event line, in order. */
  readonly onEvent?: (event: ProgressEvent) => void;
  /** Withdraws the request, or ends its command where the daemon can do that. */
  readonly signal?: AbortSignal;
  /** Closes the connection: the daemon withdraws a request that waits, and lets a command run on. */
  readonly leave?: AbortSignal;
}

/** How long a full queue of the socket is waited for, and how often it is tried, in milliseconds. */
const QUEUE_TIMEOUT_MS = 10_000;
const QUEUE_RETRY_MS = 20;
/** How long an abort waits for the daemon to take note of it. */
const CANCEL_TIMEOUT_MS = 2000;

/** The daemon at a socket could not be reached. */
export class UnreachableError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "UnreachableError";
}

/**
 * Sends one request and waits for its response. Added fields are used only where the daemon says
 * that it knows them: an old daemon would ignore `stdin` in silence and run `tee FILE` with
 * nothing.
 *
 * @param input What is asked for. `stream` is dropped for a daemon that does not know it; every
 * other added field is an error then.
 * @param options The socket, and what to do with events and aborts.
 * @returns The daemon's response.
 * @throws {UnreachableError} If nothing listens at the socket.
 * @throws {ProtocolError} If the daemon lacks a feature, or answers outside the protocol. The
 * message may quote the daemon: escape it before it is printed.
 * @throws The reason of the signal that was aborted.
 */
export async function sendRequest(input: RequestInput, options: SendOptions): Promise<Response> {
  const { socketPath, check, onEvent, signal, leave } = options;
  const wanted = addedFeatures(input);
  const { version, features }: Pick<Pong, "version" | "features"> = wanted.length > 0
    ? await ping(socketPath, signal, check)
    : { version: "", features: [] };
  const missing = wanted.filter((feature) => feature !== "stream" && !features.includes(feature));
  if (missing.length > 0) {
    throw new ProtocolError(
      `the daemon at ${socketPath} (version ${version || "unknown"}) does not know ` +
        `${missing.map((name) => `"${name}"`).join(", ")}: update it, or leave that out`,
    );
  }
  signal?.throwIfAborted();
  const id = input.id ?? crypto.randomUUID();
  const sent = { ...input, id, ...(features.includes("stream") ? {} : { stream: undefined }) };
  const abort = new AbortController();
  const onAbort = () => void cancel(id, options).finally(() => abort.abort(signal!.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  const closing = leave === undefined ? abort.signal : AbortSignal.any([abort.signal, leave]);
  try {
    return await exchange(sent, options, onEvent, closing);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    signal?.throwIfAborted();
  }
}

/**
 * Closing a connection withdraws a request that waits, and leaves a running command alone: that
 * takes a `cancel`.
 */
async function cancel(target: string, endpoint: Endpoint): Promise<void> {
  const patience = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  try {
    const { features } = await ping(endpoint.socketPath, patience, endpoint.check);
    if (!features.includes("cancel")) return;
    await exchange({ action: "cancel", target }, endpoint, undefined, patience);
  } catch {
    // The daemon is gone, or does not answer: closing the connection is all that is left.
  }
}

/** What a daemon says of itself. */
export interface Pong {
  /** The daemon's version, or `""` where it says none. */
  readonly version: string;
  /** What it understands beyond sudo-proxy 1.1. */
  readonly features: readonly string[];
  /** How many requests wait for the person; `undefined` where it does not say. */
  readonly waiting: number | undefined;
}

/**
 * Asks whether a daemon listens.
 *
 * @param socketPath The daemon's socket.
 * @param signal Ends the wait.
 * @param check Called before anything is sent, as in {@linkcode Endpoint}.
 * @returns Its version and features, and how many requests wait there.
 * @throws {UnreachableError} If nothing listens at the socket.
 * @throws {ProtocolError} If what listens there answers something else. The message may quote it:
 * escape it before it is printed.
 */
export async function ping(
  socketPath: string,
  signal?: AbortSignal,
  check?: () => void,
): Promise<Pong> {
  const endpoint = { socketPath, check };
  const response = await exchange({ action: "ping" }, endpoint, undefined, signal);
  if (response.status !== "ok") {
    throw new ProtocolError(response.message ?? `the daemon answered "${response.status}"`);
  }
  const { version = "", features = [], waiting } = response;
  return { version, features, waiting };
}

/**
 * The added features that a request uses. `cancel` counts as wanted wherever it would help to have
 * it.
 */
function addedFeatures(input: RequestInput): Feature[] {
  const wanted: Feature[] = [];
  if (input.stream === true) wanted.push("stream");
  if (input.cwd !== undefined) wanted.push("cwd");
  if (input.stdin !== undefined) wanted.push("stdin");
  if (input.timeoutMs !== undefined) wanted.push("timeout");
  if (input.action === "cancel") wanted.push("cancel");
  return wanted;
}

/** One connection: a request, its events, its response. */
async function exchange(
  input: RequestInput,
  { socketPath, check }: Endpoint,
  onEvent?: (event: ProgressEvent) => void,
  signal?: AbortSignal,
): Promise<Response> {
  const conn = await connect(socketPath);
  const close = () => {
    try {
      conn.close();
    } catch {
      // Closed already: by the abort, or by the end of this exchange.
    }
  };
  signal?.addEventListener("abort", close, { once: true });
  try {
    signal?.throwIfAborted();
    check?.();
    const stamp = {
      id: input.id ?? crypto.randomUUID(),
      time: wireTime(),
      version: VERSION,
    };
    try {
      await writeLine(conn, requestLine(input, stamp));
    } catch (error) {
      // A daemon that is busy answers before it reads: its answer is worth more than our broken
      // pipe.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
    const reader = new LineReader(conn, MAX_RESPONSE_LINE_BYTES);
    while (true) {
      const line = await reader.next();
      if (line === null) {
        throw new ProtocolError(
          `the daemon at ${socketPath} closed the connection without an answer`,
        );
      }
      const answer = parseAnswer(line);
      if (answer === undefined) continue;
      requireId(answer, stamp.id);
      if ("response" in answer) return answer.response;
      onEvent?.(answer.event);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Deno.errors.ConnectionReset) {
      throw new ProtocolError(`the daemon at ${socketPath} went away before it answered`);
    }
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
}

/** A request that could not be read has no id to answer with: only an error may lack it. */
function requireId(answer: Exclude<ReturnType<typeof parseAnswer>, undefined>, id: string): void {
  const { id: answered } = "response" in answer ? answer.response : answer.event;
  if (answered === id) return;
  if (answered === "" && "response" in answer && answer.response.status === "error") return;
  throw new ProtocolError('invalid answer: "id" must be the id of the request');
}

/**
 * Connects; where the queue of the socket is full, as in a flood, it waits until there is room
 * (connect(2) on `EAGAIN`).
 */
async function connect(socketPath: string): Promise<Deno.UnixConn> {
  const deadline = performance.now() + QUEUE_TIMEOUT_MS;
  while (true) {
    try {
      return await Deno.connect({ transport: "unix", path: socketPath });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      if (error instanceof Deno.errors.WouldBlock && performance.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, QUEUE_RETRY_MS));
        continue;
      }
      throw new UnreachableError(
        `no daemon answers at ${socketPath}: ${error instanceof Error ? error.message : error}`,
        { cause: error },
      );
    }
  }
}
