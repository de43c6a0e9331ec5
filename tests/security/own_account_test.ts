/** What docs/security.md says that a program of the same account can do, seen with real sudo. */
import { assertEquals } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

Deno.test({
  name: "the pipes of a root command are open to its account, as docs/security.md says",
  ignore: lacks("root", "tmux", "sudo", "runuser", "pgrep"),
  async fn() {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const asUser = (script: string, ...args: string[]) =>
      execute(["runuser", "-u", user.name, "--", "sh", "-c", script, "sh", ...args]);
    const answer = daemon.send({
      pipeline: [["sh", "-c", "sleep 2; cat"]],
      stdin: new TextEncoder().encode("shown\n"),
    });
    await daemon.answer("y");
    await daemon.terminal.shows("password for");
    await daemon.terminal.type(user.password);
    await daemon.terminal.press("Enter");
    const pid = await eventually("the launcher of the command", async () => {
      const { stdout } = await execute(["pgrep", "-u", user.name, "-x", "timeout"]);
      return stdout.trim() || undefined;
    });
    assertEquals((await asUser('echo added > "/proc/$1/fd/0"', pid)).code, 0);
    assertEquals(stdoutOf(await answer), "shown\nadded\n");
  },
});
