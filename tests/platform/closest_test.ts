import { closest, distance } from "../../lib/platform/closest.ts";
import { assertEquals } from "../rig/assert.ts";

for (
  const [a, b, edits] of [
    ["", "", 0],
    ["", "abc", 3],
    ["abc", "", 3],
    ["kitten", "sitting", 3],
    ["tiemout", "timeout", 2],
    ["flaw", "lawn", 2],
  ] as const
) {
  Deno.test(`distance() of ${JSON.stringify(a)} and ${JSON.stringify(b)} is ${edits}`, () => {
    assertEquals(distance(a, b), edits);
  });
}

Deno.test("closest() finds the name that was meant, whatever its case", () => {
  assertEquals(closest("TIME_OUT", ["stdin", "timeout", "cwd"]), "timeout");
});
