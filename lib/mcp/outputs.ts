/** How much output is kept for a session, in bytes. */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** How many outputs are kept for a session. */
export const MAX_KEPT_OUTPUTS = 32;

/** One stream of a command. */
export interface OutputStream {
  /** `stdout`, or `stderr` with the number of its stage. */
  readonly name: string;
  /** What the command wrote. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** What a command wrote. */
export interface KeptOutput {
  /** The id of its request. */
  readonly id: string;
  /** What it is, for people. */
  readonly title: string;
  /** Its streams; those that are empty are left out. */
  readonly streams: readonly OutputStream[];
}

/**
 * Keeps the outputs that are too long for an answer, or no text. Its memory is bounded: the oldest
 * make room.
 */
export class OutputStore {
  readonly #outputs = new Map<string, KeptOutput>();
  readonly #onChanged: () => void;
  #bytes = 0;

  /**
   * Makes an empty store.
   *
   * @param onChanged Called when an output came or went.
   */
  constructor(onChanged: () => void) {
    this.#onChanged = onChanged;
  }

  /**
   * Keeps an output.
   *
   * @param output What to keep.
   * @returns Whether it is small enough to be kept at all.
   */
  keep(output: KeptOutput): boolean {
    const size = outputBytes(output);
    if (size > MAX_KEPT_BYTES) return false;
    this.#outputs.set(output.id, output);
    this.#bytes += size;
    for (const [id, old] of this.#outputs) {
      if (this.#bytes <= MAX_KEPT_BYTES && this.#outputs.size <= MAX_KEPT_OUTPUTS) break;
      this.#outputs.delete(id);
      this.#bytes -= outputBytes(old);
    }
    this.#onChanged();
    return true;
  }

  /** Finds an output by the id of its request. */
  find(id: string): KeptOutput | undefined {
    return this.#outputs.get(id);
  }

  /** All that is kept, the oldest first. */
  all(): KeptOutput[] {
    return [...this.#outputs.values()];
  }
}

/** The size of an output, in bytes. */
export function outputBytes({ streams }: KeptOutput): number {
  return streams.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
