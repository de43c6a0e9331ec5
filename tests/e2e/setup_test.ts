import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

Deno.test({
  name: "an ordinary user sets everything up, and a model's request reaches the prompt",
  ignore: lacks("root", "tmux", "sudo"),
  async fn(t) {
    await using user = await OrdinaryUser.make("USER ALL=(ALL) NOPASSWD: ALL\n");
    await using installation = await Installation.make(user);
    const { home, env } = installation;
    for (const folder of [".cursor", ".gemini"]) {
      await Deno.mkdir(`${home}/${folder}`);
      await Deno.chown(`${home}/${folder}`, user.uid, null);
    }
    const login = [
      "/usr/bin/env",
      "-i",
      ...Object.entries(env).map(([name, value]) => `${name}=${value}`),
    ];
    const asUser = (words: readonly string[]) =>
      execute(["runuser", "-u", user.name, "--", ...words]);

    const question = /Write 4 files\? \(d shows every line\)/;
    await t.step("setup sums up, shows every line on d, and asks again", async () => {
      await using terminal = await TmuxTerminal.open({
        command: installation.command("setup"),
        user: user.name,
      });
      const screen = await terminal.shows(question);
      assertMatch(screen, /^Found +Cursor, Gemini CLI$/m);
      assertNoMatch(screen, /^\+/m);
      await terminal.press("d", "Enter");
      await terminal.shows(/^\+[^]*Write 4 files\?/m);
      const history = await terminal.history();
      assertMatch(history, /^\+ +"sudo-proxy": \{$/m);
      assertMatch(history, /^\+ .*--no-prompt/m);
      // Enter alone means no.
      await terminal.press("Enter");
      assertEquals(await terminal.exitCode(), 0);
      assertMatch(await terminal.history(), /^Nothing was changed\.$/m);
      assertEquals(await Array.fromAsync(Deno.readDir(`${home}/.gemini`)), []);
    });

    await t.step("Ctrl+C at the question ends setup, and writes nothing", async () => {
      await using terminal = await TmuxTerminal.open({
        command: installation.command("setup"),
        user: user.name,
      });
      await terminal.shows(question);
      await terminal.press("C-c");
      assertEquals(await terminal.exitCode(), 1);
      assertMatch(await terminal.history(), /Ended\. Nothing was changed/);
      assertEquals(await Array.fromAsync(Deno.readDir(`${home}/.gemini`)), []);
    });

    await t.step("one yes writes everything that was shown", async () => {
      await using terminal = await TmuxTerminal.open({
        command: installation.command("setup"),
        user: user.name,
      });
      await terminal.shows(question);
      await terminal.press("y", "Enter");
      assertEquals(await terminal.exitCode(), 0);
      for (const path of [".cursor/mcp.json", ".gemini/settings.json", ".local/bin/sudo-proxy"]) {
        assertEquals((await Deno.stat(`${home}/${path}`)).uid, user.uid);
      }
    });

    const text = await Deno.readTextFile(`${home}/.cursor/mcp.json`);
    const { command, args, env: own } = JSON.parse(text).mcpServers["sudo-proxy"];

    await t.step(
      "the entry that was written starts the server, from a bare environment",
      async () => {
        // What clients of the desktop pass on: next to nothing, and a folder of a project.
        const words = [
          "runuser",
          "-u",
          user.name,
          "--",
          "/usr/bin/env",
          "-i",
          `--chdir=${home}`,
          `HOME=${home}`,
          ...Object.entries(own).map(([name, value]) => `${name}=${value}`),
          command,
          ...args,
        ];
        await using mcp = await McpSession.connect(words);
        const { tools } = await mcp.client.listTools();
        assertTrue(tools.some(({ name }) => name === "execute"));
        assertMatch((await mcp.call("status")).text, /No approval terminal is open/);

        await using terminal = await TmuxTerminal.open({
          command: [...login, `${home}/.local/bin/sudo-proxy`],
          user: user.name,
        });
        await terminal.shows("waiting on");
        const answer = mcp.call("execute", { argv: ["id", "-u"], description: "to see who runs" });
        await terminal.shows("Waiting for your key");
        await terminal.press("y");
        assertMatch((await answer).text, /^0$/m);

        const request = asUser([...login, `${home}/.local/bin/sudo-proxy`, "request", "id", "-u"]);
        await terminal.shows("Waiting for your key");
        await terminal.press("y");
        assertEquals((await request).stdout, "0\n");

        // A host that nobody set up needs nothing but a tunnel.
        const unknown = await mcp.call("execute", {
          host: "web1",
          argv: ["id"],
          description: "somewhere else",
        });
        assertMatch(unknown.text, /No tunnel to web1 is open. Call start_server with host "web1"/);
        const noted = await mcp.call("update_host", { host: "web1", os: "Debian 13" });
        assertTrue(!noted.isError, noted.text);
      },
    );

    await t.step("the installed MCP server runs from any environment, too", async () => {
      const words = ["runuser", "-u", user.name, "--", "/usr/bin/env", "-i", "PATH=/bin"];
      await using mcp = await McpSession.connect([
        ...words,
        `HOME=${home}`,
        `${home}/.local/bin/sudo-proxy-mcp`,
      ]);
      assertMatch((await mcp.call("status")).text, /No tunnel to web1 is open/);
    });
  },
});
