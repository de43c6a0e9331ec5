import { ProtocolError } from "./errors.ts";
import { LONG_LINE_BYTES } from "./limits.ts";

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

/** How much is read at first, and by which factor the buffer grows, never beyond the limit. */
const FIRST_BYTES = 1024;
const GROWTH = 4;

/**
 * Reads `\n`-terminated UTF-8 lines of bounded length from a byte stream. Memory stays below the
 * limit, whatever the other side sends, and a short line takes little.
 */
export class LineReader {
  readonly #source: ByteSource;
  readonly #maxBytes: number;
  readonly #longBuffer: (() => Uint8Array<ArrayBuffer>) | undefined;
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  /** What was read and not returned yet is between these. */
  #start = 0;
  #end = 0;

  /**
   * Makes a reader.
   *
   * @param source The stream to read.
   * @param maxBytes The longest line in bytes, `\n` included.
   * @param longBuffer Called when a line turns out to be longer than {@linkcode LONG_LINE_BYTES}:
   * gives a buffer of `maxBytes` for it, or throws to give the line up. Where it is left out, the
   * buffer grows.
   */
  constructor(
    source: ByteSource,
    maxBytes: number,
    longBuffer?: () => Uint8Array<ArrayBuffer>,
  ) {
    this.#source = source;
    this.#maxBytes = maxBytes;
    this.#longBuffer = longBuffer;
  }

  /**
   * Reads the next line.
   *
   * @returns The line without its `\n`, or `null` where the stream ends before another line begins.
   * @throws {ProtocolError} If the line is longer than the limit, is cut off by the end of the
   * stream, or is not UTF-8.
   */
  async next(): Promise<string | null> {
    let searched = 0;
    while (true) {
      const pending = this.#buffer.subarray(this.#start, this.#end);
      const length = pending.indexOf(NEWLINE, searched);
      if (length >= 0) return this.#take(pending.subarray(0, length));
      if (pending.length >= this.#maxBytes) throw this.#tooLong();
      searched = pending.length;
      this.#makeRoom();
      const count = await this.#source.read(this.#buffer.subarray(this.#end));
      if (count === null) {
        if (searched === 0) return null;
        throw new ProtocolError("invalid line: it must end with a newline");
      }
      this.#end += count;
    }
  }

  #take(line: Uint8Array): string {
    if (line.length + 1 > this.#maxBytes) throw this.#tooLong();
    this.#start += line.length + 1;
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(line);
    } catch {
      throw new ProtocolError("invalid line: it must be UTF-8");
    }
  }

  /** Makes sure that there is room for another read. */
  #makeRoom(): void {
    if (this.#end < this.#buffer.length) return;
    const pending = this.#buffer.subarray(this.#start, this.#end);
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
    } else {
      const bytes = Math.min(this.#buffer.length * GROWTH, Math.max(this.#maxBytes, FIRST_BYTES));
      this.#buffer = pending.length === LONG_LINE_BYTES && this.#longBuffer
        ? this.#longBuffer()
        : new Uint8Array(bytes);
      this.#buffer.set(pending);
    }
    [this.#start, this.#end] = [0, pending.length];
  }

  #tooLong(): ProtocolError {
    return new ProtocolError(`invalid line: it must be at most ${this.#maxBytes} bytes long`);
  }
}

/** Where all skipped lines go. */
const SKIPPED = new Uint8Array(64 * 1024);

/**
 * Reads to the end of a line and keeps nothing of it.
 *
 * @param source The stream to read.
 * @param patienceMs How long that may take, in milliseconds; then the rest is left unread.
 */
export async function skipLine(source: ByteSource, patienceMs: number): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const patience = new Promise<null>((resolve) => timer = setTimeout(resolve, patienceMs, null));
  try {
    while (true) {
      // A read that is left behind ends with its connection.
      const reading = source.read(SKIPPED).catch(() => null);
      const count = await Promise.race([reading, patience]);
      if (count === null || SKIPPED.subarray(0, count).includes(NEWLINE)) return;
    }
  } finally {
    clearTimeout(timer);
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
