import { hostEnvironment } from "../../lib/platform/paths.ts";
import { MAX_KEPT, sshStarter } from "../../lib/remote/process.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { program } from "../rig/tools.ts";

Deno.test("sshStarter() hands on every line of standard error, and keeps the last of them", async () => {
  const start = sshStarter(hostEnvironment(), program("sh"));
  const lines: string[] = [];
  const { ended, stderr } = start(["-c", "seq 100000 >&2; exit 3"], "none", (line) => {
    lines.push(line);
  });
  const end = await ended;
  assertEquals([end.code, lines.length, lines.at(-1)], [3, 100_000, "100000"]);
  assertEquals(end.stderr.length, MAX_KEPT);
  assertTrue(end.stderr.endsWith("\n99999\n100000\n"));
  assertEquals(stderr(), end.stderr);
});
