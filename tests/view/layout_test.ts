/** How a long text is laid out: in slices, between which others are answered. */
import { digestOf, TextDigest } from "../../lib/audit/write/record.ts";
import { Layout, type Paragraphs, PAUSE } from "../../lib/view/layout.ts";
import { span } from "../../lib/view/paint.ts";
import { layoutOf, requestDigest, requestText } from "../../lib/view/request_lines.ts";
import { assertEquals, assertThrows, assertTrue } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";
import { NAMES, Watcher } from "./views.ts";

const COLUMNS = 80;
/** As many lines as no slice may have. */
const MOST = 20_000;
const LONG = { stdin: "a\n".repeat(40_000) };

/** One paragraph of so many lines, and how many of them were made. */
function paragraph(lines: number): Paragraphs & { made: number } {
  return {
    count: 1,
    made: 0,
    *lines() {
      for (let line = 0; line < lines; line++) {
        this.made++;
        yield [span(`${line}`)];
      }
    },
  };
}

Deno.test("Layout lays out a long paragraph in slices, and many without any line", () => {
  const long = paragraph(50_000);
  const layout = new Layout([long, { count: 50_000, lines: () => [] }], COLUMNS);
  const sizes = [long.made];
  let slices = 1;
  while (layout.advance()) {
    sizes.push(long.made);
    slices++;
  }
  assertTrue(sizes.every((size, index) => size - (sizes[index - 1] ?? 0) < MOST), `${sizes}`);
  assertTrue(slices > 2 + 50_000 / MOST + 1, `${slices} slices for lines and paragraphs`);
  assertEquals([layout.total, layout.counted], [50_000, 50_000]);
});

Deno.test("Layout gives the lines that were laid out so far, and never knows the total before", () => {
  const layout = new Layout([paragraph(3), PAUSE, paragraph(40_000), paragraph(2)], COLUMNS);
  assertEquals([layout.counted, layout.total], [3, Infinity]);
  const texts = (first: number, count: number) =>
    layout.lines(first, count).map((line) => line.map(({ text }) => text).join(""));
  assertEquals(texts(0, 3), ["0", "1", "2"]);
  layout.advance();
  assertEquals(layout.total, Infinity);
  assertEquals(texts(2, 3), ["2", "0", "1"]);
  while (layout.advance());
  assertEquals(layout.total, 40_005);
  assertEquals(texts(40_002, 3), ["39999", "0", "1"]);
});

Deno.test("a request is laid out by the same lines whether in slices or at once", () => {
  const request = resolved("1", LONG);
  const [first, second] = [
    layoutOf({ request, ...NAMES }, COLUMNS),
    layoutOf({ request, ...NAMES }, COLUMNS),
  ];
  assertTrue(first === second && first.total === Infinity, "it must take more than two slices");
  const text = requestText(request, NAMES, COLUMNS);
  assertEquals(first.total, text.split("\n").length - 1);
  assertEquals(requestText(resolved("1", LONG), NAMES, COLUMNS), text);
});

Deno.test("requestDigest() has the digest of the text, hashed in slices or at once", () => {
  const hash = () => new TextDigest();
  for (const stdin of ["a\n".repeat(40_000), "字 Привет\n".repeat(12_000), "short"]) {
    const text = requestText(resolved("1", { stdin }), NAMES, COLUMNS);
    const request = resolved("1", { stdin });
    layoutOf({ request, ...NAMES, hash }, COLUMNS);
    assertEquals(requestDigest({ request, ...NAMES, hash }, COLUMNS), digestOf(text));
    assertEquals(requestDigest({ request, ...NAMES, hash }, COLUMNS), digestOf(text), "again");
    // What was laid out without a hash is laid out once more.
    const plain = resolved("1", { stdin });
    layoutOf({ request: plain, ...NAMES }, COLUMNS);
    assertEquals(requestDigest({ request: plain, ...NAMES, hash }, COLUMNS), digestOf(text));
  }
});

Deno.test("a request whose layout failed half-way never passes for a whole one", () => {
  const pipeline = [["/usr/bin/true", "x".repeat(200_000)]];
  const request = new Proxy(resolved("1", { pipeline, ...LONG }), {
    get(target, name) {
      if (name === "stdin") throw new RangeError("no memory");
      return Reflect.get(target, name);
    },
  });
  const layOut = (columns: number) => {
    const layout = layoutOf({ request, ...NAMES }, columns);
    while (layout.advance());
  };
  assertEquals(layoutOf({ request, ...NAMES }, COLUMNS).total, Infinity);
  // In the next slice, once more, and in a window of another size.
  for (const columns of [COLUMNS, COLUMNS, COLUMNS + 1, COLUMNS]) {
    assertThrows(() => layOut(columns), /no memory/);
  }
});

Deno.test("a long request is on the screen at once, and counts as known once all is laid out", async () => {
  const watcher = new Watcher(COLUMNS, 24);
  watcher.show(resolved("1", LONG));
  await watcher.drawn();
  assertEquals(watcher.prompt.total, Infinity);
  while (watcher.prompt.total === Infinity) await new Promise((resolve) => setTimeout(resolve, 1));
  assertTrue((watcher.prompt.total ?? 0) > 40_000);
  assertEquals(watcher.prompt.seen.length, 1, "what was read meanwhile counts");
});
