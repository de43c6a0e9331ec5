/** The shortest time between two notices, in milliseconds. */
const INTERVAL_MS = 1000;

/** Sends one notice. The number grows with each; it counts seconds. */
export type SendProgress = (progress: number, message: string) => void;

/**
 * Tells the client what happens during a call, once a second at most. Where the client gave no
 * token, it does nothing.
 */
export class Progress implements Disposable {
  readonly #send: SendProgress | undefined;
  readonly #startedAt = performance.now();
  #describe: (() => string) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = -Infinity;

  /**
   * Makes a reporter.
   *
   * @param send How to send a notice; `undefined` where the client wants none.
   */
  constructor(send: SendProgress | undefined) {
    this.#send = send;
  }

  /**
   * Says what happens from now on.
   *
   * @param describe Words for this moment; asked again each second.
   */
  set(describe: () => string): void {
    if (this.#send === undefined) return;
    this.#describe = describe;
    this.#timer ??= setTimeout(
      () => this.#tick(),
      Math.max(0, this.#sentAt + INTERVAL_MS - performance.now()),
    );
  }

  /** Ends the notices. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#describe = undefined;
  }

  #tick(): void {
    if (this.#describe === undefined) return;
    this.#sentAt = performance.now();
    const seconds = Math.round((this.#sentAt - this.#startedAt) / 100) / 10;
    this.#send?.(seconds, this.#describe());
    this.#timer = setTimeout(() => this.#tick(), INTERVAL_MS);
  }
}
