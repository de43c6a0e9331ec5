/** Commands that take over the terminal, since sudo keeps no credentials. */
import { assertEquals, assertMatch, assertNoMatch, atLeast, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");
const KEEPS_NOTHING = "Defaults:USER timestamp_timeout=0";

Deno.test({
  name: "where sudo keeps no credentials the terminal is lent for the whole command",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make(KEEPS_NOTHING);
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;

    await t.step("the first command finds it out, and runs once", async () => {
      const count = `${daemon.installation.home}/count`;
      const answer = daemon.send({ pipeline: [["sh", "-c", `echo once >> ${count}; id -un`]] });
      await daemon.answer("y");
      await terminal.shows(/password for/);
      await terminal.type(user.password);
      await terminal.press("Enter");
      await terminal.shows(/asks again[^]*password for/);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await answer), "root\n");
      assertEquals(await Deno.readTextFile(count), "once\n");
    });

    await t.step("later commands ask once each", async () => {
      const answer = daemon.send({ pipeline: [["echo", "again"]] });
      await daemon.answer("y");
      await terminal.shows(/echo again[^]*asks again[^]*password for/);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await answer), "again\n");
    });

    await t.step("input comes to such a command as well", async () => {
      const answer = daemon.send({
        pipeline: [["sh", "-c", "cat; echo said >&2; exit 3"]],
        stdin: new TextEncoder().encode("shown\n"),
      });
      await daemon.answer("y");
      await terminal.shows(/asks again[^]*password for[^\n]*\s*$/);
      await terminal.type(user.password);
      await terminal.press("Enter");
      const ended = await answer;
      assertEquals(stdoutOf(ended), "shown\n");
      const [stage] = atLeast(1, ended.stages ?? []);
      assertEquals([stage.exit_code, new TextDecoder().decode(stage.stderr)], [3, "said\n"]);
    });

    await t.step("a privileged pipeline is refused with the reason", async () => {
      const answer = daemon.send({ pipeline: [["echo", "a"], ["cat"]] });
      await daemon.answer("y");
      assertMatch(defined((await answer).message), /timestamp_timeout=0/);
    });
  },
});

Deno.test({
  name: "with --password each, a command that has the terminal is asked for, and can be cancelled",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make(KEEPS_NOTHING);
    await using daemon = await RunningDaemon.start({ user, args: ["--password", "each"] });
    const { terminal } = daemon;
    const answerSudo = async () => {
      await terminal.shows(/\[sudo\] password for [^\n]*\s*$/);
      await terminal.type(user.password);
      await terminal.press("Enter");
    };
    const flag = `${daemon.installation.home}/runs`;
    const runs = daemon.send({
      pipeline: [["sh", "-c", `touch ${flag}; exec sleep 312`]],
      // Then a supervisor starts it.
      stdin: new Uint8Array(),
      id: "takes-over",
    });
    await daemon.answer("y");
    await answerSudo();
    await terminal.shows("asks again");
    await answerSudo();
    await eventually("the command", () => Deno.stat(flag).then(() => true, () => false));

    await t.step("no other request is shown meanwhile", async () => {
      const other = new AbortController();
      const waits = daemon.send({ pipeline: [["echo", "other"]] }, { signal: other.signal });
      await daemon.send({ action: "ping" });
      assertNoMatch(await terminal.screen(), /echo other/);
      other.abort(new Error("left"));
      await waits.catch(() => {});
    });

    await t.step("cancel ends it, after the password", async () => {
      const cancelled = await daemon.send({ action: "cancel", target: "takes-over" });
      assertEquals(cancelled.message, "the command is being ended");
      await answerSudo();
      assertMatch(defined((await runs).message), /cancelled and ended/);
    });
  },
});
