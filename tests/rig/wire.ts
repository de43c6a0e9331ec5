/**
 * The daemon's socket by bytes, for what no honest client sends.
 *
 * @module
 */
import { LineReader } from "../../lib/protocol/framing.ts";
import { MAX_RESPONSE_LINE_BYTES } from "../../lib/protocol/limits.ts";
import { parseAnswer, type Response } from "../../lib/protocol/response.ts";
import { assertEquals, assertTrue } from "./assert.ts";
import { eventually } from "./tools.ts";

/** How long a daemon may take where it has nothing to wait for, in milliseconds. */
const PATIENCE_MS = 15_000;

/** A connection that sends what it is told, whatever it is. */
export class RawConnection implements Disposable {
  readonly #conn: Deno.UnixConn;
  readonly #reader: LineReader;

  private constructor(conn: Deno.UnixConn) {
    this.#conn = conn;
    this.#reader = new LineReader(conn, MAX_RESPONSE_LINE_BYTES);
  }

  /**
   * Connects; where the kernel's queue for that socket is full, as soon as it has room.
   *
   * @param socket The daemon's socket.
   * @returns The connection; disposing of it closes it.
   */
  static async open(socket: string): Promise<RawConnection> {
    const conn = await eventually("room in the queue of the socket", async () => {
      try {
        return await Deno.connect({ transport: "unix", path: socket });
      } catch (error) {
        if (error instanceof Deno.errors.WouldBlock) return undefined;
        throw error;
      }
    });
    return new RawConnection(conn);
  }

  /**
   * Sends bytes.
   *
   * @param bytes Bytes or text.
   * @returns Whether all of them were sent; false where the daemon closed before.
   */
  async send(bytes: string | Uint8Array): Promise<boolean> {
    let rest = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
    try {
      while (rest.length > 0) rest = rest.subarray(await this.#conn.write(rest));
      return true;
    } catch (error) {
      if (isGone(error)) return false;
      throw error;
    }
  }

  /** Sends no more, and still listens. */
  async endInput(): Promise<void> {
    await this.#conn.closeWrite();
  }

  /** The next line as JSON, or `null` once the daemon has closed. */
  async next(): Promise<Record<string, unknown> | null> {
    try {
      const line = await within("an answer", this.#reader.next());
      return line === null ? null : JSON.parse(line);
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }

  /** All lines to the end, as JSON. */
  async rest(): Promise<Record<string, unknown>[]> {
    const lines: Record<string, unknown>[] = [];
    for (let line = await this.next(); line; line = await this.next()) lines.push(line);
    return lines;
  }

  /**
   * The one line that is left, which must be a well-formed response with the daemon's version; then
   * the daemon must have closed.
   */
  async response(): Promise<Response> {
    const lines = await this.rest();
    assertEquals(lines.length, 1, `not one line: ${JSON.stringify(lines)}`);
    const answer = parseAnswer(JSON.stringify(lines[0]));
    assertTrue(answer && "response" in answer, `not a response: ${JSON.stringify(lines[0])}`);
    assertTrue(answer.response.version, "a response without the daemon's version");
    return answer.response;
  }

  [Symbol.dispose](): void {
    try {
      this.#conn.close();
    } catch {
      // The daemon broke it off.
    }
  }
}

/**
 * Sends bytes over a connection of their own, and reads the one response that must come back.
 *
 * @param socket The daemon's socket.
 * @param bytes What to send.
 * @returns The response.
 */
export async function answerTo(socket: string, bytes: string | Uint8Array): Promise<Response> {
  using connection = await RawConnection.open(socket);
  // At the same time, since a daemon may answer and close before it has read everything.
  const [response] = await Promise.all([connection.response(), connection.send(bytes)]);
  return response;
}

/**
 * Writes a request as it travels: well-formed but for the fields that are given.
 *
 * @param fields Fields in the names of the wire; `undefined` leaves one out that is there otherwise
 * (`id`, `time`).
 * @returns One line.
 */
export function wireLine(fields: Readonly<Record<string, unknown>>): string {
  const stamp = { id: crypto.randomUUID(), time: new Date().toISOString() };
  return JSON.stringify({ ...stamp, ...fields }) + "\n";
}

/** Fails where something takes much longer than it may. */
async function within<T>(what: string, promise: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<never>((_, reject) => {
    const error = new Error(`waited ${PATIENCE_MS} ms in vain for ${what}`);
    timer = setTimeout(() => reject(error), PATIENCE_MS);
  });
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** The daemon closed the connection, or the test did while something was under way. */
function isGone(error: unknown): boolean {
  return [
    Deno.errors.BadResource,
    Deno.errors.BrokenPipe,
    Deno.errors.ConnectionReset,
    Deno.errors.Interrupted,
    Deno.errors.NotConnected,
  ].some((kind) => error instanceof kind);
}
