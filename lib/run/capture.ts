/**
 * Keeps the start of a stream, up to a limit, and lets the rest pass by, so that a command that
 * writes more is cut but never blocked.
 */
export class Capture {
  readonly #maxBytes: number;
  readonly #chunks: Uint8Array[] = [];
  #kept = 0;
  #total = 0;

  /**
   * Makes an empty capture.
   *
   * @param maxBytes How many bytes are kept.
   */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Whether something was left out. */
  get isTruncated(): boolean {
    return this.#total > this.#kept;
  }

  /**
   * Takes a piece of the stream.
   *
   * @param chunk The bytes; not changed afterwards by the caller.
   * @returns The part that was kept; empty once the limit is reached.
   */
  add(chunk: Uint8Array): Uint8Array {
    const kept = chunk.subarray(0, this.#maxBytes - this.#kept);
    this.#total += chunk.length;
    this.#kept += kept.length;
    if (kept.length > 0) this.#chunks.push(kept);
    return kept;
  }

  /** All that was kept, as one array. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#kept);
    let offset = 0;
    for (const chunk of this.#chunks) {
      bytes.set(chunk, offset);
      offset += chunk.length;
    }
    return bytes;
  }
}
