import { MAX_RESPONSE_LINE_BYTES } from "./limits.ts";

/** By how much a large buffer grows, in bytes. */
const GROWTH_BYTES = 64 * 1024;
/** What is longer gets a large buffer, in bytes: more than an event has. */
const SMALL_BYTES = 2 * GROWTH_BYTES;
const EQUALS = 0x3d;

/** Decodes base64 (RFC 4648) that comes in pieces. */
export class Base64Decoder {
  #buffer = new ArrayBuffer(0);
  #length = 0;
  /** What is not decoded yet: less than a group of four letters. */
  #rest = new Uint8Array(0);
  /** Whether the padding has come. */
  #isOver = false;
  #isBroken = false;

  /** Takes the next letters. */
  add(letters: Uint8Array): void {
    // The group that the rest begins.
    const missing = this.#rest.length === 0 ? 0 : 4 - this.#rest.length;
    const first = letters.subarray(0, missing);
    if (missing > 0) {
      this.#rest = Uint8Array.of(...this.#rest, ...first);
      if (this.#rest.length < 4) return;
      this.#decode(this.#rest);
    }
    const others = letters.subarray(first.length);
    const end = others.length - others.length % 4;
    this.#decode(others.subarray(0, end));
    this.#rest = others.slice(end);
  }

  /**
   * Takes what is left; padding may be missing.
   *
   * @returns All bytes; `undefined` if it was no base64.
   */
  end(): Uint8Array<ArrayBuffer> | undefined {
    this.#decode(this.#rest);
    if (this.#isBroken) return undefined;
    return new Uint8Array(this.#buffer, 0, this.#length);
  }

  #decode(letters: Uint8Array): void {
    if (letters.length === 0 || this.#isBroken) return;
    let count = letters.length;
    while (count > letters.length - 2 && letters[count - 1] === EQUALS) count--;
    const bytes = Math.floor(count * 3 / 4);
    const end = this.#length + bytes;
    // With room for one more group: what finds no room is not looked at.
    this.#reserve(end + 3);
    try {
      const text = new TextDecoder("latin1").decode(letters);
      const { written } = new Uint8Array(this.#buffer, this.#length).setFromBase64(text);
      // It passes over blanks, which would shift the groups of four.
      this.#isBroken = this.#isOver || written !== bytes;
    } catch {
      this.#isBroken = true;
    }
    this.#length = end;
    this.#isOver = count < letters.length;
  }

  #reserve(room: number): void {
    const { byteLength, resizable } = this.#buffer;
    if (room <= byteLength) return;
    const size = Math.ceil(room / GROWTH_BYTES) * GROWTH_BYTES;
    if (resizable) return this.#buffer.resize(size);
    if (room <= SMALL_BYTES) {
      this.#buffer = this.#buffer.transfer(Math.max(room, 2 * byteLength));
      return;
    }
    // It grows in place, so there is never a second copy.
    const large = new ArrayBuffer(size, { maxByteLength: MAX_RESPONSE_LINE_BYTES });
    new Uint8Array(large).set(new Uint8Array(this.#buffer));
    this.#buffer = large;
  }
}
