/**
 * Names of hosts as people write them, and many hosts at once.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { SshServer } from "../rig/sshd.ts";
import { TEST_HOSTS } from "../rig/slots.ts";
import type { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS);

Deno.test({
  name: "hosts are reached as user@host, as an IPv6 address in brackets, and with --login",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make({ server: { address: "::1" } });
    const { port } = rig.server;
    await rig.writeSshFile("config", `Host known\n  HostName ::1\nHost *\n  Port ${port}\n`);
    const { name } = rig.remote;
    for (
      const [host, args] of [
        [`${name}@[::1]`, []],
        [`${name}@::1`, []],
        ["known", ["--login", name]],
      ] as const
    ) {
      await using terminal = await rig.connect(args, { host });
      const words = rig.here.command("request", ["--host", host, "--", "id"]);
      const asking = execute(["runuser", "-u", rig.local.name, "--", ...words]);
      await answer(terminal, "n");
      const { code, stderr } = await asking;
      assertEquals([code, /denied/.test(stderr)], [126, true], stderr);
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
      await rig.leftNothing(host);
    }
  },
});

Deno.test({
  name: "names that could be an option, a path, a port or a shell's words reach no ssh",
  ignore,
  fn: async (t) => {
    await using installation = await Installation.make();
    const malformed: readonly (readonly [string, RegExp])[] = [
      ["-oProxyCommand=touch /tmp/x", /must have only letters/],
      ["-oProxyCommand", /must not begin with "-"/],
      ["a;touch x", /must have only letters/],
      ["$(touch x)", /must have only letters/],
      ["a b", /must have only letters/],
      ["a\nb", /must have only letters/],
      ["\x1b[31mred", /\\x1b\[31mred.*must have only letters/],
      ["../../etc", /must have only letters/],
      ["me@-oProxyCommand", /must have a host that does not begin with "-"/],
      ["@web1", /must have an account of letters/],
      ["web1:22", /must have no port/],
      ["[::1]:22", /must have no port/],
      ["[web1]", /must have an IPv6 address between the brackets/],
      ["a[b", /must have brackets around the whole address only/],
      ["x".repeat(256), /must have at most 255/],
    ];
    for (const [host, expected] of malformed) {
      await t.step(JSON.stringify(host.slice(0, 40)), async () => {
        const command = installation.command("host", ["--host", "web1"]).slice(0, -2);
        const { code, stderr } = await execute([...command, `--host=${host}`]);
        assertEquals(code, 1);
        assertMatch(stderr, expected);
      });
    }
    const unusable: readonly (readonly [string, RegExp])[] = [
      ["localhost", /it is this machine/],
      ["127.0.0.1", /it is this machine/],
      [`${"x".repeat(200)}.example.org`, /the path of a socket has at most 107 bytes/],
    ];
    for (const [host, expected] of unusable) {
      await t.step(host.slice(0, 40), async () => {
        const { code, stderr } = await execute(installation.command("host", ["--host", host]));
        assertEquals(code, 1);
        assertMatch(stderr, expected);
      });
    }
    await t.step("a grant for one host is none for another", async () => {
      const command = installation.command("host", ["--host", "web1"]).slice(0, -1);
      const { code, stderr } = await execute([...command, "web2"]);
      assertEquals(code, 1);
      assertMatch(
        stderr,
        /Deno permissions are missing.*--allow-net=unix:\S*sudo-proxy-web2\.sock/,
      );
      assertMatch(stderr, /sudo-proxy permissions host --host web2/);
    });
    assertEquals(await succeed(["sh", "-c", `cd ${installation.runtime} && echo *`]), "*\n");
  },
});

Deno.test({
  name: "ten hosts at once: each has its own tunnel, prompt and line in the registry",
  ignore,
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const hosts = TEST_HOSTS.filter((host) => host !== "web1");
    // Ten servers stand for ten hosts; one account, each time with another folder for sockets.
    let config = "";
    let known = "";
    const key = await Deno.readTextFile(`/home/${rig.local.name}/.ssh/id_ed25519.pub`);
    for (const host of hosts) {
      const folder = `${rig.there.home}/${host}`;
      await Deno.mkdir(folder, { mode: 0o700 });
      await Deno.chown(folder, rig.remote.uid, null);
      const env = { XDG_RUNTIME_DIR: folder, DENO_DIR: `${rig.there.folder}/deno-dir` };
      const server = parts.use(await SshServer.start({ env }));
      await server.authorize(rig.remote.name, key);
      config +=
        `Host ${host}\n  HostName 127.0.0.1\n  Port ${server.port}\n  User ${rig.remote.name}\n`;
      known += await server.knownHostsLine();
    }
    await rig.writeSshFile("config", config);
    await rig.writeSshFile("known_hosts", known);
    // The starter that is installed on hosts: it works out the grants for each folder.
    const home = `/home/${rig.remote.name}`;
    await Deno.mkdir(`${home}/.deno/bin`, { recursive: true });
    await Deno.symlink(`${rig.there.folder}/deno`, `${home}/.deno/bin/deno`);
    await Deno.remove(rig.program);
    await Deno.symlink(`${rig.there.folder}/project/lib/remote/sudo-proxy.sh`, rig.program);

    const terminals = await Promise.all(
      hosts.map(async (host) => parts.use(await rig.launch([], { host }))),
    );
    await Promise.all(terminals.map((terminal) => terminal.shows("waiting on", 120_000)));
    const answers = hosts.map((host) =>
      rig.send({ pipeline: [["echo", host]], privileged: false, host }, { host })
    );
    await Promise.all(terminals.map(async (terminal: TmuxTerminal, index) => {
      const screen = await terminal.shows("Waiting for your key", 60_000);
      assertMatch(screen, new RegExp(`echo ${hosts[index]}\\b`));
      await answer(terminal, "y");
    }));
    assertEquals(
      (await Promise.all(answers)).map(stdoutOf),
      hosts.map((host) => `${host}\n`),
    );
    await eventually("ten hosts in the registry", async () => {
      const { hosts } = JSON.parse(await Deno.readTextFile(rig.registry));
      return Object.keys(hosts).length === 10 || undefined;
    });
    await Promise.all(hosts.map((host) => rig.send({ action: "stop" }, { host })));
    await Promise.all(terminals.map((terminal) => terminal.exitCode()));
    for (const host of hosts) await rig.leftNothing(host);
    await succeed(["rm", "-rf", `${rig.there.home}/host0`]);
  },
});
