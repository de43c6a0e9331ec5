import { createHash } from "node:crypto";
import { turnTaker } from "../platform/deadline.ts";
import { MAX_CAPTURE_BYTES } from "../protocol/limits.ts";
import type { Captured } from "./outcome.ts";

/** By how much the buffer of a stream grows, in bytes; a divisor of the limit. */
const GROWTH_BYTES = 64 * 1024;
/** How much is read at a time, in bytes: what a pipe holds. */
const READ_BYTES = 64 * 1024;
/** How long a stream may be silent once every stage has ended, in milliseconds. */
const LINGER_MS = 1000;

/** Keeps the start of a stream. */
export class Capture {
  // It grows in place, so there is never a second copy.
  readonly #buffer = new ArrayBuffer(0, { maxByteLength: MAX_CAPTURE_BYTES });
  // At the end it would take 15 ms at once.
  readonly #hash = createHash("sha256");
  readonly #onKept: (bytes: Uint8Array) => void;
  #kept = 0;
  #isTruncated = false;

  /**
   * Begins with nothing.
   *
   * @param onKept Called with each piece that is kept: not a copy, but a part of the buffer.
   */
  constructor(onKept: (bytes: Uint8Array) => void) {
    this.#onKept = onKept;
  }

  /** Takes the next bytes, and tells whether it could keep all of them. */
  take(bytes: Uint8Array): boolean {
    const part = bytes.subarray(0, MAX_CAPTURE_BYTES - this.#kept);
    this.#isTruncated ||= part.length < bytes.length;
    if (part.length > 0) this.#keep(part);
    return !this.#isTruncated;
  }

  #keep(part: Uint8Array): void {
    const end = this.#kept + part.length;
    if (end > this.#buffer.byteLength) {
      this.#buffer.resize(Math.ceil(end / GROWTH_BYTES) * GROWTH_BYTES);
    }
    const copy = new Uint8Array(this.#buffer, this.#kept, part.length);
    copy.set(part);
    this.#hash.update(copy);
    this.#kept = end;
    this.#onKept(copy);
  }

  /** What was kept; nothing may be taken afterwards. */
  end(): Captured {
    return {
      bytes: new Uint8Array(this.#buffer, 0, this.#kept),
      sha256: this.#hash.digest("hex"),
      isTruncated: this.#isTruncated,
    };
  }
}

/**
 * Reads a stream to its end, so that a command is never held up. A background process may hold the
 * stream open for ever, so once every stage has ended, silence ends the reading, too.
 *
 * @param stream What to read.
 * @param allExited Resolves when every stage has ended.
 * @param take Called with each piece, which is overwritten later; tells whether more is wanted.
 */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  allExited: Promise<unknown>,
  take: (bytes: Uint8Array) => boolean,
): Promise<void> {
  // One buffer for all reads: old buffers would pile up faster than they are collected.
  const reader = stream.getReader({ mode: "byob" });
  let place = new Uint8Array(READ_BYTES);
  const takeTurn = turnTaker();
  let isWanted = true;
  let hasExited = false;
  let isFinished = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const linger = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reader.cancel().catch(ignoreClosedPipe), LINGER_MS);
  };
  void allExited.then(() => {
    hasExited = true;
    if (!isFinished) linger();
  });
  try {
    while (true) {
      await takeTurn();
      const { done, value } = await reader.read(place);
      if (done) break;
      place = new Uint8Array(value.buffer);
      // Where no more is wanted there is nothing left to wait for.
      if (hasExited && isWanted) linger();
      isWanted = take(value);
    }
  } catch {
    // A stream that breaks has ended.
  }
  isFinished = true;
  clearTimeout(timer);
}

/** A pipe that the other side closed is how pipelines end. */
export function ignoreClosedPipe(): void {}
