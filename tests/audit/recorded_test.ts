import { AuditTrail, type Recorded, takeRecorded } from "../../lib/audit/write/trail.ts";
import { assertThrows, assertTrue } from "../rig/assert.ts";
import { approvedByKey, TrailFolder } from "./folder.ts";

Deno.test("takeRecorded() gives the request that was approved, once", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  const approved = approvedByKey();
  const recorded = trail.recordStart(approved);
  assertTrue(takeRecorded(recorded) === approved.request);
  const again = /Cannot run an approved request a second time/;
  assertThrows(() => takeRecorded(recorded), again);
  assertThrows(() => takeRecorded(trail.recordStart(approved)), again);
});

Deno.test("takeRecorded() throws on an approval whose start is not recorded", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  const approved = approvedByKey();
  const made = trail.recordStart(approvedByKey());
  const impostors: readonly unknown[] = [
    undefined,
    approved,
    { approved },
    Object.create(made),
    Object.setPrototypeOf({ approved }, Object.getPrototypeOf(made)),
    new Proxy(made, {}),
  ];
  for (const impostor of impostors) {
    assertThrows(() => takeRecorded(impostor as Recorded), /whose start is not recorded/);
  }
  assertThrows(
    () => Reflect.construct(made.constructor, [Symbol("trail"), approved]),
    /Cannot make a record outside the audit trail/,
  );
  const recorded = trail.recordStart(approved);
  assertTrue(takeRecorded(recorded) === approved.request, "none of them used the real one up");
});

Deno.test("Recorded can't be written as an object literal, and no approval passes for one", () => {
  const approved = approvedByKey();
  // @ts-expect-error: an approval alone is not enough.
  const unrecorded: Recorded = approved;
  // @ts-expect-error: private fields make the type one that nothing else has the shape of.
  const forged: Recorded = { approved };
  for (const impostor of [unrecorded, forged]) {
    assertThrows(() => takeRecorded(impostor), /Cannot run a request whose start is not recorded/);
  }
});

Deno.test("no class that extends AuditTrail has a start recorded nowhere", async () => {
  class Careless extends AuditTrail {
    override append(): void {}
    override appendOrThrow(): void {}
  }
  await using folder = await TrailFolder.make();
  const trail = new Careless(folder.path, { daemon: "test", uid: Deno.uid() ?? 0 });
  trail.recordStart(approvedByKey());
  assertTrue(folder.lines().some((line) => line.includes(`"event":"started"`)));
  await Deno.remove(folder.file("head"));
  await folder.nextTick();
  folder.write([]);
  assertThrows(() => trail.recordStart(approvedByKey()), /nothing ran/);
});
