import { assertEquals, assertTrue } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

Deno.test({
  name: "the user's name and shell come from passwd(5) where no variable says them",
  ignore: lacks("root", "tmux", "useradd", "usermod", "bash"),
  async fn() {
    await using user = await OrdinaryUser.make("none");
    await succeed(["usermod", "--shell", "/bin/bash", user.name]);
    const env = { USER: "", LOGNAME: "", SHELL: "" };
    await using daemon = await RunningDaemon.start({ user, env });
    const answer = daemon.send({ pipeline: [["env"]], privileged: false });
    await daemon.terminal.shows(`RUN AS ${user.name} (uid ${user.uid})`);
    await daemon.answer("y");
    const variables = stdoutOf(await answer).split("\n");
    for (const entry of [`USER=${user.name}`, `LOGNAME=${user.name}`, "SHELL=/bin/bash"]) {
      assertTrue(variables.includes(entry), entry);
    }
    assertEquals(variables.filter((line) => line.includes("unknown")), []);
  },
});
