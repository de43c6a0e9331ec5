import fc from "fast-check";
import type { Key } from "../../lib/gate/keys.ts";
import { cellWidth } from "../../lib/terminal/cells.ts";
import { paintLine, span } from "../../lib/terminal/paint.ts";
import { drawPrompt } from "../../lib/terminal/prompt.ts";
import { ApprovalScreen } from "../../lib/terminal/screen.ts";
import { type Choice, resolved } from "../gate/resolved.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Emulator } from "./emulator.ts";
import { joinPages, readPage, readRequest } from "./reader.ts";
import { readThrough, type Shown, viewOf } from "./views.ts";

const LONG: Choice = {
  pipeline: [["/usr/bin/tee", "/etc/motd"]],
  stdin: Array.from({ length: 100 }, (_, line) => `line ${line + 1}\n`).join(""),
};

function shown(columns: number, rows: number): { emulator: Emulator; screen: ApprovalScreen } {
  const emulator = new Emulator(columns, rows);
  const screen = new ApprovalScreen(emulator, "plain");
  screen.open();
  screen.showPrompt();
  screen.begin(false);
  return { emulator, screen };
}

const MOVES: readonly Key[] = ["lineUp", "lineDown", "pageUp", "pageDown", "top", "end"];

Deno.test("draw() says that all was seen exactly when each line was on the screen, wherever the person went", async () => {
  const moves = fc.array(
    fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom(...MOVES) },
      { weight: 1, arbitrary: fc.constant("pageDown" as const) },
      { weight: 1, arbitrary: fc.constantFrom("forget" as const, "help" as const) },
    ),
    { maxLength: 40, size: "max" },
  );
  await fc.assert(
    fc.asyncProperty(moves, fc.constantFrom(12, 24, 90), async (moves, rows) => {
      const { emulator, screen } = shown(80, rows);
      const view = viewOf(resolved("1", LONG));
      let seen = new Set<number>();
      for (const move of ["first" as const, ...moves]) {
        if (move === "help") {
          assertEquals(screen.draw({ ...view, unarmed: "help" }), false);
          screen.scroll("end");
          assertEquals(screen.draw({ ...view, unarmed: "help" }), false);
          screen.draw(view);
          continue;
        }
        if (move === "forget") {
          screen.forgetLayout();
          seen = new Set();
        } else if (move !== "first") screen.scroll(move);
        const whole = screen.draw(view);
        const { body, first, total } = readPage(await emulator.rows());
        body.forEach((_, index) => seen.add(first + index));
        assertEquals(whole, seen.size === total);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("the end of a long request does not stand for its middle", async () => {
  const { emulator, screen } = shown(80, 24);
  const view = viewOf(resolved("1", LONG));
  assertEquals(screen.draw(view), false);
  screen.scroll("end");
  assertEquals(screen.draw(view), false);
  assertMatch(await emulator.text(), /100 ┊ line 100\n/);
  const end = readPage(await emulator.rows());
  screen.scroll("top");
  const pages = await readThrough(screen, emulator, view);
  assertEquals(readRequest(joinPages([...pages, end])).stdin, LONG.stdin);
});

Deno.test("the help scrolls by itself: the request stays where it was read", async () => {
  const { emulator, screen } = shown(40, 12);
  const view = viewOf(resolved("1", LONG));
  screen.draw(view);
  screen.scroll("pageDown");
  screen.draw(view);
  const { first } = readPage(await emulator.rows());
  screen.draw({ ...view, unarmed: "help" });
  const top = readPage(await emulator.rows());
  assertEquals(top.first, 0);
  screen.scroll("end");
  screen.draw({ ...view, unarmed: "help" });
  const end = readPage(await emulator.rows());
  assertEquals(end.first + end.body.length, end.total);
  assertTrue(end.first > 0);
  screen.draw(view);
  assertEquals(readPage(await emulator.rows()).first, first);
});

Deno.test("reading begins anew in another layout", async () => {
  const { emulator, screen } = shown(80, 24);
  const view = viewOf(resolved("1", LONG));
  await readThrough(screen, emulator, view);
  emulator.resize(60, 24);
  screen.forgetLayout();
  assertEquals(screen.draw(view), false);
  await readThrough(screen, emulator, view);
  assertEquals(screen.draw(view), true);
});

Deno.test("reading begins anew with another request", async () => {
  const { emulator, screen } = shown(80, 24);
  await readThrough(screen, emulator, viewOf(resolved("1", LONG)));
  screen.hidePrompt();
  screen.showPrompt();
  screen.begin(false);
  assertEquals(screen.draw(viewOf(resolved("2", LONG))), false);
  assertEquals(readPage(await emulator.rows()).first, 0);
});

/** What makes a prompt take more room. */
const FULL: readonly Partial<Shown>[] = [
  {},
  { waiting: 1 },
  { waiting: 63 },
  { secondsLeft: 86_400, waiting: 63 },
  { machine: "a-machine-with-a-name-of-".padEnd(64, "x") },
  { user: "u".repeat(32) },
  { unarmed: "unread" },
  { unarmed: "unquiet" },
  { unarmed: "drawing" },
  { mayTrust: false },
  { running: 2 },
  { secondsLeft: 9, waiting: 63 },
];

for (const privileged of [true, false]) {
  const who = privileged ? "root" : "the user";
  Deno.test(`a request for ${who} can be judged at 40 by 12: command, keys and seconds are there`, async () => {
    for (const more of FULL) {
      const { emulator, screen } = shown(40, 12);
      const request = resolved("1", { ...LONG, privileged });
      const view = viewOf(request, more);
      screen.draw(view);
      const { head, body, footer } = readPage(await emulator.rows());
      assertMatch(head, new RegExp(` ${view.secondsLeft} s(?: left)? ━━$`));
      if (view.waiting > 0) assertMatch(head, new RegExp(` ${view.waiting} more waits? `));
      const text = body.map((row) => row.join("").trimEnd());
      assertTrue(text.includes("   command   /usr/bin/tee /etc/motd"), text.join("\n"));
      for (const key of ["y", "n", "r", "d"]) assertTrue(footer.join("\n").includes(`[${key}] `));
      const pages = await readThrough(screen, emulator, view);
      assertEquals(readRequest(joinPages(pages)).stages[0].words, ["/usr/bin/tee", "/etc/motd"]);
    }
  });
}

Deno.test("a line that is typed for the model leaves room for the request, whatever is typed", async () => {
  for (const letter of ["a", "字", " ", "\u202E", "\x1b", "é", "█"]) {
    const { emulator, screen } = shown(40, 12);
    screen.draw(viewOf(resolved("1", LONG), { message: letter.repeat(500) }));
    const { body, footer } = readPage(await emulator.rows());
    assertTrue(body.length >= 1);
    assertMatch(footer.join("\n"), /^ Reason for denying /);
    assertMatch(footer.join("\n"), /█/);
    assertMatch(footer.join("\n"), /\n \[Enter\] deny \[Esc\] back$/);
  }
});

for (const [columns, rows] of [[39, 12], [40, 11], [39, 11], [20, 50], [200, 3], [2, 2]]) {
  Deno.test(`a window of ${columns} by ${rows} says that it is too small, and nothing in it counts as seen`, async () => {
    const { emulator, screen } = shown(columns, rows);
    const view = viewOf(resolved("1"));
    for (const key of [...MOVES, ...MOVES]) {
      assertEquals(screen.draw(view), false);
      screen.scroll(key);
    }
    const words = (await emulator.text()).replaceAll("\n", " ").slice(0, columns * rows);
    if (rows > 2) assertMatch(words, /^A request waits\. This window is too small to show it: /);
    screen.hidePrompt();
  });
}

Deno.test("no window is so small that drawing fails, and no line is longer than its window", () => {
  const views = FULL.flatMap((more) => {
    const view = viewOf(resolved("1", { ...LONG, privileged: more.mayTrust === false }), more);
    return [view, { ...view, message: "字".repeat(500) }, { ...view, unarmed: "help" as const }];
  });
  for (const columns of [1, 2, 3, 5, 10, 20, 39, 40, 41, 42, 43, 44, 45, 50, 60, 79, 80, 200]) {
    for (const rows of [1, 2, 5, 11, 12, 13, 14, 20, 100, 200]) {
      for (const view of views) {
        const { lines, page, total } = drawPrompt({ ...view, ascii: false }, { columns, rows }, 3);
        assertTrue(lines.length <= rows);
        assertTrue(page <= total);
        for (const line of lines) {
          const text = paintLine(line, "plain");
          assertTrue(cellWidth(text) <= columns, `${columns} by ${rows}: ${text}`);
        }
      }
    }
  }
});

Deno.test("a screen of one cell does not crash, nor one that has no cell at all", () => {
  for (const [columns, rows] of [[1, 1], [0, 0], [1, 50], [50, 1]]) {
    const written: string[] = [];
    const terminal = { size: { columns, rows }, write: (text: string) => void written.push(text) };
    const screen = new ApprovalScreen(terminal, "colour");
    screen.print([span("10:00:00  "), span("approved"), span("  /usr/bin/id")]);
    screen.open();
    screen.showPrompt();
    screen.begin(false);
    assertEquals(screen.draw(viewOf(resolved("1"))), false);
    screen.hidePrompt();
    screen.close();
  }
});

/** As much as one request line holds, or nearly so. */
const LARGEST: Readonly<Record<string, string>> = {
  lines: "a\n".repeat(390_000),
  "wide letters": "字".repeat(260_000),
  marks: "é\u0301".repeat(150_000),
  blanks: `${" ".repeat(780_000)}x`,
  "blanks at the end": " ".repeat(780_000),
  words: "a ".repeat(390_000),
  escapes: "\u00A0".repeat(390_000),
};

for (const [what, text] of Object.entries(LARGEST)) {
  Deno.test(`a request of a million bytes of ${what} is drawn again within the second that it stands`, () => {
    const choices: Choice[] = [
      { stdin: text },
      { reason: text },
      { pipeline: [["/usr/bin/sh", "-c", text]] },
      { pipeline: [["/usr/bin/echo", ...text.slice(0, 8000).split("")]] },
    ];
    for (const choice of choices) {
      const view = viewOf(resolved("1", choice));
      const drawMs = [0, 1].map(() => {
        const before = performance.now();
        drawPrompt({ ...view, ascii: false }, { columns: 40, rows: 12 }, 0);
        return Math.round(performance.now() - before);
      });
      assertTrue(drawMs[1] < 1000, `${Object.keys(choice)}: ${drawMs} ms`);
    }
  });
}

Deno.test("a prompt goes and leaves the history as it was", async () => {
  const emulator = new Emulator(80, 24);
  const screen = new ApprovalScreen(emulator, "colour");
  screen.open();
  screen.begin(false);
  screen.print([span("first")]);
  screen.showPrompt();
  screen.begin(false);
  screen.draw(viewOf(resolved("1")));
  assertMatch(await emulator.text(), /RUN AS ROOT/);
  screen.print([span("second")]);
  screen.hidePrompt();
  assertEquals((await emulator.text()).trimEnd(), "first\nsecond");
  screen.setStatus([span("running 3 s")]);
  screen.print([span("third")]);
  assertEquals((await emulator.text()).trimEnd(), "first\nsecond\nthird\nrunning 3 s");
  screen.close();
  assertEquals((await emulator.text()).trimEnd(), "first\nsecond\nthird");
});

Deno.test("nothing is written while the screen is given away", () => {
  const emulator = new Emulator(80, 24);
  const screen = new ApprovalScreen(emulator, "colour");
  screen.print([span("later")]);
  screen.bell();
  assertEquals(emulator.stream, "");
  screen.open();
  assertTrue(!emulator.stream.includes("later"));
  screen.begin(false);
  assertTrue(emulator.stream.includes("later"));
  screen.close();
  emulator.stream = "";
  screen.print([span("even later")]);
  screen.setStatus([span("running")]);
  screen.bell();
  screen.hidePrompt();
  screen.close();
  assertEquals(emulator.stream, "");
});

Deno.test("a history line that is too long is cut to one row of the window", async () => {
  for (const columns of [10, 11, 12, 40]) {
    const emulator = new Emulator(columns, 12);
    const screen = new ApprovalScreen(emulator, "plain");
    screen.open();
    screen.begin(false);
    screen.print([span("08:00:00  "), span("approved", "good"), span(`  ${"字".repeat(50)}`)]);
    screen.print([span("x")]);
    const [first, second] = await emulator.rows();
    assertMatch(first.join(""), /^08:00:00 /);
    assertEquals(second.join("").trimEnd(), "x");
  }
});
