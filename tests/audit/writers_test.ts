import { checkTrail } from "../../lib/audit/read/verify.ts";
import { assertEquals } from "../rig/assert.ts";
import { size } from "../rig/soak.ts";
import { succeed } from "../rig/tools.ts";
import { TrailFolder } from "./folder.ts";

/** How many starts each writer records. */
const STARTS = size(100, 1000);

Deno.test("writers that put each start on disk wait for each other, and refuse none", async () => {
  await using folder = await TrailFolder.make();
  const writers = ["a", "b", "c"].map((name) =>
    succeed([
      Deno.execPath(),
      "run",
      "--quiet",
      "--no-prompt",
      "--allow-read",
      "--allow-write",
      "--allow-sys=uid",
      new URL("writer.ts", import.meta.url).pathname,
      folder.path,
      name,
      String(STARTS),
    ])
  );
  assertEquals(await Promise.all(writers), ["0\n", "0\n", "0\n"]);
  const { records, faults } = checkTrail(folder.path);
  assertEquals([records, faults], [writers.length * STARTS * 4, []]);
});
