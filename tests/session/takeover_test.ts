/** Commands that take over the terminal, since sudo keeps no credentials. */
import { assertEquals, assertMatch, at } from "../rig/assert.ts";
import { FINISHED, kinds, Machine, only } from "./machine.ts";
import { resolved } from "../session/resolved.ts";

/** A machine whose terminal is lent to sudo, so that the request can start. */
function lentToStart(request = resolved("one")): Machine {
  const machine = new Machine();
  machine.approve(request);
  machine.checked(request.id, false);
  assertEquals(machine.phase, "lent to start");
  return machine;
}

/** A machine whose sudo was seen to keep no credentials, with the terminal free. */
function keepingNothing(): Machine {
  const machine = lentToStart(resolved("before"));
  machine.asked("before", "notKept");
  machine.send({ kind: "ended", id: "before", end: FINISHED });
  assertEquals(machine.phase, "idle");
  return machine;
}

Deno.test("update() leaves the terminal to the command where sudo keeps no credentials", () => {
  const machine = lentToStart();
  const effects = machine.asked("one", "notKept");
  assertEquals(kinds(effects), ["start"]);
  assertEquals(at(only(effects, "start"), 0).withTerminal, true);
  assertEquals(machine.phase, "lent to command");
  assertEquals(machine.submit(resolved("two")), [], "no prompt beside it");
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(kinds(end), ["takeBack", "reply", "show"]);
});

Deno.test("update() lends the terminal to the command at once after sudo was seen to keep nothing", () => {
  const machine = keepingNothing();
  machine.approve(resolved("one"));
  const effects = machine.checked("one", false);
  assertEquals(kinds(effects), ["start"]);
  assertEquals(at(only(effects, "start"), 0).withTerminal, true);
  assertEquals(machine.phase, "lent to command");
});

Deno.test("update() refuses a privileged pipeline where sudo keeps no credentials", () => {
  const pipeline = [["/usr/bin/cat", "/etc/shadow"], ["/usr/bin/wc", "-l"]];
  const first = lentToStart(resolved("one", { pipeline }));
  const effects = first.asked("one", "notKept");
  assertEquals(kinds(effects), ["takeBack", "reply"]);
  assertMatch(at(only(effects, "reply"), 0).response.message ?? "", /send its stages one by one/);

  const later = keepingNothing();
  later.approve(resolved("two", { pipeline }));
  const again = later.checked("two", false);
  assertEquals(kinds(again), ["reply"], "the terminal was not lent, so it is not taken back");
  assertEquals([later.phase, later.state.jobs.size], ["idle", 0]);
});

Deno.test("update() never starts by what sudo remembers where it is to ask for each command", () => {
  const machine = new Machine({ password: "each" });
  machine.approve(resolved("before"));
  machine.asked("before", "notKept");
  machine.send({ kind: "ended", id: "before", end: FINISHED });
  machine.approve(resolved("one"));
  // sudo kept nothing a moment ago; that it finds something now was not this person's answer.
  machine.checked("one", true);
  assertEquals(machine.phase, "lent to command", "sudo must ask its question");
});
