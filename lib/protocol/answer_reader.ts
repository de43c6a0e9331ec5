import { Base64Decoder } from "./base64.ts";
import { type ByteSource, invalidLine } from "./framing.ts";
import { MAX_REQUEST_LINE_BYTES, MAX_RESPONSE_LINE_BYTES } from "./limits.ts";
import { type Answer, parseAnswer } from "./response.ts";

const [NEWLINE, QUOTE, SLASH, COLON, BACKSLASH] = [0x0a, 0x22, 0x2f, 0x3a, 0x5c];
/** What may stand between two tokens of JSON (RFC 8259, section 2); a newline ends the line. */
const BLANKS: readonly (number | undefined)[] = [0x09, 0x0d, 0x20];
/** How much is read at once, in bytes: little at first, since most answers are short. */
const READ_BYTES = 64 * 1024;
const FIRST_READ_BYTES = 4096;
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
  #buffer: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_READ_BYTES);
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
      if (line.length >= FIRST_READ_BYTES && this.#buffer.length < READ_BYTES) {
        this.#buffer = new Uint8Array(READ_BYTES);
      }
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
  #place: "outside" | "string" | "output" = "outside";
  /** Whether a backslash stands before it. */
  #isEscaped = false;
  /** Whether a colon was the last of JSON's tokens, so that a string is a value, not a key. */
  #isAfterColon = false;

  /** Takes bytes up to the end of the line, and gives how many. */
  take(bytes: Uint8Array): number {
    let taken = 0;
    while (taken < bytes.length && !this.isWhole) {
      const rest = bytes.subarray(taken);
      taken += this.#place === "output" ? this.#takeOutput(rest) : this.#takeText(rest);
    }
    this.length += taken;
    if (this.length > MAX_RESPONSE_LINE_BYTES) {
      throw invalidLine(`it must be at most ${MAX_RESPONSE_LINE_BYTES} bytes long`);
    }
    return taken;
  }

  /** Takes text up to an output or the end of the line, and gives how many bytes. */
  #takeText(bytes: Uint8Array): number {
    for (let index = 0; index < bytes.length; index++) {
      const byte = bytes[index];
      if (byte === NEWLINE) {
        this.isWhole = true;
        this.#add(bytes.subarray(0, index));
        return index + 1;
      }
      if (this.#isEscaped) this.#isEscaped = false;
      else if (this.#place === "string") {
        this.#isEscaped = byte === BACKSLASH;
        if (byte === QUOTE) this.#place = "outside";
      } else if (byte === QUOTE) {
        this.#place = "string";
        if (!this.#isAfterColon) continue;
        this.#add(bytes.subarray(0, index + 1));
        this.#beginValue();
        return index + 1;
      } else if (!BLANKS.includes(byte)) this.#isAfterColon = byte === COLON;
    }
    this.#add(bytes);
    return bytes.length;
  }

  /** The string of a value has just begun: looks whether it is output. */
  #beginValue(): void {
    this.#isAfterColon = false;
    const end = this.#textLength - 1;
    const before = this.#text.subarray(Math.max(0, end - KEY_BYTES), end);
    if (!OUTPUT_KEY.test(String.fromCharCode(...before))) return;
    this.#add(new TextEncoder().encode(`${this.#mark}${this.#outputs.length}`));
    this.#outputs.push(new Base64Decoder());
    this.#place = "output";
  }

  /** Takes output up to its quote or the end of the line, and gives how many bytes. */
  #takeOutput(bytes: Uint8Array): number {
    const ends = [QUOTE, NEWLINE].map((byte) => bytes.indexOf(byte)).filter((index) => index >= 0);
    const end = Math.min(bytes.length, ...ends);
    const part = bytes.subarray(0, end);
    const isPlain = !this.#isEscaped && !part.includes(BACKSLASH);
    this.#outputs.at(-1)?.add(isPlain ? part : this.#withoutEscapes(part));
    if (end === bytes.length) return end;
    // What ends it is text again.
    this.#place = "string";
    if (this.#isEscaped) this.#add(Uint8Array.of(BACKSLASH));
    return end;
  }

  /** JSON may have a backslash before a slash (RFC 8259, section 7); no other escape is base64. */
  #withoutEscapes(part: Uint8Array): Uint8Array {
    const kept = new Uint8Array(part.length + 1);
    let length = 0;
    for (const byte of part) {
      if (this.#isEscaped && byte !== SLASH) kept[length++] = BACKSLASH;
      this.#isEscaped = !this.#isEscaped && byte === BACKSLASH;
      if (!this.#isEscaped) kept[length++] = byte;
    }
    return kept.subarray(0, length);
  }

  #add(bytes: Uint8Array): void {
    const length = this.#textLength + bytes.length;
    if (length > MAX_REQUEST_LINE_BYTES) {
      throw invalidLine(
        `it must be at most ${MAX_REQUEST_LINE_BYTES} bytes long beside its output`,
      );
    }
    if (length > this.#text.length) {
      const size = Math.max(length, 2 * this.#text.length);
      this.#text = new Uint8Array(this.#text.buffer.transfer(size));
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
    if (this.#outputs.length === 0) return parseAnswer(text);
    return parseAnswer(
      text,
      (value) =>
        value.startsWith(this.#mark)
          ? this.#outputs[Number(value.slice(this.#mark.length))]
          : undefined,
    );
  }
}
