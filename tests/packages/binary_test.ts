import { assertEquals, assertMatch } from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { lacks } from "../rig/tools.ts";
import { compileStandIn, makeBundle, standInTools } from "../binary/standin.ts";
import { BuildFolder, Newcomer, Stopwatch } from "./newcomer.ts";

const needed = lacks("root", "tmux", "sudo", "runuser", "useradd");
const given = Deno.env.get("SUDO_PROXY_BINARY");
const tools = needed || given !== undefined ? undefined : await standInTools();

Deno.test({
  name: "one file: a newcomer copies it, and does the main job by the command line and by MCP",
  ignore: needed || given === undefined && tools === undefined,
  async fn() {
    await using folder = await BuildFolder.make();
    await using newcomer = await Newcomer.make();
    const file = tools === undefined
      ? given ?? ""
      : await compileStandIn(await makeBundle(`${folder.path}/bundle`), tools);
    const command = `${newcomer.home}/.local/bin/sudo-proxy`;
    const watch = new Stopwatch("one file");
    await watch.run(async () => {
      const { code, stderr } = await newcomer.run(["install", "-D", "--mode=755", file, command]);
      assertEquals(code, 0, stderr);
      await newcomer.mainJob([command]);
    });
    await watch.note(file);

    await newcomer.run(["mkdir", `${newcomer.home}/.cursor`]);
    const setup = await newcomer.run([command, "setup", "--yes"]);
    assertEquals([setup.code, setup.stderr], [0, ""]);
    const text = await Deno.readTextFile(`${newcomer.home}/.cursor/mcp.json`);
    const { command: program, args } = JSON.parse(text).mcpServers["sudo-proxy"];
    assertEquals([program, args], [command, ["mcp"]]);
    await using session = await McpSession.connect(newcomer.words([program, ...args]));
    const { data } = await session.call("start_server");
    assertMatch(data.command, /^sudo-proxy --password each/);
    const words = data.command.replace("sudo-proxy", command).split(" ");
    // The older runtime loses the first line.
    await newcomer.mainJobByMcp(session, words, tools === undefined ? [] : [""]);
  },
});
