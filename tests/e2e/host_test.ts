/**
 * The launcher of tunnels against a real sshd: a second user of this machine stands for the account
 * on a remote host.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS);

const modeOf = async (path: string) => ((await Deno.lstat(path)).mode ?? 0) & 0o777;

/** A rig whose remote user has the folder that a login with systemd makes. */
async function rigWithSystemFolder(parts: AsyncDisposableStack): Promise<RemoteRig> {
  const rig = parts.use(await RemoteRig.make({ withoutRuntimeFolder: true }));
  const folder = `/run/user/${rig.remote.uid}`;
  await Deno.mkdir("/run/user", { recursive: true });
  await Deno.mkdir(folder, { mode: 0o700 });
  parts.defer(async () => void await execute(["rm", "-rf", folder]));
  await Deno.chown(folder, rig.remote.uid, null);
  await rig.install(folder);
  return rig;
}

Deno.test({
  name: "a request goes through the tunnel to the remote prompt in this terminal, and runs there",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const rig = await rigWithSystemFolder(parts);

    await t.step("the first start asks the host, and what is approved runs as root", async () => {
      await using terminal = await rig.connect();
      await eventually("the registry", () => Deno.stat(rig.registry).catch(() => undefined));
      assertEquals(await modeOf(rig.socket), 0o600);
      assertEquals(await modeOf(rig.registry), 0o600);
      assertEquals(await modeOf(rig.registry.replace(/\/[^/]*$/, "")), 0o700);
      assertEquals(await rig.logins(), 2);
      const running = rig.send({ pipeline: [["id", "-un"]], host: "web1" });
      await answer(terminal, "y");
      await terminal.shows("password for");
      await terminal.type(rig.remote.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await running), "root\n");
      const denied = rig.send({ pipeline: [["id", "-un"]] });
      await answer(terminal, "n");
      assertEquals((await denied).status, "denied");
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
      assertMatch(await terminal.history(), /the tunnel to web1 is closed/);
      await rig.leftNothing();
      const { hosts: { web1 } } = JSON.parse(await Deno.readTextFile(rig.registry));
      assertEquals(web1.uid, String(rig.remote.uid));
      assertMatch(web1.version, /^\d+\.\d+\.\d+$/);
      assertTrue(Math.abs(Date.parse(web1.last_connected) - Date.now()) < 120_000);
    });

    await t.step("the second start connects once, with what is known", async () => {
      const before = await rig.logins();
      await using terminal = await rig.connect();
      assertEquals(await rig.logins(), before + 1);
      assertEquals((await rig.send({ action: "ping" })).status, "ok");
      assertEquals((await rig.send({ action: "stop" })).status, "ok");
      assertEquals(await terminal.exitCode(), 0);
      await rig.leftNothing();
    });

    await t.step("what is known and wrong is asked for again", async () => {
      const wrong = { web1: { uid: rig.remote.uid + 1, kept: 7 } };
      await Deno.writeTextFile(rig.registry, JSON.stringify({ hosts: wrong }));
      await using terminal = await rig.launch();
      await terminal.shows("is asked anew where its socket is", 60_000);
      await eventually(
        "an answer",
        () => rig.send({ action: "ping" }).then(({ status }) => status === "ok", () => undefined),
        60_000,
      );
      await eventually(
        "the registry",
        async () =>
          JSON.parse(await Deno.readTextFile(rig.registry)).hosts.web1.uid ===
            String(rig.remote.uid) || undefined,
      );
      assertEquals(JSON.parse(await Deno.readTextFile(rig.registry)).hosts.web1.kept, 7);
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
    });
  },
});

Deno.test({
  name: "one launcher a host: whoever has the place of its socket keeps it",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    {
      await using _terminal = await rig.connect();
      await using second = await rig.launch();
      assertEquals(await second.exitCode(), 1);
      assertMatch(await second.history(), /web1 is open in another window/);
      assertEquals((await rig.send({ action: "ping" })).status, "ok");
    }
    await rig.leftNothing();

    // A daemon of another make, which holds no lock of ours.
    const listener = Deno.listen({ transport: "unix", path: rig.socket });
    await Deno.chown(rig.socket, rig.local.uid, null);
    {
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      assertMatch(await terminal.history(), /another daemon does/);
    }
    listener.close();
    await Deno.writeTextFile(rig.socket, "mine");
    await using terminal = await rig.launch();
    assertEquals(await terminal.exitCode(), 1);
    assertMatch(await terminal.history(), /something that is not a socket is there/);
    assertEquals(await Deno.readTextFile(rig.socket), "mine");
  },
});

Deno.test({
  name: "whatever ends the tunnel, nothing is left here and the terminal is as it was",
  ignore,
  fn: async (t) => {
    await using rig = await RemoteRig.make();
    const modes = `${rig.here.home}/modes`;
    /** Notes the terminal's mode before and after. */
    const under = [
      "/bin/sh",
      "-c",
      'trap : INT; f=$1; shift; stty -g >"$f"; "$@"; c=$?; stty -g >>"$f"; exit $c',
      "sh",
      modes,
    ];
    const modeStayed = async () => {
      const [before = "", after] = (await Deno.readTextFile(modes)).split("\n");
      assertTrue(before.length > 10);
      assertEquals(after, before);
    };

    await t.step("ssh is killed while a prompt is up", async () => {
      await using terminal = await rig.connect([], { under });
      const waiting = rig.send({ pipeline: [["touch", "/nowhere"]] }).catch(() => "lost");
      await terminal.shows("Waiting for your key", 30_000);
      await succeed(["kill", "-KILL", String(await rig.sshOf(terminal))]);
      assertEquals(await terminal.exitCode(), 1);
      assertEquals(await waiting, "lost");
      const screen = await terminal.screen();
      assertMatch(screen, /The connection to web1 is lost/);
      assertMatch(screen, /waiting on/, "the history is there again, not the prompt");
      await modeStayed();
      await rig.leftNothing();
      await rig.endsThere();
    });

    for (const signal of ["TERM", "INT", "HUP"]) {
      await t.step(`the launcher gets SIG${signal}`, async () => {
        await using terminal = await rig.connect([], { under });
        const launcher = await succeed(["pgrep", "-P", String(await terminal.pid())]);
        await succeed(["kill", `-${signal}`, launcher.trim()]);
        assertEquals(await terminal.exitCode(), 1);
        await modeStayed();
        await rig.leftNothing();
        await rig.endsThere();
      });
    }

    await t.step("the window is closed", async () => {
      {
        await using _terminal = await rig.connect();
      }
      await rig.leftNothing();
      await rig.endsThere();
    });

    await t.step("Ctrl+C at the question for a password", async () => {
      await rig.writeSshFile("config", rig.alias("web1") + "Host *\n  PubkeyAuthentication no\n");
      await using terminal = await rig.launch([], { under });
      await terminal.shows("password:");
      await terminal.press("C-c");
      assertEquals(await terminal.exitCode(), 1);
      await modeStayed();
      await rig.leftNothing();
      await rig.writeSshFile("config", rig.alias("web1"));
    });

    await t.step("the launcher is killed, and later ssh: the next start tidies up", async () => {
      // As under a shell that goes on: the end of a session's leader would end ssh, too.
      const goesOn = ["/bin/sh", "-c", '"$@"; sleep infinity', "sh"];
      await using terminal = await rig.connect([], { under: goesOn });
      const ssh = await rig.sshOf(terminal);
      const launcher = await succeed(["pgrep", "-P", String(await terminal.pid())]);
      await succeed(["kill", "-KILL", launcher.trim()]);
      {
        await using refused = await rig.launch();
        assertEquals(await refused.exitCode(), 1);
        assertMatch(await refused.history(), /web1 is open in another window/);
      }
      await succeed(["kill", "-TERM", String(ssh)]);
      await rig.endsThere();
      assertTrue((await Deno.lstat(rig.socket)).isSocket, "a leftover must be there");
      await using _again = await rig.connect();
      assertEquals((await rig.send({ action: "ping" })).status, "ok");
    });
    await rig.leftNothing();
  },
});
