/**
 * Remote hosts that lack something, are old, odd or hostile.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS, "bash", "socat", "usermod");

Deno.test({
  name: "where the host has no sudo-proxy, the commands that are printed install it",
  ignore,
  fn: async () => {
    // The packages are there already: nothing is fetched.
    await using rig = await RemoteRig.make({ denoFolderThere: true });
    await Deno.remove(rig.program);
    const deno = `/home/${rig.remote.name}/.deno/bin`;
    await Deno.mkdir(deno, { recursive: true });
    await Deno.symlink(`${rig.there.folder}/deno`, `${deno}/deno`);
    let commands: string[];
    {
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      const text = await terminal.history();
      assertMatch(text, /web1 has no sudo-proxy: it is not in its PATH/);
      assertMatch(text, /npm install --global\s+deno@2\.9/);
      commands = [...text.matchAll(/^ {2}((?:ssh|tar) .*)$/gm)].map(([command]) => command.trim());
      assertEquals(commands.length, 5, text);
      await rig.leftNothing();
    }
    let last = "";
    for (const command of commands) last = await rig.asLocal(["bash", "-c", command]);
    assertMatch(last, /^\d+\.\d+\.\d+\n$/);
    await using terminal = await rig.connect();
    const running = rig.send({ pipeline: [["id", "-un"]], privileged: false });
    await answer(terminal, "y");
    assertEquals(stdoutOf(await running), `${rig.remote.name}\n`);
    await rig.send({ action: "stop" });
    assertEquals(await terminal.exitCode(), 0);
  },
});

Deno.test({
  name: "a sudo-proxy of another make and version is as good: only the socket's protocol counts",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    // It knows no features, no --password, and looks at nothing but XDG_RUNTIME_DIR.
    await rig.writeProgram([
      "#!/bin/sh",
      'if [ "$1" = --version ]; then echo "sudo-proxy 1.1.0"; exit; fi',
      'if [ "$1" = answer ]; then',
      "  read -r line",
      `  id=$(echo "$line" | sed 's/.*"id":"\\([^"]*\\).*/\\1/')`,
      `  printf '{"id":"%s","status":"ok","message":"pong","version":"1.1.0"}\\n' "$id"`,
      "  exit",
      "fi",
      'if [ $# -gt 0 ]; then echo "unexpected $*"; exit 2; fi',
      'echo "an old daemon waits on $XDG_RUNTIME_DIR"',
      'exec socat "UNIX-LISTEN:$XDG_RUNTIME_DIR/sudo-proxy.sock,fork,mode=600" "EXEC:$0 answer"',
      "",
    ].join("\n"));
    await using terminal = await rig.launch();
    await terminal.shows("an old daemon waits on");
    const pong = await eventually(
      "an answer",
      () => rig.send({ action: "ping" }).catch(() => undefined),
    );
    assertEquals([pong.status, pong.version, pong.features], ["ok", "1.1.0", undefined]);
    await eventually("the registry", () => Deno.stat(rig.registry).catch(() => undefined));
    await terminal.press("C-c");
    assertTrue(await terminal.exitCode() !== 0);
    await rig.leftNothing();
    const { web1 } = JSON.parse(await Deno.readTextFile(rig.registry)).hosts;
    assertEquals(web1.version, "1.1.0");
    {
      // --password each would be a promise that it does not keep.
      await using asked = await rig.launch(["--password", "each"]);
      assertEquals(await asked.exitCode(), 83);
      assertMatch(await asked.history(), /the sudo-proxy on web1 knows no --password/i);
    }
  },
});

Deno.test({
  name: "a server that refuses to forward to sockets is named as the reason",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make({
      server: { lines: ["AllowStreamLocalForwarding no"] },
    });
    await using terminal = await rig.launch();
    await terminal.shows("No daemon answered through the tunnel to web1", 60_000);
    assertEquals(await terminal.exitCode(), 1);
    assertMatch(await terminal.history(), /the server does not let ssh forward\s+to sockets/);
    assertMatch(await terminal.history(), /AllowStreamLocalForwarding local/);
    await rig.leftNothing();
    await rig.endsThere();
  },
});

Deno.test({
  name: "a folder for sockets that is open to others, or a link, is refused there",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    await Deno.chmod(rig.there.runtime, 0o755);
    await using terminal = await rig.launch();
    assertEquals(await terminal.exitCode(), 1);
    assertMatch(await terminal.history(), /web1 has no safe place for the socket: [^]*0700/);
    await rig.leftNothing();
    await Deno.rename(rig.there.runtime, `${rig.there.folder}/run2`);
    await Deno.chmod(`${rig.there.folder}/run2`, 0o700);
    await Deno.symlink(`${rig.there.folder}/run2`, rig.there.runtime);
    await using again = await rig.launch();
    assertEquals(await again.exitCode(), 1);
    assertMatch(await again.history(), /web1 has no safe place for the socket/);
  },
});

Deno.test({
  name: "without XDG_RUNTIME_DIR there, both sides use the same private folder",
  ignore,
  fn: async () => {
    const rig = await RemoteRig.make({ withoutRuntimeFolder: true });
    await using parts = new AsyncDisposableStack();
    parts.use(rig);
    const folder = `/tmp/sudo-proxy-${rig.remote.uid}`;
    parts.defer(async () => void await execute(["rm", "-rf", folder]));
    await rig.install(folder);
    await using terminal = await rig.connect();
    assertMatch(await terminal.screen(), new RegExp(`waiting on ${folder}/sudo-proxy.sock`));
    const info = await Deno.lstat(folder);
    assertEquals([info.uid, defined(info.mode) & 0o777], [rig.remote.uid, 0o700]);
    assertEquals((await rig.send({ action: "stop" })).status, "ok");
    assertEquals(await terminal.exitCode(), 0);
  },
});

for (const shell of ["bash", "fish", "tcsh"]) {
  Deno.test({
    name: `a login shell that is ${shell} and prints words of its own is no obstacle`,
    ignore: ignore || lacks(shell),
    fn: async () => {
      await using rig = await RemoteRig.make();
      await succeed(["usermod", "--shell", `/usr/bin/${shell}`, rig.remote.name]);
      const home = `/home/${rig.remote.name}`;
      await Deno.mkdir(`${home}/.config/fish`, { recursive: true });
      for (const file of [".bashrc", ".cshrc", ".config/fish/config.fish"]) {
        await Deno.writeTextFile(`${home}/${file}`, "echo sudo-proxy-facts-begin\necho welcome\n");
      }
      await succeed(["chown", "-R", rig.remote.name, home]);
      await using terminal = await rig.connect();
      assertEquals((await rig.send({ action: "stop" })).status, "ok");
      assertEquals(await terminal.exitCode(), 0);
    },
  });
}

Deno.test({
  name:
    "a hostile host can print what it likes: nothing of it is believed or reaches the screen raw",
  ignore,
  fn: async () => {
    const evil = [
      `printf 'sudo-proxy-facts-begin\\nuid=1\\nfolder=/x:/y\\nstate=private\\nprogram=/p\\nversion=1.1\\nsudo-proxy-facts-end\\n'`,
      `printf 'sudo-proxy-facts-begin\\nuid=1\\nfolder=/x\\nstate=private\\nprogram=/p\\033[31m\\nversion=1.1\\nsudo-proxy-facts-end\\n'`,
      `printf '\\033]0;owned\\007\\033[2J\\nuid=1\\n'; printf '\\033[31mred\\n' >&2; exit 1`,
      "yes",
    ];
    await using rig = await RemoteRig.make();
    for (const command of evil) {
      const script = `/home/${rig.remote.name}/shell`;
      await Deno.writeTextFile(script, `#!/bin/sh\n${command}\n`, { mode: 0o755 });
      await succeed(["usermod", "--shell", script, rig.remote.name]);
      await using terminal = await rig.launch([], { under: ["/bin/sh", "-c", '"$@"', "sh"] });
      const record = `${rig.here.home}/record`;
      await Deno.writeTextFile(record, "");
      await Deno.chown(record, rig.local.uid, null);
      await terminal.record(record);
      assertEquals(await terminal.exitCode(), 1);
      assertMatch(await terminal.history(), /web1 can't be used: /);
      const drawn = await Deno.readTextFile(record);
      for (const sequence of ["\x1b[31m", "\x1b]0;owned", "\x1b[2J"]) {
        assertTrue(!drawn.includes(sequence), JSON.stringify(sequence));
      }
      await rig.leftNothing();
    }
  },
});

Deno.test({
  name: "what a server says before the login is shown without its control characters",
  ignore,
  fn: async () => {
    const banner = await Deno.makeTempFile();
    await using parts = new AsyncDisposableStack();
    parts.defer(() => Deno.remove(banner));
    await Deno.writeTextFile(
      banner,
      "\x1b[31mWelcome\x1b[0m\x07\nNo ED25519 host key is known for x\n",
    );
    await Deno.chmod(banner, 0o644);
    const rig = parts.use(await RemoteRig.make({ server: { lines: [`Banner ${banner}`] } }));
    await using terminal = await rig.connect();
    assertMatch(await terminal.screen(), /^ssh: \S+\[31mWelcome\S+\[0m\S+07$/m);
    assertEquals((await rig.send({ action: "stop" })).status, "ok");
    assertEquals(await terminal.exitCode(), 0);
  },
});
