/**
 * The requests of a session: those that wait or run, and the answers of those that have ended. A
 * request outlives the call that sent it, since some clients give up on every call after 60 s.
 *
 * @module
 */
import type { ExecutionOutput } from "./result.ts";
import type { Answer } from "./tool.ts";
import type { Watch } from "./watch.ts";

/** How many requests that have ended are kept. */
const MAX_ENDED = 32;
/** How long the answer of a request is kept after its end, in milliseconds. */
const KEPT_MS = 60 * 60 * 1000;

/** What is done to a request from outside. */
export interface RequestHandle {
  /** The answer; never rejects. */
  readonly answer: Promise<Answer<ExecutionOutput>>;
  /** Withdraws the request if it waits; a command that runs goes on. */
  readonly leave: () => void;
  /** Withdraws the request, or ends its command. */
  readonly cancel: () => void;
}

/** A request that was sent. */
export interface PendingRequest extends RequestHandle {
  /** Its id. */
  readonly id: string;
  /** Where it goes. */
  readonly host: string;
  /** How far it is. */
  readonly watch: Watch;
}

/** A request with what the store knows of it. */
interface Entry {
  readonly request: PendingRequest;
  endedAt: number | undefined;
  isDelivered: boolean;
}

/** Keeps requests by their ids: all that wait or run, and a bounded number of those that ended. */
export class PendingRequests {
  readonly #entries = new Map<string, Entry>();
  /** Whether the client once cancelled a call that waited: then later calls answer early. */
  hasGivenUp = false;

  /**
   * Keeps a request that was sent.
   *
   * @param request The request.
   */
  add(request: PendingRequest): void {
    const entry: Entry = { request, endedAt: undefined, isDelivered: false };
    this.#entries.set(request.id, entry);
    void request.answer.then(() => {
      entry.endedAt = performance.now();
      this.#forgetOld();
    });
  }

  /**
   * Finds a request.
   *
   * @param id Its id; the newest whose answer was not delivered if left out.
   * @returns The request, or `undefined` where none is known.
   */
  find(id: string | undefined): PendingRequest | undefined {
    this.#forgetOld();
    if (id !== undefined) return this.#entries.get(id)?.request;
    return [...this.#entries.values()].findLast(({ isDelivered }) => !isDelivered)?.request;
  }

  /**
   * Takes note that the final answer of a request went to the model.
   *
   * @param id The request.
   */
  noteDelivered(id: string): void {
    const entry = this.#entries.get(id);
    if (entry !== undefined) entry.isDelivered = true;
  }

  #forgetOld(): void {
    const oldest = performance.now() - KEPT_MS;
    const ended = [...this.#entries].filter(([, { endedAt }]) => endedAt !== undefined);
    ended.forEach(([id, { endedAt = 0 }], index) => {
      if (endedAt < oldest || index < ended.length - MAX_ENDED) this.#entries.delete(id);
    });
  }
}
