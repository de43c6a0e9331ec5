import {
  ARM_MS,
  DENY_ALL_MS,
  KILL_AFTER_MS,
  MESSAGE_TIMEOUT_MS,
  REPLACED_ARM_MS,
  STOP_WAIT_MS,
} from "../../lib/gate/times.ts";
import { unarmedReason } from "../../lib/gate/stillness.ts";
import type { Effect, Prompt, StopCause } from "../../lib/gate/state.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { FINISHED, kinds, Machine, notes, only } from "./machine.ts";
import { resolved } from "./resolved.ts";

const STOP_CAUSES: readonly StopCause[] = ["request", "signal", "person", "itself"];
const asUser = (id: string) => resolved(id, { privileged: false });

/** A machine with the request on the screen, drawn whole, and quiet for long enough. */
function prompting(request = resolved("one"), config = {}): Machine {
  const machine = new Machine(config);
  machine.submit(request);
  machine.arm(request.id);
  return machine;
}

/** A machine whose terminal is lent to sudo, so that the request can start. */
function lentToStart(request = resolved("one")): Machine {
  const machine = new Machine();
  machine.approve(request);
  machine.send({ kind: "credentials", id: request.id, present: false });
  assertEquals(machine.holder, "lent to start");
  return machine;
}

/** A machine with a command that runs, and the terminal free. */
function running(request = resolved("one")): Machine {
  const machine = new Machine();
  machine.run(request);
  assertEquals([...machine.state.running.keys()], [request.id]);
  return machine;
}

/** The response to one request; fails unless there is exactly one. */
function replyTo(id: string, effects: readonly Effect[]): { status: string; message?: string } {
  const found = only(effects, "reply").filter((effect) => effect.id === id);
  assertEquals(found.length, 1, `replies to "${id}"`);
  assertEquals(found[0].response.id, id);
  return found[0].response;
}

function promptOf(machine: Machine): Prompt {
  const { holder } = machine.state;
  assertTrue(holder.kind === "prompting");
  return holder.prompt;
}

function events(effects: readonly Effect[]): readonly unknown[] {
  return only(effects, "tell").map(({ event }) => event);
}

// Arrival and line

Deno.test("step() shows a request at once where the terminal is free", () => {
  const machine = new Machine();
  const request = resolved("one");
  const effects = machine.submit(request);
  assertEquals(kinds(effects), ["show"]);
  assertTrue(only(effects, "show")[0].request === request);
  assertEquals(notes(effects), ["shown"]);
  assertEquals(promptOf(machine).deadline, machine.now + 60_000);
});

Deno.test("step() shows one request at a time, in the order in which they came", () => {
  const machine = prompting(resolved("one"));
  assertEquals(machine.submit(resolved("two"), asUser("three")), []);
  const effects = machine.press("n");
  assertEquals(kinds(effects), ["withdraw", "reply", "show"]);
  assertEquals(only(effects, "show")[0].request.id, "two");
  assertEquals(machine.state.queue.map(({ id }) => id), ["three"]);
});

Deno.test("step() counts the time of a request from when it is shown", () => {
  const machine = prompting(resolved("one"));
  machine.submit(resolved("two"));
  const effects = machine.wait(60_000);
  assertEquals(replyTo("one", effects).status, "timeout");
  assertEquals(promptOf(machine).request.id, "two");
  assertEquals(promptOf(machine).deadline, machine.now + 60_000);
  assertEquals(machine.wait(59_999), []);
  assertEquals(replyTo("two", machine.wait(1)).status, "timeout");
});

Deno.test("step() tells a client that listens what becomes of its request", () => {
  const machine = new Machine();
  const request = resolved("one", { stream: true });
  const waiting = resolved("two", { stream: true });
  assertEquals(events(machine.submit(request)), [{ id: "one", event: "shown" }]);
  assertEquals(events(machine.submit(waiting)), [{ id: "two", event: "queued", position: 2 }]);
  machine.arm("one");
  assertEquals(events(machine.press("y")), [{ id: "one", event: "approved" }]);
  assertEquals(events(machine.send({ kind: "credentials", id: "one", present: true })), [
    { id: "two", event: "shown" },
  ]);
  assertEquals(events(machine.send({ kind: "started", id: "one" })), [
    { id: "one", event: "started" },
  ]);
});

Deno.test("step() tells those in line that they moved up", () => {
  const machine = prompting(resolved("one"));
  const stream = true;
  machine.submit(resolved("two", { stream }), resolved("three", { stream }), resolved("four"));
  assertEquals(events(machine.send({ kind: "clientGone", id: "two" })), [
    { id: "three", event: "queued", position: 2 },
  ]);
});

Deno.test("step() tells a client that did not ask for events nothing but the response", () => {
  const machine = new Machine();
  const effects = machine.run(resolved("one"));
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(events([...effects, ...end]), []);
});

Deno.test("step() refuses an id that waits, is shown, is checked, or runs", () => {
  const refusal = { id: "one", status: "error", message: /"id" must be new, and "one" is in use/ };
  const expectRefusal = (machine: Machine): void => {
    const { state } = machine;
    const effects = machine.submit(resolved("one", { pipeline: [["/usr/bin/other"]] }));
    assertEquals(kinds(effects), ["reply"]);
    assertMatch(replyTo("one", effects).message ?? "", refusal.message);
    assertTrue(machine.state === state);
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
});

// The decision

Deno.test("step() checks for credentials once a privileged request is approved", () => {
  for (const key of ["y", "Y"]) {
    const machine = prompting();
    const effects = machine.press(key);
    assertEquals(kinds(effects), ["withdraw", "checkCredentials"]);
    assertEquals(notes(effects), ["approved"]);
    assertEquals(machine.holder, "checking");
  }
});

Deno.test("step() starts an unprivileged request as soon as it is approved", () => {
  const machine = prompting(asUser("one"));
  const effects = machine.press("y");
  assertEquals(kinds(effects), ["withdraw", "start"]);
  const [{ approved, withTerminal }] = only(effects, "start");
  assertEquals([approved.request.id, approved.basis, withTerminal], ["one", "key", false]);
  assertEquals(machine.holder, "idle");
});

Deno.test("step() starts a privileged request at once where the daemon is root", () => {
  const machine = prompting(resolved("one"), { authentication: "none" });
  assertEquals(kinds(machine.press("y")), ["withdraw", "start"]);
});

Deno.test("step() denies on n, N, Enter, Esc and Ctrl+C, armed or not", () => {
  for (const key of ["n", "N", "\r", "\n", "\x1b", "\x03"]) {
    for (const machine of [prompting(), new Machine()]) {
      if (machine.holder === "idle") machine.submit(resolved("one"));
      const effects = machine.press(key);
      assertEquals(kinds(effects), ["withdraw", "reply"], JSON.stringify(key));
      assertEquals(notes(effects), ["denied"]);
      assertEquals<unknown>(replyTo("one", effects), { id: "one", status: "denied" });
      assertEquals(machine.holder, "idle");
    }
  }
});

Deno.test("step() denies the shown request and all that wait on d", () => {
  const machine = prompting();
  machine.submit(resolved("two"), asUser("three"));
  const effects = machine.press("d");
  assertEquals(kinds(effects), ["withdraw", "reply", "reply", "reply"]);
  for (const id of ["one", "two", "three"]) assertEquals(replyTo(id, effects).status, "denied");
  assertEquals(notes(effects), ["denied", "denied", "denied"]);
  assertEquals([machine.holder, machine.state.queue.length], ["idle", 0]);
});

Deno.test("step() leaves running commands alone on d", () => {
  const machine = running(resolved("zero"));
  machine.submit(resolved("one"), resolved("two"));
  const effects = machine.press("d");
  assertEquals(only(effects, "terminate"), []);
  assertEquals([...machine.state.running.keys()], ["zero"]);
});

Deno.test("step() rings the bell and decides nothing on keys and bursts that mean nothing", () => {
  const bursts = ["x", "q", "k", "yy", "yn", "\x1by", "y\r", "ý", "\x1b[C", "", "yes", "\t", "1"];
  for (const burst of bursts) {
    const machine = prompting();
    assertEquals(kinds(machine.press(burst)), ["redraw", "bell"], JSON.stringify(burst));
    assertEquals(machine.holder, "prompting");
  }
});

Deno.test("step() scrolls on the keys that move, and waits for what is drawn then", () => {
  const keys = {
    " ": "pageDown",
    "\x1b[A": "lineUp",
    "\x1b[B": "lineDown",
    "\x1b[5~": "pageUp",
    "\x1b[6~": "pageDown",
    "\x1b[H": "top",
    "\x1b[F": "end",
  };
  for (const [burst, key] of Object.entries(keys)) {
    const machine = prompting();
    const effects = machine.press(burst);
    assertEquals<unknown>(only(effects, "scroll"), [{ kind: "scroll", id: "one", key }]);
    assertEquals(only(effects, "bell"), []);
    assertEquals(kinds(machine.press("y", 499)), ["redraw", "bell"], "the key was too recent");
    machine.arm("one");
    assertEquals(kinds(machine.press("y")), ["withdraw", "checkCredentials"]);
  }
});

// Arming

Deno.test("unarmedReason() says why y does not count yet", () => {
  const prompt: Prompt = {
    request: resolved("one"),
    deadline: 60_000,
    stillMs: ARM_MS,
    readWhole: false,
    quietSince: undefined,
    message: undefined,
    help: false,
  };
  assertEquals(unarmedReason(prompt, 5000), "drawing");
  assertEquals(
    unarmedReason({ ...prompt, quietSince: 0, readWhole: true, help: true }, 5000),
    "help",
  );
  assertEquals(unarmedReason({ ...prompt, quietSince: 0 }, 5000), "unread");
  assertEquals(unarmedReason({ ...prompt, quietSince: 0, readWhole: true }, 499), "unquiet");
  assertEquals(unarmedReason({ ...prompt, quietSince: 0, readWhole: true }, 500), undefined);
  assertEquals(ARM_MS, 500);
});

Deno.test("step() lets no key approve before the prompt was drawn", () => {
  for (const key of ["y", "Y", "a"]) {
    const machine = new Machine();
    machine.submit(asUser("one"));
    assertEquals(kinds(machine.press(key, 30_000)), ["redraw", "bell"]);
  }
});

Deno.test("step() lets no key approve before the whole request was on the screen", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw("one", false);
  assertEquals(kinds(machine.press("y", 5000)), ["redraw", "bell"]);
  machine.draw("one", true);
  assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
});

Deno.test("step() disarms a prompt whose layout changed until it was read whole again", () => {
  const machine = prompting(asUser("one"));
  machine.draw("one", false);
  assertEquals(kinds(machine.press("y", 5000)), ["redraw", "bell"]);
});

Deno.test("step() lets a key approve 500 ms after the drawing, and not 499", () => {
  for (const key of ["y", "Y", "a"]) {
    const early = new Machine();
    early.submit(asUser("one"));
    early.draw("one");
    assertEquals(kinds(early.press(key, 499)), ["redraw", "bell"]);
    const late = new Machine();
    late.submit(asUser("one"));
    late.draw("one");
    assertEquals(kinds(late.press(key, 500)).slice(0, 2), ["withdraw", "start"]);
  }
});

Deno.test("step() counts the stillness anew from every key in between", () => {
  const reading = ["\x1b[A", "\x1b[6~", " "].map((key) => [key, ARM_MS] as const);
  const other = ["y", "x", "yy", "q", "a", ""].map((key) => [key, REPLACED_ARM_MS] as const);
  for (const [key, stillMs] of [...reading, ...other]) {
    const machine = new Machine();
    machine.submit(asUser("one"));
    machine.draw("one");
    machine.press(key, 300);
    const name = JSON.stringify(key);
    assertEquals(kinds(machine.press("y", stillMs - 1)), ["redraw", "bell"], name);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS - 1)), ["redraw", "bell"], name);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"], name);
  }
});

Deno.test("step() does not let a held y approve", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.draw("one");
  // X11 repeats a held key after 660 ms, then every 40 ms; a slow desktop may wait for 1 s.
  for (const first of [300, 660, 1000]) {
    assertEquals(kinds(machine.press("y", first)), ["redraw", "bell"]);
  }
  for (let count = 0; count < 200; count++) {
    assertEquals(kinds(machine.press("y", 33)), ["redraw", "bell"]);
  }
});

Deno.test("step() takes no drawing of another request for that of the shown one", () => {
  const machine = new Machine();
  machine.submit(asUser("one"), asUser("two"));
  assertEquals(machine.draw("two"), []);
  assertEquals(kinds(machine.press("y", 5000)), ["redraw", "bell"]);
});

Deno.test("step() arms each prompt for itself", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  assertEquals(only(machine.press("y"), "show")[0].request.id, "two");
  assertEquals(kinds(machine.press("y", 5000)), ["redraw", "bell"], "two was not drawn yet");
});

Deno.test("step() gives a key pressed as the shown request goes away no meaning for the next", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  machine.send({ kind: "clientGone", id: "one" });
  machine.draw("two");
  assertEquals(kinds(machine.press("y", 100)), ["redraw", "bell"]);
});

// Time

Deno.test("step() gives up a prompt that nobody answers after its time", () => {
  const machine = prompting();
  const effects = machine.wait(59_500);
  assertEquals(kinds(effects), ["withdraw", "reply"]);
  assertEquals(notes(effects), ["timeout"]);
  assertEquals<unknown>(replyTo("one", effects), { id: "one", status: "timeout" });
});

Deno.test("step() lets a key after the deadline approve nothing though no clock event came", () => {
  for (const key of ["y", "Y", "a"]) {
    const machine = prompting(asUser("one"));
    const effects = machine.press(key, 59_500);
    assertEquals(kinds(effects), ["withdraw", "reply"]);
    assertEquals(replyTo("one", effects).status, "timeout");
    const inTime = prompting(asUser("one"));
    assertEquals(kinds(inTime.press(key, 59_499)).slice(0, 2), ["withdraw", "start"]);
  }
});

Deno.test("step() does not let a late key approve the request that comes up in the same step", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  const effects = machine.press("y", 70_000);
  assertEquals(kinds(effects), ["withdraw", "reply", "show"]);
  assertEquals(promptOf(machine).request.id, "two");
});

Deno.test("step() honours the prompt time that it was set up with", () => {
  const machine = prompting(resolved("one"), { promptTimeoutMs: 5000 });
  assertEquals(machine.wait(4499), []);
  assertEquals(replyTo("one", machine.wait(1)).status, "timeout");
});

// A line for the model

Deno.test("step() denies with the line that the person types after r", () => {
  const machine = prompting();
  assertEquals(kinds(machine.press("r")), ["redraw"]);
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
  const [{ note }] = only(effects, "note");
  assertEquals(note.what === "decided" && note.message, "use pacman");
});

Deno.test("step() denies without a message where the line is empty or blank", () => {
  for (const line of ["", "   "]) {
    const machine = prompting();
    machine.press("r");
    if (line !== "") machine.press(line);
    assertEquals<unknown>(replyTo("one", machine.press("\r")), { id: "one", status: "denied" });
  }
});

Deno.test("step() takes y, a, d and n for letters while a line is typed", () => {
  const machine = prompting(asUser("one"));
  machine.submit(asUser("two"));
  machine.press("r");
  for (const key of ["y", "Y", "a", "d", "n", "r", "q", " "]) {
    assertEquals(kinds(machine.press(key, 1000)), ["redraw"]);
  }
  assertEquals(promptOf(machine).message, "yYadnrq ");
});

Deno.test("step() goes back to the question on Esc or Ctrl+C, with its time and stillness anew", () => {
  for (const key of ["\x1b", "\x03"]) {
    const machine = prompting(asUser("one"));
    machine.press("r");
    machine.press("no", 50_000);
    machine.press(key, 50_000);
    assertEquals(promptOf(machine).message, undefined);
    assertEquals(promptOf(machine).deadline, machine.now + 60_000);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS - 1)), ["redraw", "bell"]);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
  }
});

Deno.test("step() does not arm an undrawn prompt by way of r and Esc", () => {
  const machine = new Machine();
  machine.submit(asUser("one"));
  machine.press("r");
  machine.press("\x1b", 1000);
  assertEquals(kinds(machine.press("y", 1000)), ["redraw", "bell"]);
});

Deno.test("step() denies with what was typed where the line is not sent in its time", () => {
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

Deno.test("step() keeps what can't be shown out of the line", () => {
  const machine = prompting();
  machine.press("r");
  machine.press("a\u202Eb\u200B\x07c");
  assertEquals(promptOf(machine).message, "abc");
  machine.press("d".repeat(1000));
  assertEquals(promptOf(machine).message?.length, 500);
});

// Trust

Deno.test("step() trusts unprivileged requests from a on, those that wait too", () => {
  const machine = prompting(asUser("one"));
  machine.submit(resolved("two"), asUser("three"));
  const effects = machine.press("a");
  assertEquals(kinds(effects), ["withdraw", "start", "start", "show"]);
  assertEquals(
    only(effects, "start").map(({ approved }) => [approved.request.id, approved.basis]),
    [["one", "key"], ["three", "trust"]],
  );
  assertEquals(only(effects, "show")[0].request.id, "two");
  assertEquals(notes(effects), ["approved", "policy", "trusted", "shown"]);
  const later = machine.submit(asUser("four"));
  assertEquals(kinds(later), ["start"]);
  assertEquals(notes(later), ["trusted"]);
});

Deno.test("step() asks about privileged requests whatever is trusted", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  assertEquals(kinds(machine.submit(resolved("two"))), ["show"]);
});

Deno.test("step() lets a do nothing on a privileged request, or where trust is not allowed", () => {
  for (const machine of [prompting(), prompting(asUser("one"), { mayTrust: false })]) {
    assertEquals(kinds(machine.press("a")), ["redraw", "bell"]);
    assertEquals(machine.state.trustUnprivileged, false);
    assertEquals(kinds(machine.press("y", 499)), ["redraw", "bell"], "it was a key all the same");
  }
});

Deno.test("step() keeps trusted requests waiting while the terminal is lent", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  machine.approve(resolved("two"));
  assertEquals(machine.submit(asUser("three")), [], "checking");
  machine.send({ kind: "credentials", id: "two", present: false });
  assertEquals(machine.submit(asUser("four")), [], "lent");
  const effects = machine.send({ kind: "authenticated", id: "two", result: "kept" });
  assertEquals(kinds(effects), ["takeBack", "start", "start", "start"]);
});

Deno.test("step() starts a trusted request beside a prompt, and leaves the prompt alone", () => {
  const machine = prompting(asUser("one"));
  machine.press("a");
  machine.submit(resolved("two"));
  machine.draw("two");
  const { holder } = machine.state;
  assertEquals(kinds(machine.submit(asUser("three"))), ["start"]);
  assertTrue(machine.state.holder === holder);
});

// Authentication

Deno.test("step() starts what was approved where sudo has credentials", () => {
  const machine = prompting();
  machine.press("y");
  const effects = machine.send({ kind: "credentials", id: "one", present: true });
  assertEquals(kinds(effects), ["start"]);
  assertEquals(only(effects, "start")[0].withTerminal, false);
  assertEquals(machine.holder, "idle");
});

Deno.test("step() lends the terminal to sudo where it has no credentials, and starts after", () => {
  const machine = prompting();
  machine.press("y");
  const lent = machine.send({ kind: "credentials", id: "one", present: false });
  assertEquals<unknown>(lent, [{ kind: "lend", id: "one", purpose: "start" }]);
  const effects = machine.send({ kind: "authenticated", id: "one", result: "kept" });
  assertEquals(kinds(effects), ["takeBack", "start"]);
  assertEquals(only(effects, "start")[0].withTerminal, false);
});

Deno.test("step() starts nothing where sudo did not know the person", () => {
  const machine = lentToStart();
  const effects = machine.send({ kind: "authenticated", id: "one", result: "failed" });
  assertEquals(kinds(effects), ["takeBack", "reply"]);
  assertEquals(notes(effects), ["notAuthenticated"]);
  const { status, message } = replyTo("one", effects);
  assertEquals(status, "error");
  assertMatch(message ?? "", /sudo did not authenticate the person: nothing ran/);
  assertEquals(machine.state.running.size, 0);
});

Deno.test("step() throws keys away while sudo is asked or asks", () => {
  for (const machine of [prompting(), lentToStart()]) {
    if (machine.holder === "prompting") machine.press("y");
    const { holder } = machine.state;
    for (const key of ["y", "n", "a", "d", "q", "\x03", "\r", "secret"]) {
      assertEquals(machine.press(key), []);
    }
    assertTrue(machine.state.holder === holder);
  }
});

Deno.test("step() believes only what sudo says about the request that it was asked about", () => {
  const machine = prompting();
  machine.press("y");
  assertEquals(machine.send({ kind: "credentials", id: "two", present: true }), []);
  assertEquals(machine.send({ kind: "authenticated", id: "one", result: "kept" }), []);
  machine.send({ kind: "credentials", id: "one", present: false });
  assertEquals(machine.send({ kind: "authenticated", id: "two", result: "kept" }), []);
  assertEquals(machine.send({ kind: "credentials", id: "one", present: true }), []);
  assertEquals(machine.holder, "lent to start");
});

// Running

Deno.test("step() answers with the outcome at the end", () => {
  const machine = running();
  const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(notes(effects), ["ended"]);
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "ok",
    stages: [{ exit_code: 0, stderr: "" }],
    stdout: "ZG9uZQo=",
  });
  assertEquals(machine.state.running.size, 0);
});

Deno.test("step() answers why nothing ran where the program had changed", () => {
  const machine = prompting(asUser("one"));
  machine.press("y");
  const end = { kind: "refused", message: "/usr/bin/true changed since it was shown" } as const;
  const effects = machine.send({ kind: "ended", id: "one", end });
  assertEquals<unknown>(replyTo("one", effects), {
    id: "one",
    status: "error",
    message: "/usr/bin/true changed since it was shown",
  });
});

Deno.test("step() notes a start and an end once, and of commands that it knows", () => {
  const machine = running();
  assertEquals(machine.send({ kind: "started", id: "one" }), []);
  assertEquals(machine.send({ kind: "started", id: "two" }), []);
  assertEquals(machine.send({ kind: "ended", id: "two", end: FINISHED }), []);
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(machine.send({ kind: "ended", id: "one", end: FINISHED }), []);
});

Deno.test("step() runs commands beside each other and beside a prompt", () => {
  const machine = running(resolved("one"));
  machine.run(asUser("two"));
  machine.submit(resolved("three"));
  assertEquals([...machine.state.running.keys()], ["one", "two"]);
  assertEquals(machine.holder, "prompting");
  assertEquals(kinds(machine.send({ kind: "ended", id: "two", end: FINISHED })), ["reply"]);
  assertEquals(machine.holder, "prompting");
});

Deno.test("step() ends a command at its limit with SIGTERM, then SIGKILL", () => {
  const machine = running(resolved("one", { timeoutMs: 10_000 }));
  assertEquals(machine.wait(9999), []);
  const effects = machine.wait(1);
  assertEquals<unknown>(only(effects, "terminate"), [
    { kind: "terminate", id: "one", signal: "SIGTERM" },
  ]);
  assertEquals(notes(effects), ["ending"]);
  assertEquals(machine.wait(KILL_AFTER_MS - 1), []);
  assertEquals<unknown>(machine.wait(1), [{ kind: "terminate", id: "one", signal: "SIGKILL" }]);
  assertEquals(machine.wait(60_000), []);
  const end = replyTo("one", machine.send({ kind: "ended", id: "one", end: FINISHED }));
  assertEquals<unknown>(end, {
    id: "one",
    status: "error",
    message: "the run limit of 10000 ms was reached and the command was ended",
    stages: [{ exit_code: 0, stderr: "" }],
    stdout: "ZG9uZQo=",
  });
});

Deno.test("step() counts the limit from the start of the run, not from the approval", () => {
  const machine = new Machine();
  machine.approve(resolved("one", { timeoutMs: 1000 }));
  machine.wait(50_000);
  machine.send({ kind: "credentials", id: "one", present: true });
  assertEquals(machine.wait(50_000), []);
  machine.send({ kind: "started", id: "one" });
  assertEquals(machine.wait(999), []);
  assertEquals(kinds(machine.wait(1)), ["terminate"]);
});

Deno.test("step() never kills a command that has the terminal", () => {
  const machine = lentToStart(resolved("one", { timeoutMs: 1000 }));
  machine.send({ kind: "authenticated", id: "one", result: "notKept" });
  machine.send({ kind: "started", id: "one" });
  assertEquals(kinds(machine.wait(1000)), ["terminate"]);
  assertEquals(machine.wait(100_000), [], "SIGKILL would end sudo and leave the command");
});

Deno.test("step() asks sudo for a password where ending a command takes one", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "endingFailed", id: "one", password: true });
  assertEquals(notes(effects), ["endingFailed"]);
  assertEquals<unknown>(only(effects, "lend"), [{ kind: "lend", id: "one", purpose: "end" }]);
  assertEquals(machine.holder, "lent to ending");
  assertEquals(machine.submit(resolved("two")), [], "no prompt while sudo asks");
  const known = machine.send({ kind: "authenticated", id: "one", result: "kept" });
  assertEquals(kinds(known), ["takeBack", "terminate", "show"]);
  assertEquals(only(known, "terminate")[0].signal, "SIGTERM");
  assertEquals(
    kinds(machine.wait(KILL_AFTER_MS)),
    ["terminate"],
    "the time until SIGKILL is counted anew",
  );
});

Deno.test("step() gives the terminal back where the person did not give the password to end a command", () => {
  for (const result of ["failed", "notKept"] as const) {
    const machine = running();
    machine.send({ kind: "cancel", target: "one", replyTo: "c" });
    machine.send({ kind: "endingFailed", id: "one", password: true });
    const effects = machine.send({ kind: "authenticated", id: "one", result });
    assertEquals(kinds(effects), ["takeBack"]);
    assertEquals(notes(effects), ["endingFailed"]);
    assertEquals([...machine.state.running.keys()], ["one"]);
  }
});

Deno.test("step() waits with the question for a password until the prompt is answered", () => {
  const machine = running();
  machine.submit(resolved("two"), resolved("three"));
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "endingFailed", id: "one", password: true });
  assertEquals(only(effects, "lend"), []);
  assertEquals(kinds(machine.press("n")), ["withdraw", "reply", "lend"]);
  const ended = machine.send({ kind: "authenticated", id: "one", result: "kept" });
  assertEquals(kinds(ended), ["takeBack", "terminate", "show"]);
});

Deno.test("step() takes the terminal back where the command ended while sudo asked how to end it", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "endingFailed", id: "one", password: true });
  assertEquals(kinds(machine.send({ kind: "ended", id: "one", end: FINISHED })), ["reply"]);
  assertEquals(machine.holder, "lent to ending", "sudo still asks");
  const effects = machine.send({ kind: "authenticated", id: "one", result: "kept" });
  assertEquals(kinds(effects), ["takeBack"]);
});

Deno.test("step() lends the terminal to a command whose start asks, until it has started", () => {
  const machine = prompting(resolved("one"), { authentication: "atStart", password: "each" });
  const approved = machine.press("y");
  assertEquals(only(approved, "lend"), []);
  assertEquals<unknown>(only(approved, "start").map((effect) => effect.withTerminal), [true]);
  assertEquals(machine.holder, "lent to command");
  machine.submit(resolved("two"));
  assertEquals(machine.holder, "lent to command", "nothing is shown while it asks");
  const started = kinds(machine.send({ kind: "started", id: "one" }));
  assertEquals([started.includes("takeBack"), started.includes("show")], [true, true]);
});

Deno.test("step() sends no signal twice where it went with the question", () => {
  const machine = prompting(resolved("one"), { authentication: "atStart", password: "each" });
  machine.press("y");
  machine.send({ kind: "started", id: "one" });
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "endingFailed", id: "one", password: true });
  assertEquals(machine.holder, "lent to ending");
  const sent = machine.send({ kind: "authenticated", id: "one", result: "sent" });
  assertEquals(kinds(sent), ["takeBack"]);
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["terminate"]);
  machine.send({ kind: "endingFailed", id: "one", password: true });
  machine.send({ kind: "authenticated", id: "one", result: "sent" });
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), [], "SIGKILL is the last");
});

Deno.test("step() asks for nothing where no password would help to end a command", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const effects = machine.send({ kind: "endingFailed", id: "one", password: false });
  assertEquals([kinds(effects), notes(effects)], [[], ["endingFailed"]]);
  assertEquals(machine.holder, "idle");
});

Deno.test("step() asks once for the password to end a command, however long the person types", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "endingFailed", id: "one", password: true });
  // The time until SIGKILL runs out while the person types, and sudo has no credentials for that
  // either.
  const meanwhile = machine.wait(KILL_AFTER_MS);
  if (only(meanwhile, "terminate").length > 0) {
    machine.send({ kind: "endingFailed", id: "one", password: true });
  }
  const effects = machine.send({ kind: "authenticated", id: "one", result: "kept" }, 3000);
  assertEquals(kinds(effects), ["takeBack", "terminate"]);
  assertEquals(machine.holder, "idle");
});

Deno.test("step() gives a command its time to end from when the password was there", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "endingFailed", id: "one", password: true });
  const answer = { kind: "authenticated", id: "one", result: "kept" } as const;
  // SIGKILL that was due meanwhile would go out with the credentials that SIGTERM has waited for.
  assertEquals(kinds(machine.send(answer, KILL_AFTER_MS)), ["takeBack", "terminate"]);
  assertEquals(machine.wait(KILL_AFTER_MS - 1), []);
  assertEquals(only(machine.wait(1), "terminate")[0].signal, "SIGKILL");
});

// Going away

Deno.test("step() withdraws the prompt of a client that went away", () => {
  const machine = prompting();
  const effects = machine.send({ kind: "clientGone", id: "one" });
  assertEquals(kinds(effects), ["withdraw"]);
  assertEquals(notes(effects), ["withdrawn"]);
  assertEquals(machine.press("y", 1000), [], "the key approves nothing");
});

Deno.test("step() takes a waiting request out of the line when its client went away", () => {
  const machine = prompting();
  machine.submit(resolved("two"));
  const effects = machine.send({ kind: "clientGone", id: "two" });
  assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
  assertEquals(machine.state.queue, []);
  assertEquals(promptOf(machine).request.id, "one");
});

Deno.test("step() withdraws a line that is being typed with its request", () => {
  const machine = prompting();
  machine.press("r");
  machine.press("use apt");
  assertEquals(kinds(machine.send({ kind: "clientGone", id: "one" })), ["withdraw"]);
  assertEquals(kinds(machine.submit(resolved("two"))), ["show"]);
  assertEquals(promptOf(machine).message, undefined);
});

Deno.test("step() starts nothing for a client that went away while sudo was asked", () => {
  const machine = prompting();
  machine.press("y");
  const effects = machine.send({ kind: "clientGone", id: "one" });
  assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
  assertEquals(machine.holder, "idle");
  assertEquals(machine.send({ kind: "credentials", id: "one", present: true }), []);
});

Deno.test("step() starts nothing for a client that went away while sudo asked", () => {
  for (const result of ["kept", "notKept", "failed"] as const) {
    const machine = lentToStart();
    const effects = machine.send({ kind: "clientGone", id: "one" });
    assertEquals([kinds(effects), notes(effects)], [[], ["withdrawn"]]);
    assertEquals(machine.holder, "lent to withdrawn");
    assertEquals(machine.submit(resolved("two")), [], "no prompt while sudo still asks");
    const end = machine.send({ kind: "authenticated", id: "one", result });
    assertEquals(kinds(end), ["takeBack", "show"]);
    assertEquals(machine.state.running.size, 0);
  }
});

Deno.test("step() leaves a command running whose client went away", () => {
  const machine = running();
  const { state } = machine;
  assertEquals(machine.send({ kind: "clientGone", id: "one" }), []);
  assertTrue(machine.state === state);
  const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(notes(effects), ["ended"], "the result goes to the terminal and the audit log");
});

Deno.test("step() cancels a request that waits, is shown, or waits for sudo", () => {
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
      message: "cancelled before it ran",
    });
    assertEquals<unknown>(replyTo("c", effects), { id: "c", status: "ok", message: "withdrawn" });
    assertEquals(notes(effects), ["withdrawn"]);
    assertEquals(machine.holder, after);
    assertEquals(only(machine.press("y", 1000), "start"), []);
    assertEquals(machine.send({ kind: "credentials", id: "one", present: true }), []);
    const end = machine.send({ kind: "authenticated", id: "one", result: "kept" });
    assertEquals(kinds(end), after === "lent to withdrawn" ? ["takeBack"] : []);
  }
});

Deno.test("step() ends a running command that is cancelled, once", () => {
  const machine = running();
  const effects = machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  assertEquals(kinds(effects), ["terminate", "reply"]);
  assertEquals(replyTo("c", effects).message, "the command is being ended");
  const again = machine.send({ kind: "cancel", target: "one", replyTo: "c2" });
  assertEquals(kinds(again), ["reply"]);
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(replyTo("one", end).message, "the command was cancelled and ended");
});

Deno.test("step() ends a command that could not be ended when it is asked for again", () => {
  const askAgain: readonly ((machine: Machine) => readonly Effect[])[] = [
    (machine) => machine.send({ kind: "cancel", target: "one", replyTo: "again" }),
    (machine) => [...machine.press("k"), ...machine.press("k")],
    (machine) => machine.send({ kind: "stop", by: "signal" }),
  ];
  for (const password of [true, false]) {
    for (const again of askAgain) {
      const machine = running();
      machine.send({ kind: "cancel", target: "one", replyTo: "c" });
      machine.send({ kind: "endingFailed", id: "one", password });
      if (password) machine.send({ kind: "authenticated", id: "one", result: "failed" });
      const quiet = machine.wait(KILL_AFTER_MS);
      assertEquals(kinds(quiet), password ? [] : ["terminate"], "SIGKILL needs the same password");
      if (!password) machine.send({ kind: "endingFailed", id: "one", password });
      const [terminate, ...others] = only(again(machine), "terminate");
      assertEquals([terminate.signal, others], ["SIGTERM", []]);
      assertEquals(only(again(machine), "terminate"), [], "once");
    }
  }
});

Deno.test("step() says that there is nothing to cancel where no such request is there", () => {
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

Deno.test("step() exits at once on stop where nothing goes on", () => {
  for (const by of STOP_CAUSES) {
    const effects = new Machine().send({ kind: "stop", by });
    assertEquals([kinds(effects), notes(effects)], [["exit"], ["stopping"]]);
  }
});

Deno.test("step() takes every question back on stop, and answers their clients", () => {
  for (const by of STOP_CAUSES) {
    const machine = prompting();
    machine.submit(resolved("two"));
    const effects = machine.send({ kind: "stop", by });
    assertEquals(kinds(effects), ["reply", "withdraw", "reply", "exit"]);
    for (const id of ["one", "two"]) {
      assertEquals(replyTo(id, effects).message, "the daemon is stopping");
    }
    assertEquals(machine.holder, "idle");
  }
});

Deno.test("step() starts nothing on stop that waits for sudo's credentials", () => {
  for (const by of STOP_CAUSES) {
    const machine = prompting();
    machine.press("y");
    const effects = machine.send({ kind: "stop", by });
    assertEquals(kinds(effects), ["reply", "exit"]);
    assertEquals(replyTo("one", effects).message, "the daemon is stopping");
    const late = machine.send({ kind: "credentials", id: "one", present: true });
    assertEquals(only(late, "start"), []);
  }
});

Deno.test("step() waits on stop until sudo has stopped asking, and starts nothing then", () => {
  for (const by of STOP_CAUSES) {
    const machine = lentToStart();
    const effects = machine.send({ kind: "stop", by });
    assertEquals(kinds(effects), ["reply"]);
    assertEquals(machine.wait(STOP_WAIT_MS), []);
    const end = machine.send({ kind: "authenticated", id: "one", result: "kept" });
    assertEquals(kinds(end), ["takeBack", "exit"]);
  }
});

Deno.test("step() lets commands finish where a request, or the daemon itself, asked for the end", () => {
  for (const by of ["request", "itself"] as const) {
    const machine = running();
    assertEquals(kinds(machine.send({ kind: "stop", by })), []);
    assertEquals(machine.wait(3_600_000), []);
    const effects = machine.send({ kind: "ended", id: "one", end: FINISHED });
    assertEquals(kinds(effects), ["reply", "exit"]);
    assertEquals(replyTo("one", effects).status, "ok");
  }
});

Deno.test("step() ends commands where a signal or the person asked for the end", () => {
  for (const by of ["signal", "person"] as const) {
    const machine = running(resolved("one"));
    machine.run(asUser("two"));
    const effects = machine.send({ kind: "stop", by });
    assertEquals(kinds(effects), ["terminate", "terminate"]);
    assertEquals(kinds(machine.send({ kind: "ended", id: "two", end: FINISHED })), ["reply"]);
    assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["terminate"]);
    const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
    assertEquals(kinds(end), ["reply", "exit"]);
    assertEquals(replyTo("one", end).message, "the daemon is stopping and the command was ended");
  }
});

Deno.test("step() exits after its time on stop though a command does not end", () => {
  const machine = running();
  machine.send({ kind: "stop", by: "signal" });
  assertEquals(kinds(machine.wait(KILL_AFTER_MS)), ["terminate"]);
  assertEquals(kinds(machine.wait(STOP_WAIT_MS - KILL_AFTER_MS - 1)), []);
  assertEquals(kinds(machine.wait(1)), ["exit"]);
});

Deno.test("step() asks for no password to end a command while it stops", () => {
  const machine = running();
  machine.send({ kind: "stop", by: "signal" });
  const effects = machine.send({ kind: "endingFailed", id: "one", password: true });
  assertEquals([kinds(effects), notes(effects)], [[], ["endingFailed"]]);
  assertEquals(machine.holder, "idle");
});

Deno.test("step() exits though a command has the terminal and does not end", () => {
  const machine = lentToStart();
  machine.send({ kind: "authenticated", id: "one", result: "notKept" });
  machine.send({ kind: "started", id: "one" });
  assertEquals(kinds(machine.send({ kind: "stop", by: "signal" })), ["terminate"]);
  assertEquals(kinds(machine.wait(STOP_WAIT_MS)), ["exit"]);
});

Deno.test("step() waits on stop while sudo asks for the password to end a command", () => {
  const machine = running();
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  machine.send({ kind: "endingFailed", id: "one", password: true });
  machine.send({ kind: "stop", by: "signal" });
  assertEquals(only(machine.wait(STOP_WAIT_MS), "exit"), []);
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  const effects = machine.send({ kind: "authenticated", id: "one", result: "kept" });
  assertEquals(kinds(effects), ["takeBack", "exit"]);
});

Deno.test("step() shows and starts nothing new while it stops", () => {
  const machine = running(asUser("zero"));
  machine.submit(asUser("one"));
  machine.arm("one");
  machine.press("a");
  machine.send({ kind: "stop", by: "request" });
  for (const request of [resolved("two"), asUser("three")]) {
    const effects = machine.submit(request);
    assertEquals(kinds(effects), ["reply"]);
    assertEquals(replyTo(request.id, effects).message, "the daemon is stopping");
  }
});

Deno.test("step() ends the commands that a stop request left when a signal follows", () => {
  const machine = running();
  machine.send({ kind: "stop", by: "request" });
  const effects = machine.send({ kind: "stop", by: "signal" });
  assertEquals(kinds(effects), ["terminate"]);
  assertEquals(notes(effects), ["ending"], "the stop was noted before");
  assertEquals(only(machine.wait(STOP_WAIT_MS), "exit").length, 1);
});

Deno.test("step() does not put the end off when it is asked for again", () => {
  for (const by of STOP_CAUSES) {
    const machine = running();
    machine.send({ kind: "stop", by: "signal" });
    machine.send({ kind: "stop", by }, STOP_WAIT_MS - 1000);
    assertEquals(only(machine.wait(1000), "exit").length, 1, `stop by ${by} after a signal`);
  }
});

// Questions between prompts

Deno.test("step() asks whether to quit on q or Ctrl+C where nothing is shown", () => {
  for (const key of ["q", "\x03"]) {
    const machine = new Machine();
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: { kind: "quit" } }]);
    assertEquals(kinds(machine.press(key)), ["exit"]);
  }
});

Deno.test("step() takes the question whether to quit back on any other key", () => {
  for (const key of ["n", "x", "\x1b", "qq", "\x1b[A", "a", "", "y", "Y", "k", "?"]) {
    const machine = new Machine();
    machine.press("q");
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: undefined }]);
    assertEquals(machine.press("y"), [], "y means nothing between prompts");
  }
});

Deno.test("step() throws keys away where nothing is shown and nothing was asked", () => {
  const machine = new Machine();
  for (const key of ["y", "Y", "a", "n", "d", "r", " ", "\r", "yes", "qq", "k"]) {
    assertEquals(machine.press(key), []);
    assertEquals(machine.holder, "idle");
  }
});

Deno.test("step() ends running commands where the person quits", () => {
  const machine = running();
  machine.press("q");
  const effects = machine.press("q");
  assertEquals(kinds(effects), ["terminate"]);
  assertEquals(notes(effects), ["stopping", "ending"]);
});

Deno.test("step() asks on k whether to end the command that runs, and ends it on k again", () => {
  const machine = running();
  const [effect] = only(machine.press("k"), "ask");
  assertTrue(effect.question?.kind === "end" && effect.question.request.id === "one");
  const effects = machine.press("k");
  assertEquals(kinds(effects), ["terminate"]);
  assertEquals(notes(effects), ["ending"]);
  const end = machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(replyTo("one", end).message, "the person at the terminal ended the command");
});

Deno.test("step() leaves the command alone on any key but k after k", () => {
  for (const key of ["y", "Y", "q", "\x03", "n", "kk"]) {
    const machine = running();
    machine.press("k");
    assertEquals<unknown>(machine.press(key), [{ kind: "ask", question: undefined }]);
    assertEquals(machine.press("y"), []);
  }
});

Deno.test("step() ends nothing where the command of the question ended meanwhile", () => {
  const machine = running(resolved("one"));
  machine.run(resolved("two"));
  machine.press("k");
  machine.send({ kind: "ended", id: "one", end: FINISHED });
  assertEquals(machine.press("k"), []);
  assertEquals([...machine.state.running.keys()], ["two"]);
});

Deno.test("step() asks on k about the first command that is not being ended yet", () => {
  const machine = running(resolved("one"));
  machine.run(resolved("two"));
  machine.send({ kind: "cancel", target: "one", replyTo: "c" });
  const [effect] = only(machine.press("k"), "ask");
  assertTrue(effect.question?.kind === "end" && effect.question.request.id === "two");
});

Deno.test("step() takes a question between prompts back when a request is shown", () => {
  for (const key of ["q", "k"]) {
    const machine = running(asUser("zero"));
    machine.press(key);
    const effects = machine.submit(asUser("one"));
    assertEquals(kinds(effects), ["ask", "show"]);
    assertEquals(only(effects, "ask")[0].question, undefined);
  }
});

// Help

Deno.test("step() explains the keys on ?, and no key but n and Ctrl+C decides meanwhile", () => {
  for (const key of ["y", "Y", "a", "d", "r", "x", "?", "\x1b", "\r", "\n"]) {
    const machine = prompting(asUser("one"));
    assertEquals(kinds(machine.press("?")), ["redraw"]);
    assertEquals(promptOf(machine).help, true);
    assertEquals(kinds(machine.press(key, 5000)), ["redraw", "drawAnew"], "it closes the help");
    assertEquals([promptOf(machine).help, promptOf(machine).message], [false, undefined]);
    assertEquals(kinds(machine.press("y", ARM_MS - 1)), ["redraw", "bell"]);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"]);
  }
});

Deno.test("step() scrolls in the help, and leaves it open", () => {
  const machine = prompting();
  machine.press("?");
  for (const key of [" ", "\x1b[A", "\x1b[B", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F"]) {
    assertEquals(kinds(machine.press(key)), ["redraw", "scroll"]);
    assertEquals(promptOf(machine).help, true);
  }
  assertEquals(kinds(machine.press("y", 5000)), ["redraw", "drawAnew"]);
});

Deno.test("step() denies while the keys are explained", () => {
  for (const key of ["n", "N", "\x03"]) {
    const machine = prompting();
    machine.press("?");
    assertEquals(replyTo("one", machine.press(key)).status, "denied");
  }
});

Deno.test("step() explains the keys on ? where nothing is shown, too", () => {
  assertEquals<unknown>(new Machine().press("?"), [{ kind: "help" }]);
});

// Pastes

Deno.test("step() takes nothing that is pasted for a key, but denies", () => {
  for (const key of ["y", "Y", "a", "r", "d", "?", " "]) {
    const machine = prompting(asUser("one"));
    machine.press("\x1b[200~");
    assertEquals(kinds(machine.press(key, 1000)), ["redraw", "bell"], key);
    machine.press("\x1b[201~", 1000);
    assertEquals(kinds(machine.press("y", REPLACED_ARM_MS)), ["withdraw", "start"], "after it");
  }
  const machine = prompting();
  machine.press("\x1b[200~");
  assertEquals(replyTo("one", machine.press("\r")).status, "denied");
});

Deno.test("step() takes nothing that is pasted for an answer between prompts", () => {
  const machine = new Machine();
  machine.press("q");
  machine.press("\x1b[200~");
  assertEquals(machine.press("y"), []);
  assertEquals(machine.press("q"), []);
  machine.press("\x1b[201~");
  assertEquals(kinds(machine.press("q")), ["ask"]);
});

Deno.test("step() forgets a paste whose end sudo has read", () => {
  const machine = prompting();
  machine.press("y");
  machine.press("\x1b[200~sec");
  machine.send({ kind: "credentials", id: "one", present: false });
  machine.send({ kind: "authenticated", id: "one", result: "failed" });
  assertEquals(kinds(machine.press("q")), ["ask"]);
});

// A question of sudo for each command

Deno.test("step() lends the terminal to sudo for each privileged command where that is wanted", () => {
  for (const id of ["one", "two"]) {
    const machine = prompting(resolved(id), { password: "each" });
    const effects = machine.press("y");
    assertEquals(kinds(effects), ["withdraw", "lend"]);
    assertEquals(machine.holder, "lent to start");
    const known = machine.send({ kind: "authenticated", id, result: "kept" });
    assertEquals(kinds(known), ["takeBack", "start"]);
  }
});

Deno.test("step() asks for no password for an unprivileged command, or where the daemon is root", () => {
  const password = "each" as const;
  assertEquals(kinds(prompting(asUser("one"), { password }).press("y")), ["withdraw", "start"]);
  const root = prompting(resolved("one"), { password, authentication: "none" });
  assertEquals(kinds(root.press("y")), ["withdraw", "start"]);
});

// Keys that were pressed for something else

Deno.test("step() arms anew after this process did not run for a while", () => {
  const machine = new Machine();
  machine.submit(resolved("one"));
  machine.arm("one");
  machine.send({ kind: "stalled" });
  assertEquals(only(machine.press("y"), "checkCredentials"), []);
  machine.now += REPLACED_ARM_MS;
  assertEquals(kinds(machine.press("y")).includes("checkCredentials"), true);
});

Deno.test("step() waits longer for a key where the request before went away by itself", () => {
  for (const leave of ["clientGone", "timeout"] as const) {
    const machine = new Machine();
    machine.submit(resolved("one"), resolved("two"));
    machine.arm("one");
    if (leave === "clientGone") machine.send({ kind: "clientGone", id: "one" });
    else machine.wait(60_000);
    machine.draw("two");
    machine.now += REPLACED_ARM_MS - 1;
    assertEquals(only(machine.press("y"), "checkCredentials"), [], leave);
    machine.now += REPLACED_ARM_MS;
    assertEquals(only(machine.press("y"), "checkCredentials").length, 1, leave);
  }
});

/** What a key could have been meant for, and how it leaves the terminal to the request "next". */
const BEFORE: Readonly<Record<string, (machine: Machine) => void>> = {
  "a decision": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm("one");
    machine.press("n");
  },
  "a line that is sent": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm("one");
    for (const key of ["r", "no", "\r"]) machine.press(key, 5000);
  },
  "a line whose request is withdrawn": (machine) => {
    machine.submit(resolved("one"), asUser("next"));
    machine.arm("one");
    machine.press("r");
    machine.send({ kind: "clientGone", id: "one" }, 5000);
  },
  "a key that meant nothing": (machine) => {
    machine.press("y");
    machine.submit(asUser("next"));
  },
  "the question whether to quit": (machine) => {
    machine.press("q");
    machine.now += 5000;
    machine.submit(asUser("next"));
  },
  "the question whether to end a command": (machine) => {
    machine.run(asUser("runs"));
    machine.press("k", 5000);
    machine.now += 5000;
    machine.submit(asUser("next"));
  },
  "sudo's question": (machine) => {
    machine.approve(resolved("one"));
    machine.send({ kind: "credentials", id: "one", present: false });
    machine.submit(asUser("next"));
    machine.send({ kind: "authenticated", id: "one", result: "failed" }, 5000);
  },
  "sudo's question for a request that was withdrawn": (machine) => {
    machine.approve(resolved("one"));
    machine.send({ kind: "credentials", id: "one", present: false });
    machine.submit(asUser("next"));
    machine.send({ kind: "clientGone", id: "one" });
    machine.send({ kind: "authenticated", id: "one", result: "failed" }, 5000);
  },
  "a command that had the terminal": (machine) => {
    machine.approve(resolved("one"));
    machine.send({ kind: "credentials", id: "one", present: false });
    machine.send({ kind: "authenticated", id: "one", result: "notKept" });
    machine.submit(asUser("next"));
    machine.send({ kind: "ended", id: "one", end: FINISHED }, 5000);
  },
};

for (const [what, leave] of Object.entries(BEFORE)) {
  Deno.test(`step() waits for two seconds of stillness after ${what}`, () => {
    const machine = new Machine();
    leave(machine);
    machine.draw("next");
    assertEquals(only(machine.press("y", REPLACED_ARM_MS - 1), "start"), []);
    assertEquals(only(machine.press("y", REPLACED_ARM_MS), "start").length, 1);
  });
}

Deno.test("step() waits for half a second where nothing was pressed or left for two seconds", () => {
  for (const leave of Object.values(BEFORE).slice(0, 2)) {
    const machine = new Machine();
    leave(machine);
    machine.press("n");
    machine.now += REPLACED_ARM_MS;
    machine.submit(asUser("later"));
    machine.draw("later");
    assertEquals(only(machine.press("y", ARM_MS), "start").length, 1);
  }
});

Deno.test("step() takes a request back that can't be drawn, says so, and shows the next", () => {
  const machine = new Machine();
  machine.submit(resolved("one"), resolved("two"));
  const effects = machine.send({ kind: "undrawable", id: "one" });
  assertEquals(only(effects, "reply").map(({ response }) => response.message), [
    "it could not be shown: nothing ran",
  ]);
  assertEquals(only(effects, "show").map(({ request }) => request.id), ["two"]);
});

Deno.test("step() denies what comes within a moment after d, so that a flood costs one key", () => {
  const machine = new Machine();
  machine.submit(resolved("one"), resolved("two"));
  machine.press("d");
  machine.now += DENY_ALL_MS - 1;
  const effects = machine.submit(resolved("three"));
  assertEquals(only(effects, "reply").map(({ response }) => response.status), ["denied"]);
  assertEquals(only(effects, "show"), []);
  machine.now += 1;
  assertEquals(only(machine.submit(resolved("four")), "show").length, 1);
});

Deno.test("step() asks for the ssh agent although unprivileged commands are trusted", () => {
  const machine = new Machine();
  machine.submit(resolved("one", { privileged: false }));
  machine.arm("one");
  machine.press("a");
  const effects = machine.submit(resolved("two", { privileged: false, forwardAgent: true }));
  assertEquals(only(effects, "start"), []);
  assertEquals(only(effects, "show").length, 1);
});

Deno.test("step() arms a prompt that is drawn anew only once the terminal has drawn it", () => {
  const machine = new Machine();
  machine.submit(resolved("one"));
  machine.arm("one");
  machine.send({ kind: "drawing", id: "one" });
  machine.now += 60_000 - 2 * ARM_MS - 1;
  assertEquals(only(machine.press("y"), "checkCredentials"), [], "no answer of the terminal yet");
  machine.draw("one", false);
  machine.now += ARM_MS;
  assertEquals(
    only(machine.press("y"), "checkCredentials"),
    [],
    "not all of the new layout was read",
  );
});

Deno.test("step() lets commands run on where the terminal is gone, and nothing else", () => {
  const machine = new Machine();
  machine.run(resolved("runs", { privileged: false }));
  machine.submit(resolved("shown"), resolved("waits"));
  const effects = machine.send({ kind: "stop", by: "hangup" });
  assertEquals(notes(effects), ["stopping", "withdrawn", "withdrawn"]);
  assertEquals(only(effects, "terminate"), []);
  assertEquals(only(effects, "exit"), []);
  assertEquals(only(machine.wait(3_600_000), "terminate"), []);
  assertEquals(kinds(machine.submit(resolved("late"))), ["reply"]);
  const end = machine.send({ kind: "ended", id: "runs", end: FINISHED });
  assertEquals(kinds(end), ["reply", "exit"]);
});

Deno.test("step() notes what becomes of every request that was taken in", () => {
  const machine = new Machine({ password: "each" });
  machine.approve(resolved("pipeline", { pipeline: [["/usr/bin/cat"], ["/usr/bin/wc"]] }));
  const effects = machine.send({ kind: "authenticated", id: "pipeline", result: "notKept" });
  assertEquals(notes(effects), ["ended"]);
  machine.submit(resolved("shown"), resolved("waits"));
  assertEquals(notes(machine.send({ kind: "stop", by: "person" })), [
    "stopping",
    "withdrawn",
    "withdrawn",
  ]);
});
