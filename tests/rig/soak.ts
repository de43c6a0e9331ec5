/**
 * The sizes of the long tests, and their numbers. `SUDO_PROXY_SOAK=1` makes them as large as
 * `deno task soak` runs them; it changes nothing else.
 *
 * @module
 */
const IS_FULL = Deno.env.get("SUDO_PROXY_SOAK") === "1";

/**
 * Chooses a size.
 *
 * @param reduced For every run of the tests.
 * @param full For `deno task soak`.
 * @returns One of them.
 */
export function size(reduced: number, full: number): number {
  return IS_FULL ? full : reduced;
}

/**
 * Prints the numbers of a test.
 *
 * @param what What was done.
 * @param numbers What came out, by name.
 */
export function report(what: string, numbers: Readonly<Record<string, number | string>>): void {
  const words = Object.entries(numbers).map(([name, value]) => `${name} ${value}`);
  console.log(`${what}: ${words.join(", ")}`);
}
