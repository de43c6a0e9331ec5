/** What sudo remembers: for which command it is needed, when it goes, and whom it counts for. */
import { assertEquals } from "../rig/assert.ts";
import { FINISHED, kinds, Machine, notes, only } from "./machine.ts";
import { resolved } from "./resolved.ts";

const asUser = (id: string) => resolved(id, { privileged: false });

/** A machine whose sudo asks for each command, and was content with the first. */
function starting(): Machine {
  const machine = new Machine({ password: "each" });
  machine.approve(resolved("one"));
  machine.asked("one", "kept");
  return machine;
}

Deno.test("update() makes sudo forget once the command that it was asked for has begun", () => {
  const machine = starting();
  assertEquals(kinds(machine.send({ kind: "started", id: "one" })), []);
  assertEquals(kinds(machine.send({ kind: "begun", id: "one" })), ["forget"]);
  assertEquals(kinds(machine.send({ kind: "begun", id: "one" })), []);
  assertEquals(kinds(machine.send({ kind: "ended", id: "one", end: FINISHED })), ["reply"]);
});

Deno.test("update() makes sudo forget where the command ended before it was seen to begin", () => {
  const end = starting().send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(kinds(end), ["reply", "forget"]);
});

Deno.test("update() makes sudo forget at once where nothing needs what it learned", () => {
  const machine = new Machine({ password: "each" });
  machine.approve(resolved("one"));
  machine.send({ kind: "clientGone", id: "one" });
  assertEquals(kinds(machine.asked("one", "kept")), ["takeBack", "forget"]);
  for (const result of ["failed", "notKept"] as const) {
    const nothing = new Machine({ password: "each" });
    nothing.approve(resolved("one"));
    nothing.send({ kind: "clientGone", id: "one" });
    assertEquals(kinds(nothing.asked("one", result)), ["takeBack"]);
  }
});

Deno.test("update() leaves sudo its memory where that decides", () => {
  const machine = new Machine();
  machine.approve(resolved("one"));
  machine.checked("one", false);
  machine.asked("one", "kept");
  assertEquals(kinds(machine.send({ kind: "begun", id: "one" })), []);
  assertEquals(kinds(machine.send({ kind: "ended", id: "one", end: FINISHED })), ["reply"]);
});

Deno.test("update() waits with the next question until the command before has begun", () => {
  const machine = starting();
  assertEquals(kinds(machine.approve(resolved("two"))), ["withdraw"]);
  assertEquals(machine.phase, "checking");
  assertEquals(machine.press("n"), [], "keys are thrown away");
  assertEquals(machine.checked("two", true), [], "nobody asked for that");
  const begun = machine.send({ kind: "begun", id: "one" });
  assertEquals(kinds(begun), ["authenticate"], "the question makes sudo forget");
  assertEquals(machine.phase, "lent to start");
  assertEquals(kinds(machine.asked("two", "kept")), ["takeBack", "start"]);
  assertEquals(kinds(machine.send({ kind: "begun", id: "two" })), ["forget"]);
});

Deno.test("update() waits no longer where the command before ended, or the next was withdrawn", () => {
  const ended = starting();
  ended.approve(resolved("two"));
  const end = ended.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(kinds(end), ["reply", "authenticate"]);
  const withdrawn = starting();
  withdrawn.approve(resolved("two"));
  withdrawn.send({ kind: "clientGone", id: "two" });
  assertEquals(withdrawn.phase, "idle");
  assertEquals(kinds(withdrawn.send({ kind: "begun", id: "one" })), ["forget"]);
});

Deno.test("update() starts what is unprivileged beside a command that has not begun", () => {
  const machine = starting();
  assertEquals(kinds(machine.approve(asUser("two"))), ["withdraw", "start"]);
});

Deno.test("update() keeps what sudo learned until the command ended that it is to end", () => {
  const machine = starting();
  machine.send({ kind: "started", id: "one" });
  machine.send({ kind: "begun", id: "one" });
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(kinds(machine.asked("one", "kept")), ["takeBack", "signal"]);
  assertEquals(kinds(machine.send({ kind: "begun", id: "one" })), [], "SIGKILL needs it, too");
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(kinds(end), ["reply", "forget"]);
});

Deno.test("update() asks for no password to end a command while another has not begun", () => {
  const machine = starting();
  machine.send({ kind: "started", id: "one" });
  machine.send({ kind: "begun", id: "one" });
  machine.approve(resolved("two"));
  machine.asked("two", "kept");
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const failed = machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(only(failed, "authenticate"), []);
  assertEquals(machine.submit(resolved("three")), [], "that question is the next");
  assertEquals(kinds(machine.send({ kind: "begun", id: "two" })), ["authenticate"]);
  assertEquals(machine.phase, "lent to ending");
});

Deno.test("update() makes nobody forget while sudo asks for another command", () => {
  const machine = starting();
  machine.send({ kind: "started", id: "one" });
  machine.send({ kind: "begun", id: "one" });
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  machine.asked("one", "kept");
  machine.approve(resolved("two"));
  assertEquals(machine.phase, "lent to start");
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(kinds(end), ["reply"], "sudo -k would drop what is being learned");
  assertEquals(kinds(machine.asked("two", "failed")), ["takeBack", "reply", "forget"]);
});

// Sharing

Deno.test("update() has it looked until it is known whether sudo shares what it remembers", () => {
  const machine = new Machine();
  const looks = (id: string) =>
    only(machine.approve(resolved(id)), "checkCredentials").map(({ lookForSharing }) =>
      lookForSharing
    );
  assertEquals(looks("one"), [true]);
  machine.checked("one", true);
  assertEquals(looks("two"), [true], "it was not looked");
  machine.checked("two", true, false);
  assertEquals(looks("three"), [false]);
  assertEquals(machine.state.sharing, "private");
});

Deno.test("update() takes the grant and the key a away once sudo shares what it remembers", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.arm();
  machine.press("a");
  machine.approve(resolved("two"));
  machine.submit(asUser("three"));
  const effects = machine.checked("two", true, true);
  assertEquals(notes(effects), ["policy", "shown"], "three is asked about");
  assertEquals(machine.state.grant, undefined);
  assertEquals(machine.history.filter((line) => line.includes("The key a is gone")).length, 1);
  machine.arm();
  assertEquals(kinds(machine.press("a")), ["bell"]);
  assertEquals(machine.checked("nobody", true, false), []);
  assertEquals(machine.state.sharing, "shared", "for good");
});

Deno.test("update() believes a look that belongs to no request, as at the start", () => {
  const machine = new Machine();
  assertEquals(notes(machine.checked("", true, true)), ["policy"]);
  assertEquals(machine.state.sharing, "shared");
});

// The end

Deno.test("update() knows whether sudo may remember something at the end", () => {
  const used = (machine: Machine) => machine.state.usedCredentials;
  assertEquals(used(new Machine()), false);
  const unprivileged = new Machine();
  unprivileged.run(asUser("one"));
  assertEquals(used(unprivileged), false);
  const checked = new Machine();
  checked.approve(resolved("one"));
  assertEquals(used(checked), true);
  assertEquals(used(starting()), true);
});
