import type { ProgressEvent } from "../protocol/response.ts";
import { PROMPT_TIMEOUT_MS } from "../protocol/limits.ts";
import type { Progress } from "./progress.ts";

/** Follows a request by its events: for progress, and for how long it waited and ran. */
export class Watch {
  readonly #progress: Progress;
  readonly #sentAt = performance.now();
  #approvedAt: number | undefined;
  #startedAt: number | undefined;
  #hasEvents = false;
  #bytes = 0;

  /**
   * Starts to follow a request that is about to be sent.
   *
   * @param progress Where to tell of it.
   */
  constructor(progress: Progress) {
    this.#progress = progress;
    progress.set(() => "sent");
  }

  /**
   * Takes note of an event.
   *
   * @param event The event.
   */
  note(event: ProgressEvent): void {
    this.#hasEvents = true;
    const now = performance.now();
    switch (event.event) {
      case "queued":
        return this.#progress.set(() => positionWords(event.position));
      case "shown":
        return this.#progress.set(() => shownWords(now + (event.timeout_ms ?? PROMPT_TIMEOUT_MS)));
      case "approved":
        this.#approvedAt = now;
        return this.#progress.set(() => "approved by the person");
      case "started":
        this.#startedAt = now;
        return this.#progress.set(() => {
          const seconds = Math.floor((performance.now() - now) / 1000);
          return `running for ${seconds} s, ${this.#bytes} bytes of output`;
        });
      case "output":
        this.#bytes += decodedLength(event.data);
    }
  }

  /** How long the request waited and ran until now; nothing where the daemon tells no events. */
  durations(): { readonly waitedMs: number | undefined; readonly ranMs: number | undefined } {
    if (!this.#hasEvents) return { waitedMs: undefined, ranMs: undefined };
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
