import { turnTaker, within } from "../platform/deadline.ts";
import { ProtocolError } from "./errors.ts";
import { LONG_LINE_BYTES } from "./limits.ts";

const NEWLINE = 0x0a;

/** What {@linkcode LineReader} reads from: a connection, or anything that fills a buffer. */
export type ByteSource = Pick<Deno.Conn, "read">;
/** Where {@linkcode writeLine} writes to. */
export type ByteSink = Pick<Deno.Conn, "write">;

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
   * @param longBuffer Gives a buffer of `maxBytes` for a line that is longer than
   * {@linkcode LONG_LINE_BYTES}, or throws to give the line up. Without it, the buffer grows.
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
   * @returns The line without its `\n`, or `null` if the stream ends before another line begins.
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
        throw invalidLine("it must end with a newline");
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
      throw invalidLine("it must be UTF-8");
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
    return invalidLine(`it must be at most ${this.#maxBytes} bytes long`);
  }
}

/** A line that is no request or answer, and the rule that it breaks. */
export function invalidLine(rule: string): ProtocolError {
  return new ProtocolError(`invalid line: ${rule}`, "", "invalid_line");
}

/** Where all skipped lines go. */
const SKIPPED = new Uint8Array(64 * 1024);

/** Reads to the end of a line and keeps nothing of it; after so many milliseconds it gives up. */
export async function skipLine(source: ByteSource, patienceMs: number): Promise<void> {
  const skip = async () => {
    while (true) {
      // A read that is left behind ends with its connection.
      const count = await source.read(SKIPPED).catch(() => null);
      if (count === null || SKIPPED.subarray(0, count).includes(NEWLINE)) return;
    }
  };
  await within(patienceMs, skip());
}

/** How much is encoded at a time, in bytes; base64 has no padding within such a number of them. */
const PIECE_BYTES = 48 * 1024;

/**
 * Writes a value as one JSON line; bytes in it become base64. These are encoded while they are
 * written, piece by piece, so that a long line is never in memory as a whole.
 */
export async function writeLine(sink: ByteSink, value: unknown): Promise<void> {
  const encoder = new TextEncoder();
  const takeTurn = turnTaker();
  let place: Uint8Array<ArrayBuffer> | undefined;
  let text = "";
  for (const piece of piecesOf(value)) {
    text += piece;
    if (text.length < PIECE_BYTES) continue;
    // One buffer for all pieces: old buffers would pile up faster than they are collected.
    place ??= new Uint8Array(4 * PIECE_BYTES);
    while (text !== "") {
      await takeTurn();
      const { read, written } = encoder.encodeInto(text, place);
      await writeAll(sink, place.subarray(0, written));
      text = text.slice(read);
    }
  }
  await writeAll(sink, encoder.encode(text));
}

/** The line of a value, in pieces. */
function* piecesOf(value: unknown): Generator<string> {
  const found: Uint8Array[] = [];
  // It is random, so no text of the value can contain it.
  const mark = crypto.randomUUID();
  const json = JSON.stringify(value, (_, item) => {
    if (!(item instanceof Uint8Array)) return item;
    found.push(item);
    return mark;
  });
  for (const [index, part] of `${json}\n`.split(mark).entries()) {
    yield part;
    const bytes = found[index] ?? new Uint8Array();
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      yield bytes.subarray(at, at + PIECE_BYTES).toBase64();
    }
  }
}

async function writeAll(sink: ByteSink, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) rest = rest.subarray(await sink.write(rest));
}
