import {
  assertEquals,
  assertMatch,
  assertNoMatch,
  assertTrue,
  at,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo", "mount", "runuser");

function stateOf({ home }: Installation): string {
  return `${home}/.local/state/sudo-proxy`;
}

async function recordsOf(installation: Installation): Promise<Record<string, unknown>[]> {
  const text = await Deno.readTextFile(`${stateOf(installation)}/audit/000001.jsonl`);
  return text.split("\n").slice(0, -1).map((line) => JSON.parse(line));
}

/** Runs `sudo-proxy audit …` as the user, with exactly its grants. */
async function audit(installation: Installation, user: OrdinaryUser, ...args: string[]) {
  return await execute([
    "runuser",
    "-u",
    user.name,
    "--",
    ...installation.command("audit", args),
  ]);
}

async function typePassword(daemon: RunningDaemon, user: OrdinaryUser): Promise<void> {
  await daemon.terminal.shows("password for");
  await daemon.terminal.type(user.password);
  await daemon.terminal.press("Enter");
}

Deno.test({
  name: "the audit trail answers what was asked, shown, pressed and run, and holds no secret",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    const env = { API_TOKEN: "hunter2-of-the-environment" };
    await using daemon = await RunningDaemon.start({ user, env });
    const { installation, terminal } = daemon;
    const trail = `${stateOf(installation)}/audit`;
    const started = "3f0e6c1e-0000-4000-8000-000000000001";
    const denied = "3f0e6c1e-0000-4000-8000-000000000002";

    await t.step("its start is on disk before a command runs: the command reads it", async () => {
      const answer = daemon.send({
        id: started,
        pipeline: [["cat", `${trail}/000001.jsonl`]],
        reason: "to see its own start",
      });
      await daemon.answer("y");
      await typePassword(daemon, user);
      const lines = stdoutOf(await answer).split("\n").slice(0, -1);
      assertEquals(lines.map((line) => JSON.parse(line).event), [
        "daemon_started",
        "received",
        "shown",
        "decided",
        "started",
      ]);
    });

    await t.step("a denial is there with the key and the words", async () => {
      const answer = daemon.send({
        id: denied,
        pipeline: [["tee", "/etc/none"]],
        stdin: new TextEncoder().encode("hunter2-of-the-input"),
      });
      await daemon.answer("r");
      await terminal.type("not that file");
      await terminal.press("Enter");
      assertEquals((await answer).status, "denied");
      const decided = (await recordsOf(installation)).find(({ id, event }) =>
        id === denied && event === "decided"
      );
      assertEquals([decided?.["decision"], decided?.["key"], decided?.["message"]], [
        "denied",
        "r",
        "not that file",
      ]);
    });

    await t.step("audit list, show, export and verify tell of it", async () => {
      const list = await audit(installation, user, "list");
      assertMatch(list.stdout, /approved {3}exit 0, \d+\.\d\d s +root {2}\/usr\/bin\/cat /);
      assertMatch(list.stdout, /denied +root {2}\/usr\/bin\/tee \/etc\/none\n$/);
      const some = await audit(installation, user, "list", "--decision", "denied", "--json");
      assertEquals(JSON.parse(some.stdout)[0].id, denied);
      const show = await audit(installation, user, "show", started);
      assertMatch(show.stdout, /Exactly as it was shown in a window of 80 columns/);
      assertMatch(show.stdout, /\n {4}reason {3}to see its own start\n/);
      const exported = await audit(installation, user, "export", "--text", "/etc/none");
      assertEquals(
        exported.stdout.split("\n").slice(0, -1).map((line) => JSON.parse(line).event),
        ["received", "shown", "decided"],
      );
      // As a program that knows of no login session calls it.
      const noSession = installation.command("audit", ["verify"], { XDG_RUNTIME_DIR: "" });
      const verify = await execute(["runuser", "-u", user.name, "--", ...noSession]);
      assertEquals(verify.code, 0, verify.stderr);
      assertMatch(
        verify.stdout,
        /the chain holds; record 9, sha256 [0-9a-f]{64}\nIf the trail was cut after record 9, /,
      );
      const wrong = await audit(installation, user, "verify", "--head", "0123456789abcdef");
      assertEquals(wrong.code, 1);
      assertMatch(wrong.stdout, /no record has the hash 0123456789abcdef, which was kept/);
    });

    await t.step("neither a password, a variable, an input nor an output is in it", async () => {
      const files = await succeed(["grep", "-r", "", stateOf(installation)]);
      for (const secret of [user.password, "hunter2", "API_TOKEN", "uid=0"]) {
        assertTrue(!files.includes(secret), secret);
      }
    });

    await t.step("another user of the machine can't read it", async () => {
      await using other = await OrdinaryUser.make();
      const { code, stderr } = await execute(["runuser", "-u", other.name, "--", "ls", trail]);
      assertTrue(code !== 0);
      assertMatch(stderr, /Permission denied/);
    });

    await t.step("the end is recorded, and the head is printed", async () => {
      await terminal.press("q");
      await terminal.shows("Quit?");
      await terminal.press("q");
      const screen = await terminal.shows(/ended · audit trail: record 10, sha256/);
      const head = at(/sha256\s+([0-9a-f]{64})/.exec(screen), 1);
      const verify = await audit(installation, user, "verify", "--head", head);
      assertEquals(verify.code, 0, verify.stdout);
    });
  },
});

Deno.test({
  name: "without a record nothing runs, and the person and the client learn why",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make("USER ALL=(ALL:ALL) NOPASSWD: ALL");
    await using installation = await Installation.make(user);
    const state = stateOf(installation);
    const flag = `${installation.home}/ran`;
    const ran = () => Deno.stat(flag).then(() => true, () => false);
    const start = async (...args: string[]) => {
      const terminal = await TmuxTerminal.open({
        command: installation.command("proxy", ["--socket", installation.socket, ...args]),
        user: user.name,
      });
      await terminal.shows("waiting on");
      return terminal;
    };
    const { sendRequest } = await import("../../lib/protocol/client.ts");
    const send = () =>
      sendRequest({ pipeline: [["touch", flag]] }, { socketPath: installation.socket });

    await t.step("a chain that is broken while the person reads stops the command", async () => {
      await using terminal = await start();
      const answer = send();
      await terminal.shows("Waiting for your key");
      const path = `${state}/audit/000001.jsonl`;
      const text = await Deno.readTextFile(path);
      await Deno.writeTextFile(path, text.replace("daemon_started", "daemon_STARTED"));
      await terminal.press("y");
      const { status, message } = await answer;
      assertEquals(status, "error");
      assertMatch(
        defined(message),
        /^nothing ran: the audit trail is broken: 000001\.jsonl line 2: /,
      );
      assertEquals(await ran(), false);
      await terminal.shows(/Nothing can run: the audit trail is broken/);
      // The next one is not even shown.
      assertMatch(defined((await send()).message), /^nothing ran: the audit trail is broken/);
      assertNoMatch(await terminal.screen(), /RUN AS ROOT/);
    });

    await t.step("a new daemon says so at its start, and takes nothing", async () => {
      await using terminal = await start();
      await terminal.shows(/--new-audit-trail sets it aside and begins a new one/);
      assertMatch(defined((await send()).message), /^nothing ran: the audit trail is broken/);
    });

    await t.step("--new-audit-trail keeps the old one and begins anew", async () => {
      await using terminal = await start("--new-audit-trail");
      const answer = send();
      await terminal.shows("Waiting for your key");
      await terminal.press("y");
      assertEquals((await answer).status, "ok");
      await Deno.remove(flag);
      const [first] = atLeast(1, await recordsOf(installation));
      assertMatch(String(first["replaced"]), /^audit-until-/);
      await Deno.stat(`${state}/${first["replaced"]}/000001.jsonl`);
    });

    await t.step("--new-audit-trail is refused where nothing is broken", async () => {
      const terminal = await TmuxTerminal.open({
        command: installation.command("proxy", [
          "--socket",
          installation.socket,
          "--new-audit-trail",
        ]),
        user: user.name,
      });
      await using _ = terminal;
      await terminal.shows(/Start without --new-audit-trail/);
    });

    await t.step("--new-audit-trail is refused where the trail is only locked", async () => {
      const lock = await Deno.open(`${state}/audit/lock`, { write: true });
      await lock.lock(true);
      await using terminal = await TmuxTerminal.open({
        command: installation.command("proxy", [
          "--socket",
          installation.socket,
          "--new-audit-trail",
        ]),
        user: user.name,
      });
      await terminal.exitCode();
      lock.close();
      const words = (await terminal.history()).replaceAll("\n", "");
      assertMatch(words, /the one that is there is locked by ?another ?program/);
    });

    await t.step("a disk that can't be written is an error, until it can", async () => {
      await succeed(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", state]);
      try {
        await succeed(["chown", user.name, state]);
        await succeed(["chmod", "700", state]);
        await succeed(["mount", "-o", "remount,ro", state]);
        await using terminal = await start();
        await terminal.shows(/Nothing can run: the audit trail can't be written/);
        assertMatch(
          defined((await send()).message),
          /^nothing ran: the audit trail can't be written/,
        );
        await succeed(["mount", "-o", "remount,rw", state]);
        const answer = send();
        await terminal.shows("Waiting for your key");
        // Full before the key: the decision is lost to the disk, so nothing may start.
        await execute(["dd", "if=/dev/zero", `of=${state}/filler`, "bs=1k"]);
        await eventually("the end of the room in the last page", async () => {
          await sendRequest({ pipeline: [] }, { socketPath: installation.socket });
          return (await terminal.screen()).split("Nothing can run").length > 2;
        });
        await terminal.shows("Waiting for your key");
        await terminal.press("y");
        assertMatch(
          defined((await answer).message),
          /^nothing ran: the audit trail can't be written/,
        );
        assertEquals(await ran(), false);
        await Deno.remove(`${state}/filler`);
        const again = send();
        await terminal.shows("Waiting for your key");
        await terminal.press("y");
        assertEquals((await again).status, "ok");
        const records = await recordsOf(installation);
        // What could not be written then was kept: the decision, and that nothing ran.
        const lost = records.filter(({ event, ran }) => event === "ended" && ran === false);
        assertEquals(lost.length, 1);
        assertEquals(records.filter(({ event }) => event === "decided").length, 2);
        assertEquals(records.filter(({ event }) => event === "started").length, 1);
        const verify = await audit(installation, user, "verify");
        assertEquals(verify.code, 0, verify.stdout);
      } finally {
        await succeed(["umount", state]);
      }
    });
  },
});

Deno.test({
  name: "a daemon that is killed leaves a record that says so, and the next goes on",
  ignore,
  async fn() {
    await using user = await OrdinaryUser.make("USER ALL=(ALL:ALL) NOPASSWD: ALL");
    await using daemon = await RunningDaemon.start({ user });
    const { installation, terminal } = daemon;
    const started = `${installation.home}/started`;
    const script = `echo $$ > ${started} && exec sleep 1234`;
    const answer = daemon.send({ pipeline: [["sh", "-c", script]] }).catch(() => {});
    await daemon.answer("y");
    const pid = await eventually(
      "the command",
      async () => (await Deno.readTextFile(started).catch(() => "")).trim() || undefined,
    );
    await succeed(["kill", "-KILL", await daemon.pid()]);
    await answer;
    await terminal.exitCode();
    await execute(["kill", pid]);
    assertMatch((await audit(installation, user)).stdout, /approved {3}no end recorded/);
    await using next = await TmuxTerminal.open({
      command: installation.command("proxy", ["--socket", installation.socket]),
      user: user.name,
    });
    await next.shows("waiting on");
    const events = (await recordsOf(installation)).map(({ event }) => event);
    assertEquals(events.slice(-2), ["started", "daemon_started"]);
    assertEquals((await audit(installation, user, "verify")).code, 0);
  },
});

Deno.test({
  name: "a trial beside a daemon writes the same chain",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { installation } = daemon;
    await using trial = await TmuxTerminal.open({ command: installation.command("try") });
    await trial.shows("Waiting for your key");
    const answer = daemon.send({ pipeline: [["id"]] });
    await daemon.answer("n");
    assertEquals((await answer).status, "denied");
    await trial.press("y");
    assertEquals(await trial.exitCode(), 0);
    const records = await recordsOf(installation);
    assertEquals(new Set(records.map(({ daemon }) => daemon)).size, 2);
    assertEquals((await execute(installation.command("audit", ["verify"]))).code, 0);
  },
});

Deno.test({
  name: "each head goes to the system log with --syslog",
  ignore: ignore || lacks("logger", "unshare", "socat"),
  async fn() {
    await using installation = await Installation.make();
    const log = `${installation.folder}/log`;
    // In a namespace of its own /dev/log leads to the test, whatever it is outside.
    const script = `socat -u UNIX-RECV:${log}.sock OPEN:${log},creat,append &
      while ! [ -S ${log}.sock ]; do :; done
      mount --bind ${log}.sock /dev/log && exec "$@"`;
    await using tidy = new AsyncDisposableStack();
    // A place to mount on, for as long as the test takes.
    if ((await execute(["sh", "-c", "! [ -e /dev/log ] && : > /dev/log"])).code === 0) {
      tidy.defer(async () => void await succeed(["rm", "/dev/log"]));
    }
    const command = installation.command("proxy", ["--socket", installation.socket, "--syslog"]);
    await using terminal = await TmuxTerminal.open({
      command: ["/usr/bin/unshare", "-m", "sh", "-c", script, "sh", ...command],
    });
    await terminal.shows("audit trail: record");
    const head = async () =>
      (await Deno.readTextFile(`${installation.home}/.local/state/sudo-proxy/audit/head`)).trim()
        .split(" ");
    const [seq, hash] = await head();
    await eventually(
      "the head in the log",
      async () =>
        (await Deno.readTextFile(log).catch(() => "")).includes(
          `audit trail: record ${seq}, sha256 ${hash}`,
        ),
    );
  },
});
