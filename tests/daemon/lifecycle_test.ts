/**
 * How a daemon takes its socket, keeps it to itself, and gives it back.
 *
 * @module
 */
import { ping } from "../../lib/protocol/client.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import { assertEquals, assertMatch, assertNoMatch, assertRejects, defined } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, program, succeed } from "../rig/tools.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";

const ignore = lacks("tmux", "setsid");

Deno.test({
  name: "a daemon is the only one at its socket, which is its user's alone",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { installation, socket } = daemon;

    await t.step("the socket has the mode 0600 in a folder of mode 0700", async () => {
      const [file, folder] = [await Deno.lstat(socket), await Deno.lstat(installation.runtime)];
      assertEquals(file.isSocket, true);
      assertEquals((defined(file.mode) & 0o777).toString(8), "600");
      assertEquals((defined(folder.mode) & 0o777).toString(8), "700");
      assertEquals([file.uid, folder.uid], [Deno.uid(), Deno.uid()]);
    });

    await t.step("a second daemon refuses, says why, and leaves the first alone", async () => {
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(text, new RegExp(`Cannot listen at ${socket}: another sudo-proxy does`));
      assertNoMatch(text, /waiting on/);
      assertEquals((await ping(socket)).version, VERSION);
    });

    await t.step(
      "what a daemon leaves behind that was killed is replaced by the next",
      async () => {
        await succeed(["kill", "-KILL", await daemon.pid()]);
        assertEquals(await daemon.terminal.exitCode(), 128 + 9);
        await assertRejects(ping(socket), /^UnreachableError: .*refused/);
        // It had no time to tidy up.
        await Deno.lstat(socket);
        await Deno.lstat(`${socket}.lock`);
        // As if it had been making pipes.
        await Deno.mkdir(`${socket}.pipes`);
        await succeed(["mkfifo", `${socket}.pipes/0`]);

        await using terminal = await start(installation);
        await terminal.shows(`waiting on ${socket}`);
        assertEquals((await ping(socket)).version, VERSION);
        assertEquals((defined((await Deno.lstat(socket)).mode) & 0o777).toString(8), "600");
        await assertRejects(Deno.lstat(`${socket}.pipes`), /No such file/);
      },
    );
  },
});

Deno.test({
  name: "stop answers ok, tells the person, and ends the daemon without a trace",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { socket, terminal } = daemon;
    using waiting = await RawConnection.open(socket);
    await waiting.send(wireLine({ pipeline: [["id"]] }));
    await terminal.shows("RUN AS ROOT");

    const id = crypto.randomUUID();
    const response = await answerTo(socket, wireLine({ id, action: "stop" }));
    assertEquals(response, { id, status: "ok", message: "stopping", version: VERSION });
    const { status, message } = await waiting.response();
    assertEquals({ status, message }, { status: "error", message: "the daemon is stopping" });

    assertEquals(await terminal.exitCode(), 0);
    const screen = await terminal.screen();
    assertMatch(screen, /stopping {2}a client asked for it/);
    assertMatch(screen, /withdrawn {2}\/usr\/bin\/id {2}\(the daemon is stopping\)/);
    assertMatch(screen, /sudo-proxy · ended/);
    assertEquals(await namesIn(daemon.installation.runtime), []);
  },
});

Deno.test({
  name:
    "a daemon that could not do its work, or not in safety, says why, deletes nothing and does not start",
  ignore,
  async fn(t) {
    await using installation = await Installation.make();
    const { runtime, socket } = installation;

    await t.step("a folder that others can enter", async () => {
      await Deno.chmod(runtime, 0o755);
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(
        text,
        new RegExp(
          `Cannot use the folder ${runtime}: it is open to other users \\(its mode must be 0700\\)`,
        ),
      );
      assertEquals((defined((await Deno.lstat(runtime)).mode) & 0o777).toString(8), "755");
      assertEquals(await namesIn(runtime), []);
      await Deno.chmod(runtime, 0o700);
    });

    await t.step("a folder that is a link", async () => {
      await Deno.rename(runtime, `${runtime}.real`);
      await Deno.symlink(`${runtime}.real`, runtime);
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(text, new RegExp(`Cannot use the folder ${runtime}: it is a link`));
      assertEquals((await Deno.lstat(runtime)).isSymlink, true);
      assertEquals(await namesIn(`${runtime}.real`), []);
      await Deno.remove(runtime);
      await Deno.rename(`${runtime}.real`, runtime);
    });

    await t.step("a folder that is a file", async () => {
      await Deno.rename(runtime, `${runtime}.real`);
      await Deno.writeTextFile(runtime, "precious");
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(text, new RegExp(`Cannot use the folder ${runtime}: it is not a folder`));
      assertEquals(await Deno.readTextFile(runtime), "precious");
      await Deno.remove(runtime);
      await Deno.rename(`${runtime}.real`, runtime);
    });

    await t.step("a file where the socket should be", async () => {
      await Deno.writeTextFile(socket, "precious");
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(
        text,
        new RegExp(`Cannot listen at ${socket}: something that is not a socket is there`),
      );
      assertEquals(await Deno.readTextFile(socket), "precious");
      assertEquals(await namesIn(runtime), ["sudo-proxy.sock"]);
      await Deno.remove(socket);
    });

    await t.step("a link where the socket should be", async () => {
      await Deno.writeTextFile(`${runtime}/target`, "precious");
      await Deno.symlink(`${runtime}/target`, socket);
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(text, /something that is not a socket is there/);
      assertEquals(await Deno.readTextFile(`${runtime}/target`), "precious");
      await Deno.remove(socket);
      await Deno.remove(`${runtime}/target`);
    });

    await t.step("a socket where a daemon of another make listens", async () => {
      using listener = Deno.listen({ transport: "unix", path: socket });
      const { code, text } = await lastWords(installation);
      assertEquals(code, 1);
      assertMatch(text, new RegExp(`Cannot listen at ${socket}: another daemon does`));
      const conn = await Deno.connect({ transport: "unix", path: socket });
      conn.close();
      (await listener.accept()).close();
    });

    await t.step(
      "the place once it is safe is taken, and left clean when the terminal closes",
      async () => {
        {
          await using terminal = await start(installation);
          await terminal.shows(`waiting on ${socket}`);
        }
        await eventually(
          "the end of the daemon",
          async () => (await namesIn(runtime)).length === 0,
        );
      },
    );

    const command = serve(installation);

    await t.step("without a terminal it says why", async () => {
      const { code, stdout, stderr } = await execute(command);
      assertEquals({ code, stdout }, { code: 1, stdout: "" });
      assertMatch(
        stderr,
        /^sudo-proxy: Cannot start without a terminal: a person has to read and answer there\./,
      );
      assertEquals(await namesIn(installation.runtime), []);
    });

    for (const kind of ["read", "write", "net", "run", "env", "sys"]) {
      await t.step(`without --allow-${kind} it names the flag to add`, async () => {
        const isOfKind = (word: string) => word.startsWith(`--allow-${kind}`);
        assertEquals(command.filter(isOfKind).length, 1);
        const words = command.filter((word) => !isOfKind(word));
        if (kind !== "read") {
          await saysWhatIsMissing(words, `--allow-${kind}`);
          return;
        }
        // Nothing is done before it is known that SIGUSR1 is blocked, and that needs to read.
        const { code, stdout, stderr } = await execute(words);
        assertEquals({ code, stdout }, { code: 1, stdout: "" }, stderr);
        assertMatch(
          stderr,
          /^sudo-proxy: Cannot start: it can't tell how it was started: .* --allow-read flag\. /,
        );
      });
    }

    for (
      const [kind, value] of [
        ["write", `${installation.socket}.lock`],
        ["run", program("setsid")],
        ["env", "SSH_AUTH_SOCK"],
        ["env", "TMPDIR"],
        ["env", "XDG_RUNTIME_DIR"],
        ["sys", "hostname"],
        ["sys", "uid"],
      ] as const
    ) {
      await t.step(`without ${value} in --allow-${kind} it names just that`, async () => {
        const flag = `--allow-${kind}=`;
        const words = command.map((word) =>
          word.startsWith(flag)
            ? flag + word.slice(flag.length).split(",").filter((each) => each !== value).join(",")
            : word
        );
        assertEquals(words.join(" ").length, command.join(" ").length - value.length - 1);
        const said = await saysWhatIsMissing(words, `${flag}${value}`);
        assertMatch(said, new RegExp(`Add ${RegExp.escape(`${flag}${value}`)}\n`));
      });
    }

    async function saysWhatIsMissing(words: readonly string[], flag: string): Promise<string> {
      const { code, stdout, stderr } = await execute(words);
      assertEquals({ code, stdout }, { code: 1, stdout: "" }, stderr);
      assertMatch(stderr, /^sudo-proxy: Deno permissions are missing\. Add /);
      assertMatch(stderr, new RegExp(RegExp.escape(flag)));
      assertNoMatch(stderr, /^ +at /m);
      return stderr;
    }
  },
});

/** The words that start a daemon there. */
function serve(installation: Installation): string[] {
  return installation.command("proxy", ["--socket", installation.socket]);
}

/** Starts a daemon in a terminal of its own. */
function start(installation: Installation): Promise<TmuxTerminal> {
  return TmuxTerminal.open({ command: serve(installation), columns: 160 });
}

/** Starts a daemon that must end at once, and reads what it leaves on the terminal. */
async function lastWords(
  installation: Installation,
): Promise<{ readonly code: number; readonly text: string }> {
  await using terminal = await start(installation);
  return { code: await terminal.exitCode(), text: await terminal.history() };
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder), ({ name }) => name)).sort();
}
