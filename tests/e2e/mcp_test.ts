import { manualCommand } from "../../lib/mcp/launch.ts";
import { userFoldersOf } from "../../lib/setup/clients.ts";
import { commandScript } from "../../lib/setup/commands.ts";
import { assertEquals, assertMatch, assertTrue, at } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo");

/** The window that `start_server` opens. */
const WINDOW = "sudo-proxy";

async function pressWhenArmed(terminal: TmuxTerminal, key: string): Promise<string> {
  const screen = await eventually("an armed prompt", async () => {
    const screen = await terminal.screen(WINDOW).catch(() => "");
    return screen.includes("Waiting for your key") ? screen : undefined;
  });
  await terminal.press(key);
  return screen;
}

Deno.test({
  name: "a model starts the daemon in tmux, asks, and learns what the person decided",
  ignore,
  async fn(t) {
    await using installation = await Installation.make();
    await using terminal = await TmuxTerminal.open();
    await using mcp = await McpSession.start(installation, { TMUX: await terminal.environment() });

    await t.step("execute() says to call start_server while no daemon runs", async () => {
      const answer = await mcp.call("execute", { argv: ["id"], description: "who" });
      assertTrue(answer.isError);
      assertMatch(answer.text, /start_server/);
    });

    await t.step(
      "start_server() opens one window and returns when the daemon answers",
      async () => {
        const answers = await Promise.all([mcp.call("start_server"), mcp.call("start_server")]);
        for (const answer of answers) {
          assertMatch(answer.text, /is open: a new tmux window named sudo-proxy/);
          assertEquals(answer.isError, false);
          const { window, message } = answer.data;
          assertEquals([window, message], ["a new tmux window named sudo-proxy", answer.text]);
        }
        // tmux would call the name ambiguous if there were two of them.
        assertMatch(await terminal.screen(WINDOW), /sudo-proxy/);
      },
    );

    await t.step("start_server() returns at once when the daemon runs", async () => {
      assertMatch((await mcp.call("start_server")).text, /open already/);
    });

    await t.step("execute() gives the output of root after y", async () => {
      const answer = mcp.call("execute", { argv: ["id"], description: "to see who runs" });
      const prompt = await pressWhenArmed(terminal, "y");
      assertMatch(prompt, /asked by {3}test-client 1\.2\.3\n/);
      const { text, data, isError } = await answer;
      assertMatch(text, /^A person approved this command, and it ran\. Exit code: 0\.\n/);
      assertEquals(data.stdout, "uid=0(root) gid=0(root) groups=0(root)\n");
      assertEquals([data.decision, isError], ["approved", false]);
    });

    await t.step(
      "execute() tells of a denial after n, and of the person's words after r",
      async () => {
        const denied = mcp.call("execute", { argv: ["id"], description: "again" });
        await pressWhenArmed(terminal, "n");
        assertMatch((await denied).text, /^A person read this request and denied it\. Nothing ran/);

        const explained = mcp.call("execute", { argv: ["id"], description: "again" });
        await pressWhenArmed(terminal, "r");
        await terminal.type("use journalctl instead");
        await terminal.press("Enter");
        assertMatch((await explained).text, /They said: "use journalctl instead"/);
      },
    );

    await t.step("execute() gives stderr, the exit code, and a pipeline's output", async () => {
      const failing = mcp.call("execute", {
        argv: ["sh", "-c", "echo out; echo err >&2; exit 3"],
        description: "fails",
      });
      await pressWhenArmed(terminal, "y");
      const { text, data } = await failing;
      assertMatch(
        text,
        /Exit code: 3\.[^]*\[stdout begins .*\]\nout\n[^]*\[stderr begins .*\]\nerr\n/,
      );
      assertEquals([data.stdout, data.stderr, data.exit_codes], ["out\n", ["err\n"], [3]]);

      const piped = mcp.call("execute", {
        pipeline: [["printf", "b\\na\\n"], ["sort"]],
        description: "sorts",
      });
      await pressWhenArmed(terminal, "y");
      const sorted = (await piped).data;
      assertEquals([sorted.stdout, sorted.exit_codes], ["a\nb\n", [0, 0]]);
    });

    await t.step("execute() passes the environment on", async () => {
      const answer = mcp.call("execute", {
        argv: ["printenv", "LANG"],
        env: { LANG: "de_DE.UTF-8" },
        description: "language",
      });
      await pressWhenArmed(terminal, "y");
      assertEquals((await answer).data.stdout, "de_DE.UTF-8\n");
      const refused = await mcp.call("execute", {
        argv: ["id"],
        env: { LD_PRELOAD: "/tmp/x.so" },
        description: "evil",
      });
      assertMatch(refused.text, /"env\.LD_PRELOAD" must be one of LANG/);
    });

    await t.step("a call that is cancelled before the key takes its prompt along", async () => {
      const abort = new AbortController();
      const call = mcp.call("execute", { argv: ["id"], description: "cancelled" }, abort.signal);
      await eventually(
        "the prompt",
        async () => (await terminal.screen(WINDOW)).includes("RUN AS ROOT"),
      );
      abort.abort("changed my mind");
      await call.catch(() => {});
      await eventually("the prompt to go", async () => {
        const screen = await terminal.screen(WINDOW);
        return !screen.includes("RUN AS ROOT") && screen.includes("withdrawn");
      });
      await terminal.press("y");
    });
  },
});

Deno.test({
  name:
    "start_server() gives the exact command where no terminal can be opened, and that command works",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    await using mcp = await McpSession.start(installation);
    const answer = await mcp.call("start_server");
    assertTrue(answer.isError);
    const command = at(answer.text.split("\n"), 1);
    assertEquals(
      command,
      `${installation.typed} --password each --socket=${installation.socket}`,
    );
    const { structuredContent } = await mcp.client.callTool({ name: "start_server" });
    const { message: _, ...data } = structuredContent as Record<string, unknown>;
    assertEquals(data, { status: "error", state: "manual", host: "localhost", command });
    await using terminal = await TmuxTerminal.open({
      command: [
        "/usr/bin/env",
        "-i",
        ...Object.entries(installation.env).map(([k, v]) => `${k}=${v}`),
        "sh",
        "-c",
        command,
      ],
    });
    await terminal.shows(`waiting on ${installation.socket}`);
    assertMatch((await mcp.call("start_server")).text, /open already/);
  },
});

Deno.test("start_server() names the installed command where setup has written it", async () => {
  await using installation = await Installation.make();
  const programs = `${installation.home}/.local/bin`;
  await Deno.mkdir(programs, { recursive: true });
  await using mcp = await McpSession.start(installation);
  const command = async () => (await mcp.call("start_server")).data.command;
  const write = (text: string) => Deno.writeTextFile(`${programs}/sudo-proxy`, text);

  await write("#!/bin/sh\nexec another-program\n");
  assertTrue((await command()).startsWith(`${installation.typed} `));

  const here = { get: (name: string) => installation.env[name], uid: Deno.uid() ?? 0 };
  const places = userFoldersOf(here);
  assertTrue(places !== undefined);
  await write(
    commandScript("sudo-proxy", places, { command: "", args: [], env: { DENO_DIR: "/" } }),
  );
  // The folder of this socket is not the usual one, so the command names it.
  assertEquals(await command(), `sudo-proxy --password each --socket=${installation.socket}`);

  const folder = `/run/user/${here.uid}`;
  const place = { name: "localhost", host: undefined, isLocal: true };
  const web1 = {
    name: "web1",
    host: "web1",
    isLocal: false,
    socket: `${folder}/sudo-proxy-web1.sock`,
  };
  assertEquals(
    manualCommand(here, { ...place, socket: `${folder}/sudo-proxy.sock` }, false),
    "sudo-proxy --password each",
  );
  assertEquals(manualCommand(here, web1, false), "sudo-proxy --host web1");
  assertEquals(manualCommand(here, web1, true), "sudo-proxy --host web1 --forward-agent");
});
