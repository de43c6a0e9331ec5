import { assertEquals, assertMatch, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name: "RUN AS ROOT means root, where sudoers(5) has another runas_default",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make("Defaults:USER runas_default=daemon");
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;

    await t.step("the command runs as root", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await terminal.shows("RUN AS ROOT");
      await daemon.answer("y");
      await terminal.shows(`password for ${user.name}`);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await answer), "root\n");
    });

    await t.step("and what runs as root is ended by root", async () => {
      const answer = daemon.send({ pipeline: [["sleep", "321"]], timeoutMs: 1000 });
      await daemon.answer("y");
      assertMatch(
        defined((await answer).message),
        /run limit of 1000 ms was reached and the command was/,
      );
    });
  },
});

Deno.test({
  name: "RUN AS ROOT means root, where the command has the terminal",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make(
      "Defaults:USER runas_default=daemon, timestamp_timeout=0",
    );
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;
    const answer = daemon.send({ pipeline: [["id", "-un"]] });
    await daemon.answer("y");
    await terminal.shows("password for");
    await terminal.type(user.password);
    await terminal.press("Enter");
    await terminal.shows(/asks again[^]*password for/);
    await terminal.type(user.password);
    await terminal.press("Enter");
    assertEquals(stdoutOf(await answer), "root\n");
  },
});
