import { assertEquals, assertMatch } from "../rig/assert.ts";
import { comparingShell, daemonPid } from "../rig/comparing_shell.ts";
import { Installation } from "../rig/installation.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { sendRequest } from "../../lib/protocol/client.ts";

Deno.test({
  name: "SIGQUIT, SIGALRM, SIGUSR2 and SIGIO end the daemon and leave the terminal as it was",
  ignore: lacks("root", "tmux", "sudo", "stty"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using installation = await Installation.make(user);
    const flag = `${installation.home}/ran`;
    for (const signal of ["QUIT", "ALRM", "USR2", "IO"]) {
      await t.step(`SIG${signal} while prompting`, async () => {
        await using terminal = await comparingShell(installation, user);
        const answer = sendRequest({ pipeline: [["touch", flag]] }, {
          socketPath: installation.socket,
        }).catch((error) => error);
        await terminal.shows("Waiting for your key");
        await succeed(["kill", "-s", signal, await daemonPid(user)]);
        await terminal.shows("the terminal is as it was");
        await terminal.shows("ended with 0");
        await terminal.shows("nothing is left");
        assertMatch((await answer).message, /the daemon is stopping/);
        assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
      });
    }
  },
});
