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

/** The value, which must be there. */
export function defined<T>(value: T, message = "The value is missing."): NonNullable<T> {
  if (value === undefined || value === null) assert.fail(message);
  return value;
}

/** The item at an index, which must exist; a negative index counts from the end. */
export function at<T>(list: ArrayLike<T> | null | undefined, index: number): T {
  const found = list?.[index < 0 ? list.length + index : index];
  if (found === undefined) assert.fail(`There is no item ${index} among ${list?.length ?? 0}.`);
  return found;
}

/** A list that must have so many items or more, for taking it apart. */
export function atLeast<T>(count: 1, list: List<T>): readonly [T, ...T[]];
export function atLeast<T>(count: 2, list: List<T>): readonly [T, T, ...T[]];
export function atLeast<T>(count: 3, list: List<T>): readonly [T, T, T, ...T[]];
export function atLeast<T>(count: 4, list: List<T>): readonly [T, T, T, T, ...T[]];
export function atLeast<T>(count: number, list: List<T>): readonly T[] {
  if (!list || list.length < count) {
    assert.fail(`The list needs ${count} items, and has ${list?.length ?? 0}.`);
  }
  return list;
}

type List<T> = readonly T[] | null | undefined;
