import { Base64Decoder } from "./base64.ts";
import { type ByteSource, invalidLine } from "./framing.ts";
import { MAX_REQUEST_LINE_BYTES, MAX_RESPONSE_LINE_BYTES } from "./limits.ts";
import { type Answer, parseAnswer } from "./response.ts";

const [NEWLINE, QUOTE, SLASH, BACKSLASH] = [0x0a, 0x22, 0x2f, 0x5c];
/** How much is read at once, in bytes. */
const READ_BYTES = 64 * 1024;
/** How large the buffer for the text of a line is at first, in bytes; it doubles. */
const FIRST_BYTES = 1024;
/** The key before a string of base64, and how far it is looked for, in bytes. */
const OUTPUT_KEY = /"(?:stdout|stderr|data)"\s*:\s*$/;
const KEY_BYTES = 32;

/**
 * Reads the lines of a daemon. Output is decoded as it comes, so it is in memory once, and as bytes.
 */
export class AnswerReader {
  readonly #source: ByteSource;
  readonly #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(READ_BYTES);
  /** What was read and belongs to the next line. */
  #rest = this.#buffer.subarray(0, 0);

  /** Makes a reader of what a daemon writes. */
  constructor(source: ByteSource) {
    this.#source = source;
  }

  /**
   * Reads the next line.
   *
   * @returns The response or the event; `undefined` for an event that this client does not know,
   * and `null` if the stream ends before another line begins.
   * @throws {ProtocolError} If the line is no answer, is longer than the limit, is cut off by the
   * end of the stream, or is not UTF-8.
   */
  async next(): Promise<Answer | undefined | null> {
    const line = new AnswerLine();
    while (true) {
      this.#rest = this.#rest.subarray(line.take(this.#rest));
      if (line.isWhole) return line.answer();
      const count = await this.#source.read(this.#buffer);
      if (count === null && line.length === 0) return null;
      if (count === null) throw invalidLine("it must end with a newline");
      this.#rest = this.#buffer.subarray(0, count);
    }
  }
}

/** A line that comes in pieces. */
class AnswerLine {
  /** Whether its newline was taken. */
  isWhole = false;
  /** How many of its bytes were taken. */
  length = 0;
  /** Its text; a mark and a number stand for each output. */
  #text: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #textLength = 0;
  readonly #outputs: Base64Decoder[] = [];
  /** It is random, so no string of the daemon begins with it. */
  readonly #mark: string = crypto.randomUUID();
  /** Where in the JSON the next byte stands. */
  #place: "outside" | "string" | "escape" | "output" | "outputEscape" = "outside";

  /** Takes bytes up to the end of the line, and gives how many. */
  take(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && !this.isWhole) {
      if (this.#place.startsWith("output")) taken += this.#takeOutput(bytes.subarray(taken));
      else this.#takeText(bytes[taken++] ?? NEWLINE);
    }
    this.length += taken;
    if (this.length > MAX_RESPONSE_LINE_BYTES) {
      throw invalidLine(`it must be at most ${MAX_RESPONSE_LINE_BYTES} bytes long`);
    }
    return taken;
  }

  #takeText(byte: number): void {
    if (byte === NEWLINE) {
      this.isWhole = true;
      return;
    }
    this.#add([byte]);
    if (this.#place === "escape") this.#place = "string";
    else if (byte === QUOTE) this.#place = this.#place === "string" ? "outside" : this.#begin();
    else if (byte === BACKSLASH && this.#place === "string") this.#place = "escape";
  }

  /** Says what a quote begins. */
  #begin(): "string" | "output" {
    const end = this.#textLength - 1;
    const before = this.#text.subarray(Math.max(0, end - KEY_BYTES), end);
    if (!OUTPUT_KEY.test(new TextDecoder("latin1").decode(before))) return "string";
    this.#add(new TextEncoder().encode(`${this.#mark}${this.#outputs.length}`));
    this.#outputs.push(new Base64Decoder());
    return "output";
  }

  /** Takes output up to the next byte that means something else, and gives how many bytes. */
  #takeOutput(bytes: Uint8Array): number {
    const output = this.#outputs.at(-1);
    if (this.#place === "outputEscape") {
      this.#place = "output";
      // JSON may have a backslash before a slash (RFC 8259, section 7); no other escape is base64.
      output?.add(Uint8Array.of(bytes[0] === SLASH ? SLASH : BACKSLASH));
      return 1;
    }
    const ends = [QUOTE, BACKSLASH, NEWLINE].map((byte) => bytes.indexOf(byte));
    const end = Math.min(bytes.length, ...ends.filter((index) => index >= 0));
    output?.add(bytes.subarray(0, end));
    if (end === bytes.length) return end;
    const byte = bytes[end];
    this.#place = byte === BACKSLASH ? "outputEscape" : "outside";
    // A newline ends the line, which is no JSON then.
    if (byte === NEWLINE) return end;
    if (byte === QUOTE) this.#add([QUOTE]);
    return end + 1;
  }

  #add(bytes: ArrayLike<number>): void {
    const length = this.#textLength + bytes.length;
    if (length > MAX_REQUEST_LINE_BYTES) {
      throw invalidLine(
        `it must be at most ${MAX_REQUEST_LINE_BYTES} bytes long beside its output`,
      );
    }
    if (length > this.#text.length) {
      this.#text = new Uint8Array(this.#text.buffer.transfer(2 * this.#text.length));
    }
    this.#text.set(bytes, this.#textLength);
    this.#textLength = length;
  }

  /** What the whole line says. */
  answer(): Answer | undefined {
    let text: string;
    try {
      text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
        .decode(this.#text.subarray(0, this.#textLength));
    } catch {
      throw invalidLine("it must be UTF-8");
    }
    return parseAnswer(
      text,
      (value) =>
        value.startsWith(this.#mark)
          ? this.#outputs[Number(value.slice(this.#mark.length))]
          : undefined,
    );
  }
}
