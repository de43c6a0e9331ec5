import { ProtocolError } from "./errors.ts";

const NEWLINE = 0x0a;

/** What {@linkcode LineReader} reads from: a connection, or anything that fills a buffer. */
export interface ByteSource {
  /**
   * Fills `buffer` from its start.
   *
   * @param buffer Where the bytes go.
   * @returns The number of bytes read, or `null` at the end.
   */
  read(buffer: Uint8Array): Promise<number | null>;
}

/** Where {@linkcode writeLine} writes to. */
export interface ByteSink {
  /**
   * Writes the start of `bytes`.
   *
   * @param bytes What to write.
   * @returns How many bytes were taken.
   */
  write(bytes: Uint8Array): Promise<number>;
}

/**
 * Reads `\n`-terminated UTF-8 lines of bounded length from a byte stream. Memory stays below the
 * limit plus one read, whatever the other side sends.
 */
export class LineReader {
  readonly #source: ByteSource;
  readonly #maxBytes: number;
  readonly #buffer = new Uint8Array(64 * 1024);
  /** Bytes that were read and not returned yet, in order. */
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  /**
   * Makes a reader.
   *
   * @param source The stream to read.
   * @param maxBytes The longest line in bytes, `\n` included.
   */
  constructor(source: ByteSource, maxBytes: number) {
    this.#source = source;
    this.#maxBytes = maxBytes;
  }

  /**
   * Reads the next line.
   *
   * @returns The line without its `\n`, or `null` where the stream ends before another line begins.
   * @throws {ProtocolError} If the line is longer than the limit, is cut off by the end of the
   * stream, or is not UTF-8.
   */
  async next(): Promise<string | null> {
    let end = this.#pending.length > 0 ? this.#pending[0].indexOf(NEWLINE) : -1;
    while (end < 0) {
      if (this.#pendingBytes >= this.#maxBytes) throw this.#tooLong();
      const count = await this.#source.read(this.#buffer);
      if (count === null) {
        if (this.#pendingBytes === 0) return null;
        throw new ProtocolError("invalid line: it must end with a newline");
      }
      const chunk = this.#buffer.slice(0, count);
      end = chunk.indexOf(NEWLINE);
      this.#pending.push(chunk);
      this.#pendingBytes += count;
    }
    const last = this.#pending.pop()!;
    const length = this.#pendingBytes - last.length + end;
    if (length + 1 > this.#maxBytes) throw this.#tooLong();
    const line = new Uint8Array(length);
    let offset = 0;
    for (const chunk of this.#pending) {
      line.set(chunk, offset);
      offset += chunk.length;
    }
    line.set(last.subarray(0, end), offset);
    const rest = last.subarray(end + 1);
    this.#pending = rest.length > 0 ? [rest] : [];
    this.#pendingBytes = rest.length;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    } catch {
      throw new ProtocolError("invalid line: it must be UTF-8");
    }
  }

  #tooLong(): ProtocolError {
    return new ProtocolError(`invalid line: it must be at most ${this.#maxBytes} bytes long`);
  }
}

/**
 * Writes a value as one JSON line.
 *
 * @param sink Where to write.
 * @param value What to write; it must be serializable as JSON.
 */
export async function writeLine(sink: ByteSink, value: unknown): Promise<void> {
  let bytes = new TextEncoder().encode(JSON.stringify(value) + "\n");
  while (bytes.length > 0) bytes = bytes.subarray(await sink.write(bytes));
}
