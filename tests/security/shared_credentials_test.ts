/** sudo's memory that counts for every process of the user, as `timestamp_type=global` makes it. */
import { assertEquals, assertNoMatch } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "runuser");
const GLOBAL = "Defaults:USER timestamp_type=global";
const args = ["--unattended-eligible"];

Deno.test({
  name: "trust ends where what sudo remembers lets an unprivileged command become root",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make(GLOBAL);
    await using daemon = await RunningDaemon.start({ user, args });
    const { terminal } = daemon;
    const trusted = daemon.send({ pipeline: [["true"]], privileged: false });
    await terminal.shows("stop asking");
    await daemon.answer("a");
    assertEquals((await trusted).status, "ok");

    const root = daemon.send({ pipeline: [["id", "-u"]] });
    await daemon.answer("y");
    await terminal.shows("password for");
    await terminal.type(user.password);
    await terminal.press("Enter");
    assertEquals(stdoutOf(await root), "0\n");
    await terminal.shows("no trust");

    const attack = daemon.send({ pipeline: [["sudo", "-n", "id", "-u"]], privileged: false });
    await terminal.shows(/RUN AS sp-test[^]*Waiting for your key/);
    assertNoMatch(await terminal.screen(), /stop asking/);
    await terminal.press("a");
    await daemon.answer("n");
    assertEquals((await attack).status, "denied");
  },
});

Deno.test({
  name: "where sudo shares what it remembers already at the start, the key a is not there",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make(GLOBAL);
    const sudo = ["runuser", "-u", user.name, "--", "sudo", "-S", "-v"];
    await succeed(sudo, `${user.password}\n`);
    await using daemon = await RunningDaemon.start({ user, args });
    await daemon.terminal.shows("no trust");
    const answer = daemon.send({ pipeline: [["true"]], privileged: false });
    assertNoMatch(await daemon.terminal.shows("Waiting for your key"), /stop asking/);
    await daemon.answer("n");
    assertEquals((await answer).status, "denied");
  },
});
