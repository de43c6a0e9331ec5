/** How large the buffer is at first, in bytes; it doubles. */
const FIRST_BYTES = 4096;

/** Decodes base64 (RFC 4648) that comes in pieces. */
export class Base64Decoder {
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(FIRST_BYTES);
  #length = 0;
  /** What is not decoded yet: less than a group of four letters. */
  #rest = "";
  /** Whether the padding has come. */
  #isOver = false;
  #isBroken = false;

  /** Takes the next letters. */
  add(letters: Uint8Array): void {
    const text = this.#rest + new TextDecoder("latin1").decode(letters);
    const whole = text.length - text.length % 4;
    this.#rest = text.slice(whole);
    this.#decode(text.slice(0, whole));
  }

  /**
   * Takes what is left; padding may be missing.
   *
   * @returns All bytes; `undefined` if it was no base64.
   */
  end(): Uint8Array<ArrayBuffer> | undefined {
    this.#decode(this.#rest);
    return this.#isBroken ? undefined : this.#bytes.subarray(0, this.#length);
  }

  #decode(text: string): void {
    if (text === "" || this.#isBroken) return;
    const letters = text.replace(/={1,2}$/, "").length;
    const bytes = Math.floor(letters * 3 / 4);
    if (this.#length + bytes > this.#bytes.length) {
      // Unlike a copy, this frees the old buffer at once.
      const size = Math.max(this.#length + bytes, 2 * this.#bytes.length);
      this.#bytes = new Uint8Array(this.#bytes.buffer.transfer(size));
    }
    try {
      const { written } = this.#bytes.subarray(this.#length).setFromBase64(text);
      // It passes over blanks, which would shift the groups of four.
      this.#isBroken = this.#isOver || written !== bytes;
    } catch {
      this.#isBroken = true;
    }
    this.#length += bytes;
    this.#isOver = letters < text.length;
  }
}
