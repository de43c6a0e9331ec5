/**
 * What the machine does to a daemon: it is killed, its folder is full or read-only, its socket goes
 * away, and sudo is not there or refuses.
 *
 * @module
 */
import { ping, sendRequest } from "../../lib/protocol/client.ts";
import { VERSION } from "../../lib/protocol/version.ts";
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
import { eventually, lacks, program, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "pgrep");

/** Brings a daemon into a state, in which it is killed; gives back what its client hears then. */
type State = (daemon: RunningDaemon, flag: string) => Promise<{ heard?: Promise<string> }>;

const ask = (daemon: RunningDaemon, flag: string) =>
  daemon.send({ pipeline: [["touch", flag]] }).then(JSON.stringify, String);

const STATES: Readonly<Record<string, State>> = {
  "it waits for requests": () => Promise.resolve({}),
  async "a prompt is shown"(daemon, flag) {
    const heard = ask(daemon, flag);
    await daemon.terminal.shows("Waiting for your key");
    return { heard };
  },
  async "it stands still, and y was pressed meanwhile"(daemon, flag) {
    const heard = ask(daemon, flag);
    await daemon.terminal.shows("Waiting for your key");
    await daemon.freeze();
    await daemon.terminal.press("y");
    return { heard };
  },
  async "sudo asks for the password"(daemon, flag) {
    const heard = ask(daemon, flag);
    await daemon.answer("y");
    await daemon.terminal.shows("password for");
    return { heard };
  },
};

Deno.test({
  name:
    "a daemon that is killed in any state leaves a place for the next one, and runs nothing more",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    for (const [state, reach] of Object.entries(STATES)) {
      await t.step(`killed while ${state}`, async () => {
        await using daemon = await RunningDaemon.start({ user });
        const { installation, socket } = daemon;
        const flag = `${installation.home}/ran`;
        const pid = await daemon.pid();
        const { heard } = await reach(daemon, flag);
        await succeed(["kill", "-KILL", pid]);
        await daemon.terminal.exitCode();
        if (heard) assertMatch(await heard, /without an answer|went away/);
        assertTrue((await Deno.lstat(socket)).isSocket, "the socket is left");
        await assertRejects(ping(socket), /refused/);

        await using next = await startAgain(installation, user);
        assertEquals((await ping(socket)).version, VERSION);
        const answer = sendRequest({ pipeline: [["id"]] }, { socketPath: socket });
        await next.shows(/\/usr\/bin\/id[^]*Waiting for your key/);
        await next.press("n");
        assertEquals((await answer).status, "denied");
        assertEquals(await Deno.stat(flag).then(() => true, () => false), false, "it ran");
      });
    }

    await t.step(
      "killed while a command runs: that one goes on, and the next daemon works",
      async () => {
        await using daemon = await RunningDaemon.start({ user });
        const { installation, socket } = daemon;
        const [go, flag] = [`${installation.home}/go`, `${installation.home}/ran`];
        const answer = daemon.send({
          pipeline: [[
            "sh",
            "-c",
            `touch ${flag}.1; until test -e ${go}; do sleep 0.05; done; touch ${flag}.2`,
          ]],
          privileged: false,
        }).catch(String);
        await daemon.answer("y");
        await eventually("the command", () => Deno.stat(`${flag}.1`).catch(() => undefined));
        await succeed(["kill", "-KILL", await daemon.pid()]);
        assertMatch(String(await answer), /without an answer|went away/);
        await using _next = await startAgain(installation, user);
        assertEquals((await ping(socket)).version, VERSION);
        await Deno.writeTextFile(go, "");
        await eventually("the command's end", () => Deno.stat(`${flag}.2`).catch(() => undefined));
      },
    );
  },
});

Deno.test({
  name: "a folder that is full or read-only is a message, not a daemon that nobody reaches",
  ignore: ignore || lacks("unshare"),
  async fn(t) {
    await using installation = await Installation.make();
    const { runtime, socket } = installation;
    for (
      const [what, options, reason] of [
        ["read-only", "ro,mode=700", "Read-only file system"],
        ["full before the lock", "nr_inodes=1,mode=700", "No space left on device"],
        ["full before the socket", "nr_inodes=2,mode=700", "No space left on device"],
      ] as const
    ) {
      await t.step(`a folder that is ${what}`, async () => {
        const mount = 'mount -t tmpfs -o "$0" none "$1" && shift && exec "$@"';
        const words = installation.command("proxy", ["--socket", socket]);
        await using terminal = await TmuxTerminal.open({
          command: ["unshare", "--mount", "sh", "-c", mount, options, runtime, ...words],
          columns: 160,
        });
        assertEquals(await terminal.exitCode(), 1);
        assertMatch(
          await terminal.history(),
          new RegExp(`sudo-proxy: Cannot listen at ${socket}: .*${reason}`),
        );
      });
    }
  },
});

Deno.test({
  name:
    "a socket that is removed under the daemon is put back, or the person learns that it is lost",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user, columns: 160 });
    const { socket, terminal, installation } = daemon;
    const mode = async () => (defined((await Deno.lstat(socket)).mode) & 0o777).toString(8);
    const served = () =>
      eventually("an answer", () => ping(socket).then(({ version }) => version, () => undefined));

    await t.step("the file alone, again and again, while a person reads a prompt", async () => {
      const answer = daemon.send({ pipeline: [["echo", "kept"]], privileged: false });
      await terminal.shows("Waiting for your key");
      for (let round = 0; round < 3; round++) {
        await Deno.remove(socket);
        await served();
        assertEquals(await mode(), "600");
      }
      assertMatch(await terminal.screen(), /echo kept/);
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "kept\n");
      await terminal.shows(`The socket ${socket} was removed: it is there again.`);
    });

    await t.step("with the lock: it is locked again, and no second daemon starts", async () => {
      await Deno.remove(`${socket}.lock`);
      await Deno.remove(socket);
      await served();
      await using second = await open(installation, user);
      assertEquals(await second.exitCode(), 1);
      assertMatch(await second.history(), /another sudo-proxy does/);
      assertEquals(await served(), VERSION);
    });

    await t.step(
      "where it can't be put back, the person reads so, and when it is back",
      async () => {
        await Deno.chmod(installation.runtime, 0o500);
        await Deno.remove(socket);
        await terminal.shows(/No client reaches this daemon: Permission denied/);
        await Deno.chmod(installation.runtime, 0o700);
        assertEquals(await served(), VERSION);
      },
    );

    await t.step(
      "what someone else put there is named, and not removed, not at the end either",
      async () => {
        await Deno.chmod(installation.runtime, 0o700);
        // The daemon looks once a second: the first tries may come too late.
        await eventually("a file in the socket's place", async () => {
          await Deno.remove(socket).catch(() => {});
          return await Deno.writeTextFile(socket, "precious", { createNew: true })
            .then(() => true, () => undefined);
        });
        await terminal.shows(`No client reaches this daemon: something else is at ${socket}.`);
        await terminal.press("q");
        await terminal.shows("Press q again to quit");
        await terminal.press("q");
        assertEquals(await terminal.exitCode(), 0);
        assertEquals(await Deno.readTextFile(socket), "precious");
        await assertRejects(Deno.lstat(`${socket}.lock`), /NotFound/);
      },
    );
  },
});

Deno.test({
  name: "without sudo, or refused by it, a user's commands run as the user alone",
  ignore: ignore || lacks("unshare", "runuser"),
  async fn(t) {
    await t.step("sudo is not installed", async () => {
      await using user = await OrdinaryUser.make("none");
      await using installation = await Installation.make(user);
      const hide = 'mount --bind /dev/null "$0" && exec "$@"';
      const words = installation.command("proxy", ["--socket", installation.socket]);
      await using terminal = await TmuxTerminal.open({
        command: [
          ...["unshare", "--mount", "sh", "-c", hide, program("sudo")],
          ...["runuser", "-u", user.name, "--", ...words],
        ],
      });
      await terminal.shows("sudo is not installed: only unprivileged commands can run");
      const send = (privileged: boolean) =>
        sendRequest({ pipeline: [["id", "-un"]], privileged }, { socketPath: installation.socket });
      assertMatch(
        defined((await send(true)).message),
        /"privileged" must be false, since sudo is not installed here/,
      );
      const answer = send(false);
      await terminal.shows("Waiting for your key");
      await terminal.press("y");
      assertEquals(stdoutOf(await answer), `${user.name}\n`);
      // runuser does not pass on that the terminal is gone.
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
    });

    await t.step("sudo does not know the user", async () => {
      await using user = await OrdinaryUser.make("none");
      await using daemon = await RunningDaemon.start({ user });
      const flag = `${daemon.installation.home}/ran`;
      const answer = daemon.send({ pipeline: [["touch", flag]] });
      await daemon.answer("y");
      const response = await answer;
      assertEquals(response.status, "error");
      assertMatch(defined(response.message), /sudo did not authenticate/);
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
      const own = daemon.send({ pipeline: [["id", "-un"]], privileged: false });
      await daemon.answer("y");
      assertEquals(stdoutOf(await own), `${user.name}\n`);
    });

    await t.step("sudo knows the user, and refuses the command", async () => {
      await using user = await OrdinaryUser.make("USER ALL=(ALL) !/usr/bin/touch");
      await using daemon = await RunningDaemon.start({ user });
      const flag = `${daemon.installation.home}/ran`;
      const answer = daemon.send({ pipeline: [["touch", flag]] });
      await daemon.answer("y");
      await daemon.terminal.shows("password for");
      await daemon.terminal.type(user.password);
      await daemon.terminal.press("Enter");
      const { status, stages } = await answer;
      assertEquals([status, at(stages, 0).exit_code], ["ok", 1]);
      const words = new TextDecoder().decode(at(defined(stages), 0).stderr);
      assertMatch(words, /not allowed to execute/);
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
    });
  },
});

/** Starts a daemon at the same place, in another terminal, and waits until it listens. */
async function startAgain(installation: Installation, user: OrdinaryUser): Promise<TmuxTerminal> {
  const terminal = await open(installation, user);
  await terminal.shows("waiting on");
  return terminal;
}

async function open(installation: Installation, user: OrdinaryUser): Promise<TmuxTerminal> {
  const command = installation.command("proxy", ["--socket", installation.socket]);
  return await TmuxTerminal.open({ command, user: user.name, columns: 160 });
}
