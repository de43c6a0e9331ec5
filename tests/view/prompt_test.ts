import fc from "fast-check";
import type { ScrollKey } from "../../lib/decide/keys.ts";
import { closeHelp, isArmed, openHelp, readAnew } from "../../lib/decide/prompt.ts";
import { cellWidth } from "../../lib/view/cells.ts";
import { paintLine } from "../../lib/view/paint.ts";
import { drawPrompt, type PromptView } from "../../lib/view/prompt_lines.ts";
import { type Choice, resolved } from "../session/resolved.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Emulator } from "./emulator.ts";
import { joinPages, type Page, readPage, readRequest } from "./reader.ts";
import { viewOf, Watcher } from "./views.ts";

const LONG: Choice = {
  pipeline: [["/usr/bin/tee", "/etc/motd"]],
  stdin: Array.from({ length: 100 }, (_, line) => `line ${line + 1}\n`).join(""),
};
const MOVES: readonly ScrollKey[] = ["lineUp", "lineDown", "pageUp", "pageDown", "top", "end"];

/** A person in front of a long request. */
async function before(columns: number, rows: number, id = "1"): Promise<Watcher> {
  const watcher = new Watcher(columns, rows);
  watcher.show(resolved(id, LONG));
  await watcher.drawn();
  return watcher;
}

/** Whether `y` counts once nothing moves for a while. */
function counts({ prompt, state }: Watcher): boolean {
  return isArmed(prompt, state.now + 10_000);
}

async function pageOf({ emulator }: Watcher): Promise<Page> {
  return readPage(await emulator.rows());
}

Deno.test("a request counts as read exactly when each line was on the screen, wherever the person went", async () => {
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
      const watcher = await before(80, rows);
      let seen = new Set<number>();
      for (const move of ["first" as const, ...moves]) {
        if (move === "help") {
          watcher.setPrompt(openHelp(watcher.prompt));
          await watcher.drawn();
          watcher.scroll("end");
          await watcher.drawn();
          assertEquals(counts(watcher), false);
          watcher.setPrompt(closeHelp(watcher.prompt));
        } else if (move === "forget") {
          watcher.setPrompt(readAnew(watcher.prompt));
          seen = new Set();
        } else if (move !== "first") watcher.scroll(move);
        await watcher.drawn();
        const { body, first, total } = await pageOf(watcher);
        body.forEach((_, index) => seen.add(first + index));
        assertEquals(counts(watcher), seen.size === total);
      }
    }),
    { numRuns: 60 },
  );
});

Deno.test("the end of a long request does not stand for its middle", async () => {
  const watcher = await before(80, 24);
  assertEquals(counts(watcher), false);
  watcher.scroll("end");
  await watcher.drawn();
  assertEquals(counts(watcher), false);
  assertMatch(await watcher.emulator.text(), /100 ┊ line 100\n/);
  const end = await pageOf(watcher);
  watcher.scroll("top");
  const pages = await watcher.readThrough();
  assertEquals(readRequest(joinPages([...pages, end])).stdin, LONG.stdin);
});

Deno.test("the help scrolls by itself: the request stays where it was read", async () => {
  const watcher = await before(40, 12);
  watcher.scroll("pageDown");
  await watcher.drawn();
  const { first } = await pageOf(watcher);
  assertTrue(first > 0);
  watcher.setPrompt(openHelp(watcher.prompt));
  await watcher.drawn();
  assertEquals((await pageOf(watcher)).first, 0);
  watcher.scroll("end");
  await watcher.drawn();
  const end = await pageOf(watcher);
  assertEquals(end.first + end.body.length, end.total);
  assertTrue(end.first > 0);
  watcher.setPrompt(closeHelp(watcher.prompt));
  await watcher.drawn();
  assertEquals((await pageOf(watcher)).first, first);
});

Deno.test("reading begins anew in another layout", async () => {
  const watcher = await before(80, 24);
  await watcher.readThrough();
  assertEquals(counts(watcher), true);
  watcher.resize(60, 24);
  assertEquals(counts(watcher), false);
  await watcher.drawn();
  assertEquals(counts(watcher), false);
  await watcher.readThrough();
  assertEquals(counts(watcher), true);
});

Deno.test("reading begins anew with another request", async () => {
  const watcher = await before(80, 24);
  await watcher.readThrough();
  watcher.show(resolved("2", LONG));
  await watcher.drawn();
  assertEquals(counts(watcher), false);
  assertEquals((await pageOf(watcher)).first, 0);
});

/** What makes a prompt take more room. */
const FULL: readonly Partial<PromptView>[] = [
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
  { running: 2, followsWithdrawn: true },
  { secondsLeft: 9, waiting: 63 },
];

/** The pages of a request, each at least one line behind the last. */
async function pagesOf(
  view: PromptView,
  columns: number,
  rows: number,
): Promise<{ readonly first: Page; readonly pages: readonly Page[] }> {
  const emulator = new Emulator(columns, rows);
  const pages: Page[] = [];
  for (let scroll = 0;;) {
    const { lines, visible } = drawPrompt({ ...view, scroll }, { columns, rows });
    emulator.draw(lines);
    pages.push(readPage(await emulator.rows()));
    scroll = visible.first + visible.page;
    const [first] = pages;
    if (first !== undefined && scroll === visible.total) return { first, pages };
  }
}

for (const privileged of [true, false]) {
  const who = privileged ? "root" : "the user";
  Deno.test(`a request for ${who} can be judged at 40 by 12: command, keys and seconds are there`, async () => {
    for (const more of FULL) {
      const view = viewOf(resolved("1", { ...LONG, privileged }), more);
      const { first: { head, body, footer }, pages } = await pagesOf(view, 40, 12);
      assertMatch(head, new RegExp(` ${view.secondsLeft} s(?: left)? ━━$`));
      if (view.waiting > 0) assertMatch(head, new RegExp(` ${view.waiting} more waits? `));
      const text = body.map((row) => row.join("").trimEnd());
      assertTrue(text.includes("   command   /usr/bin/tee /etc/motd"), text.join("\n"));
      for (const key of ["y", "n", "r", "d"]) assertTrue(footer.join("\n").includes(`[${key}] `));
      assertEquals(readRequest(joinPages(pages)).stages[0]?.words, ["/usr/bin/tee", "/etc/motd"]);
    }
  });
}

Deno.test("a line that is typed for the model leaves room for the request, whatever is typed", async () => {
  for (const letter of ["a", "字", " ", "\u202E", "\x1b", "é", "█"]) {
    const view = viewOf(resolved("1", LONG), { message: letter.repeat(500) });
    const { first: { body, footer } } = await pagesOf(view, 40, 12);
    assertTrue(body.length >= 1);
    assertMatch(footer.join("\n"), /^ Reason for denying /);
    assertMatch(footer.join("\n"), /█/);
    assertMatch(footer.join("\n"), /\n \[Enter\] deny \[Esc\] back$/);
  }
});

for (const [columns, rows] of [[39, 12], [40, 11], [39, 11], [20, 50], [200, 3], [2, 2]] as const) {
  Deno.test(`a window of ${columns} by ${rows} says that it is too small, and nothing in it counts as seen`, async () => {
    const watcher = new Watcher(columns, rows);
    watcher.show(resolved("1"));
    for (const key of [...MOVES, ...MOVES]) {
      await watcher.drawn();
      assertEquals(counts(watcher), false);
      watcher.scroll(key);
    }
    const words = (await watcher.emulator.text()).replaceAll("\n", " ").slice(0, columns * rows);
    if (rows > 2) assertMatch(words, /^A request waits\. This window is too small to show it: /);
  });
}

Deno.test("no window is so small that drawing fails, and no line is longer than its window", () => {
  const views = FULL.flatMap((more) => {
    const view = viewOf(resolved("1", { ...LONG, privileged: more.mayTrust === false }), more);
    return [view, { ...view, message: "字".repeat(500) }, { ...view, help: { scroll: 3 } }];
  });
  for (const columns of [1, 2, 3, 5, 10, 20, 39, 40, 41, 42, 43, 44, 45, 50, 60, 79, 80, 200]) {
    for (const rows of [1, 2, 5, 11, 12, 13, 14, 20, 100, 200]) {
      for (const view of views) {
        const { lines, visible } = drawPrompt({ ...view, scroll: 3 }, { columns, rows });
        assertTrue(lines.length <= rows);
        assertTrue(visible.page <= visible.total);
        for (const line of lines) {
          const text = paintLine(line, "plain");
          assertTrue(cellWidth(text) <= columns, `${columns} by ${rows}: ${text}`);
        }
      }
    }
  }
});
