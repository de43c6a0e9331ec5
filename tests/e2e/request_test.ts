/**
 * The client on the command line, with its own grants.
 *
 * @module
 */
import { ScriptedDaemon } from "../protocol/scripted_daemon.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";

Deno.test({
  name: "a word | begins the next stage, --print prints everything, --version the version",
  ignore: lacks("tmux", "root"),
  fn: async () => {
    await using daemon = await RunningDaemon.start();
    const request = (...args: string[]): Promise<Execution> =>
      execute(daemon.installation.command("request", ["--socket", daemon.socket, ...args]));

    const script = "cat; echo err >&2; exit 3";
    const piped = request("--print", "printf", "b\na\n", "|", "sort", "|", "sh", "-c", script);
    await daemon.answer("y");
    const { code, stdout } = await piped;
    assertEquals(
      stdout,
      "exit [0, 0, 3]\n== stdout == (2 lines)\na\nb\n== stderr[2] == (1 lines)\nerr\n",
    );
    assertEquals(code, 3);

    const alone = request("--print", "printf", "x");
    await daemon.answer("y");
    assertEquals((await alone).stdout, "exit 0\n== stdout == (1 lines)\nx\n");

    const denied = request("--print", "id");
    await daemon.answer("n");
    assertEquals([(await denied).stdout, (await denied).code], ["denied\n", 126]);

    for (const words of [["|", "id"], ["id", "|"], ["id", "|", "|", "id"]]) {
      const { code, stderr } = await request(...words);
      assertEquals(code, 125);
      assertMatch(stderr, /a program must stand before and after each '\|'/);
    }
    assertMatch((await request("--version")).stdout, /^\d+\.\d+\.\d+\n$/);
  },
});

Deno.test("a daemon that never answers is given up after SUDO_REQUEST_TIMEOUT_SECS", async () => {
  await using daemon = await ScriptedDaemon.listen(({ gone }) => gone);
  await using installation = await Installation.make();
  const request = (seconds: string) =>
    execute(installation.command("request", ["--socket", daemon.socket, "id"], {
      SUDO_REQUEST_TIMEOUT_SECS: seconds,
      XDG_RUNTIME_DIR: daemon.socket.replace(/\/[^/]*$/, ""),
    }));
  const { code, stderr } = await request("1");
  assertEquals(code, 125);
  assertMatch(stderr, /no answer from the daemon at \S+ within 1 s \(SUDO_REQUEST_TIMEOUT_SECS\)/);
  for (const wrong of ["0", "-1", "1.5", "x", "2147484"]) {
    assertMatch((await request(wrong)).stderr, /must be a whole number of seconds from 1 to/);
  }
});
