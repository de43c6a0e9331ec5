import { type Approved, type Recorded, recorded, takeRecorded } from "../../lib/gate/approved.ts";
import { assertEquals, assertThrows, assertTrue } from "../rig/assert.ts";
import { Machine, only } from "./machine.ts";
import { resolved } from "./resolved.ts";

const REQUEST = resolved("one", { privileged: false });

/** The only way to an approval: a key on a prompt. */
function approvedByKey(): Approved {
  const [{ approved }] = only(new Machine().approve(REQUEST), "start");
  return approved;
}

Deno.test("takeRecorded() gives the request that was approved, once", () => {
  const approved = approvedByKey();
  assertEquals(approved.basis, "key");
  assertTrue(approved.request === REQUEST);
  assertTrue(takeRecorded(recorded(approved)) === REQUEST);
  assertThrows(
    () => takeRecorded(recorded(approved)),
    /Cannot run an approved request a second time/,
  );
  assertThrows(
    () => takeRecorded(recorded(approved)),
    /Cannot run an approved request a second time/,
  );
});

Deno.test("takeRecorded() throws on everything that is not an approval", () => {
  const approved = approvedByKey();
  const impostors: readonly unknown[] = [
    undefined,
    null,
    true,
    "approved",
    Symbol("approval"),
    {},
    [],
    REQUEST,
    { request: REQUEST, basis: "key" },
    { ...approved, request: REQUEST },
    Object.create(approved),
    Object.create(Object.getPrototypeOf(approved)),
    Object.setPrototypeOf({ request: REQUEST }, Object.getPrototypeOf(approved)),
    Object.getPrototypeOf(approved),
    approved.constructor,
    new Proxy(approved, {}),
    { __proto__: approved },
    () => approved,
  ];
  for (const impostor of impostors) {
    assertThrows(
      () => takeRecorded(recorded(impostor as Approved)),
      /Cannot run a request without an/,
    );
  }
  assertTrue(takeRecorded(recorded(approved)) === REQUEST, "none of them used the real one up");
});

Deno.test("takeRecorded() throws on a structured copy of an approval", () => {
  const copy = structuredClone({ ...approvedByKey() });
  assertThrows(
    () => takeRecorded(recorded(copy as Approved)),
    /Cannot run a request without an approval/,
  );
});

Deno.test("Approved can't be made through the constructor of an approval", () => {
  const { constructor } = approvedByKey();
  const makers: readonly unknown[] = [
    undefined,
    Symbol("approval"),
    Symbol.for("approval"),
    "approval",
    REQUEST,
  ];
  for (const maker of makers) {
    assertThrows(
      () => Reflect.construct(constructor, [maker, REQUEST, "key"]),
      /Cannot make an approval outside the approval machine/,
    );
  }
  assertThrows(() => Reflect.apply(constructor, undefined, []), /without 'new'/);
});

Deno.test("Approved can't be made by a class that extends that of an approval", () => {
  const Base = approvedByKey().constructor as new (...given: unknown[]) => object;
  class Forged extends Base {}
  assertThrows(() => new Forged(Symbol("approval"), REQUEST, "key"), /Cannot make an approval/);
});

Deno.test("Approved can't be written as an object literal that the compiler takes for one", () => {
  // @ts-expect-error: private fields make the type one that nothing else has the shape of.
  const forged: Approved = { request: REQUEST, basis: "key" };
  assertThrows(() => takeRecorded(recorded(forged)), /Cannot run a request without an approval/);
});

Deno.test("Approved keeps its request and basis", () => {
  const approved = approvedByKey();
  const other = resolved("other");
  assertThrows(() => Object.assign(approved, { request: other }), /only a getter/);
  assertThrows(() => Object.assign(approved, { basis: "trust" }), /only a getter/);
  Reflect.set(approved, "request", other);
  // Whatever is put over the getter, what runs is what was approved.
  Object.defineProperty(approved, "request", { value: other });
  assertTrue(takeRecorded(recorded(approved)) === REQUEST);
});

Deno.test("takeRecorded() throws on an approval whose start is not recorded", () => {
  const approved = approvedByKey();
  const made = recorded(approvedByKey());
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
    () => Reflect.construct(made.constructor, [Symbol("approval"), approved]),
    /Cannot make a record outside the audit trail/,
  );
  assertTrue(takeRecorded(recorded(approved)) === REQUEST, "none of them used the real one up");
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
