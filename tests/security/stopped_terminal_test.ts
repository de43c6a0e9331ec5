import { sendRequest } from "../../lib/protocol/client.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { Display } from "../rig/display.ts";
import { Installation } from "../rig/installation.ts";
import { eventually, execute, lacks, program, succeed } from "../rig/tools.ts";

Deno.test({
  name: "a terminal that stops reading holds up neither deadlines nor the daemon's end",
  ignore: lacks("root", "Xvfb", "xterm", "xdotool"),
  async fn() {
    await using display = await Display.open();
    await using installation = await Installation.make();
    const { socket: socketPath } = installation;
    const child = new Deno.Command(program("env"), {
      args: [
        ...["-i", `DISPLAY=${display.name}`, "LANG=C.UTF-8", program("xterm"), "-e"],
        ...installation.command("proxy", ["--socket", socketPath, "--prompt-timeout", "3"]),
      ],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    try {
      await display.window(`sudo-proxy ${Deno.hostname()}`);
      // The window stops: from now on nothing is read, and soon nothing can be written.
      await succeed(["kill", "-STOP", String(child.pid)]);
      const long = (letter: string) => ({
        pipeline: [["id"]],
        reason: letter.repeat(3000),
      });
      for (const letter of "abcdefgh") {
        const answer = await sendRequest(long(letter), { socketPath });
        assertEquals(answer.status, "timeout");
      }
      const ping = await sendRequest({ pipeline: [], action: "ping" }, { socketPath });
      assertEquals(ping.status, "ok");
      const last = sendRequest(long("i"), { socketPath });
      await sendRequest({ pipeline: [], action: "stop" }, { socketPath });
      assertMatch((await last).message ?? "", /stopping/);
      await eventually(
        "the end of the daemon",
        () => Deno.stat(socketPath).then(() => undefined, () => true),
      );
    } finally {
      // It may have ended too early: then the error of above is the one to see.
      await execute(["kill", "-CONT", String(child.pid)]);
      try {
        child.kill();
      } catch {
        // It ended with the daemon.
      }
      await child.status;
    }
  },
});
