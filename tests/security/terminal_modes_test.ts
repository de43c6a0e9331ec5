import { sendRequest } from "../../lib/protocol/client.ts";
import { exists } from "../../lib/platform/exists.ts";
import { auditFolder, stateFolder } from "../../lib/platform/paths.ts";
import { assertEquals, assertMatch, atLeast } from "../rig/assert.ts";
import { Display } from "../rig/display.ts";
import { Installation } from "../rig/installation.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks, program, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

/** In an 8-bit mode, the second byte of the first letter is CSI: it clears the screen. */
const ATTACK = "Û2JÛH RUN AS USER, nothing happens here";

/** The records of one event in the audit trail. */
async function records(installation: Installation, event: string): Promise<
  { readonly event: string; readonly screen?: { readonly ascii?: boolean } }[]
> {
  const state = stateFolder({ get: (name) => installation.env[name], uid: 0 });
  const folder = auditFolder(state ?? "");
  const files = await Array.fromAsync(Deno.readDir(folder));
  const names = files.map(({ name }) => name).filter((name) => name.endsWith(".jsonl")).sort();
  const lines = await Promise.all(names.map((name) => Deno.readTextFile(`${folder}/${name}`)));
  return lines.join("").split("\n").filter((line) => line !== "")
    .map((line) => JSON.parse(line)).filter((record) => record.event === event);
}

/** Runs a daemon in a window of xterm, denies a request there, and says what was recorded of it. */
async function deniedIn(
  display: Display,
  options: readonly string[],
  env: Record<string, string>,
): Promise<{ ascii: boolean; log: Uint8Array }> {
  await using installation = await Installation.make();
  const log = `${installation.folder}/xterm.log`;
  const child = new Deno.Command(program("env"), {
    args: [
      ...["-i", `DISPLAY=${display.name}`, ...Object.entries(env).map(([k, v]) => `${k}=${v}`)],
      ...["PATH=/usr/bin:/bin", program("xterm"), ...options, "-l", "-lf", log, "-e"],
      ...installation.command("proxy", ["--socket", installation.socket], env),
    ],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  try {
    // Until then, the window of the daemon before may still be there.
    await eventually("the socket", () => exists(installation.socket));
    const window = await display.window(`sudo-proxy ${Deno.hostname()}`);
    const answer = sendRequest({ pipeline: [["id"]], reason: ATTACK }, {
      socketPath: installation.socket,
    });
    const prompt = await display.window(`sudo-proxy ${Deno.hostname()}: a request waits`);
    assertEquals(prompt, window);
    await eventually(
      "the prompt",
      async () =>
        new TextDecoder("latin1").decode(await Deno.readFile(log)).includes("counts in a moment") ||
        undefined,
    );
    await display.press(prompt, "n");
    assertEquals((await answer).status, "denied");
    const [decided] = atLeast(1, await records(installation, "decided"));
    return { ascii: decided.screen?.ascii ?? false, log: await Deno.readFile(log) };
  } finally {
    try {
      child.kill();
    } catch {
      // It has ended: what went wrong before says why.
    }
    await child.status;
  }
}

/** What was written from the title of the prompt on. */
function afterProbe(log: Uint8Array): Uint8Array {
  const text = new TextDecoder("latin1").decode(log);
  return log.subarray(text.indexOf("RUN AS ROOT"));
}

Deno.test({
  name: "a terminal that is not in UTF-8 mode, or counts other cells, gets ASCII alone",
  ignore: lacks("root", "Xvfb", "xterm", "xdotool"),
  async fn(t) {
    await using display = await Display.open();
    const utf8 = { LANG: "C.UTF-8" };
    for (
      const [name, options, env, isAscii] of [
        ["xterm in UTF-8", [], utf8, false],
        ["xterm under LANG=C, which is put into UTF-8", [], { LANG: "C" }, false],
        ["xterm with CJK widths", ["-cjk_width"], utf8, true],
      ] as const
    ) {
      await t.step(name, async () => {
        const { ascii, log } = await deniedIn(display, options, env);
        assertEquals(ascii, isAscii);
        assertEquals(afterProbe(log).every((byte) => byte < 0x80), isAscii);
      });
    }
  },
});

Deno.test({
  name: "GNU screen that is not in UTF-8 mode can't be redrawn by a reason",
  ignore: lacks("root", "tmux", "screen"),
  async fn() {
    await using installation = await Installation.make();
    const env = { LANG: "C", LC_ALL: "C" };
    await using terminal = await TmuxTerminal.open({
      command: [
        ...["/usr/bin/env", "LANG=C", "LC_ALL=C", `SCREENDIR=${installation.runtime}`],
        ...["/usr/bin/screen", "-c", "/dev/null"],
        ...installation.command("proxy", ["--socket", installation.socket], env),
      ],
    });
    await terminal.shows("waiting on");
    const answer = sendRequest({ pipeline: [["id"]], reason: ATTACK }, {
      socketPath: installation.socket,
    });
    const shown = await terminal.shows("Waiting for your key");
    assertMatch(shown, / RUN AS ROOT [^]* command [^]* reason [^]*nothing happens/);
    await terminal.press("n");
    assertEquals((await answer).status, "denied");
    // Unlike a terminal, screen goes on without a window.
    await terminal.press("q");
    await terminal.shows("Press q again to quit");
    await terminal.press("q");
    assertEquals(await terminal.exitCode(), 0);
  },
});

Deno.test({
  name: "the state that a finished command left behind changes nothing of the next prompt",
  ignore: lacks("root", "tmux"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;
    // A scrolling region at the bottom, rows that count from it, line drawing in place of letters;
    // reports of the mouse, each of which would begin the stillness anew.
    const left = String
      .raw`printf '\033[20;24r\033[?6h\033(0\033[4h\033[?7l\033[7m\033[?1003h' >/dev/tty`;
    const first = daemon.send({ pipeline: [["sh", "-c", left]] });
    await daemon.answer("y");
    assertEquals((await first).status, "ok");
    const second = daemon.send({ pipeline: [["rm", "-rf", "/tmp/none"]] });
    const shown = await terminal.shows("Waiting for your key");
    assertMatch(shown, /^.*━━ sudo-proxy ━.*\n RUN AS ROOT .*\n\n +command +.*rm -rf \/tmp\/none/m);
    assertEquals(await terminal.reportsMouse(), false);
    await terminal.press("n");
    assertEquals((await second).status, "denied");
  },
});

Deno.test({
  name: "while any command runs the prompt warns, and what it painted is gone when it ends",
  ignore: lacks("root", "tmux", "setsid"),
  async fn() {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;
    const device = (await succeed(["ps", "-o", "tty=", "-p", await daemon.pid()])).trim();
    const paint =
      `printf '\\033[?1049l\\033[1;1HFALSE PROMPT' >/dev/${device}; read line <${daemon.installation.runtime}/go`;
    await succeed([
      "runuser",
      "-u",
      user.name,
      "--",
      "mkfifo",
      `${daemon.installation.runtime}/go`,
    ]);
    const first = daemon.send({ pipeline: [["sh", "-c", paint]], privileged: false });
    await daemon.answer("y");
    await terminal.shows(/^FALSE PROMPT/m);
    const second = daemon.send({ pipeline: [["id"]], privileged: false });
    await terminal.shows("A command runs: it can write here.");
    await succeed([
      "runuser",
      "-u",
      user.name,
      "--",
      "sh",
      "-c",
      `echo >${daemon.installation.runtime}/go`,
    ]);
    assertEquals((await first).status, "ok");
    await eventually("a prompt without the warning", async () => {
      const screen = await terminal.screen();
      return screen.includes("Waiting for your key") && !screen.includes("A command runs") ||
        undefined;
    });
    await terminal.press("n");
    assertEquals((await second).status, "denied");
    await eventually(
      "a history without the false prompt",
      async () => !/^FALSE PROMPT/m.test(await terminal.screen()) || undefined,
    );
  },
});
