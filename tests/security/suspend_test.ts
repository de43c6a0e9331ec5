/**
 * Job control: a daemon that is stopped and goes on, under a shell, as after `kill -TSTP`.
 *
 * @module
 */
import { shellWord } from "../../lib/platform/shell_word.ts";
import { sendRequest } from "../../lib/protocol/client.ts";
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "stty", "kill");

/** A daemon that is the job of a shell, and what the shell needs to stop and resume it. */
class Job implements AsyncDisposable {
  private constructor(readonly installation: Installation, readonly terminal: TmuxTerminal) {}

  /** Starts one. After each stop the shell says the mode of the terminal, and waits for a file. */
  static async start(user?: OrdinaryUser): Promise<Job> {
    await using parts = new AsyncDisposableStack();
    const installation = parts.use(await Installation.make(user));
    const words = installation.command("proxy", ["--socket", installation.socket])
      .map(shellWord).join(" ");
    await Deno.writeTextFile(`${installation.home}/daemon`, `#!/bin/sh\nexec ${words}\n`, {
      mode: 0o755,
    });
    const script = `set -m
cd '${installation.home}'
stty -a > before
stops=0
./daemon
while jobs > jobs.txt; grep -q Stopped jobs.txt; do
  stops=$((stops + 1))
  stty -a > stopped
  cmp before stopped && echo stop $stops: the terminal is as it was
  until test -e go; do sleep 0.05; done
  rm -f go
  fg
done
stty -a > after
cmp before after && echo ended as it was
sleep infinity
`;
    await Deno.writeTextFile(`${installation.folder}/job.sh`, script);
    const terminal = parts.use(
      await TmuxTerminal.open({
        command: ["/bin/sh", `${installation.folder}/job.sh`],
        ...(user ? { user: user.name } : {}),
      }),
    );
    await terminal.shows("waiting on");
    parts.move();
    return new Job(installation, terminal);
  }

  send(...pipeline: string[]): ReturnType<typeof sendRequest> {
    return sendRequest({ pipeline: [pipeline] }, { socketPath: this.installation.socket });
  }

  async signal(name: string): Promise<void> {
    await succeed(["kill", "-s", name, await this.pid()]);
  }

  async pid(): Promise<string> {
    const pids = await succeed(["pgrep", "-P", String(await this.terminal.pid()), "deno"]);
    return pids.trim();
  }

  /** Lets the shell resume its job, and waits until it has. */
  async resume(): Promise<void> {
    await Deno.writeTextFile(`${this.installation.home}/go`, "");
    await eventually("the job to go on", async () => {
      const state = await succeed(["ps", "-o", "stat=", "-p", await this.pid()]);
      return !state.startsWith("T") || undefined;
    });
  }

  /** The state of the process, as ps(1) writes it. */
  async isStopped(): Promise<void> {
    await eventually("the job to be stopped", async () => {
      const state = await succeed(["ps", "-o", "stat=", "-p", await this.pid()]);
      return state.startsWith("T") || undefined;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
    await this.installation[Symbol.asyncDispose]();
  }
}

Deno.test({
  name: "a daemon that is suspended leaves the terminal as it was, and takes and draws it anew",
  ignore,
  async fn(t) {
    await using job = await Job.start();
    const { terminal } = job;

    await t.step("between requests", async () => {
      await job.signal("TSTP");
      await terminal.shows("stop 1: the terminal is as it was");
      await job.isStopped();
      await job.resume();
      // The keys are the daemon's again: without Enter, and without an echo.
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("x");
      await terminal.shows("Cancelled");
    });

    await t.step(
      "while a prompt is shown: it is armed anew, and y before that is no answer",
      async () => {
        const answer = job.send("echo", "resumed");
        await terminal.shows(/echo resumed[^]*Waiting for your key/);
        await job.signal("TSTP");
        await terminal.shows("stop 2: the terminal is as it was");
        await job.isStopped();
        assertNoMatch(await terminal.screen(), /Waiting for your key/);
        // Typed to nobody: it waits in the terminal until the daemon reads again.
        await terminal.press("y");
        await job.resume();
        const screen = await terminal.shows(/echo resumed[^]*Waiting for your key/);
        assertMatch(screen, /RUN AS ROOT/);
        assertNoMatch(screen, /approved {2}\/usr\/bin\/echo/);
        await terminal.press("y");
        assertEquals(stdoutOf(await answer), "resumed\n");
      },
    );

    await t.step("while a command runs: it goes on meanwhile", async () => {
      const { home } = job.installation;
      const answer = job.send(
        "sh",
        "-c",
        `touch ${home}/begun; until test -e ${home}/end; do sleep 0.05; done; touch ${home}/ended; echo ran`,
      );
      await terminal.shows(/until test[^]*Waiting for your key/);
      await terminal.press("y");
      await eventually("the command", () => Deno.stat(`${home}/begun`).catch(() => undefined));
      await job.signal("TSTP");
      await job.isStopped();
      await Deno.writeTextFile(`${home}/end`, "");
      await eventually("its end", () => Deno.stat(`${home}/ended`).catch(() => undefined));
      await job.resume();
      assertEquals(stdoutOf(await answer), "ran\n");
    });

    await t.step("stopped by SIGSTOP, which nobody hears: drawn anew all the same", async () => {
      const answer = job.send("echo", "again");
      await terminal.shows(/echo again[^]*Waiting for your key/);
      await job.signal("STOP");
      await job.isStopped();
      await job.resume();
      await terminal.shows(/echo again[^]*Waiting for your key/);
      await terminal.press("y");
      assertEquals(stdoutOf(await answer), "again\n");
    });

    await t.step("at the end the terminal is as it was", async () => {
      await job.signal("TERM");
      await terminal.shows("ended as it was");
    });
  },
});

Deno.test({
  name: "SIGTSTP stops nothing where no shell could let the daemon go on",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;
    const answer = daemon.send({ pipeline: [["echo", "served"]] });
    await terminal.shows("Waiting for your key");
    await succeed(["kill", "-TSTP", await daemon.pid()]);
    // It was drawn anew, so the signal was heard.
    await terminal.shows("y counts in a moment");
    await daemon.answer("y");
    assertEquals(stdoutOf(await answer), "served\n");
  },
});

Deno.test({
  name: "Ctrl+Z at sudo's question stops sudo and the daemon, and the question goes on with them",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make();
    await using job = await Job.start(user);
    const { terminal } = job;
    const answer = job.send("id", "-un");
    await terminal.shows("Waiting for your key");
    await terminal.press("y");
    await terminal.shows("password for");
    await terminal.press("C-z");
    await job.isStopped();
    await terminal.shows("stop 1:");
    await job.resume();
    await eventually(
      "sudo's question again",
      async () => ((await terminal.screen()).match(/password for/g)?.length ?? 0) >= 2,
    );
    await terminal.type(user.password);
    await terminal.press("Enter");
    assertEquals(stdoutOf(await answer), "root\n");
    const next = job.send("echo", "next");
    await terminal.shows(/echo next[^]*Waiting for your key/);
    await terminal.press("y");
    assertEquals(stdoutOf(await next), "next\n");
  },
});
