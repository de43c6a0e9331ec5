import { setImmediate } from "node:timers";

/** Waits for so many milliseconds. */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Resolves once all that is ready now has run; `setTimeout` would take two milliseconds. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Makes a function to call before each of many reads or writes: at every eighth call, everything
 * else gets a turn. If none of them has to wait, Deno would take 128 in a row, some 15 ms, and would
 * not look for keys and connections between several such rows.
 */
export function turnTaker(): () => Promise<unknown> | undefined {
  let calls = 0;
  // It looks when this thread has nothing to do, as while another thread computes: 30 µs. A timer
  // takes 2 ms; `setImmediate` keeps the thread busy.
  return () => ++calls % 8 === 0 ? crypto.subtle.digest("SHA-256", NOTHING) : undefined;
}

const NOTHING = new Uint8Array();

/**
 * Waits for a promise for so many milliseconds.
 *
 * @returns Its value, or `undefined` if it took longer; what it does then is not observed.
 * @throws What the promise rejects with in that time.
 */
export async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<undefined>((resolve) =>
    timer = setTimeout(() => resolve(undefined), ms)
  );
  try {
    return await Promise.race([promise, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}

/** Waits for a promise; rejects with the signal's reason if that is aborted before. */
export function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return Promise.race([promise, aborted]);
}
