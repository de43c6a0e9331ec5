/**
 * The promise from the compiled program, or from the bundle that it is made of.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { Polkit } from "../rig/polkit.ts";
import { answer, HOST, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { passwordKeys } from "./password.ts";

const ignore = lacks("root", "tmux", "sudo");
const IS_COMPILED = !Deno.env.get("SUDO_PROXY_BINARY")?.endsWith(".js");

/** The port of Deno's debugger, as /proc/net/tcp has it. */
const DEBUGGER_PORT = `:${(9229).toString(16).toUpperCase()} `;

/** Types the password, once sudo or polkit asks for it. */
async function authenticate(
  terminal: TmuxTerminal,
  password: string,
  question: RegExp = /password for/,
): Promise<void> {
  await terminal.shows(question);
  for await (const keys of passwordKeys(password)) await terminal.press(...keys);
}

Deno.test({
  name: "a request is shown, approved by a key and the password, and runs as root",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user, args: ["--password", "each"] });
    const { installation, terminal } = daemon;
    const call = (...args: Parameters<Installation["command"]>) =>
      execute(["runuser", "-u", user.name, "--", ...installation.command(...args)]);

    await t.step("y and the password", async () => {
      const running = call("request", ["--", "id", "-un"]);
      await daemon.answer("y");
      await authenticate(terminal, user.password);
      const { code, stdout, stderr } = await running;
      assertEquals([code, stdout], [0, "root\n"], stderr);
    });
    await t.step("n", async () => {
      const running = call("request", ["--", "id", "-un"]);
      await daemon.answer("n");
      const { code, stdout, stderr } = await running;
      assertEquals([code, stdout], [126, ""]);
      assertMatch(stderr, /denied/);
    });
    await t.step("the exit code is the command's own", async () => {
      const running = call("request", ["--no-privilege", "--", "sh", "-c", "exit 7"]);
      await daemon.answer("y");
      assertEquals((await running).code, 7);
    });
    await t.step("the trail is whole, and has all three", async () => {
      const { code, stdout } = await call("audit", ["verify"]);
      assertEquals(code, 0, stdout);
      const list = await call("audit", ["list"]);
      assertEquals(list.stdout.trim().split("\n").length, 3, list.stdout);
    });
    await t.step("q, q: the end, and the socket is gone", async () => {
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
      assertTrue(await Deno.lstat(daemon.socket).then(() => false, () => true));
    });
  },
});

Deno.test({
  name: "a model opens the daemon, asks, and learns what the person decided",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    await using terminal = await TmuxTerminal.open();
    await using mcp = await McpSession.start(installation, { TMUX: await terminal.environment() });
    assertMatch((await mcp.call("start_server")).text, /is open: a new tmux window/);
    const running = mcp.call("execute", { argv: ["id", "-un"], description: "who runs this" });
    await eventually(
      "an armed prompt",
      async () => (await terminal.screen("sudo-proxy")).includes("Waiting for your key"),
    );
    await terminal.press("y");
    const { data, isError } = await running;
    assertEquals([data.stdout, data.decision, isError], ["root\n", "approved", false]);
  },
});

Deno.test({
  name: "a request goes through the tunnel to a remote host, and runs there",
  ignore: lacks(...REMOTE_NEEDS),
  async fn() {
    await using rig = await RemoteRig.make();
    await using terminal = await rig.connect();
    const { here, local, remote } = rig;
    const words = here.command("request", ["--host", HOST, "--", "id", "-un"]);
    const running = execute(["runuser", "-u", local.name, "--", ...words]);
    await answer(terminal, "y");
    await authenticate(terminal, remote.password);
    const { code, stdout, stderr } = await running;
    assertEquals([code, stdout], [0, "root\n"], stderr);
    const hosts = await execute(["runuser", "-u", local.name, "--", ...here.command("hosts")]);
    assertMatch(hosts.stdout, new RegExp(HOST));
  },
});

Deno.test({
  name: "with --pkexec polkit asks for the password, and root runs what was shown",
  ignore: ignore || lacks("dbus-daemon", "dbus-send", "pkexec", "pkttyagent"),
  async fn() {
    await using user = await OrdinaryUser.make("none");
    await using _polkit = await Polkit.start(user);
    await using daemon = await RunningDaemon.start({ user, args: ["--pkexec"] });
    const { installation, terminal } = daemon;
    const words = installation.command("request", ["--", "id", "-un"]);
    const running = execute(["runuser", "-u", user.name, "--", ...words]);
    await daemon.answer("y");
    await authenticate(
      terminal,
      user.password,
      /needed to run .\/usr\/bin\/id'[^]*Password: *\n*$/,
    );
    const { code, stdout, stderr } = await running;
    assertEquals([code, stdout], [0, "root\n"], stderr);
  },
});

Deno.test({
  name: "on another system the program ends with one line",
  ignore: ignore || IS_COMPILED,
  async fn() {
    await using installation = await Installation.make();
    for (const [os, arch] of [["darwin", "aarch64"], ["linux", "riscv64"]]) {
      for (const args of [[], ["--version"], ["mcp"], ["request", "--", "id"]]) {
        // A bundle looks at Deno.build, which a module that comes first can exchange.
        const preload =
          `Object.defineProperty(Deno, "build", { value: { ...Deno.build, os: "${os}", arch: "${arch}" } });`;
        const words = installation.command("proxy", args);
        const at = words.findIndex((word) => word.endsWith("/main_binary.js"));
        const first = `data:text/javascript,${encodeURIComponent(preload)}`;
        const { code, stdout, stderr } = await execute(
          words.toSpliced(at, 0, `--preload=${first}`),
        );
        assertEquals([code, stdout], [1, ""]);
        assertEquals(
          stderr,
          `sudo-proxy: Cannot start: it needs Linux on x86_64 or aarch64, and this is ${os} on ${arch}\n`,
        );
      }
    }
  },
});

Deno.test({
  name: "setup configures a client to start this program",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    await Deno.mkdir(`${installation.home}/.cursor`);
    const { code, stderr } = await execute(installation.command("setup", ["--yes"]));
    assertEquals([code, stderr], [0, ""]);
    const config = await Deno.readTextFile(`${installation.home}/.cursor/mcp.json`);
    const { command, args, env } = JSON.parse(config).mcpServers["sudo-proxy"];
    const variables = Object.entries({ ...installation.env, ...env as Record<string, string> })
      .map(([name, value]) => `${name}=${value}`);
    await using mcp = await McpSession.connect([
      ...["/usr/bin/env", "-i", ...variables],
      command,
      ...args,
    ]);
    assertEquals(mcp.client.getServerVersion()?.name, "sudo-proxy");
    const version = await execute([
      ...["/usr/bin/env", "-i", ...variables],
      `${installation.home}/.local/bin/sudo-proxy`,
      "--version",
    ]);
    assertEquals([version.code, version.stderr], [0, ""]);
  },
});

Deno.test({
  name: "SIGUSR1 opens no port, and no cache is left in the temporary folder",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    const temporary = `${installation.folder}/tmp`;
    await Deno.mkdir(temporary);
    const [name = "", ...args] = installation.command("mcp", [], { TMPDIR: temporary });
    const child = new Deno.Command(name, { args, stdin: "piped", stdout: "piped", stderr: "null" })
      .spawn();
    const reader = child.stdout.getReader();
    const ask = { jsonrpc: "2.0", id: 1, method: "ping" };
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(`${JSON.stringify(ask)}\n`));
    await reader.read();
    // env and Deno become the program: the process is the same.
    await execute(["kill", "-USR1", String(child.pid)]);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    for (const table of ["tcp", "tcp6"]) {
      const listening = (await execute(["grep", " 0A ", `/proc/net/${table}`])).stdout;
      assertTrue(!listening.includes(DEBUGGER_PORT), listening);
    }
    await reader.cancel();
    await writer.close().catch(() => {});
    const { signal } = await child.status;
    // A bundle runs under deno itself, with the signal blocked.
    assertEquals(signal, IS_COMPILED ? "SIGUSR1" : null);
    assertEquals([...Deno.readDirSync(temporary)].map(({ name }) => name), []);
  },
});

Deno.test({
  name: "the name sudo-proxy-mcp is the MCP server",
  ignore: ignore || !IS_COMPILED,
  async fn() {
    await using installation = await Installation.make();
    const link = `${installation.folder}/sudo-proxy-mcp`;
    await Deno.symlink("sudo-proxy", link);
    const { stdout } = await execute(["env", link, "--help"]);
    assertMatch(stdout, /^sudo-proxy-mcp: an MCP server/);
  },
});

Deno.test({
  name: "variables of Deno and Node load nothing and open nothing in a compiled program",
  ignore: ignore || !IS_COMPILED,
  async fn() {
    await using installation = await Installation.make();
    const path = `${installation.folder}/evil.cjs`;
    await Deno.writeTextFile(path, 'console.log("evil");');
    for (const options of [`--require=${path}`, "--inspect=127.0.0.1:9229"]) {
      const more = { NODE_OPTIONS: options, OTEL_DENO: "1" };
      const { code, stdout, stderr } = await execute(
        installation.command("audit", ["--help"], more),
      );
      assertEquals([code, stderr], [0, ""]);
      assertMatch(stdout, /^Usage: sudo-proxy audit/);
    }
  },
});
