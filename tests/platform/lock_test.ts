import { tryLock, waitForLock, waitForLockSync } from "../../lib/platform/lock.ts";
import { assertEquals, assertTrue, defined } from "../rig/assert.ts";

async function lockPath(): Promise<AsyncDisposable & { readonly path: string }> {
  const folder = await Deno.makeTempDir();
  return {
    path: `${folder}/lock`,
    [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
  };
}

Deno.test("tryLock() gives a lock to one at a time, in a file of mode 0600", async () => {
  await using place = await lockPath();
  {
    using lock = tryLock(place.path);
    assertTrue(lock !== undefined);
    assertEquals(defined((await Deno.stat(place.path)).mode) & 0o777, 0o600);
    assertEquals(tryLock(place.path), undefined);
  }
  // A process that another test starts may hold it until its exec.
  using again = await waitForLock(place.path, performance.now() + 10_000);
  assertTrue(again !== undefined);
});

Deno.test("tryLock() takes no lock on a file that is gone", async () => {
  await using place = await lockPath();
  using old = tryLock(place.path);
  assertTrue(old !== undefined);
  await Deno.remove(place.path);
  using next = tryLock(place.path);
  assertTrue(next !== undefined);
  assertEquals((await Deno.stat(place.path)).ino, (await next.stat()).ino);
});

Deno.test("waitForLock() waits until the lock is free", async () => {
  await using place = await lockPath();
  const first = tryLock(place.path);
  const waiting = waitForLock(place.path, performance.now() + 10_000);
  first?.close();
  using lock = await waiting;
  assertTrue(lock !== undefined);
});

Deno.test("a lock that stays another's is given up at the deadline", async () => {
  await using place = await lockPath();
  using lock = tryLock(place.path);
  assertTrue(lock !== undefined);
  const start = performance.now();
  assertEquals(waitForLockSync(place.path, start + 20), undefined);
  assertTrue(performance.now() >= start + 20);
  assertEquals(await waitForLock(place.path, performance.now() + 20), undefined);
  assertEquals(waitForLockSync(place.path, performance.now()), undefined);
});
