/**
 * The MCP server and a remote host: tunnels that a model opens, uses and closes.
 *
 * @module
 */
import { MAX_IN_FLIGHT } from "../../lib/protocol/limits.ts";
import { assertEquals, assertMatch, assertTrue, at, atLeast } from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks, program, succeed } from "../rig/tools.ts";
import { answerTo, wireLine } from "../rig/wire.ts";

const ignore = lacks(...REMOTE_NEEDS);
const WINDOW = ":sudo-proxy web1";
const HOST = { host: "web1" };

/** What a window shows; nothing while it is not there. */
async function windowShows(terminal: TmuxTerminal, pattern: RegExp): Promise<string> {
  return await eventually(`${pattern} in the window`, async () => {
    const screen = await terminal.screen(WINDOW).catch(() => "");
    return pattern.test(screen) ? screen : undefined;
  }, 60_000);
}

Deno.test({
  name: "a model opens a tunnel, asks there, tells dead from busy and from missing, and closes it",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const asLocal = [program("runuser"), "-u", rig.local.name, "--"];
    const words = ["set", "web1", "--description", "the web server"];
    await succeed([...asLocal, ...rig.here.command("hosts", words)]);
    const terminal = parts.use(
      await TmuxTerminal.open({ user: rig.local.name, env: rig.here.env }),
    );
    const env = { TMUX: await terminal.environment() };
    const mcp = parts.use(await McpSession.start(rig.here, env, asLocal));
    const status = async () => {
      const result = await mcp.client.callTool({ name: "status", arguments: HOST });
      const { daemons } = result.structuredContent as { daemons: Record<string, unknown>[] };
      return at(daemons, 0);
    };
    const tmux = (...words: string[]) =>
      succeed([...asLocal, "tmux", "-S", at(env.TMUX.split(","), 0), ...words]);
    const press = (key: string) => tmux("send-keys", "-t", WINDOW, key);
    /** Here, windows stay when their command has ended; two of one name would be ambiguous. */
    const closeWindow = () => tmux("kill-window", "-t", WINDOW);

    await t.step("without a tunnel, the answers say which call opens one", async () => {
      assertEquals((await status())["state"], "missing");
      const { text, isError } = await mcp.call("execute", {
        ...HOST,
        argv: ["id"],
        description: "x",
      });
      assertEquals(isError, true);
      assertMatch(text, /No tunnel to web1 is open. Call start_server with host "web1"/);
      assertMatch((await mcp.call("stop_server", HOST)).text, /No daemon runs on web1/);
    });

    await t.step("start_server() opens one window, also when it is called twice", async () => {
      const answers = await Promise.all([
        mcp.call("start_server", HOST),
        mcp.call("start_server", HOST),
      ]);
      for (const { text, isError } of answers) {
        assertMatch(text, /The tunnel to web1 is open: a new tmux window named sudo-proxy web1/);
        assertEquals(isError, false);
      }
      const screen = await windowShows(terminal, /waiting on/);
      assertMatch(screen, /Other programs of yours can press keys here \(tmux\)/);
      assertMatch(screen, /sudo asks its question for each privileged command/);
      assertMatch((await mcp.call("start_server", HOST)).text, /answers already/);
      const row = await status();
      assertEquals([row["state"], row["description"]], ["answers", "the web server"]);
    });

    await t.step("execute() runs there what the person approves here", async () => {
      const running = mcp.call("execute", {
        ...HOST,
        argv: ["id", "-un"],
        privileged: false,
        description: "who",
      });
      const prompt = await windowShows(terminal, /Waiting for your key/);
      assertMatch(prompt, /for host +web1/);
      await press("y");
      assertEquals((await running).data.stdout, `${rig.remote.name}\n`);
    });

    await t.step("execute() with the agent says how the person lends it", async () => {
      const { text } = await mcp.call("execute", {
        ...HOST,
        argv: ["env"],
        privileged: false,
        forward_agent: true,
        description: "x",
      });
      assertMatch(text, /--forward-agent/);
    });

    await t.step("a dead tunnel is found within 5 s", async () => {
      const ssh = String(await rig.sshOf(terminal));
      await succeed(["kill", "-STOP", ssh]);
      const before = performance.now();
      const row = await status();
      assertTrue(performance.now() - before < 5000);
      assertEquals(row["state"], "silent");
      assertMatch(String(row["advice"]), /connection may be lost.*start_server/);
      await succeed(["kill", "-CONT", ssh]);
      await eventually(
        "an answer",
        async () => (await status())["state"] === "answers" || undefined,
      );
    });

    await t.step("a busy daemon is another case", async () => {
      const taken = await Promise.all(
        Array.from(
          { length: MAX_IN_FLIGHT },
          () => Deno.connect({ transport: "unix", path: rig.socket }),
        ),
      );
      await eventually("a busy daemon", async () => {
        if ((await status())["state"] === "busy") return true;
        // The question before still had a place, so one of them got none.
        taken.push(await Deno.connect({ transport: "unix", path: rig.socket }));
      });
      assertMatch(String((await status())["advice"]), /as many requests as it can/);
      taken.forEach((connection) => connection.close());
      await eventually(
        "an answer",
        async () => (await status())["state"] === "answers" || undefined,
      );
    });

    await t.step("a request from a clock that differs is refused, with both times", async () => {
      const sent = new Date(Date.now() - 300_000).toISOString();
      const line = wireLine({ pipeline: [["id"]], time: sent });
      const { status, message = "" } = await answerTo(rig.socket, line);
      assertEquals(status, "error");
      assertMatch(message, /stale request/);
      assertMatch(message, /300\.\d s old/);
      assertTrue(message.includes(sent), message);
      assertMatch(message, /here it is \d{4}-\d\d-\d\dT/);
    });

    await t.step("stop_server() ends the daemon there, and with it the tunnel", async () => {
      assertMatch((await mcp.call("stop_server", HOST)).text, /The daemon on web1 has ended/);
      await rig.leftNothing();
      assertEquals((await status())["state"], "missing");
      await closeWindow();
    });

    await t.step("the agent is lent by the person in the window, not by the call", async () => {
      const starting = mcp.call("start_server", { ...HOST, forward_agent: true });
      await windowShows(terminal, /Type yes to lend it/);
      await press("Enter");
      assertEquals((await starting).isError, false);
      await mcp.call("stop_server", HOST);
      await rig.leftNothing();
      await closeWindow();
    });

    await t.step(
      "a host that has no sudo-proxy: the person can install it with one command",
      async () => {
        await Deno.rename(rig.program, `${rig.program}.away`);
        const { text, data } = await mcp.call("start_server", HOST);
        assertEquals(data.state, "ended", text);
        assertMatch(text, /they can install it with one command: sudo-proxy install web1/);
        await windowShows(terminal, /web1 has no sudo-proxy[^]*sudo-proxy install web1/);
        await Deno.rename(`${rig.program}.away`, rig.program);
        await rig.leftNothing();
        await closeWindow();
      },
    );

    await t.step("a window that can't open the tunnel stays, and says why", async () => {
      await rig.writeSshFile("known_hosts", "");
      const { text, data, isError } = await mcp.call("start_server", HOST);
      assertEquals([isError, data.state], [true, "ended"], text);
      assertMatch(text, /tunnel to web1 ended before a daemon answered. The window says why/);
      await windowShows(terminal, /Press Enter to close this window/);
      assertMatch(
        await terminal.screen(WINDOW),
        /host key of web1 is not known here[^]*--accept-new-host-key/,
      );
      await press("Enter");
    });
  },
});

Deno.test({
  name: "the answer of execute() has the difference of the clocks and both times",
  ignore: ignore || lacks("faketime"),
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const asLocal = [program("runuser"), "-u", rig.local.name, "--"];
    const words = ["set", "web1", "--description", "the web server"];
    await succeed([...asLocal, ...rig.here.command("hosts", words)]);
    await using terminal = await rig.connect();
    const faked = await succeed(["faketime", "-f", "-5m", "env"]);
    const [, library] = atLeast(2, /^LD_PRELOAD=(.+)$/m.exec(faked));
    const env = { LD_PRELOAD: library, FAKETIME: "-5m", FAKETIME_DONT_FAKE_MONOTONIC: "1" };
    const mcp = parts.use(await McpSession.start(rig.here, env, asLocal));
    const { text, isError } = await mcp.call("execute", {
      host: "web1",
      argv: ["id"],
      description: "x",
    });
    assertEquals(isError, true);
    assertMatch(text, /stale request: .*is \d+\.\d s old \(sent \S+Z, here it is \S+Z/);
    assertMatch(text, /The clocks of this machine and web1 differ/);
    assertMatch(await terminal.screen(), /waiting on/);
  },
});
