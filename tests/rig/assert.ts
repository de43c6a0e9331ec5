/** The assertions of the tests: Node's own, which every Deno has. */
import assert from "node:assert/strict";

/** Fails unless both are deeply and strictly equal. */
export function assertEquals<T>(actual: T, expected: T, message?: string): void {
  assert.deepStrictEqual(actual, expected, message);
}

/** Fails unless the value is truthy. */
export function assertTrue(value: unknown, message?: string): asserts value {
  assert.ok(value, message);
}

/** Fails unless the text matches. */
export function assertMatch(text: string, pattern: RegExp, message?: string): void {
  assert.match(text, pattern, message);
}

/** Fails if the text matches. */
export function assertNoMatch(text: string, pattern: RegExp, message?: string): void {
  assert.doesNotMatch(text, pattern, message);
}

/** Fails unless the function throws an error whose message matches. */
export function assertThrows(run: () => unknown, pattern: RegExp): void {
  assert.throws(run, pattern);
}

/** Fails unless the promise rejects with an error whose message matches. */
export async function assertRejects(promise: Promise<unknown>, pattern: RegExp): Promise<void> {
  await assert.rejects(promise, pattern);
}
