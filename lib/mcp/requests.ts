import { letGo } from "../platform/let_go.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import type { ProgressEvent } from "../protocol/response.ts";
import { PROGRESS } from "./text.ts";

/** How many requests that have ended are kept. */
const MAX_ENDED = 32;
/** How long the answer of a request is kept after its end, in milliseconds. */
const KEPT_MS = 60 * 60 * 1000;

/** @internal A request that was sent; it outlives the call that sent it. */
export interface SentRequest<Answer> {
  readonly id: string;
  /** The name of the host that it goes to. */
  readonly host: string;
  readonly watch: Watch;
  /** Never rejects. */
  readonly answer: Promise<Answer>;
  /** Withdraws the request if it waits; a command that runs goes on. */
  readonly leave: () => void;
  /** Withdraws the request, or ends its command. */
  readonly cancel: () => void;
}

/** Follows a request by its events: how far it is, and for how long it waited and ran. */
export class Watch {
  readonly #sentAt = performance.now();
  #approvedAt: number | undefined;
  #startedAt: number | undefined;
  #bytes = 0;
  /** How far the request is; `unknown` where the daemon tells no events. */
  state: "unknown" | "waiting" | "running" = "unknown";
  /** Says what happens at this moment. */
  describe: () => string = () => PROGRESS.sent;

  /** Whether the daemon said that the request was approved; `undefined` if it tells no events. */
  get isApproved(): boolean | undefined {
    return this.state === "unknown" ? undefined : this.#approvedAt !== undefined;
  }

  /** Takes note of an event. */
  note(event: ProgressEvent): void {
    const now = performance.now();
    if (this.state === "unknown") this.state = "waiting";
    switch (event.event) {
      case "queued":
        this.describe = () => PROGRESS.queued(event.position);
        return;
      case "shown": {
        const deadline = now + (event.timeout_ms ?? PROMPT_TIMEOUT_MS);
        this.describe = () => PROGRESS.shown(Math.ceil((deadline - performance.now()) / 1000));
        return;
      }
      case "approved":
        this.#approvedAt = now;
        this.describe = () => PROGRESS.approved;
        return;
      case "started":
        this.#startedAt = now;
        this.state = "running";
        this.describe = () =>
          PROGRESS.running(Math.floor((performance.now() - now) / 1000), this.#bytes);
        return;
      case "output":
        this.#bytes += event.data.length;
        letGo(event.data);
    }
  }

  /** How long the request waited and ran until now; nothing if the daemon tells no events. */
  durations(): { readonly waited_ms?: number; readonly ran_ms?: number } {
    if (this.state === "unknown") return {};
    const now = performance.now();
    const waited_ms = Math.round((this.#approvedAt ?? now) - this.#sentAt);
    if (this.#startedAt === undefined) return { waited_ms };
    return { waited_ms, ran_ms: Math.round(now - this.#startedAt) };
  }
}

interface Entry<Answer> {
  readonly request: SentRequest<Answer>;
  endedAt?: number;
  isDelivered: boolean;
}

/** The requests of a session: all that wait or run, and a bounded number of those that ended. */
export class RequestStore<Answer> {
  readonly #entries = new Map<string, Entry<Answer>>();
  /** Whether the client has cancelled a call that waited; later calls then answer early. */
  hasGivenUp = false;

  /** Keeps a request that was sent. */
  add(request: SentRequest<Answer>): void {
    const entry: Entry<Answer> = { request, isDelivered: false };
    this.#entries.set(request.id, entry);
    void request.answer.then(() => {
      entry.endedAt = performance.now();
      this.#forgetOld();
    });
  }

  /** Finds a request by its id; without one, the newest whose answer was not delivered. */
  find(id: string | undefined): SentRequest<Answer> | undefined {
    this.#forgetOld();
    if (id !== undefined) return this.#entries.get(id)?.request;
    return [...this.#entries.values()].findLast(({ isDelivered }) => !isDelivered)?.request;
  }

  /** Takes note that the final answer of a request went to the model. */
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
