import { assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { lacks, succeed } from "../rig/tools.ts";

/** What a daemon may have in memory, in MB. */
const LIMIT_MB = 200;

Deno.test({
  name: "a request of 1 MiB in a window that is resized 20 times takes less than 200 MB",
  ignore: lacks("root", "tmux"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;
    const stdin = new TextEncoder().encode("a\n".repeat(340_000));
    const answer = daemon.send({ pipeline: [["cat"]], stdin });
    await terminal.shows("lines 1-");
    for (let columns = 80; columns < 100; columns++) {
      await terminal.resize(columns, 24);
      await terminal.shows(new RegExp(`^━━ sudo-proxy ━.{${columns - 15}}$`, "m"));
    }
    const status = await succeed(["grep", "VmHWM", `/proc/${await daemon.pid()}/status`]);
    const peak = Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024 / 1e6;
    console.log(`${Math.round(peak)} MB at most`);
    await terminal.press("n");
    await answer;
    assertTrue(peak < LIMIT_MB, `${peak} MB`);
  },
});
