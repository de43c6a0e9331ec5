import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { comparingShell, daemonPid } from "../rig/comparing_shell.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import type { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { sendRequest } from "../../lib/protocol/client.ts";

const ignore = lacks("root", "tmux", "sudo", "stty");

async function armed(terminal: TmuxTerminal): Promise<void> {
  await terminal.shows("Waiting for your key");
}

Deno.test({
  name:
    "whatever ends the daemon, the terminal is as it was, the socket is gone and nothing half-approved runs",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using installation = await Installation.make(user);
    const flag = `${installation.home}/ran`;
    const send = (pipeline: string[][]) =>
      sendRequest({ pipeline }, { socketPath: installation.socket });
    const ran = () => Deno.stat(flag).then(() => true, () => false);
    const clean = async (terminal: TmuxTerminal) => {
      await terminal.shows("the terminal is as it was");
      await terminal.shows("nothing is left");
    };

    for (const signal of ["TERM", "INT", "HUP"]) {
      await t.step(`SIG${signal} while prompting`, async () => {
        await using terminal = await comparingShell(installation, user);
        const answer = send([["touch", flag]]);
        await armed(terminal);
        await succeed(["kill", "-s", signal, await daemonPid(user)]);
        assertMatch(defined((await answer).message), /the daemon is stopping/);
        await clean(terminal);
        assertEquals(await ran(), false);
      });
    }

    await t.step(
      "SIGTERM while sudo asks: the question is waited for, and its answer starts nothing",
      async () => {
        await using terminal = await comparingShell(installation, user);
        const answer = send([["touch", flag]]);
        await armed(terminal);
        await terminal.press("y");
        await terminal.shows("password for");
        await succeed(["kill", "-s", "TERM", await daemonPid(user)]);
        assertMatch(defined((await answer).message), /the daemon is stopping/);
        await terminal.type(user.password);
        await terminal.press("Enter");
        await clean(terminal);
        assertEquals(await ran(), false);
      },
    );

    await t.step(
      "SIGTERM while a command runs: the command is ended, and its client learns it",
      async () => {
        await using terminal = await comparingShell(installation, user);
        const answer = send([["sh", "-c", "echo begun; sleep 305"]]);
        await armed(terminal);
        await terminal.press("y");
        await terminal.shows("password for");
        await terminal.type(user.password);
        await terminal.press("Enter");
        await terminal.shows(/running \d+ s .*\[k\] end/);
        await succeed(["kill", "-s", "TERM", await daemonPid(user)]);
        const response = await answer;
        assertMatch(defined(response.message), /stopping and the command was ended/);
        assertEquals(stdoutOf(response), "begun\n");
        await clean(terminal);
        await eventually(
          "the command's end",
          async () => (await execute(["pgrep", "-f", "sleep 305"])).code !== 0,
        );
      },
    );

    await t.step("q, y at idle; and the same again after a daemon was killed", async () => {
      {
        await using terminal = await comparingShell(installation, user);
        await succeed(["kill", "-s", "KILL", await daemonPid(user)]);
        await terminal.shows("ended with 137");
        assertTrue(await Deno.lstat(installation.socket));
      }
      await using terminal = await comparingShell(installation, user);
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      await terminal.shows("ended with 0");
      await clean(terminal);
    });
  },
});
