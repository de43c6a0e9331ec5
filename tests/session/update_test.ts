import { type Prompt, unarmedReason } from "../../lib/decide/prompt.ts";
import {
  ARM_MS,
  DENY_ALL_MS,
  MESSAGE_TIMEOUT_MS,
  REPLACED_ARM_MS,
  STALL_MS,
} from "../../lib/decide/times.ts";
import { idFault, refusal } from "../../lib/session/facts.ts";
import type { StopCause } from "../../lib/session/history.ts";
import { KILL_AFTER_MS, STOP_WAIT_MS } from "../../lib/session/times.ts";
import { assertEquals, assertMatch, assertTrue, at, atLeast } from "../rig/assert.ts";
import { FINISHED, type Happening, kinds, Machine, notes, only, type Result } from "./machine.ts";
import { resolved } from "./resolved.ts";

/** The person asks between prompts alone. */
const STOP_CAUSES: readonly Exclude<StopCause, "person">[] = [
  "request",
  "signal",
  "itself",
  "hangup",
];
const asUser = (id: string) => resolved(id, { privileged: false });

/** A machine with the request on the screen, drawn whole, and quiet for long enough. */
function prompting(request = resolved("one"), config = {}): Machine {
  const machine = new Machine(config);
  machine.submit(request);
  machine.arm();
  return machine;
}

/** A machine whose terminal is lent to sudo, so that the request can start. */
function lentToStart(request = resolved("one")): Machine {
  const machine = new Machine();
  machine.approve(request);
  machine.checked(request.id, false);
  assertEquals(machine.phase, "lent to start");
  return machine;
}

/** A machine with a command that runs, and the terminal free. */
function running(request = resolved("one")): Machine {
  const machine = new Machine();
  machine.run(request);
  assertEquals([...machine.state.jobs.keys()], [request.id]);
  return machine;
}

/** The response to one request; fails unless there is exactly one. */
function replyTo(id: string, effects: readonly Result[]): { status: string; message?: string } {
  const found = only(effects, "reply").filter((effect) => effect.id === id);
  assertEquals(found.length, 1, `replies to "${id}"`);
  assertEquals(at(found, 0).response.id, id);
  return at(found, 0).response;
}

function promptOf(machine: Machine): Prompt {
  const { phase } = machine.state;
  assertTrue(phase.kind === "prompting");
  return phase.prompt;
}

function events(effects: readonly Result[]): readonly unknown[] {
  return only(effects, "tell").map(({ event }) => event);
}

// Arrival and line

Deno.test("update() shows a request at once where the terminal is free", () => {
  const machine = new Machine();
  const request = resolved("one");
  const effects = machine.submit(request);
  assertEquals(kinds(effects), ["show"]);
  assertTrue(at(only(effects, "show"), 0).request === request);
  assertEquals(notes(effects), ["shown"]);
  assertEquals(promptOf(machine).deadline, machine.now + 60_000);
});

Deno.test("update() shows one request at a time, in the order in which they came", () => {
  const machine = prompting(resolved("one"));
  assertEquals(machine.submit(resolved("two"), asUser("three")), []);
  const effects = machine.press("n");
  assertEquals(kinds(effects), ["withdraw", "reply", "show"]);
  assertEquals(at(only(effects, "show"), 0).request.id, "two");
  assertEquals(machine.state.queue.map(({ id }) => id), ["three"]);
});

Deno.test("update() counts the time of a request from when it is shown", () => {
  const machine = prompting(resolved("one"));
  machine.submit(resolved("two"));
  const effects = machine.wait(59_500);
  assertEquals(replyTo("one", effects).status, "timeout");
  assertEquals(promptOf(machine).request.id, "two");
  assertEquals(promptOf(machine).deadline, machine.now + 60_000);
  assertEquals(machine.wait(59_999), []);
  assertEquals(replyTo("two", machine.wait(1)).status, "timeout");
});

Deno.test("update() tells a client that listens what becomes of its request", () => {
  const machine = new Machine();
  const request = resolved("one", { stream: true });
  const waiting = resolved("two", { stream: true });
  assertEquals(events(machine.submit(request)), [
    { id: "one", event: "shown", timeout_ms: 60_000 },
  ]);
  assertEquals(events(machine.submit(waiting)), [{ id: "two", event: "queued", position: 2 }]);
  machine.arm();
  assertEquals(events(machine.press("y")), [{ id: "one", event: "approved" }]);
  assertEquals(events(machine.checked("one", true)), [
    { id: "two", event: "shown", timeout_ms: 60_000 },
  ]);
  assertEquals(events(machine.send({ kind: "started", id: "one" })), [
    { id: "one", event: "started" },
  ]);
});

Deno.test("update() tells those in line that they moved up", () => {
  const machine = prompting(resolved("one"));
  const stream = true;
  machine.submit(resolved("two", { stream }), resolved("three", { stream }), resolved("four"));
  assertEquals(events(machine.send({ kind: "clientGone", id: "two" })), [
    { id: "three", event: "queued", position: 2 },
  ]);
});

Deno.test("update() tells those in line that they moved up when one of them is shown or starts", () => {
  const stream = true;
  const machine = prompting(asUser("one"));
  const three = resolved("three", { stream });
  machine.submit(asUser("two"), resolved("between"), three);
  assertEquals(events(machine.press("a")), [
    { id: "three", event: "queued", position: 2 },
    { id: "three", event: "queued", position: 2 },
  ], "two starts, between is shown");
  machine.submit(resolved("four", { stream }));
  assertEquals(events(machine.press("n")), [
    { id: "three", event: "shown", timeout_ms: 60_000 },
    { id: "four", event: "queued", position: 2 },
  ]);
});

Deno.test("update() tells a client that did not ask for events nothing but the response", () => {
  const machine = new Machine();
  const effects = machine.run(resolved("one"));
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(events([...effects, ...end]), []);
});

Deno.test("refusal() says that an id is in use that waits, is shown, is checked, or runs", () => {
  const expectRefusal = (machine: Machine): void => {
    for (const fault of [refusal(machine.state, "one"), idFault(machine.state, "one")]) {
      assertEquals(fault, {
        code: "id_used",
        message: 'refused request: "id" must be new, and "one" is in use',
      });
    }
    assertEquals(refusal(machine.state, "another"), undefined);
    const { state } = machine;
    // Its client has heard of it; an answer would reach the first one.
    assertEquals(machine.submit(resolved("one", { pipeline: [["/usr/bin/other"]] })), []);
    assertEquals<unknown>(machine.state, { ...state, now: machine.now });
  };
  expectRefusal(prompting());
  const queued = prompting(resolved("zero"));
  queued.submit(resolved("one"));
  expectRefusal(queued);
  const checking = prompting();
  checking.press("y");
  expectRefusal(checking);
  expectRefusal(lentToStart());
  const withdrawn = lentToStart();
  withdrawn.send({ kind: "clientGone", id: "one" });
  expectRefusal(withdrawn);
  expectRefusal(running());
  const asked = running();
  asked.press("k");
  asked.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(asked.phase, "asking");
  // The next k would end another command than the one that the question names.
  expectRefusal(asked);
  assertEquals(refusal(new Machine().state, "one"), undefined);
});

Deno.test("refusal() serves one request alone for a trial, and each of its cancels", () => {
  const { state } = new Machine({ onlyId: "one" });
  assertEquals(refusal(state, "one"), undefined);
  assertEquals(refusal(state, "two"), {
    code: "not_served",
    message: "refused request: this daemon serves one trial, and no other request",
  });
  assertEquals(idFault(state, "two"), undefined);
});

// The decision

Deno.test("update() checks for credentials once a privileged request is approved", () => {
  for (const key of ["y", "Y"]) {
    const machine = prompting();
    const effects = machine.press(key);
    assertEquals(kinds(effects), ["withdraw", "checkCredentials"]);
    assertEquals(notes(effects), ["approved"]);
    assertEquals(machine.phase, "checking");
  }
});

Deno.test("update() starts an unprivileged request as soon as it is approved", () => {
  const machine = prompting(asUser("one"));
  const effects = machine.press("y");
  assertEquals(kinds(effects), ["withdraw", "start"]);
  const [{ approved, withTerminal }] = atLeast(1, only(effects, "start"));
  assertEquals([approved.request.id, approved.basis, withTerminal], ["one", "key", false]);
  assertEquals(machine.phase, "idle");
});

Deno.test("update() starts a privileged request at once where the daemon is root", () => {
  const machine = prompting(resolved("one"), { authentication: "none" });
  assertEquals(kinds(machine.press("y")), ["withdraw", "start"]);
});

Deno.test("update() denies on n, N, Enter, Esc and Ctrl+C, armed or not", () => {
  for (const key of ["n", "N", "\r", "\n", "\x1b", "\x03"]) {
    for (const machine of [prompting(), new Machine()]) {
      if (machine.phase === "idle") machine.submit(resolved("one"));
      const effects = machine.press(key);
      assertEquals(kinds(effects), ["withdraw", "reply"], JSON.stringify(key));
      assertEquals(notes(effects), ["denied"]);
      assertEquals<unknown>(replyTo("one", effects), { id: "one", status: "denied" });
      assertEquals(machine.phase, "idle");
    }
  }
});

Deno.test("update() denies the shown request and all that wait on d", () => {
  const machine = prompting();
  machine.submit(resolved("two"), asUser("three"));
  const effects = machine.press("d");
  assertEquals(kinds(effects), ["withdraw", "reply", "reply", "reply"]);
  for (const id of ["one", "two", "three"]) assertEquals(replyTo(id, effects).status, "denied");
  assertEquals(notes(effects), ["denied", "denied", "denied"]);
  assertEquals([machine.phase, machine.state.queue.length], ["idle", 0]);
});

Deno.test("update() leaves running commands alone on d", () => {
  const machine = running(resolved("zero"));
  machine.submit(resolved("one"), resolved("two"));
  const effects = machine.press("d");
  assertEquals(only(effects, "signal"), []);
  assertEquals([...machine.state.jobs.keys()], ["zero"]);
});

Deno.test("update() rings the bell and decides nothing on keys and bursts that mean nothing", () => {
  const bursts = ["x", "q", "k", "yy", "yn", "\x1by", "y\r", "ý", "\x1b[C", "", "yes", "\t", "1"];
  for (const burst of bursts) {
    const machine = prompting();
    assertEquals(kinds(machine.press(burst)), ["bell"], JSON.stringify(burst));
    assertEquals(machine.phase, "prompting");
  }
});

Deno.test("update() scrolls on the keys that move, and waits for what is drawn then", () => {
  const long = { first: 10, page: 5, total: 30 };
  const keys = {
    " ": 14,
    "\x1b[A": 9,
    "\x1b[B": 11,
    "\x1b[5~": 6,
    "\x1b[6~": 14,
    "\x1b[H": 0,
    "\x1b[F": 25,
  };
  for (const [burst, scroll] of Object.entries(keys)) {
    const machine = prompting();
    const drawing = () => machine.state.terminal.drawings;
    machine.send({ kind: "drawn", drawing: drawing(), visible: long });
    for (let line = 0; line < 10; line++) machine.press("\x1b[B");
    assertEquals(promptOf(machine).scroll, 10);
    assertEquals(kinds(machine.press(burst)), ["redraw"]);
    assertEquals(promptOf(machine).scroll, scroll);
    assertEquals(kinds(machine.press("y", 30_000)), ["bell"], "it was not drawn");
    machine.arm();
    assertEquals(kinds(machine.press("y", 499)), ["withdraw", "checkCredentials"]);
  }
});

Deno.test("update() scrolls within what there is", () => {
  const undrawn = new Machine();
  undrawn.submit(resolved("one"));
  undrawn.press("\x1b[F");
  assertEquals(promptOf(undrawn).scroll, 0, "nobody knows the end");
  const machine = prompting();
  const { drawings: drawing } = machine.state.terminal;
  machine.send({ kind: "drawn", drawing, visible: { first: 0, page: 5, total: 12 } });
  const scrolls = [" ", " ", " ", "\x1b[B", "\x1b[A", "\x1b[5~", "\x1b[5~"].map((key) => {
    machine.press(key);
    return promptOf(machine).scroll;
  });
  assertEquals(scrolls, [4, 7, 7, 7, 6, 2, 0]);
});

Deno.test("update() counts a line as read that was visible in a drawing that the terminal made", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.probe();
  const see = (first: number, page: number, total = 12) => {
    const { drawings: drawing } = machine.state.terminal;
    machine.send({ kind: "drawn", drawing, visible: { first, page, total } });
  };
  const reason = () => unarmedReason(promptOf(machine), machine.now + 5000);
  see(5, 7);
  assertEquals(reason(), "unread", "the beginning was not seen");
  see(0, 4);
  assertEquals(reason(), "unread", "one line was not seen");
  machine.send({ kind: "resized", columns: 100, rows: 24 });
  see(0, 3);
  // Jumping over the middle is not enough.
  machine.press("\x1b[F");
  see(7, 5);
  assertEquals(reason(), "unread");
  machine.press("\x1b[A");
  see(3, 4);
  assertEquals(reason(), undefined);
  // Another layout has other lines, however many were seen of the one before.
  see(0, 12, 13);
  assertEquals(reason(), "unread");
  see(1, 12, 13);
  assertEquals(reason(), undefined);
  // A window that shows none shows nothing new.
  see(0, 0, Infinity);
  assertEquals(reason(), undefined);
});

// Arming

Deno.test("unarmedReason() says why y does not count yet", () => {
  const machine = new Machine();
  machine.submit(resolved("one"));
  const reason = (afterMs: number) => unarmedReason(promptOf(machine), machine.now + afterMs);
  assertEquals(reason(5000), "drawing");
  machine.draw(false);
  assertEquals(reason(5000), "unread");
  machine.draw(true);
  assertEquals(reason(499), "unquiet");
  assertEquals(reason(500), undefined);
  machine.press("?");
  assertEquals(reason(5000), "drawing");
  machine.draw(true);
  assertEquals(reason(5000), "help");
  assertEquals(ARM_MS, 500);
});

Deno.test("update() lets no key approve before the prompt was drawn", () => {
  for (const key of ["y", "Y", "a"]) {
    const machine = new Machine();
    machine.submit(asUser("one"));
    assertEquals(kinds(machine.press(key, 30_000)), ["bell"]);
  }
});

Deno.test("update() lets no key approve before the whole request was on the screen", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw(false);
  assertEquals(kinds(machine.press("y", 5000)), ["bell"]);
  machine.draw(true);
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("update() disarms a prompt whose layout changed until it was read whole again", () => {
  const machine = prompting(asUser("one"));
  const { drawings: drawing } = machine.state.terminal;
  machine.send({ kind: "resized", columns: 79, rows: 24 });
  machine.send({ kind: "drawn", drawing, visible: { first: 0, page: 10, total: 10 } });
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "it was not drawn");
  machine.draw(false);
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "it was not read");
  machine.draw(true);
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("update() counts what was seen in passing, and waits for the last drawing alone", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.probe();
  const see = (drawing: number, first: number) =>
    machine.send({ kind: "drawn", drawing, visible: { first, page: 5, total: 10 } });
  const { drawings } = machine.state.terminal;
  see(drawings, 0);
  machine.press("\x1b[6~");
  machine.press("\x1b[H");
  see(drawings + 1, 5);
  assertEquals(unarmedReason(promptOf(machine), machine.now + 5000), "drawing");
  see(drawings + 2, 0);
  assertEquals(unarmedReason(promptOf(machine), machine.now + 5000), undefined);
});

Deno.test("update() arms anew after a change of the window that comes back to the same size", () => {
  const machine = prompting(asUser("one"));
  machine.send({ kind: "resized", columns: 80, rows: 24 });
  assertEquals(kinds(machine.press("y")), ["bell"]);
});

Deno.test("update() lets a key approve 500 ms after the drawing, and not 499", () => {
  for (const key of ["y", "Y", "a"]) {
    const early = new Machine();
    early.submit(asUser("one"));
    early.draw();
    assertEquals(kinds(early.press(key, 499)), ["bell"]);
    const late = new Machine();
    late.submit(asUser("one"));
    late.draw();
    assertEquals(kinds(late.press(key, 500)).slice(0, 2), ["withdraw", "start"]);
  }
});

Deno.test("update() counts the stillness anew from every key in between", () => {
  const reading = ["\x1b[A", "\x1b[6~", " "].map((key) => [key, ARM_MS] as const);
  const other = ["y", "x", "yy", "q", "a", ""].map((key) => [key, REPLACED_ARM_MS] as const);
  for (const [key, stillMs] of [...reading, ...other]) {
    const machine = new Machine();
    machine.submit(asUser("one"));
    machine.draw();
    machine.press(key, 300);
    if (stillMs === ARM_MS) machine.draw();
    const name = JSON.stringify(key);
    assertEquals(kinds(machine.press("y", stillMs - 1)), ["bell"], name);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS - 1)), ["bell"], name);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"], name);
  }
});

Deno.test("update() does not let a held y approve", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw();
  // X11 repeats a held key after 660 ms, then every 40 ms; a slow desktop may wait for 1 s.
  for (const first of [300, 660, 1000]) {
    assertEquals(kinds(machine.press("y", first)), ["bell"]);
  }
  for (let count = 0; count < 200; count++) {
    assertEquals(kinds(machine.press("y", 33)), ["bell"]);
  }
});

Deno.test("update() does not count time in which neither the clock moved nor a key came, whatever else happened", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw();
  // Who floods the daemon keeps events coming while nobody reads the terminal.
  for (let at = 0; at < 30; at++) {
    machine.now += 200;
    machine.send({ kind: "trail", fault: undefined, isBroken: false });
    if (at < 10) machine.send({ kind: "submitted", request: resolved(`flood ${at}`) });
  }
  assertEquals(kinds(machine.press("y")), ["bell"]);
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)).slice(0, 2), ["withdraw", "start"]);
});

Deno.test("update() takes no other drawing for that of the shown request", () => {
  const machine = prompting(asUser("one"));
  const { drawings: drawing } = machine.state.terminal;
  machine.submit(asUser("two"));
  machine.send({ kind: "clientGone", id: "one" });
  machine.probe();
  const visible = { first: 0, page: 10, total: 10 };
  for (const late of [drawing, drawing + 1, 0, machine.state.terminal.drawings + 1]) {
    if (late === machine.state.terminal.drawings) continue;
    machine.send({ kind: "drawn", drawing: late, visible });
  }
  assertEquals(kinds(machine.press("y", 5000)), ["bell"]);
});

Deno.test("update() arms each prompt for itself", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  assertEquals(at(only(machine.press("y"), "show"), 0).request.id, "two");
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "two was not drawn yet");
});

Deno.test("update() gives a key pressed as the shown request goes away no meaning for the next", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  machine.send({ kind: "clientGone", id: "one" });
  machine.draw();
  assertEquals(kinds(machine.press("y", 100)), ["bell"]);
});

// Time

Deno.test("update() gives up a prompt that nobody answers after its time", () => {
  const machine = prompting();
  const effects = machine.wait(59_500);
  assertEquals(kinds(effects), ["withdraw", "reply"]);
  assertEquals(notes(effects), ["timeout"]);
  assertEquals<unknown>(replyTo("one", effects), { id: "one", status: "timeout" });
});

Deno.test("update() lets a key after the deadline approve nothing though no clock event came", () => {
  for (const key of ["y", "Y", "a"]) {
    const machine = prompting(asUser("one"));
    const effects = machine.press(key, 59_500);
    assertEquals(kinds(effects), ["withdraw", "reply"]);
    assertEquals(replyTo("one", effects).status, "timeout");
    const inTime = prompting(asUser("one"));
    assertEquals(kinds(inTime.press(key, 59_499)).slice(0, 2), ["withdraw", "start"]);
  }
});

Deno.test("update() does not let a late key approve the request that comes up in the same step", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  machine.now += 70_000;
  const effects = machine.press("y");
  assertEquals(kinds(effects), ["withdraw", "reply", "show"]);
  assertEquals(promptOf(machine).request.id, "two");
});

Deno.test("update() honours the prompt time that it was set up with", () => {
  const machine = prompting(resolved("one"), { promptTimeoutMs: 5000 });
  assertEquals(machine.wait(4499), []);
  assertEquals(replyTo("one", machine.wait(1)).status, "timeout");
});

// A line for the model

Deno.test("update() denies with the line that the person types after r", () => {
  const machine = prompting();
  assertEquals(kinds(machine.press("r")), []);
  assertEquals(promptOf(machine).message, "");
  machine.press("use ");
  machine.press("pacmanx");
  machine.press("\x7f");
  assertEquals(promptOf(machine).message, "use pacman");
  const effects = machine.press("\r");
  assertEquals(kinds(effects), ["withdraw", "reply"]);
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "denied",
    message: "use pacman",
  });
  const [{ note }] = atLeast(1, only(effects, "record"));
  assertEquals(note.what === "decided" && [note.key, note.message], ["r", "use pacman"]);
});

Deno.test("update() denies without a message where the line is empty or blank", () => {
  for (const line of ["", "   "]) {
    const machine = prompting();
    machine.press("r");
    if (line !== "") machine.press(line);
    assertEquals<unknown>(replyTo("one", machine.press("\r")), { id: "one", status: "denied" });
  }
});

Deno.test("update() takes y, a, d and n for letters while a line is typed", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  machine.press("r");
  for (const key of ["y", "Y", "a", "d", "n", "r", "q", " "]) {
    assertEquals(kinds(machine.press(key, 1000)), []);
  }
  assertEquals(promptOf(machine).message, "yYadnrq ");
});

Deno.test("update() goes back to the question on Esc or Ctrl+C, with its time and stillness anew", () => {
  for (const key of ["\x1b", "\x03"]) {
    const machine = prompting(asUser("one"));
    machine.press("r");
    machine.press("no", 50_000);
    assertEquals(kinds(machine.press(key, 50_000)), ["redraw"]);
    assertEquals(promptOf(machine).message, undefined);
    assertEquals(promptOf(machine).deadline, machine.now + 60_000);
    assertEquals(kinds(machine.press("y", 5000)), ["bell"], "it is not drawn again");
    machine.draw();
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS - 1)), ["bell"]);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
  }
});

Deno.test("update() begins no line before the prompt was drawn, and no key came for a while", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  assertEquals(kinds(machine.press("r", 5000)), ["bell"], "it is not drawn");
  machine.draw();
  assertEquals(kinds(machine.press("r", REPLACED_ARM_MS - 1)), ["bell"]);
  assertEquals(promptOf(machine).message, undefined);
  assertEquals(kinds(machine.press("r", REPLACED_ARM_MS)), []);
  assertEquals(promptOf(machine).message, "");
});

Deno.test("update() sends nothing of a password that is typed at a prompt", () => {
  const machine = prompting(resolved("one"));
  machine.submit(resolved("two"));
  machine.press("y");
  machine.checked("one", true);
  assertEquals(promptOf(machine).request.id, "two");
  machine.draw();
  for (const letter of ["correct", "horse"].join("")) machine.press(letter, 90);
  assertEquals<unknown>(replyTo("two", machine.press("\r", 90)), { id: "two", status: "denied" });
});

Deno.test("update() denies with what was typed where the line is not sent in its time", () => {
  const machine = prompting();
  machine.press("r");
  machine.press("use apt");
  assertEquals(machine.wait(MESSAGE_TIMEOUT_MS - 1), []);
  const effects = machine.wait(1);
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "denied",
    message: "use apt",
  });
});

Deno.test("update() keeps what can't be shown out of the line", () => {
  const machine = prompting();
  machine.press("r");
  machine.press("a\u202Eb\u200B\x07c");
  assertEquals(promptOf(machine).message, "abc");
  machine.press("d".repeat(1000));
  assertEquals(promptOf(machine).message?.length, 500);
});

Deno.test("update() sends no line by a newline that is pasted", () => {
  const machine = prompting();
  for (const burst of ["r", "\x1b[200~use", "\r", " apt\r", "\x1b[201~"]) {
    assertEquals(kinds(machine.press(burst)), [], JSON.stringify(burst));
  }
  assertEquals(promptOf(machine).message, "use apt");
  assertEquals(replyTo("one", machine.press("\r")).message, "use apt");
});

// Trust

Deno.test("update() trusts unprivileged requests from a on, those that wait too", () => {
  const machine = prompting(asUser("one"));
  machine.submit(resolved("two"), asUser("three"));
  const effects = machine.press("a");
  assertEquals(kinds(effects), ["withdraw", "start", "start", "show"]);
  assertEquals(
    only(effects, "start").map(({ approved }) => [approved.request.id, approved.basis]),
    [["one", "key"], ["three", "trust"]],
  );
  assertEquals(at(only(effects, "show"), 0).request.id, "two");
  assertEquals(notes(effects), ["approved", "policy", "trusted", "shown"]);
  const later = machine.submit(asUser("four"));
  assertEquals(kinds(later), ["start"]);
  assertEquals(notes(later), ["trusted"]);
});

Deno.test("update() asks about privileged requests whatever is trusted", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  assertEquals(kinds(machine.submit(resolved("two"))), ["show"]);
});

Deno.test("update() lets a do nothing on a privileged request, or where trust is not allowed", () => {
  for (const machine of [prompting(), prompting(asUser("one"), { mayTrust: false })]) {
    assertEquals(kinds(machine.press("a")), ["bell"]);
    assertEquals(machine.state.grant, undefined);
    assertEquals(kinds(machine.press("y", 499)), ["bell"], "it was a key all the same");
  }
});

Deno.test("update() keeps trusted requests waiting while the terminal is lent", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  machine.approve(resolved("two"));
  assertEquals(machine.submit(asUser("three")), [], "checking");
  machine.checked("two", false);
  assertEquals(machine.submit(asUser("four")), [], "lent");
  const effects = machine.asked("two", "kept");
  assertEquals(kinds(effects), ["takeBack", "start", "start", "start"]);
});

Deno.test("update() tells a trusted request where in the line it is while the terminal is lent", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  machine.approve(resolved("two"));
  const three = resolved("three", { privileged: false, stream: true });
  assertEquals(events(machine.submit(three)), [{ id: "three", event: "queued", position: 2 }]);
});

Deno.test("update() starts a trusted request beside a prompt, and leaves the prompt alone", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  machine.submit(resolved("two"));
  machine.draw();
  const { phase } = machine.state;
  assertEquals(kinds(machine.submit(asUser("three"))), ["start"]);
  assertTrue(machine.state.phase === phase);
});

// Authentication

Deno.test("update() starts what was approved where sudo has credentials", () => {
  const machine = prompting();
  machine.press("y");
  const effects = machine.checked("one", true);
  assertEquals(kinds(effects), ["start"]);
  assertEquals(at(only(effects, "start"), 0).withTerminal, false);
  assertEquals(machine.phase, "idle");
});

Deno.test("update() lends the terminal to sudo where it has no credentials, and starts after", () => {
  const machine = prompting();
  machine.press("y");
  const lent = machine.checked("one", false);
  assertEquals<unknown>(lent, [{
    kind: "authenticate",
    id: "one",
    signal: undefined,
    lookForSharing: true,
  }]);
  const effects = machine.asked("one", "kept");
  assertEquals(kinds(effects), ["takeBack", "start"]);
  assertEquals(at(only(effects, "start"), 0).withTerminal, false);
});

Deno.test("update() starts nothing where sudo did not know the person", () => {
  const machine = lentToStart();
  const effects = machine.asked("one", "failed");
  assertEquals(kinds(effects), ["takeBack", "reply"]);
  assertEquals(notes(effects), ["notAuthenticated"]);
  const { status, message } = replyTo("one", effects);
  assertEquals(status, "error");
  assertMatch(message ?? "", /sudo did not authenticate the person: nothing ran/);
  assertEquals(machine.state.jobs.size, 0);
});

Deno.test("update() throws keys away while sudo is asked or asks", () => {
  for (const machine of [prompting(), lentToStart()]) {
    if (machine.phase === "prompting") machine.press("y");
    const { phase } = machine.state;
    for (const key of ["y", "n", "a", "d", "q", "\x03", "\r", "secret"]) {
      assertEquals(machine.press(key), []);
    }
    assertTrue(machine.state.phase === phase);
  }
});

Deno.test("update() believes only what sudo says about the request that it was asked about", () => {
  const machine = prompting();
  machine.press("y");
  assertEquals(machine.checked("two", true), []);
  assertEquals(machine.asked("one", "kept"), []);
  machine.checked("one", false);
  assertEquals(machine.asked("two", "kept"), []);
  assertEquals(machine.checked("one", true), []);
  assertEquals(machine.phase, "lent to start");
});

// Running

Deno.test("update() answers with the outcome at the end", () => {
  const machine = running();
  const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(notes(effects), ["ended"]);
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "ok",
    stages: [{ exit_code: 0, stderr: new Uint8Array() }],
    stdout: new TextEncoder().encode("done\n"),
  });
  assertEquals(machine.state.jobs.size, 0);
});

Deno.test("update() answers why nothing ran where the program had changed", () => {
  const machine = prompting(asUser("one"));
  machine.press("y");
  const end = {
    kind: "refused",
    code: "changed",
    message: "/usr/bin/true changed since it was shown",
  } as const;
  const effects = machine.send({ kind: "ended", id: "one", end });
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "error",
    code: "changed",
    message: "/usr/bin/true changed since it was shown",
  });
});

Deno.test("update() notes a start and an end once, and of commands that it knows", () => {
  const machine = running();
  assertEquals(machine.send({ kind: "started", id: "one" }), []);
  assertEquals(machine.send({ kind: "started", id: "two" }), []);
  assertEquals(machine.send({ kind: "ended", id: "two", end: FINISHED }), []);
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(machine.send({ kind: "ended", id: "one", end: FINISHED }), []);
});

Deno.test("update() runs commands beside each other and beside a prompt", () => {
  const machine = running(resolved("one"));
  machine.run(asUser("two"));
  machine.submit(resolved("three"));
  assertEquals([...machine.state.jobs.keys()], ["one", "two"]);
  assertEquals(machine.phase, "prompting");
  const end = machine.send({ kind: "ended", id: "two", end: FINISHED });
  assertEquals(kinds(end), ["reply", "redraw"], "it may have changed the terminal");
  assertEquals(machine.phase, "prompting");
});

Deno.test("update() ends a command at its limit with SIGTERM, then SIGKILL", () => {
  const machine = running(resolved("one", { timeoutMs: 10_000 }));
  assertEquals(machine.wait(9999), []);
  const effects = machine.wait(1);
  assertEquals<unknown>(only(effects, "signal"), [
    { kind: "signal", id: "one", signal: "SIGTERM" },
  ]);
  assertEquals(notes(effects), ["ending"]);
  assertEquals(machine.wait(KILL_AFTER_MS - 1), []);
  assertEquals<unknown>(machine.wait(1), [{ kind: "signal", id: "one", signal: "SIGKILL" }]);
  assertEquals(machine.wait(60_000), []);
  const end = replyTo("one", machine.send({ kind: "ended", id: "one", end: FINISHED }));
  assertEquals<unknown>(end, {
    id: "one",
    status: "error",
    code: "run_limit",
    message: "the run limit of 10000 ms was reached and the command was ended",
    stages: [{ exit_code: 0, stderr: new Uint8Array() }],
    stdout: new TextEncoder().encode("done\n"),
  });
});

Deno.test("update() counts the limit from the start of the run, not from the approval", () => {
  const machine = new Machine();
  machine.approve(resolved("one", { timeoutMs: 1000 }));
  machine.wait(50_000);
  machine.checked("one", true);
  assertEquals(machine.wait(50_000), []);
  machine.send({ kind: "started", id: "one" });
  assertEquals(machine.wait(999), []);
  assertEquals(kinds(machine.wait(1)), ["signal"]);
});

Deno.test("update() never kills a command that has the terminal", () => {
  const machine = lentToStart(resolved("one", { timeoutMs: 1000 }));
  machine.asked("one", "notKept");
  machine.send({ kind: "started", id: "one" });
  assertEquals(kinds(machine.wait(1000)), ["signal"]);
  assertEquals(machine.wait(100_000), [], "SIGKILL would end sudo and leave the command");
});

Deno.test("update() asks sudo for a password where ending a command takes one", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(notes(effects), ["endingFailed"]);
  assertEquals<unknown>(only(effects, "authenticate"), [{
    kind: "authenticate",
    id: "one",
    signal: undefined,
    lookForSharing: true,
  }]);
  assertEquals(machine.phase, "lent to ending");
  assertEquals(machine.submit(resolved("two")), [], "no prompt while sudo asks");
  const known = machine.asked("one", "kept");
  assertEquals(kinds(known), ["takeBack", "signal", "show"]);
  assertEquals(at(only(known, "signal"), 0).signal, "SIGTERM");
  assertEquals(
    kinds(machine.wait(KILL_AFTER_MS)),
    ["signal"],
    "the time until SIGKILL is counted anew",
  );
});

Deno.test("update() asks for the password that was wanted though a later signal failed otherwise", () => {
  const machine = running();
  machine.submit(resolved("two"));
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  for (const wouldAsk of [true, false]) machine.send({ kind: "signalFailed", id: "one", wouldAsk });
  assertEquals(kinds(machine.press("n")), ["withdraw", "reply", "authenticate"]);
});

Deno.test("update() gives the terminal back where the person did not give the password to end a command", () => {
  for (const result of ["failed", "notKept"] as const) {
    const machine = running();
    machine.send({ kind: "cancel", target: "one", replyTo: "c" });
    machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
    const effects = machine.asked("one", result);
    assertEquals(kinds(effects), ["takeBack"]);
    assertEquals(notes(effects), ["endingFailed"]);
    assertEquals([...machine.state.jobs.keys()], ["one"]);
  }
});

Deno.test("update() waits with the question for a password until the prompt is answered", () => {
  const machine = running();
  machine.submit(resolved("two"), resolved("three"));
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(only(effects, "authenticate"), []);
  assertEquals(kinds(machine.press("n")), ["withdraw", "reply", "authenticate"]);
  const ended = machine.asked("one", "kept");
  assertEquals(kinds(ended), ["takeBack", "signal", "show"]);
});

Deno.test("update() takes the terminal back where the command ended while sudo asked how to end it", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals(kinds(machine.send({ kind: "ended", id: "one", end: FINISHED })), ["reply"]);
  assertEquals(machine.phase, "lent to ending", "sudo still asks");
  const effects = machine.asked("one", "kept");
  assertEquals(kinds(effects), ["takeBack"]);
});

Deno.test("update() lends the terminal to a command whose start asks, until it has started", () => {
  const machine = prompting(resolved("one"), { authentication: "polkit", password: "each" });
  const approved = machine.press("y");
  assertEquals(only(approved, "authenticate"), []);
  assertEquals<unknown>(only(approved, "start").map((effect) => effect.withTerminal), [true]);
  assertEquals(machine.phase, "lent to command");
  machine.submit(resolved("two"));
  assertEquals(machine.phase, "lent to command", "nothing is shown while it asks");
  const started = kinds(machine.send({ kind: "started", id: "one" }));
  assertEquals([started.includes("takeBack"), started.includes("show")], [true, true]);
});

Deno.test("update() sends no signal twice where it went with the question", () => {
  const machine = prompting(resolved("one"), { authentication: "polkit", password: "each" });
  machine.press("y");
  machine.send({ kind: "started", id: "one" });
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const signals = () => {
    const failed = machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
    return only(failed, "authenticate").map(({ signal }) => signal);
  };
  assertEquals(signals(), ["SIGTERM"]);
  assertEquals(machine.phase, "lent to ending");
  const sent = machine.asked("one", "sent");
  assertEquals(kinds(sent), ["takeBack"]);
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["signal"]);
  assertEquals(signals(), ["SIGKILL"]);
  machine.asked("one", "sent");
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), [], "SIGKILL is the last");
});

Deno.test("update() asks for nothing where no password would help to end a command", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "signalFailed", id: "one", wouldAsk: false });
  assertEquals([kinds(effects), notes(effects)], [[], ["endingFailed"]]);
  assertEquals(machine.phase, "idle");
});

Deno.test("update() asks once for the password to end a command, however long the person types", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  // The time until SIGKILL runs out while the person types, and sudo has no credentials for that
  // either.
  const meanwhile = machine.wait(KILL_AFTER_MS);
  if (only(meanwhile, "signal").length > 0) {
    machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  }
  const effects = machine.asked("one", "kept", 3000);
  assertEquals(kinds(effects), ["takeBack", "signal"]);
  assertEquals(machine.phase, "idle");
});

Deno.test("update() gives a command its time to end from when the password was there", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  // SIGKILL that was due meanwhile would go out with the credentials that SIGTERM has waited for.
  assertEquals(kinds(machine.asked("one", "kept", KILL_AFTER_MS)), ["takeBack", "signal"]);
  assertEquals(machine.wait(KILL_AFTER_MS - 1), []);
  assertEquals(at(only(machine.wait(1), "signal"), 0).signal, "SIGKILL");
});

// Going away

Deno.test("update() withdraws the prompt of a client that went away", () => {
  const machine = prompting();
  const effects = machine.send({ kind: "clientGone", id: "one" });
  assertEquals(kinds(effects), ["withdraw"]);
  assertEquals(notes(effects), ["withdrawn"]);
  assertEquals(machine.press("y", 1000), [], "the key approves nothing");
});

Deno.test("update() marks a prompt that takes the place of a withdrawn one", () => {
  const machine = prompting();
  assertEquals(promptOf(machine).followsWithdrawn, false);
  machine.submit(resolved("two"));
  machine.submit(resolved("three"));
  machine.send({ kind: "clientGone", id: "one" });
  assertEquals([promptOf(machine).request.id, promptOf(machine).followsWithdrawn], ["two", true]);
  machine.wait(3);
  machine.press("n");
  assertEquals([promptOf(machine).request.id, promptOf(machine).followsWithdrawn], [
    "three",
    false,
  ]);
});

Deno.test("update() takes a waiting request out of the line when its client went away", () => {
  const machine = prompting();
  machine.submit(resolved("two"));
  const effects = machine.send({ kind: "clientGone", id: "two" });
  assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
  assertEquals(machine.state.queue, []);
  assertEquals(promptOf(machine).request.id, "one");
});

Deno.test("update() withdraws a line that is being typed with its request", () => {
  const machine = prompting();
  machine.press("r");
  machine.press("use apt");
  assertEquals(kinds(machine.send({ kind: "clientGone", id: "one" })), ["withdraw"]);
  assertEquals(kinds(machine.submit(resolved("two"))), ["show"]);
  assertEquals(promptOf(machine).message, undefined);
});

Deno.test("update() starts nothing for a client that went away while sudo was asked", () => {
  const machine = prompting();
  machine.press("y");
  const effects = machine.send({ kind: "clientGone", id: "one" });
  assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
  assertEquals(machine.phase, "idle");
  assertEquals(machine.checked("one", true), []);
});

Deno.test("update() starts nothing for a client that went away while sudo asked", () => {
  for (const result of ["kept", "notKept", "failed"] as const) {
    const machine = lentToStart();
    const effects = machine.send({ kind: "clientGone", id: "one" });
    assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
    assertEquals(machine.phase, "lent to withdrawn");
    assertEquals(machine.submit(resolved("two")), [], "no prompt while sudo still asks");
    const end = machine.asked("one", result);
    assertEquals(kinds(end), ["takeBack", "show"]);
    assertEquals(machine.state.jobs.size, 0);
  }
});

Deno.test("update() leaves a command running whose client went away", () => {
  const machine = running();
  const { state } = machine;
  assertEquals(machine.send({ kind: "clientGone", id: "one" }), []);
  assertEquals(machine.state, state);
  const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(notes(effects), ["ended"], "the result goes to the terminal and the audit log");
});

Deno.test("update() cancels a request that waits, is shown, or waits for sudo", () => {
  const queued = prompting(resolved("zero"));
  queued.submit(resolved("one"));
  const checking = prompting();
  checking.press("y");
  const cases: readonly (readonly [machine: Machine, also: string | undefined, after: string])[] = [
    [queued, undefined, "prompting"],
    [prompting(), "withdraw", "idle"],
    [checking, undefined, "idle"],
    [lentToStart(), undefined, "lent to withdrawn"],
  ];
  for (const [machine, also, after] of cases) {
    const effects = machine.send({ kind: "cancel", target: "one", replyTo: "c" });
    assertEquals(kinds(effects), [...(also ? [also] : []), "reply", "reply"]);
    assertEquals<unknown>(replyTo("one", effects), {
      id: "one",
      status: "error",
      code: "cancelled",
      message: "cancelled before it ran",
    });
    assertEquals<unknown>(replyTo("c", effects), { id: "c", status: "ok", message: "withdrawn" });
    assertEquals(notes(effects), ["withdrawn"]);
    assertEquals(machine.phase, after);
    assertEquals(only(machine.press("y", 1000), "start"), []);
    assertEquals(machine.checked("one", true), []);
    const end = machine.asked("one", "kept");
    assertEquals(kinds(end), after === "lent to withdrawn" ? ["takeBack"] : []);
  }
});

Deno.test("update() ends a running command that is cancelled, once", () => {
  const machine = running();
  const effects = machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  assertEquals(kinds(effects), ["signal", "reply"]);
  assertEquals(replyTo("c", effects).message, "the command is being ended");
  const again = machine.send({ kind: "cancel", target: "one", replyTo: "c2" });
  assertEquals(kinds(again), ["reply"]);
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(replyTo("one", end).message, "the command was cancelled and ended");
});

Deno.test("update() ends a command that could not be ended when it is asked for again", () => {
  const askAgain: readonly ((machine: Machine) => readonly Result[])[] = [
    (machine) => machine.send({ kind: "cancel", target: "one", replyTo: "again" }),
    (machine) => [...machine.press("k"), ...machine.press("k")],
    (machine) => machine.send({ kind: "signal", signal: "SIGTERM" }),
  ];
  for (const password of [true, false]) {
    for (const again of askAgain) {
      const machine = running();
      machine.send({ kind: "cancel", target: "one", replyTo: "c" });
      machine.send({ kind: "signalFailed", id: "one", wouldAsk: password });
      if (password) machine.asked("one", "failed");
      const quiet = machine.wait(KILL_AFTER_MS);
      assertEquals(kinds(quiet), password ? [] : ["signal"], "SIGKILL needs the same password");
      if (!password) machine.send({ kind: "signalFailed", id: "one", wouldAsk: password });
      const [terminate, ...others] = atLeast(1, only(again(machine), "signal"));
      assertEquals([terminate.signal, others], ["SIGTERM", []]);
      assertEquals(only(again(machine), "signal"), [], "once");
    }
  }
});

Deno.test("update() says that there is nothing to cancel where no such request is there", () => {
  const over = running();
  over.send({ kind: "ended", id: "one", end: FINISHED });
  const withdrawn = lentToStart();
  withdrawn.send({ kind: "clientGone", id: "one" });
  for (const machine of [new Machine(), over, withdrawn]) {
    const effects = machine.send({ kind: "cancel", target: "one", replyTo: "c" });
    assertEquals(kinds(effects), ["reply"]);
    assertEquals(replyTo("c", effects).status, "error");
    assertMatch(replyTo("c", effects).message ?? "", /no request with the id "one"/);
  }
});

// The end

Deno.test("update() exits at once on stop where nothing goes on", () => {
  for (const by of STOP_CAUSES) {
    const effects = new Machine().stop(by);
    assertEquals([kinds(effects), notes(effects)], [["exit"], ["stopping"]]);
  }
});

Deno.test("update() takes every question back on stop, and answers their clients", () => {
  for (const by of STOP_CAUSES) {
    const machine = prompting();
    machine.submit(resolved("two"));
    const effects = machine.stop(by);
    assertEquals(kinds(effects), ["withdraw", "reply", "reply", "exit"]);
    for (const id of ["one", "two"]) {
      assertEquals(replyTo(id, effects).message, "the daemon is stopping");
    }
    assertEquals(machine.phase, "idle");
  }
});

Deno.test("update() starts nothing on stop that waits for sudo's credentials", () => {
  for (const by of STOP_CAUSES) {
    const machine = prompting();
    machine.press("y");
    const effects = machine.stop(by);
    assertEquals(kinds(effects), ["reply", "exit"]);
    assertEquals(replyTo("one", effects).message, "the daemon is stopping");
    const late = machine.checked("one", true);
    assertEquals(only(late, "start"), []);
  }
});

Deno.test("update() waits on stop until sudo has stopped asking, and starts nothing then", () => {
  for (const by of STOP_CAUSES) {
    const machine = lentToStart();
    const effects = machine.stop(by);
    assertEquals(kinds(effects), ["reply"]);
    assertEquals(machine.wait(STOP_WAIT_MS), []);
    const end = machine.asked("one", "kept");
    assertEquals(kinds(end), ["takeBack", "exit"]);
  }
});

Deno.test("update() lets commands finish where a request, or the daemon itself, asked for the end", () => {
  for (const by of ["request", "itself"] as const) {
    const machine = running();
    assertEquals(kinds(machine.stop(by)), []);
    assertEquals(machine.wait(3_600_000), []);
    const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
    assertEquals(kinds(effects), ["reply", "exit"]);
    assertEquals(replyTo("one", effects).status, "ok");
  }
});

Deno.test("update() ends commands where a signal or the person asked for the end", () => {
  const ways: readonly ((machine: Machine) => readonly Result[])[] = [
    (machine) => machine.stop("signal"),
    (machine) => [...machine.press("q"), ...only(machine.press("q"), "signal")],
  ];
  for (const stop of ways) {
    const machine = running(resolved("one"));
    machine.run(asUser("two"));
    const effects = only(stop(machine), "signal");
    assertEquals(kinds(effects), ["signal", "signal"]);
    assertEquals(kinds(machine.send({ kind: "ended", id: "two", end: FINISHED })), ["reply"]);
    assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["signal"]);
    const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
    assertEquals(kinds(end), ["reply", "exit"]);
    assertEquals(replyTo("one", end).message, "the daemon is stopping and the command was ended");
  }
});

Deno.test("update() exits after its time on stop though a command does not end", () => {
  const machine = running();
  machine.send({ kind: "signal", signal: "SIGTERM" });
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["signal"]);
  assertEquals(kinds(machine.wait(STOP_WAIT_MS - KILL_AFTER_MS - 1)), []);
  assertEquals(kinds(machine.wait(1)), ["exit"]);
});

Deno.test("update() asks for no password to end a command while it stops", () => {
  const machine = running();
  machine.send({ kind: "signal", signal: "SIGTERM" });
  const effects = machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  assertEquals([kinds(effects), notes(effects)], [[], ["endingFailed"]]);
  assertEquals(machine.phase, "idle");
});

Deno.test("update() exits though a command has the terminal and does not end", () => {
  const machine = lentToStart();
  machine.asked("one", "notKept");
  machine.send({ kind: "started", id: "one" });
  assertEquals(kinds(machine.send({ kind: "signal", signal: "SIGTERM" })), ["signal"]);
  assertEquals(kinds(machine.wait(STOP_WAIT_MS)), ["exit"]);
});

Deno.test("update() waits on stop while sudo asks for the password to end a command", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "signalFailed", id: "one", wouldAsk: true });
  machine.send({ kind: "signal", signal: "SIGTERM" });
  assertEquals(only(machine.wait(STOP_WAIT_MS), "exit"), []);
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  const effects = machine.asked("one", "kept");
  assertEquals(kinds(effects), ["takeBack", "exit"]);
});

Deno.test("update() shows and starts nothing new while it stops", () => {
  const machine = running(asUser("zero"));
  machine.submit(asUser("one"));
  machine.arm();
  machine.press("a");
  machine.stop("request");
  for (const request of [resolved("two"), asUser("three")]) {
    const effects = machine.submit(request);
    assertEquals(kinds(effects), ["reply"]);
    assertEquals(replyTo(request.id, effects).message, "the daemon is stopping");
  }
});

Deno.test("update() ends the commands that a stop request left when a signal follows", () => {
  const machine = running();
  machine.stop("request");
  const effects = machine.send({ kind: "signal", signal: "SIGTERM" });
  assertEquals(kinds(effects), ["signal"]);
  assertEquals(notes(effects), ["ending"], "the stop was noted before");
  assertEquals(only(machine.wait(STOP_WAIT_MS), "exit").length, 1);
});

Deno.test("update() does not put the end off when it is asked for again", () => {
  for (const by of STOP_CAUSES) {
    const machine = running();
    machine.send({ kind: "signal", signal: "SIGTERM" });
    machine.stop(by, STOP_WAIT_MS - 1000);
    assertEquals(only(machine.wait(1000), "exit").length, 1, `stop by ${by} after a signal`);
  }
});

// Questions between prompts

Deno.test("update() asks whether to quit on q or Ctrl+C where nothing is shown", () => {
  for (const key of ["q", "\x03"]) {
    const machine = new Machine();
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: { kind: "quit" } }]);
    assertEquals(kinds(machine.press(key)), ["exit"]);
  }
});

Deno.test("update() takes the question whether to quit back on any other key", () => {
  for (const key of ["n", "x", "\x1b", "qq", "\x1b[A", "a", "", "y", "Y", "k", "?"]) {
    const machine = new Machine();
    machine.press("q");
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: undefined }]);
    assertEquals(machine.press("y"), [], "y means nothing between prompts");
  }
});

Deno.test("update() throws keys away where nothing is shown and nothing was asked", () => {
  const machine = new Machine();
  for (const key of ["y", "Y", "a", "n", "d", "r", " ", "\r", "yes", "qq", "k"]) {
    assertEquals(machine.press(key), []);
    assertEquals(machine.phase, "idle");
  }
});

Deno.test("update() ends running commands where the person quits", () => {
  const machine = running();
  machine.press("q");
  const effects = machine.press("q");
  assertEquals(kinds(effects), ["signal"]);
  assertEquals(notes(effects), ["stopping", "ending"]);
});

Deno.test("update() asks on k whether to end the command that runs, and ends it on k again", () => {
  const machine = running();
  const [effect] = atLeast(1, only(machine.press("k"), "ask"));
  assertTrue(effect.question?.kind === "end" && effect.question.id === "one");
  const effects = machine.press("k");
  assertEquals(kinds(effects), ["signal"]);
  assertEquals(notes(effects), ["ending"]);
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(replyTo("one", end).message, "the person at the terminal ended the command");
});

Deno.test("update() leaves the command alone on any key but k after k", () => {
  for (const key of ["y", "Y", "q", "\x03", "n", "kk"]) {
    const machine = running();
    machine.press("k");
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: undefined }]);
    assertEquals(machine.press("y"), []);
  }
});

Deno.test("update() ends nothing where the command of the question ended meanwhile", () => {
  const machine = running(resolved("one"));
  machine.run(resolved("two"));
  machine.press("k");
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(machine.press("k"), []);
  assertEquals([...machine.state.jobs.keys()], ["two"]);
});

Deno.test("update() asks on k about the first command that is not being ended yet", () => {
  const machine = running(resolved("one"));
  machine.run(resolved("two"));
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const [effect] = atLeast(1, only(machine.press("k"), "ask"));
  assertTrue(effect.question?.kind === "end" && effect.question.id === "two");
});

Deno.test("update() takes a question between prompts back when a request is shown", () => {
  for (const key of ["q", "k"]) {
    const machine = running(asUser("zero"));
    machine.press(key);
    const effects = machine.submit(asUser("one"));
    assertEquals(kinds(effects), ["ask", "show"]);
    assertEquals(at(only(effects, "ask"), 0).question, undefined);
  }
});

// Help

Deno.test("update() explains the keys on ?, and no key but n and Ctrl+C decides meanwhile", () => {
  for (const key of ["y", "Y", "a", "d", "r", "x", "?", "\x1b", "\r", "\n"]) {
    const machine = prompting(asUser("one"));
    assertEquals(kinds(machine.press("?")), ["redraw"]);
    assertEquals(promptOf(machine).help, { scroll: 0 });
    machine.draw();
    assertEquals(kinds(machine.press(key, 5000)), ["redraw"], "it closes the help");
    assertEquals([promptOf(machine).help, promptOf(machine).message], [undefined, undefined]);
    assertEquals(kinds(machine.press("y", 5000)), ["bell"], "the request is not drawn again");
    machine.draw();
    assertEquals(kinds(machine.press("y", ARM_MS - 1)), ["bell"]);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
  }
});

Deno.test("update() scrolls in the help, leaves it open, and reads nothing of the request there", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw(false);
  machine.press("?");
  machine.draw();
  for (const key of [" ", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"]) {
    assertEquals(kinds(machine.press(key)), ["redraw"]);
    assertTrue(promptOf(machine).help !== undefined);
    machine.draw();
  }
  assertEquals(promptOf(machine).scroll, 0);
  const { drawings: drawing } = machine.state.terminal;
  assertEquals(kinds(machine.press("y", 5000)), ["redraw"]);
  machine.send({ kind: "drawn", drawing, visible: { first: 0, page: 10, total: 10 } });
  machine.draw(false);
  assertEquals(kinds(machine.press("y", 5000)), ["bell"], "the answer was about the help");
});

Deno.test("update() denies while the keys are explained", () => {
  for (const key of ["n", "N", "\x03"]) {
    const machine = prompting();
    machine.press("?");
    assertEquals(replyTo("one", machine.press(key)).status, "denied");
  }
});

Deno.test("update() explains the keys on ? where nothing is shown, too", () => {
  const machine = new Machine();
  assertEquals(machine.press("?"), []);
  assertMatch(machine.history[0] ?? "", /run exactly what is shown/);
});

// Pastes

Deno.test("update() takes nothing that is pasted for a key, but denies", () => {
  for (const key of ["y", "Y", "a", "r", "d", "?", " "]) {
    const machine = prompting(asUser("one"));
    machine.press("\x1b[200~");
    assertEquals(kinds(machine.press(key, 1000)), ["bell"], key);
    machine.press("\x1b[201~", 1000);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"], "after it");
  }
  const machine = prompting();
  machine.press("\x1b[200~");
  assertEquals(replyTo("one", machine.press("\r")).status, "denied");
});

Deno.test("update() takes nothing that is pasted for an answer between prompts", () => {
  const machine = new Machine();
  machine.press("q");
  machine.press("\x1b[200~");
  assertEquals(machine.press("y"), []);
  assertEquals(machine.press("q"), []);
  machine.press("\x1b[201~");
  assertEquals(kinds(machine.press("q")), ["ask"]);
});

Deno.test("update() forgets a paste whose end sudo has read", () => {
  const machine = prompting();
  machine.press("y");
  machine.press("\x1b[200~sec");
  machine.checked("one", false);
  machine.asked("one", "failed");
  assertEquals(kinds(machine.press("q")), ["ask"]);
});

// A question of sudo for each command

Deno.test("update() lends the terminal to sudo for each privileged command where that is wanted", () => {
  for (const id of ["one", "two"]) {
    const machine = prompting(resolved(id), { password: "each" });
    const effects = machine.press("y");
    assertEquals(kinds(effects), ["withdraw", "authenticate"]);
    assertEquals(machine.phase, "lent to start");
    const known = machine.asked(id, "kept");
    assertEquals(kinds(known), ["takeBack", "start"]);
  }
});

Deno.test("update() asks for no password for an unprivileged command, or where the daemon is root", () => {
  const password = "each" as const;
  assertEquals(kinds(prompting(asUser("one"), { password }).press("y")), ["withdraw", "start"]);
  const root = prompting(resolved("one"), { password, authentication: "none" });
  assertEquals(kinds(root.press("y")), ["withdraw", "start"]);
});

// Keys that were pressed for something else

Deno.test("update() arms anew after this process did not run for a while", () => {
  const machine = prompting();
  machine.now += STALL_MS + 1;
  assertEquals(kinds(machine.press("y")), ["bell"]);
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "checkCredentials"]);
  // Whatever comes first after it, a key finds the prompt unarmed.
  const others: readonly Happening[] = [
    { kind: "clock" },
    { kind: "submitted", request: resolved("two") },
    { kind: "clientGone", id: "nobody" },
  ];
  for (const event of others) {
    const stalled = prompting();
    stalled.now += STALL_MS + 1;
    stalled.send(event);
    assertEquals(kinds(stalled.press("y")), ["bell"], event.kind);
    assertEquals(kinds(stalled.press("y", REPLACED_ARM_MS)).slice(0, 1), ["withdraw"]);
  }
  const once = prompting();
  once.now += STALL_MS + 1;
  once.send({ kind: "clientGone", id: "nobody" });
  once.send({ kind: "clientGone", id: "nobody" }, 100);
  once.wait(ARM_MS - 100);
  assertEquals(kinds(once.press("y")).slice(0, 1), ["withdraw"], "a stall is noticed once");
  const onTime = prompting();
  onTime.wait(0);
  onTime.now += STALL_MS;
  assertEquals(kinds(onTime.press("y")), ["withdraw", "checkCredentials"]);
});

Deno.test("update() waits longer for a key where the request before went away by itself", () => {
  for (const leave of ["clientGone", "timeout"] as const) {
    const machine = new Machine();
    machine.submit(resolved("one"), resolved("two"));
    machine.arm();
    if (leave === "clientGone") machine.send({ kind: "clientGone", id: "one" });
    else machine.wait(60_000);
    machine.draw();
    machine.pass(REPLACED_ARM_MS - 1);
    assertEquals(only(machine.press("y"), "checkCredentials"), [], leave);
    machine.pass(REPLACED_ARM_MS);
    assertEquals(only(machine.press("y"), "checkCredentials").length, 1, leave);
  }
});

/** What a key could have been meant for, and how it leaves the terminal to the request "next". */
const BEFORE: Readonly<Record<string, (machine: Machine) => void>> = {
  "a decision": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm();
    machine.press("n");
  },
  "a line that is sent": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm();
    for (const key of ["r", "no", "\r"]) machine.press(key, 5000);
  },
  "a line whose request is withdrawn": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm();
    machine.press("r");
    machine.send({ kind: "clientGone", id: "one" }, 5000);
  },
  "a key that meant nothing": (machine) => {
    machine.press("y");
    machine.submit(asUser("next"));
  },
  "the question whether to quit": (machine) => {
    machine.press("q");
    machine.pass(5000);
    machine.submit(asUser("next"));
  },
  "the question whether to end a command": (machine) => {
    machine.run(asUser("runs"));
    machine.press("k", 5000);
    machine.pass(5000);
    machine.submit(asUser("next"));
  },
  "sudo's question": (machine) => {
    machine.approve(resolved("one"));
    machine.checked("one", false);
    machine.submit(asUser("next"));
    machine.asked("one", "failed", 5000);
  },
  "sudo's question for a request that was withdrawn": (machine) => {
    machine.approve(resolved("one"));
    machine.checked("one", false);
    machine.submit(asUser("next"));
    machine.send({ kind: "clientGone", id: "one" });
    machine.asked("one", "failed", 5000);
  },
  "a command that had the terminal": (machine) => {
    machine.approve(resolved("one"));
    machine.checked("one", false);
    machine.asked("one", "notKept");
    machine.submit(asUser("next"));
    machine.send({ kind: "ended", id: "one", end: FINISHED }, 5000);
  },
};

for (const [what, leave] of Object.entries(BEFORE)) {
  Deno.test(`update() waits for two seconds of stillness after ${what}`, () => {
    const machine = new Machine();
    leave(machine);
    machine.draw();
    assertEquals(only(machine.press("y", REPLACED_ARM_MS - 1), "start"), []);
    assertEquals(only(machine.press("y", REPLACED_ARM_MS), "start").length, 1);
  });
}

Deno.test("update() waits for half a second where nothing was pressed or left for two seconds", () => {
  for (const leave of Object.values(BEFORE).slice(0, 2)) {
    const machine = new Machine();
    leave(machine);
    machine.press("n");
    machine.pass(REPLACED_ARM_MS);
    machine.submit(asUser("later"));
    machine.draw();
    assertEquals(only(machine.press("y", ARM_MS), "start").length, 1);
  }
});

Deno.test("update() takes a request back that can't be drawn, says so, and shows the next", () => {
  const machine = new Machine();
  machine.submit(resolved("one"), resolved("two"));
  const effects = machine.send({
    kind: "undrawable",
    drawing: machine.state.terminal.drawings,
  });
  const { drawings } = machine.state.terminal;
  assertEquals(machine.send({ kind: "undrawable", drawing: drawings - 1 }), [], "it was another");
  assertEquals(only(effects, "reply").map(({ response }) => response.message), [
    "it could not be shown: nothing ran",
  ]);
  assertEquals(only(effects, "show").map(({ request }) => request.id), ["two"]);
});

Deno.test("update() denies what comes within a moment after d, so that a flood costs one key", () => {
  const machine = new Machine();
  machine.submit(resolved("one"), resolved("two"));
  machine.press("d");
  machine.pass(DENY_ALL_MS - 1);
  const effects = machine.submit(resolved("three"));
  assertEquals(only(effects, "reply").map(({ response }) => response.status), ["denied"]);
  assertEquals(only(effects, "show"), []);
  machine.pass(1);
  assertEquals(only(machine.submit(resolved("four")), "show").length, 1);
});

Deno.test("update() asks for the ssh agent although unprivileged commands are trusted", () => {
  const machine = new Machine();
  machine.submit(resolved("one", { privileged: false }));
  machine.arm();
  machine.press("a");
  const effects = machine.submit(resolved("two", { privileged: false, forwardAgent: true }));
  assertEquals(only(effects, "start"), []);
  assertEquals(only(effects, "show").length, 1);
});

Deno.test("update() arms a prompt that is drawn anew only once the terminal has drawn it", () => {
  const machine = new Machine();
  machine.submit(resolved("one"));
  machine.arm();
  machine.send({ kind: "resized", columns: 100, rows: 30 });
  machine.pass(60_000 - 2 * ARM_MS - 1);
  assertEquals(only(machine.press("y"), "checkCredentials"), [], "no answer of the terminal yet");
  machine.draw(false);
  machine.pass(ARM_MS);
  assertEquals(
    only(machine.press("y"), "checkCredentials"),
    [],
    "not all of the new layout was read",
  );
});

Deno.test("update() lets commands run on where the terminal is gone, and nothing else", () => {
  const machine = new Machine();
  machine.run(resolved("runs", { privileged: false }));
  machine.submit(resolved("shown"), resolved("waits"));
  const effects = machine.send({ kind: "hangup" });
  assertEquals(notes(effects), ["stopping", "withdrawn", "withdrawn"]);
  assertEquals(only(effects, "signal"), []);
  assertEquals(only(effects, "exit"), []);
  assertEquals(only(machine.wait(3_600_000), "signal"), []);
  assertEquals(kinds(machine.submit(resolved("late"))), ["reply"]);
  const end = machine.send({ kind: "ended", id: "runs", end: FINISHED });
  assertEquals(kinds(end), ["reply", "exit"]);
});

Deno.test("update() notes what becomes of every request that was taken in", () => {
  const machine = new Machine({ password: "each" });
  machine.approve(resolved("pipeline", { pipeline: [["/usr/bin/cat"], ["/usr/bin/wc"]] }));
  const effects = machine.asked("pipeline", "notKept");
  assertEquals(notes(effects), ["ended"]);
  machine.submit(resolved("shown"), resolved("waits"));
  assertEquals(notes(machine.stop("request")), [
    "stopping",
    "withdrawn",
    "withdrawn",
  ]);
});
