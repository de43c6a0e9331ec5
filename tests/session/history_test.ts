/** What stands in the history; the words themselves are those of `view/`. */
import { COMMAND_LENGTH, headOfCommand } from "../../lib/session/history.ts";
import { historyLines } from "../../lib/view/history.ts";
import { assertEquals, assertMatch, assertTrue, at } from "../rig/assert.ts";
import { FINISHED, Machine } from "./machine.ts";
import { resolved } from "./resolved.ts";

const asUser = (id: string) => resolved(id, { privileged: false });
const last = (machine: Machine) => machine.history.at(-1) ?? "";

Deno.test("update() writes decisions, ends and what came out into the history", () => {
  const machine = new Machine();
  machine.run(asUser("one"));
  assertMatch(last(machine), /^\d\d:\d\d:\d\d {2}approved {2}\/usr\/bin\/true$/);
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertMatch(machine.history.at(-2) ?? "", /exit 0, 0\.01 s, 5 bytes out: \/usr\/bin\/true/);
  assertMatch(last(machine), /┊ done$/);
});

Deno.test("update() keeps no place in the history for what has no line there", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw();
  assertEquals(machine.state.history.entries, []);
  machine.run(asUser("two"));
  const before = machine.state.history.entries;
  machine.send({ kind: "started", id: "two" });
  assertEquals(machine.state.history.entries, before);
});

Deno.test("headOfCommand() keeps as much as a line can show, however many words there are", () => {
  const many = Array.from({ length: 10_000 }, () => "x");
  const { stages } = headOfCommand({
    stages: Array.from({ length: 3 }, () => ({ program: "true", args: many })),
  });
  assertEquals(stages.length, 1);
  const { program, args } = at(stages, 0);
  assertTrue([program, ...args].join(" ").length <= COMMAND_LENGTH + 2);
  assertTrue(args.every((arg) => arg === "x"));
});

Deno.test("update() leaves the output of a trial to the program that started it", () => {
  const machine = new Machine({ onlyId: "one" });
  machine.run(asUser("one"));
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertMatch(last(machine), /bytes out/);
});

Deno.test("update() says before a loan what asks, and what for", () => {
  const machine = new Machine();
  machine.approve(resolved("one"));
  machine.checked("one", false);
  assertEquals(
    last(machine),
    "sudo asks for your password to run what you approved. Ctrl+C gives up.",
  );
  machine.asked("one", "notKept");
  assertEquals(
    last(machine),
    "sudo keeps no credentials: it asks again, for the command itself.",
  );
  const ending = new Machine();
  ending.run(resolved("one"));
  ending.send({ kind: "cancel", target: "one", replyTo: "c" });
  ending.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(last(ending), "sudo asks for your password to end the command. Ctrl+C gives up.");
  const polkit = new Machine({ authentication: "polkit" });
  polkit.approve(resolved("one"));
  assertMatch(last(polkit), /^polkit asks for your password to run what you approved/);
});

Deno.test("update() puts its questions into the history, and what became of them", () => {
  const machine = new Machine();
  machine.run(asUser("one"));
  machine.press("k");
  assertMatch(last(machine), /^End it\? .*\/usr\/bin\/true$/);
  machine.press("x");
  assertEquals(last(machine), "Cancelled.");
  machine.press("q");
  assertMatch(last(machine), /^Quit\?/);
  machine.submit(resolved("two"));
  assertEquals(last(machine), "Cancelled.", "a request takes its place");
});

Deno.test("update() says once that the audit trail can't be written, and that it can again", () => {
  const machine = new Machine();
  const trail = (fault: string | undefined, isBroken = false) => {
    const before = machine.history.length;
    machine.send({ kind: "trail", fault, isBroken });
    return machine.history.slice(before);
  };
  assertEquals(trail(undefined), []);
  assertMatch(trail("is full")[0] ?? "", /^Nothing can run: the audit trail is full/);
  assertEquals(trail("is full"), []);
  assertEquals(trail("is broken", true).length, 2);
  assertEquals(trail(undefined), ["The audit trail can be written again."]);
});

Deno.test("update() keeps what is said whole, without what could move the cursor", () => {
  const machine = new Machine();
  machine.send({ kind: "said", text: "a\x1b[2Jb", tone: "warning" });
  const [line] = historyLines(at(machine.state.history.entries, 0), 80);
  assertEquals([line?.isWhole, line?.line[0]?.style], [true, "warning"]);
  assertTrue(!last(machine).includes("\x1b"));
});

Deno.test("update() keeps no more of a line of the log than one row shows", () => {
  const machine = new Machine();
  for (const tone of ["log", "plain"] as const) {
    machine.send({ kind: "said", text: "a".repeat(100_000), tone });
  }
  const kept = machine.state.history.entries.map((entry) =>
    entry.kind === "said" ? entry.text.length : 0
  );
  assertTrue(at(kept, 0) < 1000, `${kept}`);
  assertEquals(at(kept, 1), 100_000, "our own words are kept whole");
});

Deno.test("update() keeps the last 50 entries, and knows how many were there before", () => {
  const machine = new Machine();
  for (let line = 0; line < 53; line++) {
    machine.send({ kind: "said", text: `line ${line}`, tone: "plain" });
  }
  const { dropped, entries } = machine.state.history;
  assertEquals([dropped, entries.length, machine.history[0], last(machine)], [
    3,
    50,
    "line 3",
    "line 52",
  ]);
});
