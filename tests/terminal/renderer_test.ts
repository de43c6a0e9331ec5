import fc from "fast-check";
import type { SessionState } from "../../lib/session/state.ts";
import { said } from "../../lib/session/history.ts";
import { Renderer } from "../../lib/terminal/renderer.ts";
import { Tty } from "../../lib/terminal/tty.ts";
import { type Picture, picture } from "../../lib/view/picture.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { type Choice, resolved } from "../session/resolved.ts";
import { Emulator, type Row } from "../view/emulator.ts";
import { NAMES, promptOf, Watcher } from "../view/views.ts";

const SHORT: Choice = { pipeline: [["/usr/bin/id"]] };
const LONG: Choice = { stdin: Array.from({ length: 100 }, (_, line) => `${line}\n`).join("") };
/** What a command may leave behind: another screen, text, a region, other letters, other modes. */
const LEFT = "\x1b[?1049l\x1b[5;1HFALSE PROMPT\x1b[3;9r\x1b[?6h\x1b(0\x1b[4h\x1b[7m\x1b[?25h";

/** Draws a picture on a terminal of its own. */
async function drawnFromNothing(last: Picture, columns: number, rows: number): Promise<Row[]> {
  const emulator = new Emulator(columns, rows);
  const renderer: Renderer = new Renderer(
    (event) => void (event.kind === "probed" && renderer.show(() => last)),
    "plain",
    undefined,
    new Tty(emulator),
  );
  renderer.show(() => ({ ...last, isProbed: false }));
  await quiet(emulator);
  return await emulator.rows();
}

/** Waits until nothing is written any more. */
async function quiet(emulator: Emulator): Promise<void> {
  for (let before = -1; emulator.stream.length !== before;) {
    before = emulator.stream.length;
    for (let turns = 0; turns < 3; turns++) {
      await emulator.rows();
      await new Promise((resolve) => setTimeout(resolve));
    }
  }
}

function job(watcher: Watcher): SessionState["jobs"] {
  const request = resolved("job", SHORT);
  return new Map([["job", {
    request,
    startedAt: watcher.state.now,
    needsCredentials: undefined,
    ending: undefined,
    needsPassword: false,
  }]]);
}

/** What may happen, by name: a step of the daemon each. */
const STEPS = {
  print: (watcher) => watcher.say(`line ${watcher.state.now}`),
  printMany: (watcher) => {
    for (let line = 0; line < 70; line++) watcher.say(`many ${line}`);
  },
  shortRequest: (watcher) => watcher.show(resolved("1", SHORT)),
  longRequest: (watcher) => watcher.show(resolved("2", LONG)),
  decide: (watcher) => {
    // What takes the terminal back resets it: that is another step.
    if (watcher.state.phase.kind !== "lent") watcher.set({ phase: { kind: "idle" } });
  },
  scroll: (watcher) => {
    if (watcher.state.phase.kind === "prompting") watcher.scroll("pageDown");
  },
  second: (watcher) => watcher.set({ now: watcher.state.now + 1000 }),
  start: (watcher) => watcher.set({ jobs: job(watcher) }),
  end: (watcher) => {
    watcher.emulator.feed(LEFT);
    watcher.set({ jobs: new Map() });
    watcher.reset();
  },
  lendToQuestion: (watcher) => {
    if (watcher.state.phase.kind === "lent") return;
    watcher.set({ phase: { kind: "lent", to: { kind: "withdrawn", id: "1" } } });
  },
  lendToCommand: async (watcher) => {
    watcher.set({ phase: { kind: "lent", to: { kind: "command", id: "1" } } });
    watcher.flow();
    await watcher.renderer.lent();
    watcher.emulator.feed(LEFT);
  },
  takeBack: (watcher) => {
    if (watcher.state.phase.kind !== "lent") return;
    watcher.set({ phase: { kind: "idle" } });
    watcher.reset();
  },
  stall: (watcher) => watcher.stall(),
  flow: (watcher) => watcher.flow(),
  pause: (watcher) => quiet(watcher.emulator),
} satisfies Readonly<Record<string, (watcher: Watcher) => void | Promise<void>>>;

const step = fc.constantFrom(...Object.entries<(watcher: Watcher) => void | Promise<void>>(STEPS));

Deno.test("after any pictures the screen is what the last one draws on an empty screen", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { maxLength: 25, size: "max" }),
      fc.constantFrom([80, 24] as const, [40, 12] as const),
      fc.constantFrom(Infinity, 7),
      async (steps, [columns, rows], appetite) => {
        const watcher = new Watcher(columns, rows);
        watcher.emulator.appetite = appetite;
        watcher.set({});
        await quiet(watcher.emulator);
        for (const [, perform] of steps) await perform(watcher);
        watcher.flow();
        await STEPS.takeBack(watcher);
        await quiet(watcher.emulator);
        const last = picture(watcher.state, NAMES);
        assertTrue(last.isProbed, "the terminal has not answered");
        assertEquals(
          (await watcher.emulator.rows()).map((row) => row.join("")),
          (await drawnFromNothing(last, columns, rows)).map((row) => row.join("")),
        );
        assertEquals(watcher.emulator.isAlternate, last.prompt !== undefined);
      },
    ),
    { numRuns: 100 },
  );
});

Deno.test("what a command drew is gone, also if a question follows it with no picture between", async () => {
  const watcher = await opened();
  watcher.say("one");
  await STEPS.lendToCommand(watcher);
  watcher.show(resolved("2", LONG));
  STEPS.lendToQuestion(watcher);
  watcher.say("two");
  await quiet(watcher.emulator);
  STEPS.takeBack(watcher);
  await quiet(watcher.emulator);
  assertEquals(
    await watcher.emulator.rows(),
    await drawnFromNothing(picture(watcher.state, NAMES), 80, 24),
  );
});

/** A terminal that has answered what it draws. */
async function opened(columns = 80, rows = 24): Promise<Watcher> {
  const watcher = new Watcher(columns, rows);
  watcher.set({});
  await quiet(watcher.emulator);
  watcher.emulator.stream = "";
  return watcher;
}

function kinds({ events }: Watcher): string[] {
  return events.map(({ kind }) => kind);
}

Deno.test("a prompt goes and leaves the history as it was", async () => {
  const watcher = await opened();
  const { emulator } = watcher;
  const rows = async () => {
    await quiet(emulator);
    return (await emulator.text()).trimEnd().split("\n");
  };
  watcher.say("first");
  assertEquals((await rows()).slice(0, 1), ["first"]);
  watcher.show(resolved("1"));
  await watcher.drawn();
  assertMatch(await emulator.text(), /RUN AS ROOT/);
  watcher.say("second");
  watcher.set({ phase: { kind: "idle" } });
  assertEquals((await rows()).slice(0, 2), ["first", "second"]);
  watcher.say("third");
  const [, , third, status = ""] = await rows();
  assertEquals(third, "third");
  assertMatch(status, /^nothing waits /);
  assertTrue(await watcher.renderer.leave());
  assertEquals(await rows(), ["first", "second", "third"]);
});

Deno.test("what a command painted behind a prompt is gone when the prompt goes, and what was there before is not", async () => {
  const watcher = await opened();
  const { emulator } = watcher;
  emulator.feed("\x1b7\x1b[20;1HTHE SHELL\x1b8");
  watcher.show(resolved("1"));
  await watcher.drawn();
  watcher.set({ phase: { kind: "idle" } });
  await quiet(emulator);
  assertMatch(await emulator.text(), /THE SHELL/);
  watcher.show(resolved("2"));
  await watcher.drawn();
  emulator.feed(LEFT);
  watcher.reset();
  await watcher.drawn();
  watcher.set({ phase: { kind: "idle" } });
  await quiet(emulator);
  assertMatch(await emulator.text(), /^nothing waits [^\n]*\n*$/);
});

Deno.test("a prompt is written whole where anything differs, and not at all where nothing does", async () => {
  const watcher = await opened();
  const { emulator } = watcher;
  watcher.show(resolved("1"));
  await watcher.drawn();
  watcher.set({ now: 600 });
  await quiet(emulator);
  emulator.stream = "";
  watcher.set({ now: 700 });
  await quiet(emulator);
  assertEquals(emulator.stream, "");
  watcher.set({ now: 1100 });
  await quiet(emulator);
  assertEquals(emulator.stream.split(";1H").length - 1, 24);
  assertMatch(emulator.stream, / 58 s left /);
});

Deno.test("what another program wrote over a prompt is gone within a second", async () => {
  const watcher = await opened();
  const { emulator } = watcher;
  watcher.show(resolved("1"));
  await watcher.drawn();
  watcher.set({ now: 600 });
  await quiet(emulator);
  const before = await emulator.text();
  // As wall(1) writes it: letters and new lines, wherever the cursor is.
  const message = "\r\n   command   /usr/bin/ls".padEnd(80);
  emulator.feed(message.repeat(2));
  assertMatch(await emulator.text(), /usr.bin.ls/);
  watcher.set({ now: 1600 });
  await quiet(emulator);
  const seconds = (text: string) => text.replace(/\d+ s left/, "");
  assertEquals(seconds(await emulator.text()), seconds(before));
});

Deno.test("a terminal that does not read misses pictures, and gets the last one", async () => {
  const watcher = await opened();
  const { emulator } = watcher;
  watcher.show(resolved("1"));
  await watcher.drawn();
  watcher.stall();
  for (let now = 1000; now < 50_000; now += 100) watcher.set({ now });
  emulator.stream = "";
  watcher.flow();
  await quiet(emulator);
  assertTrue(emulator.stream.length < 4000, `${emulator.stream.length} letters`);
  assertMatch(await emulator.text(), / 10 s left /);
});

Deno.test("several pictures in one turn of the loop are one", async () => {
  const watcher = await opened();
  for (let more = 0; more < 30; more++) {
    watcher.say(`line ${more}`);
    watcher.set({ now: more });
  }
  await quiet(watcher.emulator);
  assertEquals(watcher.emulator.stream.split("nothing waits").length, 2);
});

Deno.test("a drawing is reported once the terminal has answered, behind the keys that came before", async () => {
  const watcher = await opened();
  watcher.emulator.isAnswering = false;
  watcher.set({ phase: { kind: "prompting", prompt: promptOf(resolved("1")) } });
  await quiet(watcher.emulator);
  watcher.events.length = 0;
  watcher.emulator.type("y\x1b[0nn");
  await quiet(watcher.emulator);
  assertEquals(kinds(watcher).sort(), ["drawn", "keys"]);
  const keys = watcher.events.find((event) => event.kind === "keys");
  assertEquals(new TextDecoder().decode(keys?.burst), "yn");
});

Deno.test("an answer that comes too late is not taken for the next question's", async () => {
  const emulator = new Emulator(80, 24);
  const tty = new Tty(emulator);
  tty.take(() => {});
  emulator.isAnswering = false;
  const first = tty.ask("cursor");
  await tty.write("\x1b[6n");
  assertEquals(await first, undefined);
  const second = tty.ask("cursor");
  await tty.write("\x1b[6n");
  emulator.type("\x1b[1;7R\x1b[1;9R");
  assertEquals(await second, 9);
});

Deno.test("a request that can't be drawn is reported, and nothing of it is written", async () => {
  const watcher = await opened();
  const request = resolved("1", { reason: "SECRET" });
  watcher.show({
    ...request,
    get stages(): never {
      throw new Error("a fault of ours");
    },
  });
  await quiet(watcher.emulator);
  assertEquals(kinds(watcher).filter((kind) => kind === "undrawable").length, 1);
  assertTrue(!watcher.emulator.stream.includes("SECRET"));
});

Deno.test("another size of the window is noticed with the first key, before its signal", async () => {
  const watcher = await opened();
  watcher.events.length = 0;
  watcher.emulator.resize(60, 20);
  watcher.emulator.type("y");
  assertEquals(kinds(watcher), ["resized", "keys"]);
});

Deno.test("the terminal is lent as it was found, and nothing is written there", async () => {
  const watcher = await opened();
  const { emulator, renderer } = watcher;
  watcher.show(resolved("1"));
  watcher.say("sudo asks");
  watcher.set({ phase: { kind: "lent", to: { kind: "withdrawn", id: "1" } } });
  await renderer.lent();
  assertEquals([emulator.isRaw, emulator.isRead, emulator.isAlternate], [false, false, false]);
  assertMatch(await emulator.text(), /^sudo asks\n\n/);
  assertTrue(emulator.stream.endsWith("\x1b[?2004l\x1b[23;2t"));
  emulator.stream = "";
  watcher.say("a command ended");
  watcher.set({ now: 10_000 });
  watcher.reset();
  await quiet(emulator);
  assertEquals(emulator.stream, "");
  // sudo is content, and the command asks once more: why stands between both questions.
  watcher.say("it asks again");
  watcher.set({ phase: { kind: "lent", to: { kind: "command", id: "1" } } });
  await renderer.lent();
  assertMatch(await emulator.text(), /^sudo asks\na command ended\nit asks again\n\n/);
  assertEquals(emulator.isRaw, false);
  watcher.set({ phase: { kind: "idle" } });
  watcher.reset();
  await quiet(emulator);
  assertEquals([emulator.isRaw, emulator.isRead], [true, true]);
  assertMatch(await emulator.text(), /^sudo asks\na command ended\nit asks again\nnothing waits /);
});

Deno.test("nobody is told that the terminal is lent while it is ours, however fast borrowers change", async () => {
  for (let turns = 0; turns < 12; turns++) {
    const watcher = await opened();
    const { emulator, renderer } = watcher;
    const pass = async () => {
      for (let turn = 0; turn < turns; turn++) await Promise.resolve();
    };
    watcher.set({ phase: { kind: "lent", to: { kind: "withdrawn", id: "1" } } });
    await pass();
    watcher.show(resolved("2"));
    await pass();
    watcher.set({ phase: { kind: "lent", to: { kind: "command", id: "2" } } });
    await renderer.lent();
    assertEquals([emulator.isRaw, emulator.isRead], [false, false], `${turns} turns`);
  }
});

Deno.test("a process that goes on takes the terminal anew, whatever was done with it meanwhile", async () => {
  const watcher = await opened();
  const { emulator, renderer } = watcher;
  watcher.show(resolved("1"));
  await watcher.drawn();
  // A shell that nobody announced.
  emulator.isRaw = false;
  emulator.feed("\x1b[?1049l$ fg\r\n");
  renderer.continued();
  watcher.reset();
  await watcher.drawn();
  assertEquals([emulator.isRaw, emulator.isAlternate], [true, true]);
  assertMatch(await emulator.text(), /RUN AS ROOT/);
});

Deno.test("at a sudden end the history is left with its last lines, and the terminal as it was found", async () => {
  const watcher = await opened();
  const { emulator, renderer } = watcher;
  watcher.show(resolved("1"));
  await watcher.drawn();
  watcher.say("the last words");
  renderer.close();
  renderer.close();
  assertMatch(await emulator.text(), /^the last words\n\n/);
  assertEquals([emulator.isRaw, emulator.isRead, emulator.isAlternate], [false, false, false]);
  assertEquals(emulator.stream.split("\x1b[23;2t").length, 2);
});

Deno.test("a terminal that does not read holds up the end for two seconds", async () => {
  const watcher = await opened();
  watcher.stall();
  watcher.show(resolved("1"));
  const begun = performance.now();
  assertEquals(await watcher.renderer.leave(), false);
  assertTrue(performance.now() - begun < 5000);
  watcher.flow();
  await quiet(watcher.emulator);
});

Deno.test("a history line that is too long is cut to one row of the window", async () => {
  for (const columns of [10, 11, 12, 40]) {
    const watcher = await opened(columns, 12);
    watcher.print(said(`08:00:00 approved ${"字".repeat(50)}`, "log"));
    watcher.say("x");
    await quiet(watcher.emulator);
    const [first, second] = (await watcher.emulator.rows()).map((row) => row.join(""));
    assertMatch(first ?? "", /^08:00:00 /);
    assertEquals(second?.trimEnd(), "x");
  }
});

Deno.test("a screen of one cell does not crash, nor one that has no cell at all", async () => {
  for (const [columns, rows] of [[1, 1], [0, 0], [1, 50], [50, 1]] as const) {
    const watcher = new Watcher(columns, rows);
    watcher.say("10:00:00  approved  /usr/bin/id");
    watcher.show(resolved("1"));
    await watcher.drawn();
    watcher.set({ phase: { kind: "idle" } });
    assertTrue(await watcher.renderer.leave());
  }
});
