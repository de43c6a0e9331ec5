import { sendRequest } from "../../lib/protocol/client.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertTrue,
  at,
  defined,
} from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, program } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");
const MIB = 1024 * 1024;

Deno.test({
  name: "commands run with their exact arguments, output and exit codes",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();

    await t.step("40 MiB of output are cut at 16 MiB and block nobody", async () => {
      const answer = daemon.send({ pipeline: [["head", "-c", String(40 * MIB), "/dev/zero"]] });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(response.stages, [{ exit_code: 0, stderr: new Uint8Array() }]);
      assertEquals(response.stdout_truncated, true);
      assertEquals(defined(response.stdout).length, 16 * MIB);
    });

    await t.step("standard error is cut for itself", async () => {
      const answer = daemon.send({
        pipeline: [["sh", "-c", `head -c ${17 * MIB} /dev/zero >&2; echo done`]],
      });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(stdoutOf(response), "done\n");
      assertEquals(at(defined(response.stages), 0).stderr_truncated, true);
      assertEquals(response.stdout_truncated, undefined);
    });

    await t.step("yes | head -1 ends, and yes ends by SIGPIPE", async () => {
      const answer = daemon.send({ pipeline: [["yes"], ["head", "-1"]] });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(stdoutOf(response), "y\n");
      assertEquals(response.stages, [
        { exit_code: 141, signal: "SIGPIPE", stderr: new Uint8Array() },
        { exit_code: 0, stderr: new Uint8Array() },
      ]);
    });

    await t.step("a real-time signal that ends a stage has its name", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", "echo said; kill -40 $$"]] });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(stdoutOf(response), "said\n");
      assertEquals(response.stages, [{
        exit_code: 168,
        signal: "SIGRTMIN+6",
        stderr: new Uint8Array(),
      }]);
    });

    await t.step("16 stages pass everything on, and each exit code is told", async () => {
      const pipeline = [["seq", "1000"], ...Array.from({ length: 14 }, () => ["cat"]), [
        "sh",
        "-c",
        "wc -l; exit 7",
      ]];
      const answer = daemon.send({ pipeline });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(stdoutOf(response).trim(), "1000");
      await assertRejects(Deno.lstat(`${daemon.socket}.pipes`), /No such file/);
      assertEquals(defined(response.stages).map((stage) => stage.exit_code), [
        ...Array(15).fill(0),
        7,
      ]);
    });

    await t.step("arguments and stdin arrive byte by byte", async () => {
      const args = [
        "",
        " ",
        "a b",
        "'",
        '"',
        "\\",
        "$HOME",
        "*",
        "-n",
        "--",
        "tab\there",
        "new\nline",
        "é漢字",
      ];
      const answer = daemon.send({ pipeline: [["printf", "[%s]", ...args]] });
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), args.map((arg) => `[${arg}]`).join(""));

      const stdin = new TextEncoder().encode("one\ttwo\nthree");
      const echo = daemon.send({ pipeline: [["cat"]], stdin });
      await daemon.terminal.shows("13 bytes, no newline at the end");
      await daemon.answer("y");
      assertEquals(stdoutOf(await echo), "one\ttwo\nthree");
    });

    await t.step("a program in the background does not hold the answer", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", "sleep 60 & echo started"]] });
      await daemon.answer("y");
      const began = performance.now();
      assertEquals(stdoutOf(await answer), "started\n");
      assertTrue(performance.now() - began < 20_000);
    });

    await t.step(
      "the run limit ends the whole command, and the answer has what came before",
      async () => {
        const answer = daemon.send({
          pipeline: [["sh", "-c", "echo before; sleep 301; echo after"], ["cat"]],
          timeoutMs: 1000,
        });
        await daemon.answer("y");
        const response = await answer;
        assertEquals(response.status, "error");
        assertMatch(defined(response.message), /run limit of 1000 ms/);
        assertEquals(stdoutOf(response), "before\n");
        await noProcess("sleep 301");
      },
    );

    await t.step("a command that ignores SIGTERM is killed after the grace period", async () => {
      const answer = daemon.send({
        pipeline: [["sh", "-c", "trap '' TERM HUP INT; while :; do sleep 302; done"]],
        timeoutMs: 1000,
      });
      await daemon.answer("y");
      assertMatch(defined((await answer).message), /run limit/);
      await noProcess("sleep 302");
    });

    await t.step("cancel ends a running command", async () => {
      const id = crypto.randomUUID();
      const answer = daemon.send({ id, pipeline: [["sleep", "303"]] });
      await daemon.answer("y");
      await eventually(
        "the command",
        async () => (await execute(["pgrep", "-f", "^/usr/bin/sleep 303"])).code === 0,
      );
      const cancelled = await daemon.send({ action: "cancel", target: id });
      assertEquals([cancelled.status, cancelled.message], ["ok", "the command is being ended"]);
      assertMatch(defined((await answer).message), /was cancelled and ended/);
      await noProcess("sleep 303");
    });

    await t.step("a client that leaves while its command runs leaves it running", async () => {
      const flag = `${daemon.installation.folder}/finished`;
      const go = `${daemon.installation.folder}/go`;
      const conn = await Deno.connect({ transport: "unix", path: daemon.socket });
      const script =
        `touch ${go}.running; while ! test -e ${go}; do sleep 0.05; done; touch ${flag}`;
      const request = { time: new Date().toISOString(), pipeline: [["sh", "-c", script]] };
      await conn.write(new TextEncoder().encode(JSON.stringify(request) + "\n"));
      await daemon.answer("y");
      await eventually("the command", () => Deno.stat(`${go}.running`).catch(() => undefined));
      conn.close();
      await Deno.writeTextFile(go, "");
      await eventually("the command's end", () => Deno.stat(flag).catch(() => undefined));
      await daemon.terminal.shows(/ended {5,}exit 0/);
    });

    await t.step(
      "a link in the program's path that leads elsewhere after it was shown runs nothing",
      async () => {
        const { folder } = daemon.installation;
        for (const name of ["good", "bad"]) {
          await Deno.mkdir(`${folder}/${name}`);
          await Deno.writeTextFile(`${folder}/${name}/job`, `#!/bin/sh\necho ${name}\n`, {
            mode: 0o755,
          });
        }
        await Deno.symlink("good/job", `${folder}/current`);
        const answer = daemon.send({ pipeline: [[`${folder}/current`]] });
        await daemon.terminal.shows(`which is   ${folder}/good/job`);
        await daemon.terminal.shows("Waiting for your key");
        await Deno.remove(`${folder}/current`);
        await Deno.symlink("bad/job", `${folder}/current`);
        await daemon.answer("y");
        assertMatch(
          defined((await answer).message),
          /nothing ran: .*\/current changed after it was shown/,
        );
      },
    );

    await t.step(
      "a working directory that is another one after it was shown runs nothing",
      async () => {
        const { folder } = daemon.installation;
        await Deno.symlink("good", `${folder}/place`);
        const answer = daemon.send({ pipeline: [["pwd"]], cwd: `${folder}/place` });
        await daemon.terminal.shows("Waiting for your key");
        await Deno.remove(`${folder}/place`);
        await Deno.symlink("bad", `${folder}/place`);
        await daemon.answer("y");
        assertMatch(defined((await answer).message), /nothing ran: the folder .*\/place changed/);
      },
    );

    await t.step("a program that changed after it was shown does not run", async () => {
      const program = `${daemon.installation.folder}/tool`;
      await Deno.writeTextFile(program, "#!/bin/sh\necho harmless\n", { mode: 0o755 });
      const answer = daemon.send({ pipeline: [[program]] });
      await daemon.terminal.shows("Waiting for your key");
      await Deno.writeTextFile(program, "#!/bin/sh\necho harmful!\n");
      await daemon.answer("y");
      const response = await answer;
      assertEquals(response.status, "error");
      assertMatch(defined(response.message), /nothing ran: .*\/tool changed after it was shown/);
    });
  },
});

Deno.test({
  name: "an ordinary user gives the password once, in the daemon's terminal",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { terminal } = daemon;

    await t.step("sudo asks in that terminal, and the command runs as root", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await daemon.answer("y");
      await terminal.shows(`password for ${user.name}`);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await answer), "root\n");
    });

    await t.step("the second command needs no password", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "root\n");
    });

    await t.step("a privileged pipeline that runs too long is ended, too", async () => {
      const answer = daemon.send({
        pipeline: [["sh", "-c", "sleep 304; true"], ["cat"]],
        timeoutMs: 1000,
      });
      await daemon.answer("y");
      assertMatch(defined((await answer).message), /run limit/);
      await noProcess("sleep 304");
    });

    await t.step("an unprivileged command runs as the user", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]], privileged: false });
      await terminal.shows(`RUN AS ${user.name}`);
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), `${user.name}\n`);
    });

    await t.step(
      "the request command prints the output and exits with the command's code",
      async () => {
        const request = (...args: string[]) =>
          execute([
            "runuser",
            "-u",
            user.name,
            "--",
            ...daemon.installation.command("request", ["--socket", daemon.socket, ...args]),
          ]);
        const failing = request("--", "sh", "-c", "echo out; echo err >&2; exit 5");
        await daemon.answer("y");
        const { code, stdout, stderr } = await failing;
        assertEquals([code, stdout], [5, "out\n"]);
        assertMatch(stderr, /^sudo-proxy: waiting for the person[^]*\nsudo-proxy: running\nerr\n$/);

        const denied = request("id");
        await daemon.answer("n");
        assertEquals((await denied).code, 126);

        const refused = await request("--env", "PATH=/tmp", "id");
        assertEquals(refused.code, 125);
        assertMatch(refused.stderr, /"env\.PATH" must be one of/);
      },
    );

    await t.step("the credentials are dropped when the daemon ends", async () => {
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
    });
  },
});

Deno.test({
  name: "root without sudo installed runs what was approved directly",
  ignore: ignore || lacks("unshare"),
  async fn() {
    await using installation = await Installation.make();
    // A file system of its own, in which there is no sudo.
    const hide = 'mount --bind /dev/null "$0" && exec "$@"';
    const command = installation.command("proxy", ["--socket", installation.socket]);
    await using terminal = await TmuxTerminal.open({
      command: ["unshare", "--mount", "sh", "-c", hide, program("sudo"), ...command],
    });
    await terminal.shows("You are root");
    const request = { pipeline: [["sh", "-c", "id -u; env"], ["sort"]], env: { TZ: "UTC" } };
    const answer = sendRequest(request, { socketPath: installation.socket });
    await terminal.shows("Waiting for your key");
    await terminal.press("y");
    const lines = stdoutOf(await answer).trim().split("\n");
    assertTrue(lines.includes("0"));
    assertTrue(lines.includes("TZ=UTC") && lines.includes("HOME=/root"));
    assertEquals(lines.filter((line) => line.startsWith("SUDO_")), []);
  },
});

async function noProcess(words: string): Promise<void> {
  await eventually(
    `the end of ${words}`,
    async () => (await execute(["pgrep", "-f", words])).code !== 0,
  );
}
