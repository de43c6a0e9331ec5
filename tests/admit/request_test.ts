import { assertEquals, assertTrue } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";

Deno.test("resolvedRequest() freezes the request, its stages and what identifies them", () => {
  const request = resolved("one", { pipeline: [["/usr/bin/ls", "-l"], ["/usr/bin/wc"]] });
  const check = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    assertTrue(Object.isFrozen(value), JSON.stringify(value));
    Object.values(value).forEach(check);
  };
  check(request);
  assertEquals(request.stages.map(({ program }) => program), ["/usr/bin/ls", "/usr/bin/wc"]);
  assertEquals<unknown>(request.stages[0]?.args, ["-l"]);
});
