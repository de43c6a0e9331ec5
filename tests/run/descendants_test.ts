import { childrenOf, descendantsOf, haveForked } from "../../lib/run/descendants.ts";
import { assertEquals } from "../rig/assert.ts";

// The daemon 10 in session 5; sudo 21 under timeout 20; its monitor 22 leads session 22 with the
// command 23 and its child 24; 25 lost its parent; 30 is another's.
const TABLE = `
    1     0     1
    5     1     5
   10     5     5
   20    10     5
   21    20     5
   22    21    22
   23    22    22
   24    23    22
   25     1    22
   30     1    30
`;

Deno.test("descendantsOf() finds children, their children, and orphans of their session", () => {
  assertEquals(descendantsOf(TABLE, [20], 10).sort(), [21, 22, 23, 24, 25]);
});

Deno.test("descendantsOf() never takes our own session along", () => {
  assertEquals(descendantsOf(TABLE, [21], 10).includes(10), false);
  assertEquals(descendantsOf(TABLE, [21], 10).includes(5), false);
});

Deno.test("descendantsOf() finds nothing where nothing runs, and reads past what is no row", () => {
  assertEquals(descendantsOf(TABLE, [99], 10), []);
  assertEquals(descendantsOf("garbage\n 1 2\n", [20], 10), []);
});

Deno.test("haveForked() says whether sudo has started the command of each stage", () => {
  const starter = (pid: number, stages = 1) => ({ pid, stages, supervises: stages > 1 });
  assertEquals(haveForked(TABLE, [starter(20)]), true);
  assertEquals(haveForked(TABLE, [starter(20), starter(30)]), false);
  assertEquals(haveForked(TABLE, [starter(20, 2)]), false);
  // sudo is there, and has no child yet.
  assertEquals(haveForked("20 10 5\n21 20 5\n", [starter(20)]), false);
  // A second sudo, with its command.
  assertEquals(haveForked(`${TABLE}\n 40 20 5\n 41 40 5\n`, [starter(20, 2)]), true);
  assertEquals(haveForked("", []), true, "all have ended");
  assertEquals(haveForked("", [starter(20)]), false);
});

Deno.test("childrenOf() finds the children, and not theirs", () => {
  assertEquals(childrenOf(TABLE, 22), [23]);
  assertEquals(childrenOf(TABLE, 30), []);
  assertEquals(childrenOf("", 30), []);
});
