/** What happens to the terminal: resets, its answers, job control, and whose Ctrl+C it is. */
import { ARM_MS, REPLACED_ARM_MS } from "../../lib/decide/times.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { FINISHED, kinds, Machine, notes, only } from "./machine.ts";
import { resolved } from "./resolved.ts";

const asUser = (id: string) => resolved(id, { privileged: false });
const WHOLE = { first: 0, page: 10, total: 10 };

/** A machine with the request on the screen, read whole, and quiet for long enough. */
function armed(): Machine {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.arm();
  return machine;
}

/** What the terminal has to be asked for, and whether that was answered. */
function terminalOf(machine: Machine): readonly [resets: number, isKnown: boolean] {
  const { resets, ascii } = machine.state.terminal;
  return [resets, ascii !== undefined];
}

Deno.test("update() has the terminal reset at the start, and asks what it draws", () => {
  assertEquals(terminalOf(new Machine()), [1, false]);
});

Deno.test("update() has it reset before each prompt, after a loan, a command and a stop", () => {
  const machine = new Machine();
  const expectReset = (what: string, happen: () => void, times = 1): void => {
    machine.probe();
    const [before] = terminalOf(machine);
    happen();
    assertEquals(terminalOf(machine), [before + times, false], what);
  };
  expectReset("a prompt", () => machine.submit(resolved("one")));
  machine.arm();
  machine.press("y");
  machine.checked("one", false);
  expectReset("a loan", () => machine.asked("one", "kept"));
  expectReset("a command", () => machine.send({ kind: "ended", id: "one", end: FINISHED }));
  expectReset("a stop of this process", () => machine.send({ kind: "continued" }));
  machine.approve(resolved("two"));
  machine.checked("two", false);
  machine.submit(resolved("three"));
  expectReset("a loan, and then a prompt", () => machine.asked("two", "failed"), 2);
});

Deno.test("update() believes the answer after the last reset alone", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  const { resets } = machine.state.terminal;
  machine.send({ kind: "probed", reset: resets - 1, ascii: false });
  assertEquals(machine.state.terminal.ascii, undefined);
  machine.send({ kind: "probed", reset: resets, ascii: true });
  assertEquals(machine.state.terminal.ascii, true);
});

Deno.test("update() takes nothing for drawn before it is known what the terminal draws", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  const draw = () =>
    machine.send({ kind: "drawn", drawing: machine.state.terminal.drawings, visible: WHOLE });
  draw();
  assertEquals(kinds(machine.press("y", 5000)), ["bell"]);
  machine.probe();
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "that drawing was another one");
  draw();
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("update() disarms the prompt where a command ends, until it was drawn and read anew", () => {
  const machine = new Machine();
  machine.run(asUser("zero"));
  machine.submit(asUser("one"));
  machine.arm();
  const { drawings: drawing } = machine.state.terminal;
  machine.send({ kind: "ended", id: "zero", end: FINISHED });
  machine.send({ kind: "drawn", drawing, visible: WHOLE });
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "the answer was on its way");
  machine.draw(false);
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "it was not read anew");
  machine.draw();
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("update() gives no two drawings of prompts the same number", () => {
  const machine = new Machine();
  const seen = new Set<number>();
  const note = () => {
    const { drawings } = machine.state.terminal;
    assertTrue(!seen.has(drawings));
    seen.add(drawings);
  };
  for (const id of ["one", "two"]) {
    machine.submit(asUser(id));
    note();
    machine.probe();
    for (const key of [" ", "?", "x"]) {
      machine.press(key);
      note();
      if (key === "?") machine.draw();
    }
    machine.send({ kind: "resized", columns: 90 + seen.size, rows: 24 });
    note();
    machine.press("n");
  }
});

Deno.test("update() rings and notifies for each request, and rings for a key without a meaning", () => {
  const machine = new Machine();
  const counts = () => [machine.state.terminal.bells, machine.state.terminal.notices];
  assertEquals(counts(), [0, 0]);
  machine.submit(asUser("one"), asUser("two"));
  assertEquals(counts(), [1, 1]);
  machine.press("x");
  assertEquals(counts(), [2, 1]);
  machine.press("n");
  assertEquals(counts(), [3, 2]);
});

Deno.test("update() notes with a decision the layout that was on the screen", () => {
  const machine = new Machine();
  const screens = (key: string) => {
    const decided = only(machine.press(key), "record").map(({ note }) => note);
    return decided.map((note) => note.what === "decided" ? note.screen : note.what);
  };
  machine.send({ kind: "resized", columns: 90, rows: 30 });
  machine.submit(asUser("zero"));
  machine.arm();
  assertEquals(screens("y"), [{ columns: 90, ascii: false }]);
  machine.submit(asUser("one"), asUser("two"), asUser("three"));
  machine.send({ kind: "probed", reset: machine.state.terminal.resets, ascii: true });
  assertEquals(screens("n"), [{ columns: 90, ascii: true }, "shown"]);
  machine.probe();
  assertEquals(screens("d"), [{ columns: 90, ascii: false }, undefined], "three was not shown");
});

// Job control

Deno.test("update() stops this process on SIGTSTP, once, and shows the request anew after it", () => {
  const machine = armed();
  assertEquals(kinds(machine.send({ kind: "suspend" })), ["suspend"]);
  assertEquals(machine.state.terminal.suspended, true);
  assertEquals(machine.send({ kind: "suspend" }), []);
  const { bells, notices } = machine.state.terminal;
  assertEquals(kinds(machine.send({ kind: "continued" })), ["redraw"]);
  assertEquals(machine.state.terminal.suspended, false);
  assertEquals(
    [machine.state.terminal.bells, machine.state.terminal.notices],
    [bells + 1, notices + 1],
  );
  assertEquals(kinds(machine.press("y", 5000)), ["bell"]);
  machine.draw();
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("update() disarms the prompt where this process goes on, whatever stopped it", () => {
  const machine = armed();
  machine.send({ kind: "continued" });
  assertEquals(kinds(machine.press("y", 5000)), ["bell"]);
});

Deno.test("update() announces nothing where this process goes on and nobody waits", () => {
  const machine = new Machine();
  const { bells, notices } = machine.state.terminal;
  machine.send({ kind: "continued" });
  assertEquals([machine.state.terminal.bells, machine.state.terminal.notices], [bells, notices]);
});

Deno.test("update() takes no key and shows no request while this process is about to stop", () => {
  const machine = armed();
  machine.send({ kind: "suspend" });
  for (const key of ["y", "n", "d", "\x03"]) assertEquals(machine.press(key), []);
  machine.send({ kind: "clientGone", id: "one" });
  assertEquals(only(machine.submit(asUser("two")), "show"), []);
  assertEquals(machine.press("q"), []);
  assertEquals(kinds(machine.send({ kind: "continued" })), ["show"]);
});

Deno.test("update() stops this process while the terminal is lent, and leaves it lent", () => {
  const machine = new Machine();
  machine.approve(resolved("one"));
  machine.checked("one", false);
  assertEquals(kinds(machine.send({ kind: "suspend" })), ["suspend"]);
  assertEquals(machine.send({ kind: "continued" }), []);
  assertEquals(machine.phase, "lent to start");
});

// Signals

Deno.test("update() leaves Ctrl+C to whoever has the terminal, and for a second after that", () => {
  const machine = new Machine();
  machine.approve(resolved("one"));
  machine.checked("one", false);
  const interrupt = (afterMs = 0) => machine.send({ kind: "signal", signal: "SIGINT" }, afterMs);
  assertEquals(interrupt(), []);
  machine.asked("one", "failed");
  assertEquals(interrupt(999), []);
  assertEquals(notes(interrupt(1)), ["stopping"]);
});

Deno.test("update() ends on other signals at any time, and on Ctrl+C where nothing was lent", () => {
  const lent = new Machine();
  lent.approve(resolved("one"));
  lent.checked("one", false);
  assertEquals(notes(lent.send({ kind: "signal", signal: "SIGTERM" })), ["stopping", "withdrawn"]);
  const idle = new Machine();
  assertEquals(kinds(idle.send({ kind: "signal", signal: "SIGINT" })), ["exit"]);
});

Deno.test("update() waits no longer than half a second after a key that was for reading", () => {
  const machine = new Machine();
  machine.press(" ");
  machine.submit(asUser("one"));
  machine.draw();
  assertEquals(kinds(machine.press("y", ARM_MS)), ["withdraw", "start"]);
});
