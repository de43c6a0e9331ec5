import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import type { ProgressEvent } from "../protocol/response.ts";

/** How far a request is, by its events; `unknown` where the daemon tells none. */
export type RequestState = "unknown" | "waiting" | "running";

/** Follows a request by its events: how far it is, and for how long it waited and ran. */
export class Watch {
  readonly #sentAt = performance.now();
  #approvedAt: number | undefined;
  #startedAt: number | undefined;
  #state: RequestState = "unknown";
  #describe: () => string = () => "sent";
  #bytes = 0;

  /** How far the request is. */
  get state(): RequestState {
    return this.#state;
  }

  /** Whether the daemon said that it was approved. */
  get isApproved(): boolean {
    return this.#approvedAt !== undefined;
  }

  /** Says in a few words what happens at this moment. */
  describe(): string {
    return this.#describe();
  }

  /**
   * Takes note of an event.
   *
   * @param event The event.
   */
  note(event: ProgressEvent): void {
    const now = performance.now();
    if (this.#state === "unknown") this.#state = "waiting";
    switch (event.event) {
      case "queued":
        this.#describe = () => positionWords(event.position);
        return;
      case "shown":
        this.#describe = () => shownWords(now + (event.timeout_ms ?? PROMPT_TIMEOUT_MS));
        return;
      case "approved":
        this.#approvedAt = now;
        this.#describe = () => "approved by the person";
        return;
      case "started":
        this.#startedAt = now;
        this.#state = "running";
        this.#describe = () => {
          const seconds = Math.floor((performance.now() - now) / 1000);
          return `running for ${seconds} s, ${this.#bytes} bytes of output`;
        };
        return;
      case "output":
        this.#bytes += decodedLength(event.data);
    }
  }

  /** How long the request waited and ran until now; nothing where the daemon tells no events. */
  durations(): { readonly waitedMs: number | undefined; readonly ranMs: number | undefined } {
    if (this.#state === "unknown") return { waitedMs: undefined, ranMs: undefined };
    const now = performance.now();
    return {
      waitedMs: (this.#approvedAt ?? now) - this.#sentAt,
      ranMs: this.#startedAt === undefined ? undefined : now - this.#startedAt,
    };
  }
}

/** The number of bytes in base64 that has no line breaks. */
function decodedLength(base64: string): number {
  const padding = base64.endsWith("==") ? 2 : base64.endsWith("=") ? 1 : 0;
  return base64.length / 4 * 3 - padding;
}

function positionWords(position: number): string {
  const ordinals = ["first", "second", "third"];
  return `${ordinals[position - 1] ?? `number ${position}`} in line`;
}

/** The person may be typing an answer, which takes its own time: what we don't know is not said. */
function shownWords(deadline: number): string {
  const seconds = Math.ceil((deadline - performance.now()) / 1000);
  return seconds > 0 ? `shown to the person, ${seconds} s left` : "shown to the person";
}
