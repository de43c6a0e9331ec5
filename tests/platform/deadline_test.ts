import { orAborted, within } from "../../lib/platform/deadline.ts";
import { assertEquals, assertRejects } from "../rig/assert.ts";

Deno.test("within() gives what comes in time, and leaves no timer", async () => {
  assertEquals(await within(60_000, Promise.resolve(7)), 7);
  await assertRejects(within(60_000, Promise.reject(new Error("no"))), /^Error: no$/);
});

Deno.test("within() gives undefined where the time is up", async () => {
  const late = Promise.withResolvers<number>();
  assertEquals(await within(1, late.promise), undefined);
  late.reject(new Error("nobody hears of it"));
});

Deno.test("orAborted() gives the value, or the reason of an abort that comes before it", async () => {
  const abort = new AbortController();
  assertEquals(await orAborted(Promise.resolve(7), abort.signal), 7);
  const waiting = orAborted(new Promise(() => {}), abort.signal);
  abort.abort(new Error("enough"));
  await assertRejects(waiting, /^Error: enough$/);
  await assertRejects(orAborted(new Promise(() => {}), abort.signal), /^Error: enough$/);
});
