/** One key press never answers two questions, whatever repeats, delays or redirects it. */
import { ARM_MS, REPLACED_ARM_MS } from "../../lib/decide/times.ts";
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Display } from "../rig/display.ts";
import type { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks, program, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { answerTo, wireLine } from "../rig/wire.ts";

const ignore = lacks("root", "tmux", "sudo");

/** A moment in which a key is on its way, or held: the time itself is what is tested. */
async function passes(ms: number): Promise<void> {
  const begin = performance.now();
  await eventually("time to pass", () => performance.now() - begin >= ms);
}

/** A request that is told from others by what it prints. */
function echo(daemon: RunningDaemon, text: string): ReturnType<RunningDaemon["send"]> {
  return daemon.send({ pipeline: [["echo", text]] });
}

/** Two requests: the first is on the screen, the second waits. */
async function two(
  daemon: RunningDaemon,
): Promise<[ReturnType<typeof echo>, ReturnType<typeof echo>]> {
  const one = echo(daemon, "one");
  await daemon.terminal.shows("echo one");
  const next = echo(daemon, "two");
  await daemon.terminal.shows("1 more waits");
  return [one, next];
}

/** Presses `y` at a moment at which 500 ms of stillness are over, and 2 s are far from over. */
async function expectNoApproval(daemon: RunningDaemon, text: string): Promise<void> {
  const { terminal } = daemon;
  await terminal.shows(new RegExp(`echo ${text}[^]*y counts in a moment`));
  await passes(1.2 * ARM_MS);
  await terminal.press("y");
  await terminal.shows(new RegExp(`echo ${text}[^]*Waiting for your key`));
}

Deno.test({
  name: "a key that is held down approves one request, and never the next",
  ignore: ignore || lacks("Xvfb", "xterm", "xdotool"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    await using display = await Display.open();
    const words = [`DISPLAY=${display.name}`, program("xterm"), "-T", "held", "-e"];
    const window = new Deno.Command(program("env"), {
      args: [...words, ...daemon.terminal.attachment],
      stdout: "null",
      stderr: "null",
    }).spawn();
    const id = await display.window("held");
    const [one, next] = await two(daemon);
    await daemon.terminal.shows("Waiting for your key");
    {
      await using _held = await display.hold(id, "y");
      assertEquals(stdoutOf(await one), "one\n");
      await daemon.terminal.shows(/echo two/);
      await passes(2 * REPLACED_ARM_MS);
      assertMatch(await daemon.terminal.screen(), /echo two[^]*y counts in a moment/);
    }
    await daemon.answer("n");
    assertEquals((await next).status, "denied");
    window.kill();
    await window.status;
  },
});

/** A terminal at the far end of a line that takes its time in both directions. */
class SlowLine implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  readonly #delayMs: number;
  /** Everything that the person at the far end has seen. */
  seen = "";

  constructor(terminal: TmuxTerminal, delayMs: number) {
    const attach = `stty rows 24 cols 80; TERM=xterm exec ${terminal.attachment.join(" ")}`;
    this.#child = new Deno.Command(program("socat"), {
      args: ["-", `SYSTEM:"${attach}",pty,setsid,ctty,stderr`],
      stdin: "piped",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    this.#delayMs = delayMs;
    this.#keys = this.#child.stdin.getWriter();
    this.#reading = this.#read();
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stdout) {
      const text = decoder.decode(bytes, { stream: true });
      setTimeout(() => this.seen += text, this.#delayMs);
    }
  }

  /** Presses a key, which arrives later. */
  press(key: string): void {
    setTimeout(() => void this.#keys.write(new TextEncoder().encode(key)), this.#delayMs);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill();
    await this.#child.status;
    await this.#reading;
    await this.#keys.close().catch(() => {});
  }
}

Deno.test({
  name:
    "over a slow line, a second key that is pressed before the next prompt is seen approves nothing",
  ignore: ignore || lacks("socat", "stty"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    await using line = new SlowLine(daemon.terminal, 700);
    const [one, next] = await two(daemon);
    await daemon.terminal.shows("Waiting for your key");
    await eventually("the first request at the far end", () => line.seen.includes("/usr/bin/echo"));
    line.press("y");
    // It is on the screen, and on its way to the person.
    await daemon.terminal.shows("echo two");
    // The program and its arguments have styles of their own, so the line is not seen as one text.
    assertTrue(!line.seen.includes("two"), "the person can't have seen it yet");
    line.press("y");
    assertEquals(stdoutOf(await one), "one\n");
    await daemon.terminal.shows(/echo two[^]*Waiting for your key/);
    await daemon.answer("n");
    assertEquals((await next).status, "denied");
  },
});

Deno.test({
  name: "an answer to a question that a request has replaced approves nothing",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;

    await t.step("whether to quit", async () => {
      await terminal.press("q");
      await terminal.shows("Quit? Press q again");
      await passes(REPLACED_ARM_MS);
      const answer = echo(daemon, "quit");
      await expectNoApproval(daemon, "quit");
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
    });

    await t.step("whether to end a command", async () => {
      const runs = daemon.send({ pipeline: [["sleep", "307"]] });
      await daemon.answer("y");
      await terminal.shows("[k] end");
      await terminal.press("k");
      await terminal.shows("End it? Press k again");
      await passes(REPLACED_ARM_MS);
      const answer = echo(daemon, "end");
      await expectNoApproval(daemon, "end");
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
      await terminal.press("k");
      await terminal.shows(/Press k again[^]*sleep 307\s*$/m);
      // y is the key that approves, so it answers no question.
      await terminal.press("y");
      await terminal.shows("Cancelled");
      await terminal.press("k");
      await eventually(
        "the question",
        // Two keys that come at once are no key.
        async () => (await terminal.history()).match(/End it\?/g)?.length === 3,
      );
      await terminal.press("k");
      assertMatch(defined((await runs).message), /the person at the terminal ended the command/);
    });
  },
});

Deno.test({
  name: "a key that was meant for sudo's question, which went away by itself, approves nothing",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make("Defaults:USER passwd_timeout=0.05");
    await using daemon = await RunningDaemon.start({ user });
    const one = echo(daemon, "one");
    await daemon.answer("y");
    await daemon.terminal.shows("password for");
    const next = echo(daemon, "two");
    await expectNoApproval(daemon, "two");
    assertMatch(defined((await one).message), /sudo did not authenticate/);
    await daemon.answer("n");
    assertEquals((await next).status, "denied");
  },
});

Deno.test({
  name: "a command that could not be ended for want of a password can be ended again",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;
    const runs = daemon.send({ pipeline: [["sleep", "308"]], id: "sleeps" });
    await daemon.answer("y");
    await terminal.shows("password for");
    await terminal.type(user.password);
    await terminal.press("Enter");
    await terminal.shows("[k] end");
    await succeed(["runuser", "-u", user.name, "--", "sudo", "-K"]);
    const asks = (times: number) =>
      eventually(`sudo's question to end it, ${times} times`, async () => {
        const screen = await terminal.history();
        const asked = screen.match(/to end the command\. Ctrl\+C gives up\.\s+\[sudo\] password/g);
        return asked?.length === times;
      });

    await t.step("by the key k", async () => {
      for (const times of [1, 2]) {
        await terminal.press("k");
        await eventually(
          "the question",
          async () => (await terminal.history()).match(/End it\?/g)?.length === times,
        );
        await terminal.press("k");
        await asks(times);
        await terminal.press("C-c");
        await eventually("that it still runs", async () => {
          return (await terminal.history()).match(/could not be ended/g)?.length === times;
        });
      }
    });

    await t.step("by cancel", async () => {
      const answer = answerTo(daemon.socket, wireLine({ action: "cancel", target: "sleeps" }));
      assertEquals((await answer).message, "the command is being ended");
      await asks(3);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertMatch(defined((await runs).message), /cancelled and ended/);
    });
  },
});

Deno.test({
  name: "a daemon that goes on after a stop shows the request that waits then, and arms it",
  ignore,
  async fn() {
    // Long enough that the second one can be answered before its time is over.
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "8"] });
    const [one, next] = await two(daemon);
    const goOn = await daemon.freeze();
    await passes(8500);
    await goOn();
    assertEquals((await one).status, "timeout");
    await daemon.terminal.shows(/echo two[^]*Waiting for your key/);
    await daemon.answer("y");
    assertEquals(stdoutOf(await next), "two\n");
  },
});
