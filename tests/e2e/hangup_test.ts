import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "runuser");

Deno.test({
  name: "where the terminal goes away, what runs goes on, and is recorded, and the socket is free",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make("USER ALL=(ALL:ALL) NOPASSWD: ALL");
    await using daemon = await RunningDaemon.start({ user });
    const { installation } = daemon;
    const fifo = (name: string) => `${installation.home}/go-on-${name}`;
    const done = (name: string) => `${installation.home}/done-${name}`;
    const script = (
      name: string,
    ) => ["sh", "-c", `read line < ${fifo(name)} && touch ${done(name)}`];
    for (const name of ["root", "own"]) await succeed(["mkfifo", "--mode=666", fifo(name)]);
    const root = daemon.send({ pipeline: [script("root")] });
    await daemon.answer("y");
    const own = daemon.send({ pipeline: [script("own")], privileged: false });
    await daemon.answer("y");
    const waits = daemon.send({ pipeline: [["id"]] });
    await daemon.terminal.shows("Waiting for your key");
    const pid = await daemon.pid();

    await daemon.terminal.hangUp();
    assertMatch(defined((await waits).message), /the daemon is stopping/);
    // Another daemon takes the place while the commands of the first still run.
    await using next = await TmuxTerminal.open({
      command: installation.command("proxy", ["--socket", installation.socket]),
      user: user.name,
    });
    await next.shows("waiting on");
    assertTrue((await execute(["kill", "-0", pid])).code === 0, "the first daemon waits for them");
    for (const name of ["root", "own"]) {
      await succeed(["timeout", "20", "sh", "-c", `echo go > ${fifo(name)}`]);
    }
    assertEquals((await root).status, "ok");
    assertEquals((await own).status, "ok");
    for (const name of ["root", "own"]) await Deno.stat(done(name));
    await eventually(
      "the end of the first daemon",
      async () => (await execute(["kill", "-0", pid])).code !== 0,
    );
    const trail = `${installation.home}/.local/state/sudo-proxy/audit/000001.jsonl`;
    const records = (await Deno.readTextFile(trail)).split("\n").slice(0, -1).map((line) =>
      JSON.parse(line)
    );
    assertEquals(records.filter(({ event }) => event === "ended").length, 2);
    assertEquals(records.at(-1).event, "daemon_stopped");
    assertEquals([records.at(-1).why, records.at(-1).still_running], ["hangup", 0]);
  },
});
