import { BusyError } from "../protocol/errors.ts";
import { LONG_LINE_BYTES, MAX_LONG_IN_FLIGHT, MAX_REQUEST_LINE_BYTES } from "../protocol/limits.ts";

/** How long the buffers of a flood are kept after it, in milliseconds. */
const KEEP_MS = 1000;

/** A place for a request whose line is long. */
export interface LongLine {
  /** Where its line is read to. */
  readonly buffer: Uint8Array<ArrayBuffer>;
  /** Gives the place to the next one; nothing may write to the buffer any more. */
  leave(): void;
}

/**
 * The places for requests whose lines are long, at most {@linkcode MAX_LONG_IN_FLIGHT} at once:
 * they bound what all connections together can keep in memory. The buffers are used again, since
 * memory that is thrown away in a flood is not collected as fast as the flood comes.
 */
export class LongLines {
  #taken = 0;
  #free: Uint8Array<ArrayBuffer>[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Takes a place.
   *
   * @returns The place.
   * @throws {BusyError} If none is left.
   */
  enter(): LongLine {
    if (this.#taken >= MAX_LONG_IN_FLIGHT) {
      throw new BusyError(
        `server busy: ${MAX_LONG_IN_FLIGHT} requests of more than ${
          LONG_LINE_BYTES / 1024
        } KiB are in flight; try again later`,
      );
    }
    this.#taken++;
    clearTimeout(this.#timer);
    const buffer = this.#free.pop() ?? new Uint8Array(MAX_REQUEST_LINE_BYTES);
    return {
      buffer,
      leave: () => {
        this.#taken--;
        this.#free.push(buffer);
        if (this.#taken === 0) this.#timer = setTimeout(() => this.#free = [], KEEP_MS);
      },
    };
  }
}
