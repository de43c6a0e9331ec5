import { pause } from "../platform/deadline.ts";
import { AnswerReader } from "./answer_reader.ts";
import { ConnectionLostError, ProtocolError } from "./errors.ts";
import { type Feature, FEATURES } from "./features.ts";
import { writeLine } from "./framing.ts";
import { codeFromProse } from "./prose.ts";
import { type RequestInput, requestLine } from "./request.ts";
import type { Answer, ProgressEvent, Response } from "./response.ts";
import { wireTime } from "./time.ts";
import { VERSION } from "./version.ts";

/** Where a daemon is. */
export interface Endpoint {
  /** The daemon's socket, an absolute path. */
  readonly socketPath: string;
  /** Called on each connection before anything is sent; what it throws ends the exchange. */
  readonly check?: (() => void) | undefined;
}

/** How to send a request. */
export interface SendOptions extends Endpoint {
  /** Called for each event line, in order. */
  readonly onEvent?: (event: ProgressEvent) => void;
  /** Withdraws the request, or ends its command if the daemon can do that. */
  readonly signal?: AbortSignal;
  /** Closes the connection: the daemon withdraws a request that waits, and lets a command run on. */
  readonly leave?: AbortSignal;
}

/** How long to wait for room in the queue of a socket, and how often to try, in milliseconds. */
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
 * Sends one request and waits for its response. Added fields are used only if the daemon says that
 * it knows them: an old daemon would ignore `stdin` in silence and run `tee FILE` with nothing.
 *
 * @param input What is asked for. `stream` is dropped for a daemon that does not know it.
 * @param options The socket, and what to do with events and aborts.
 * @returns The daemon's response.
 * @throws {UnreachableError} If nothing listens at the socket.
 * @throws {ConnectionLostError} If the connection ends before the response.
 * @throws {ProtocolError} If the daemon lacks a feature, with the code `unsupported`; or answers
 * outside the protocol. The message may quote the daemon: escape it before it is printed.
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
    const names = missing.map((name) => `"${name}"`).join(", ");
    const daemon = `the daemon at ${socketPath} (version ${version || "unknown"})`;
    throw new ProtocolError(
      `${daemon} does not know ${names}: update it, or leave that out`,
      "",
      "unsupported",
    );
  }
  signal?.throwIfAborted();
  const id = input.id ?? crypto.randomUUID();
  const sent = { ...input, id, stream: features.includes("stream") ? input.stream : undefined };
  const abort = new AbortController();
  const onAbort = () => void cancel(id, options).finally(() => abort.abort(signal?.reason));
  signal?.addEventListener("abort", onAbort, { once: true });
  const closing = leave === undefined ? abort.signal : AbortSignal.any([abort.signal, leave]);
  try {
    return await exchange(sent, options, closing, onEvent);
  } finally {
    signal?.removeEventListener("abort", onAbort);
    signal?.throwIfAborted();
  }
}

/** Closing the connection would withdraw a request that waits, and leave a command running. */
async function cancel(target: string, endpoint: Endpoint): Promise<void> {
  const patience = AbortSignal.timeout(CANCEL_TIMEOUT_MS);
  try {
    const { features } = await ping(endpoint.socketPath, patience, endpoint.check);
    if (!features.includes("cancel")) return;
    await exchange({ action: "cancel", target }, endpoint, patience);
  } catch {
    // The daemon is gone, or does not answer: closing the connection is all that is left.
  }
}

/** What a daemon says of itself. */
export interface Pong {
  /** The daemon's version, or `""` if it says none. */
  readonly version: string;
  /** What it understands beyond sudo-proxy 1.1. */
  readonly features: readonly string[];
  /** How many requests wait for the person; `undefined` if it does not say. */
  readonly waiting: number | undefined;
}

/**
 * Asks whether a daemon listens. The arguments are those of {@linkcode SendOptions}.
 *
 * @throws {UnreachableError} If nothing listens at the socket.
 * @throws {ProtocolError} If what listens there answers something else; with the code of a daemon
 * that refuses. The message may quote it: escape it before it is printed.
 */
export async function ping(
  socketPath: string,
  signal?: AbortSignal,
  check?: () => void,
): Promise<Pong> {
  const { status, message, code, version = "", features = [], waiting } = await exchange(
    { action: "ping" },
    { socketPath, check },
    signal,
  );
  if (status === "ok") return { version, features, waiting };
  throw new ProtocolError(message ?? `the daemon answered "${status}"`, "", code);
}

/** The added features that a request uses. */
function addedFeatures(input: RequestInput): Feature[] {
  const wanted: Readonly<Record<Feature, boolean>> = {
    stream: input.stream === true,
    cwd: input.cwd !== undefined,
    stdin: input.stdin !== undefined,
    timeout: input.timeoutMs !== undefined,
    cancel: input.action === "cancel",
  };
  return FEATURES.filter((feature) => wanted[feature]);
}

/** One connection: a request, its events, its response. */
async function exchange(
  input: RequestInput,
  { socketPath, check }: Endpoint,
  signal?: AbortSignal,
  onEvent?: (event: ProgressEvent) => void,
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
    const id = input.id ?? crypto.randomUUID();
    try {
      await writeLine(conn, requestLine(input, { id, time: wireTime(), version: VERSION }));
    } catch (error) {
      // A daemon that is busy answers before it reads: its answer is worth more than our broken
      // pipe.
      if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
    }
    const reader = new AnswerReader(conn);
    while (true) {
      const answer = await reader.next();
      if (answer === null) {
        throw new ConnectionLostError(
          `the daemon at ${socketPath} closed the connection without an answer`,
        );
      }
      if (answer === undefined) continue;
      requireId(answer, id);
      if ("response" in answer) return withCode(answer.response);
      onEvent?.(answer.event);
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof Deno.errors.ConnectionReset) {
      throw new ConnectionLostError(`the daemon at ${socketPath} went away before it answered`);
    }
    throw error;
  } finally {
    signal?.removeEventListener("abort", close);
    close();
  }
}

/** The code of a daemon that sends none is taken from its message. */
function withCode(response: Response): Response {
  const { status, code, message = "" } = response;
  return status === "error" ? { ...response, code: code ?? codeFromProse(message) } : response;
}

/** A request that could not be read has no id to answer with: only an error may lack it. */
function requireId(answer: Answer, id: string): void {
  const { id: answered } = "response" in answer ? answer.response : answer.event;
  const isUnread = answered === "" && "response" in answer && answer.response.status === "error";
  if (answered === id || isUnread) return;
  throw new ProtocolError('invalid answer: "id" must be the id of the request');
}

/** Connects; waits for room if the queue of the socket is full, as in a flood (connect(2), `EAGAIN`). */
async function connect(socketPath: string): Promise<Deno.UnixConn> {
  const deadline = performance.now() + QUEUE_TIMEOUT_MS;
  while (true) {
    try {
      return await Deno.connect({ transport: "unix", path: socketPath });
    } catch (error) {
      if (error instanceof Deno.errors.NotCapable) throw error;
      if (!(error instanceof Deno.errors.WouldBlock) || performance.now() >= deadline) {
        const reason = error instanceof Error ? error.message : error;
        throw new UnreachableError(`no daemon answers at ${socketPath}: ${reason}`, {
          cause: error,
        });
      }
      await pause(QUEUE_RETRY_MS);
    }
  }
}
