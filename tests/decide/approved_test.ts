import {
  approveByGrant,
  approveByKey,
  type Approved,
  isCovered,
  type Press,
  type SessionGrant,
  takeApproved,
} from "../../lib/decide/approved.ts";
import {
  beginMessage,
  confirmDrawing,
  openHelp,
  type Prompt,
  readAnew,
  showPrompt,
} from "../../lib/decide/prompt.ts";
import { assertEquals, assertThrows, assertTrue } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";

const REQUEST = resolved("one", { privileged: false });

const WHOLE = { first: 0, page: 10, total: 10 };

/** A prompt that the terminal has drawn whole at 0. */
function drawnPrompt(request = REQUEST): Prompt {
  const prompt = showPrompt(request, {
    now: 0,
    timeoutMs: 60_000,
    disturbedAt: -Infinity,
    drawing: 1,
  });
  return confirmDrawing(prompt, 1, WHOLE, 0);
}

/** A lone `y` that counts, but for what is chosen. */
function press(key = "y", choice: Partial<Press> = {}): Press {
  const burst = new TextEncoder().encode(key);
  return { burst, isPasted: false, now: 500, mayTrust: true, ...choice };
}

/** The only way to an approval: a key on a prompt. */
function approvedByKey(): Approved {
  const made = approveByKey(drawnPrompt(), press());
  assertTrue(made !== undefined);
  return made.approved;
}

/** The only way to a grant. */
function grantedByKey(): SessionGrant {
  const made = approveByKey(drawnPrompt(), press("a"));
  assertTrue(made?.grant !== undefined);
  return made.grant;
}

Deno.test("approveByKey() approves by a lone y or Y on an armed prompt, and by a", () => {
  for (const key of ["y", "Y", "a"]) {
    const made = approveByKey(drawnPrompt(), press(key));
    assertTrue(made?.approved.request === REQUEST);
    assertEquals([made.approved.basis, made.grant !== undefined], ["key", key === "a"]);
  }
});

Deno.test("approveByKey() approves nothing where any of its conditions fails", () => {
  const armed = drawnPrompt();
  const faults: Readonly<Record<string, readonly [prompt: Prompt, press: Press]>> = {
    "another key": [armed, press("n")],
    "two bytes": [armed, press("yy")],
    "a letter of two bytes": [armed, press("ý")],
    "nothing": [armed, press("")],
    "a paste": [armed, press("y", { isPasted: true })],
    "too early": [armed, press("y", { now: 499 })],
    "not drawn": [readAnew(armed), press("y", { now: 50_000 })],
    "not read whole": [
      confirmDrawing(readAnew(armed), 2, { ...WHOLE, page: 9 }, 0),
      press("y", { now: 50_000 }),
    ],
    "not all laid out": [
      confirmDrawing(readAnew(armed), 2, { ...WHOLE, total: Infinity }, 0),
      press("y", { now: 50_000 }),
    ],
    "the help": [confirmDrawing(openHelp(armed), 2, WHOLE, 0), press("y", { now: 50_000 })],
    "a line that is typed": [beginMessage(armed, 0), press("y", { now: 50_000 })],
    "a where it does not exist": [armed, press("a", { mayTrust: false })],
    "a for root": [drawnPrompt(resolved("root")), press("a")],
  };
  for (const [what, [prompt, press]] of Object.entries(faults)) {
    assertEquals(approveByKey(prompt, press), undefined, what);
  }
});

Deno.test("approveByKey() counts lines that were seen before all of them were laid out", () => {
  const begun = { ...WHOLE, page: WHOLE.total - 1, total: Infinity };
  const counted = confirmDrawing(readAnew(drawnPrompt()), 2, begun, 0);
  const rest = { first: WHOLE.total - 1, page: 1, total: WHOLE.total };
  assertTrue(approveByKey(confirmDrawing(counted, 2, rest, 0), press()));
  // Another number of lines is another layout.
  const other = confirmDrawing(counted, 2, { ...begun, total: WHOLE.total }, 0);
  const grown = confirmDrawing(other, 2, { ...rest, total: WHOLE.total + 1, page: 2 }, 0);
  assertEquals(approveByKey(grown, press()), undefined);
});

Deno.test("approveByKey() takes no copy of a prompt for one, whatever it says of itself", () => {
  const prompt = drawnPrompt();
  const impostors = [
    { ...prompt },
    Object.create(prompt),
    Object.setPrototypeOf({ ...prompt }, Object.getPrototypeOf(prompt)),
    new Proxy(prompt, {}),
  ];
  for (const impostor of impostors) assertEquals(approveByKey(impostor, press()), undefined);
  // @ts-expect-error: the private field makes the type one that no literal has the shape of.
  const forged: Prompt = { ...prompt, stillness: { since: 0, neededMs: 0 } };
  assertEquals(approveByKey(forged, press()), undefined);
  assertThrows(() => Object.assign(prompt, { seen: [[0, 10]] }), /read only/);
  const make = () => Reflect.construct(prompt.constructor, [Symbol("prompt"), { ...prompt }]);
  assertThrows(make, /Cannot make a prompt outside of its transitions/);
});

Deno.test("approveByGrant() approves what the grant covers, and nothing for root or the agent", () => {
  const grant = grantedByKey();
  const covered = resolved("two", { privileged: false });
  const made = approveByGrant(grant, covered);
  assertTrue(made?.request === covered);
  assertEquals([made.basis, isCovered(grant, covered)], ["trust", true]);
  const others = [resolved("root"), resolved("agent", { privileged: false, forwardAgent: true })];
  for (const request of others) {
    assertEquals([approveByGrant(grant, request), isCovered(grant, request)], [undefined, false]);
  }
  assertEquals(approveByGrant(undefined, covered), undefined);
});

Deno.test("SessionGrant can't be forged", () => {
  const grant = grantedByKey();
  const covered = resolved("two", { privileged: false });
  const impostors = [
    {},
    { granted: true },
    { ...grant },
    Object.create(grant),
    Object.setPrototypeOf({}, Object.getPrototypeOf(grant)),
    new Proxy(grant, {}),
    grant.constructor,
  ];
  for (const impostor of impostors) {
    assertEquals(approveByGrant(impostor as SessionGrant, covered), undefined);
  }
  for (const maker of [undefined, Symbol("decide"), "decide"]) {
    assertThrows(() => Reflect.construct(grant.constructor, [maker]), /Cannot grant anything/);
  }
  // @ts-expect-error: the private field makes the type one that no literal has the shape of.
  const forged: SessionGrant = {};
  assertEquals(approveByGrant(forged, covered), undefined);
});

Deno.test("takeApproved() gives the request that was approved, once", () => {
  const approved = approvedByKey();
  assertEquals(approved.basis, "key");
  assertTrue(approved.request === REQUEST);
  assertTrue(takeApproved(approved) === REQUEST);
  assertThrows(
    () => takeApproved(approved),
    /Cannot run an approved request a second time/,
  );
  assertThrows(
    () => takeApproved(approved),
    /Cannot run an approved request a second time/,
  );
});

Deno.test("takeApproved() throws on everything that is not an approval", () => {
  const approved = approvedByKey();
  const impostors: readonly unknown[] = [
    undefined,
    null,
    true,
    "approved",
    Symbol("decide"),
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
      () => takeApproved(impostor as Approved),
      /Cannot run a request without an/,
    );
  }
  assertTrue(takeApproved(approved) === REQUEST, "none of them used the real one up");
});

Deno.test("takeApproved() throws on a structured copy of an approval", () => {
  const copy = structuredClone({ ...approvedByKey() });
  assertThrows(
    () => takeApproved(copy as Approved),
    /Cannot run a request without an approval/,
  );
});

Deno.test("Approved can't be made through the constructor of an approval", () => {
  const { constructor } = approvedByKey();
  const makers: readonly unknown[] = [
    undefined,
    Symbol("decide"),
    Symbol.for("decide"),
    "decide",
    REQUEST,
  ];
  for (const maker of makers) {
    assertThrows(
      () => Reflect.construct(constructor, [maker, REQUEST, "key"]),
      /Cannot make an approval without a key/,
    );
  }
  assertThrows(() => Reflect.apply(constructor, undefined, []), /without 'new'/);
});

Deno.test("Approved can't be made by a class that extends that of an approval", () => {
  const Base = approvedByKey().constructor as new (...given: unknown[]) => object;
  class Forged extends Base {}
  assertThrows(() => new Forged(Symbol("decide"), REQUEST, "key"), /Cannot make an approval/);
});

Deno.test("Approved can't be written as an object literal that the compiler takes for one", () => {
  // @ts-expect-error: private fields make the type one that nothing else has the shape of.
  const forged: Approved = { request: REQUEST, basis: "key" };
  assertThrows(() => takeApproved(forged), /Cannot run a request without an approval/);
});

Deno.test("Approved keeps its request and basis", () => {
  const approved = approvedByKey();
  const other = resolved("other");
  assertThrows(() => Object.assign(approved, { request: other }), /only a getter/);
  assertThrows(() => Object.assign(approved, { basis: "trust" }), /only a getter/);
  Reflect.set(approved, "request", other);
  // Whatever is put over the getter, what runs is what was approved.
  Object.defineProperty(approved, "request", { value: other });
  assertTrue(takeApproved(approved) === REQUEST);
});
