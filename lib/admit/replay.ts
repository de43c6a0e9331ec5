import type { Fault } from "../protocol/codes.ts";
import { ID_MEMORY_MS, MAX_REMEMBERED_IDS } from "../protocol/limits.ts";

/**
 * Remembers the ids of requests so that none is accepted twice.
 *
 * An id is forgotten after {@linkcode ID_MEMORY_MS} of *monotonic* time. From then on, any request
 * sent no later than a forgotten one is refused, so an id can't be used again even if the wall
 * clock jumps back. A full memory refuses new requests; it never forgets early.
 */
export class ReplayMemory {
  /** Insertion order is order of expiry, since every id is kept equally long. */
  readonly #seen = new Map<string, { readonly until: number; readonly sentAt: number }>();
  readonly #capacity: number;
  #floor = -Infinity;

  /**
   * Makes an empty memory.
   *
   * @param capacity How many ids are remembered at once.
   */
  constructor(capacity: number = MAX_REMEMBERED_IDS) {
    this.#capacity = capacity;
  }

  /**
   * Remembers an id, or says why the request can't be taken.
   *
   * @param id The id of the request.
   * @param sentAt The request's own time in milliseconds of the epoch.
   * @param now Monotonic time in milliseconds.
   * @returns The fault, or `undefined` if the id was new and is remembered from now on.
   */
  admit(id: string, sentAt: number, now: number): Fault | undefined {
    for (const [old, { until, sentAt: oldSentAt }] of this.#seen) {
      if (until > now) break;
      this.#seen.delete(old);
      this.#floor = Math.max(this.#floor, oldSentAt);
    }
    if (this.#seen.has(id)) {
      return refused("id_used", `"id" must be new, and "${id}" was used before`);
    }
    if (sentAt <= this.#floor) {
      const rule =
        '"time" must be later than that of every request that was forgotten already (the clock was set back)';
      return refused("stale", rule);
    }
    if (this.#seen.size >= this.#capacity) {
      const seconds = ID_MEMORY_MS / 1000;
      const rule =
        `it is one of more than ${this.#capacity} in ${seconds} seconds; wait and try again`;
      return refused("busy", rule);
    }
    this.#seen.set(id, { until: now + ID_MEMORY_MS, sentAt });
    return undefined;
  }
}

function refused(code: Fault["code"], rule: string): Fault {
  return { code, message: `refused request: ${rule}` };
}
