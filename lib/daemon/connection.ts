/**
 * The connections: on each one request in, events and one response out. Whatever the other side
 * sends or fails to send, it occupies one connection for a bounded time, and nothing reaches the
 * person before all checks.
 *
 * @module
 */
import type { ValidatedRequest } from "../admit/request.ts";
import { pause, within } from "../platform/deadline.ts";
import { messageOf } from "../platform/message_of.ts";
import { BusyError, ProtocolError } from "../protocol/errors.ts";
import { FEATURES } from "../protocol/features.ts";
import { invalidLine, LineReader, skipLine, writeLine } from "../protocol/framing.ts";
import {
  HANDSHAKE_TIMEOUT_MS,
  LONG_LINE_BYTES,
  MAX_IN_FLIGHT,
  MAX_LONG_IN_FLIGHT,
  MAX_REQUEST_LINE_BYTES,
} from "../protocol/limits.ts";
import { parseRequest } from "../protocol/request.ts";
import type { ProgressEvent, Response } from "../protocol/response.ts";
import { VERSION } from "../protocol/version.ts";
import type { Daemon } from "./daemon.ts";
import type { Client } from "./ports.ts";
import type { ClaimedSocket } from "./socket.ts";

/** How long a client may leave a line of ours unread, in milliseconds. */
const WRITE_TIMEOUT_MS = 30_000;
/** After a line was refused for its length, how long its rest may take, in milliseconds. */
const REFUSED_LINE_MS = 1000;
/** How many connections beyond the limit may send their line before they are refused. */
const MAX_REFUSED = 64;
/** How long to wait after the machine ran out of descriptors before the next try. */
const RETRY_MS = 100;
/** How long the buffers of a flood are kept after it, in milliseconds. */
const KEEP_MS = 1000;

/** A buffer for input that every connection ignores. */
const THROWN_AWAY = new Uint8Array(512);

/**
 * Accepts connections until the socket is released, at most {@linkcode MAX_IN_FLIGHT} at once; one
 * more gets an error and is closed.
 */
export async function acceptConnections(socket: ClaimedSocket, daemon: Daemon): Promise<void> {
  let inFlight = 0;
  let refused = 0;
  const longLines = new LongLines();
  while (true) {
    let conn: Deno.UnixConn | null;
    try {
      conn = await socket.accept();
    } catch {
      await pause(RETRY_MS);
      continue;
    }
    if (conn === null) return;
    const connection = new Connection(conn);
    if (inFlight < MAX_IN_FLIGHT) {
      inFlight++;
      connection.serve(daemon, longLines).finally(() => inFlight--);
    } else {
      refused++;
      const error = busy(`${MAX_IN_FLIGHT} requests`);
      connection.refuse(error, refused <= MAX_REFUSED).finally(() => refused--);
    }
  }
}

/** A connection, with the client at its other end. */
class Connection implements Client {
  readonly #conn: Deno.UnixConn;
  readonly #closed = Promise.withResolvers<void>();
  /** Resolves once everything was written, or lost. */
  #written: Promise<void> = Promise.resolve();

  /** Takes an open connection; each way to use it closes it at the end. */
  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /**
   * Serves the connection to its end; never rejects.
   *
   * @param longLines What bounds the memory of all connections together.
   */
  async serve(daemon: Daemon, longLines: LongLines): Promise<void> {
    let buffer: Uint8Array<ArrayBuffer> | undefined;
    const takeBuffer = () => buffer = longLines.take();
    const reading = new LineReader(this.#conn, MAX_REQUEST_LINE_BYTES, takeBuffer).next();
    try {
      const line = await receive(reading);
      const isLong = buffer !== undefined;
      if (isLong) await longLines.turn();
      const request = daemon.check(parseRequest(line));
      const { id } = request;
      switch (request.action) {
        case "ping": {
          const { waiting } = daemon;
          const message = "pong";
          return await this.reply({ id, status: "ok", message, features: FEATURES, waiting });
        }
        case "stop":
          await this.reply({ id, status: "ok", message: "stopping" });
          return daemon.dispatch({ kind: "stop", by: "request" });
        case "cancel":
          daemon.cancel(request.target ?? "", id, this);
          return await this.#closed.promise;
        case "exec":
          return await this.#execute(request, daemon, isLong ? longLines : undefined);
      }
    } catch (error) {
      const fault = error instanceof ProtocolError ? error : new ProtocolError(messageOf(error));
      daemon.rejected(fault.id, fault.message);
      await this.refuse(fault, fault instanceof BusyError);
    } finally {
      // After the timeout, the connection closes while the reader still reads; it ends by itself
      // later.
      void reading.catch(() => {}).then(() => buffer && longLines.giveBack(buffer));
    }
  }

  /**
   * Answers with a fault.
   *
   * @param skips Whether the rest of a line is read first: a client that writes all of it before it
   * reads would find a closed connection, not the answer.
   */
  async refuse({ id, message, code }: ProtocolError, skips: boolean): Promise<void> {
    if (skips) await skipLine(this.#conn, REFUSED_LINE_MS);
    await this.reply({ id, status: "error", message, code });
  }

  async #execute(
    request: ValidatedRequest,
    daemon: Daemon,
    longLines: LongLines | undefined,
  ): Promise<void> {
    let isGone = false;
    const gone = this.#endOfInput().then(() => isGone = true);
    const resolved = await daemon.resolve(request);
    await longLines?.turn();
    // A client that left while programs were looked up has withdrawn its request.
    if (isGone) return this.#close();
    daemon.submit(resolved, this);
    await Promise.race([this.#closed.promise, gone]);
    daemon.clientGone(request.id, this);
    await this.#written;
    this.#close();
  }

  tell(event: ProgressEvent): void {
    this.#write(event);
  }

  async reply(response: Response): Promise<void> {
    this.#write({ ...response, version: VERSION });
    await this.#written;
    this.#close();
  }

  /**
   * Lines keep their order; one that is not read in time ends the connection, so that no client can
   * keep its slot for ever.
   */
  #write(value: ProgressEvent | Response): void {
    this.#written = this.#written.then(async () => {
      const timer = setTimeout(() => this.#close(), WRITE_TIMEOUT_MS);
      // If the connection has ended, there is nobody to tell.
      await writeLine(this.#conn, value).catch(() => this.#close());
      clearTimeout(timer);
    });
  }

  /** Closes the connection; a second call does nothing. */
  #close(): void {
    this.#conn[Symbol.dispose]();
    this.#closed.resolve();
  }

  /**
   * Resolves when the other side has gone, or we have closed. There is one request per connection:
   * anything else is dropped.
   */
  async #endOfInput(): Promise<void> {
    try {
      while (await this.#conn.read(THROWN_AWAY) !== null);
    } catch {
      // A connection that breaks has ended.
    }
  }
}

/** Waits for the line of a request, within the time for a handshake. */
async function receive(reading: Promise<string | null>): Promise<string> {
  const line = await within(HANDSHAKE_TIMEOUT_MS, reading);
  if (line === undefined) {
    throw invalidLine(`it must be complete within ${HANDSHAKE_TIMEOUT_MS / 1000} s`);
  }
  if (line === null) throw invalidLine("the connection ended without one");
  return line;
}

/**
 * The buffers for requests whose lines are long, at most {@linkcode MAX_LONG_IN_FLIGHT} at once:
 * they bound what all connections together can keep in memory. They are reused, since a flood would
 * fill the memory faster than the collector frees it.
 */
class LongLines {
  #taken = 0;
  #free: Uint8Array<ArrayBuffer>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turns: Promise<void> = Promise.resolve();

  /**
   * Resolves when a long request may be worked on; keys and the clock get a turn between two of
   * them.
   */
  turn(): Promise<void> {
    return this.#turns = this.#turns.then(() => pause(0));
  }

  /**
   * Takes a buffer.
   *
   * @throws {BusyError} If none is left.
   */
  take(): Uint8Array<ArrayBuffer> {
    if (this.#taken >= MAX_LONG_IN_FLIGHT) {
      const size = `${LONG_LINE_BYTES / 1024} KiB`;
      throw busy(`${MAX_LONG_IN_FLIGHT} requests of more than ${size}`);
    }
    this.#taken++;
    clearTimeout(this.#timer);
    return this.#free.pop() ?? new Uint8Array(MAX_REQUEST_LINE_BYTES);
  }

  /** Gives a buffer to the next one; nothing may write to it any more. */
  giveBack(buffer: Uint8Array<ArrayBuffer>): void {
    this.#taken--;
    this.#free.push(buffer);
    if (this.#taken === 0) this.#timer = setTimeout(() => this.#free = [], KEEP_MS);
  }
}

function busy(what: string): BusyError {
  return new BusyError(`server busy: ${what} are in flight; try again later`);
}
