import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { ARM_MS } from "../../lib/gate/approval.ts";
import { sendRequest } from "../../lib/protocol/client.ts";

const ignore = lacks("root", "tmux", "sudo", "runuser");

Deno.test({
  name: "the key a is remembered for the next daemon, which asks before it counts",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { installation } = daemon;
    const ask = (word: string) =>
      sendRequest({ pipeline: [["echo", word]], privileged: false }, {
        socketPath: installation.socket,
      });
    const restart = async (...args: string[]) => {
      const terminal = await TmuxTerminal.open({
        command: installation.command("proxy", ["--socket", installation.socket, ...args]),
        user: user.name,
      });
      await terminal.shows("audit trail: record");
      return terminal;
    };
    const trust = async (action: string) =>
      await succeed([
        "runuser",
        "-u",
        user.name,
        "--",
        ...installation.command("trust", [action]),
      ]);

    await t.step("nothing is remembered before, and nothing is asked", async () => {
      assertNoMatch(await daemon.terminal.screen(), /Press a/);
      assertMatch(await trust("show"), /^Nothing is remembered/);
    });

    await t.step("a trusts, and each command that runs under it has a line", async () => {
      const first = ask("first");
      await daemon.answer("a");
      assertEquals(stdoutOf(await first), "first\n");
      assertEquals(stdoutOf(await ask("second")), "second\n");
      assertMatch(await daemon.terminal.screen(), /trusted {3}\S*\/echo second/);
      await daemon.terminal.press("q");
      await daemon.terminal.shows("Quit?");
      await daemon.terminal.press("y");
      await daemon.terminal.exitCode();
    });

    await t.step(
      "the next daemon asks for a command all the same, until a is pressed",
      async () => {
        await using terminal = await restart();
        await terminal.shows(/without a question on \d{4}-\d\d-\d\d\. *\n.*Press a to keep it/);
        const third = ask("third");
        await terminal.shows("Waiting for your key");
        await terminal.press("n");
        assertEquals((await third).status, "denied");
      },
    );

    await t.step("at its question a lets it go on", async () => {
      await using terminal = await restart();
      await terminal.shows("Press a to keep it");
      // An a that comes too early rings the bell, and counts for nothing.
      await terminal.press("a");
      const pressedAt = performance.now();
      await eventually("a moment of rest", () => performance.now() - pressedAt > 2 * ARM_MS);
      assertNoMatch(await terminal.screen(), /trusted/);
      await terminal.press("a");
      await terminal.shows("trusted");
      assertEquals(stdoutOf(await ask("fourth")), "fourth\n");
      assertMatch(await terminal.shows("echo fourth"), /trusted {3}\S*\/echo fourth/);
    });

    await t.step("with --confirm-unprivileged it does not count, and says so", async () => {
      await using terminal = await restart("--confirm-unprivileged");
      await terminal.shows("does not count here");
      assertNoMatch(await terminal.screen(), /Press a/);
    });

    await t.step("trust revoke forgets it", async () => {
      assertMatch(await trust("show"), /^The key a was pressed at /);
      assertMatch(await trust("revoke"), /^Forgotten/);
      assertMatch(await trust("revoke"), /^Nothing was remembered/);
      await using terminal = await restart();
      assertNoMatch(await terminal.screen(), /Press a/);
    });
  },
});

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
    assertMatch((await waits).message!, /the daemon is stopping/);
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
