/** With `--password each`, what sudo learned serves one command, and nothing after it. */
import { assertEquals, assertMatch, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "runuser");
const args = ["--password", "each"];

/** Types the password at sudo's question, which is the last thing on the screen. */
async function answerSudo({ terminal }: RunningDaemon, user: OrdinaryUser): Promise<void> {
  await terminal.shows(/\[sudo\] password for [^\n]*\s*$/);
  await terminal.type(user.password);
  await terminal.press("Enter");
}

Deno.test({
  name: "with --password each, sudo remembers nobody once the command has started",
  ignore,
  async fn(t) {
    // Each process of the user can look, then.
    await using user = await OrdinaryUser.make("Defaults:USER timestamp_type=global");
    await using daemon = await RunningDaemon.start({ user, args });
    const { terminal } = daemon;
    const becomesRoot = async () =>
      (await execute(["runuser", "-u", user.name, "--", "setsid", "sudo", "-n", "id"])).code === 0;
    const forgotten = async () =>
      void await eventually("sudo to forget the user", async () => !await becomesRoot());

    const runs = daemon.send({ pipeline: [["sh", "-c", "trap '' TERM; sleep 311"]] });
    await daemon.answer("y");
    await answerSudo(daemon, user);
    await terminal.shows("[k] end");

    await t.step("while it runs", forgotten);

    await t.step("nor once another question was answered, to end it", async () => {
      await terminal.press("k");
      await terminal.shows("End it? Press k again");
      await terminal.press("k");
      await answerSudo(daemon, user);
      assertMatch(defined((await runs).message), /the person at the terminal ended the command/);
      await forgotten();
    });
  },
});

Deno.test({
  name: "with --password each, what was approved starts, pipelines and short commands as well",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user, args });
    for (let times = 1; times <= 4; times++) {
      const pipeline = [["echo", `${times}`], ["cat"], ["cat"]];
      const answer = daemon.send({ pipeline: times % 2 === 0 ? [["id", "-u"]] : pipeline });
      await daemon.answer("y");
      await answerSudo(daemon, user);
      assertEquals(stdoutOf(await answer), times % 2 === 0 ? "0\n" : `${times}\n`);
    }
  },
});
