/**
 * One connection: one request in, events and one response out. Whatever the other side sends, or
 * does not send, it costs one place among those in flight for a bounded time, and nothing reaches
 * the person before every check.
 *
 * @module
 */
import type { ReplayMemory } from "../gate/replay.ts";
import type { ResolvedRequest, ValidatedRequest } from "../gate/request.ts";
import { validateRequest } from "../gate/validate.ts";
import { BusyError, ProtocolError } from "../protocol/errors.ts";
import { FEATURES } from "../protocol/features.ts";
import { LineReader, skipLine, writeLine } from "../protocol/framing.ts";
import { HANDSHAKE_TIMEOUT_MS, MAX_REQUEST_LINE_BYTES } from "../protocol/limits.ts";
import { parseRequest } from "../protocol/request.ts";
import type { ProgressEvent, Response } from "../protocol/response.ts";
import { VERSION } from "../protocol/version.ts";
import type { LongLine, LongLines } from "./long_lines.ts";

/** How long a client may leave a line of ours unread. */
const WRITE_TIMEOUT_MS = 30_000;

/** How long the rest of a line may take that is refused for its length, in milliseconds. */
export const REFUSED_LINE_MS = 1000;

/** Where all connections read to what nobody looks at. */
const THROWN_AWAY = new Uint8Array(512);

/** The side of a client that the daemon speaks to. */
export interface Client {
  /** Sends an event line. */
  tell(event: ProgressEvent): void;
  /** Sends the response and closes the connection; resolves when it is on its way, or lost. */
  reply(response: Response): Promise<void>;
}

/** What a connection may ask of the daemon. */
export interface Door {
  /** The ids that were accepted before. */
  readonly memory: ReplayMemory;
  /** How many requests wait for the person. */
  readonly waiting: number;
  /** Finds the programs of a request. */
  resolve(
    request: ValidatedRequest,
  ): Promise<{ readonly request: ResolvedRequest } | { readonly fault: string }>;
  /** Puts a request in line; false where its id is another's, which its client was told. */
  submit(request: ResolvedRequest, client: Client): boolean;
  /** Ends a waiting or running request. */
  cancel(target: string, replyTo: string, client: Client): void;
  /** Ends the daemon. */
  stop(): void;
  /** Takes a request back whose client is gone. */
  clientGone(id: string): void;
  /** Hears of every request that was refused before anybody was asked. */
  rejected(id: string, fault: string): void;
}

/**
 * Serves a connection to its end; never rejects.
 *
 * @param conn The connection; closed at the end.
 * @param door The daemon.
 * @param longLines The places for long lines, which all connections share.
 */
export async function serveConnection(
  conn: Deno.UnixConn,
  door: Door,
  longLines: LongLines,
): Promise<void> {
  const client = new ConnectedClient(conn);
  let long: LongLine | undefined;
  const reading = new LineReader(conn, MAX_REQUEST_LINE_BYTES, () => {
    long = longLines.enter();
    return long.buffer;
  }).next();
  try {
    const request = await receive(reading, door);
    switch (request.action) {
      case "ping":
        return await client.reply({
          id: request.id,
          status: "ok",
          message: "pong",
          features: FEATURES,
          waiting: door.waiting,
        });
      case "stop":
        await client.reply({ id: request.id, status: "ok", message: "stopping" });
        return door.stop();
      case "cancel":
        door.cancel(request.target!, request.id, client);
        return await client.closed;
      case "exec":
        return await execute(request, conn, client, door);
    }
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const id = error instanceof ProtocolError ? error.id : "";
    door.rejected(id, message);
    if (error instanceof BusyError) await skipLine(conn, REFUSED_LINE_MS);
    await client.reply({ id, status: "error", message });
  } finally {
    // After the time is up the connection closes under the reader, which ends in its own time.
    void reading.catch(() => {}).then(() => long?.leave());
  }
}

/** Turns bytes into a request for which every rule holds, within the time for a handshake. */
async function receive(reading: Promise<string | null>, door: Door): Promise<ValidatedRequest> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooSlow = new Promise<never>((_, reject) => {
    const message = `invalid line: it must be complete within ${HANDSHAKE_TIMEOUT_MS / 1000} s`;
    timer = setTimeout(() => reject(new ProtocolError(message)), HANDSHAKE_TIMEOUT_MS);
  });
  let line: string | null;
  try {
    line = await Promise.race([reading, tooSlow]);
  } finally {
    clearTimeout(timer);
  }
  if (line === null) throw new ProtocolError("invalid line: the connection ended without one");
  const request = parseRequest(line);
  const arrival = { wallNow: Date.now(), now: performance.now() };
  const checked = validateRequest(request, arrival, door.memory);
  if ("fault" in checked) throw new ProtocolError(checked.fault, request.id);
  return checked.request;
}

async function execute(
  request: ValidatedRequest,
  conn: Deno.UnixConn,
  client: ConnectedClient,
  door: Door,
): Promise<void> {
  let gone = false;
  let isInLine = false;
  const watching = endOfInput(conn).then(() => {
    gone = true;
    if (isInLine) door.clientGone(request.id);
  });
  const found = await door.resolve(request);
  if ("fault" in found) throw new ProtocolError(found.fault, request.id);
  // Who left while programs were looked up has withdrawn the request.
  if (gone) return client.close();
  isInLine = door.submit(found.request, client);
  await Promise.race([client.closed, watching.then(() => client.finished)]);
  client.close();
}

/**
 * Resolves when the other side has gone, or we have closed. One request a connection: what else it
 * sends is thrown away.
 */
async function endOfInput(conn: Deno.UnixConn): Promise<void> {
  try {
    while (await conn.read(THROWN_AWAY) !== null);
  } catch {
    // A connection that breaks has ended.
  }
}

class ConnectedClient implements Client {
  readonly #conn: Deno.UnixConn;
  readonly #closed = Promise.withResolvers<void>();
  #writes: Promise<void> = Promise.resolve();
  #isClosed = false;

  constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
  }

  /** Resolves once the connection is closed on our side. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** Resolves once all that was to be written is written, or lost. */
  get finished(): Promise<void> {
    return this.#writes;
  }

  tell(event: ProgressEvent): void {
    this.#write(event);
  }

  async reply(response: Response): Promise<void> {
    this.#write({ ...response, version: VERSION });
    await this.#writes;
    this.close();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    try {
      this.#conn.close();
    } catch {
      // It broke before.
    }
    this.#closed.resolve();
  }

  /**
   * Lines keep their order; one that is not read in time ends the connection, so that no client can
   * hold its place for ever.
   */
  #write(value: ProgressEvent | Response): void {
    this.#writes = this.#writes.then(async () => {
      if (this.#isClosed) return;
      const timer = setTimeout(() => this.close(), WRITE_TIMEOUT_MS);
      try {
        await writeLine(this.#conn, value);
      } catch {
        this.close();
      } finally {
        clearTimeout(timer);
      }
    });
  }
}
