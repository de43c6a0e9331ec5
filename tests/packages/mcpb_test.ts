import { assertEquals, assertMatch } from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { BuildFolder, Newcomer, Stopwatch } from "./newcomer.ts";

Deno.test({
  name:
    "the MCP bundle: its own tool unpacks and checks it, and a newcomer does the main job with it",
  ignore: lacks("root", "tmux", "sudo", "runuser", "useradd", "node", "npm"),
  async fn(t) {
    await using folder = await BuildFolder.make();
    await using newcomer = await Newcomer.make();
    const bundle = await folder.package("mcpb");
    const unpacked = `${folder.path}/unpacked`;
    const mcpb = async (...args: string[]) => await folder.task("mcpb", ...args);
    const watch = new Stopwatch("MCP bundle");
    await watch.run(() => mcpb("unpack", bundle, unpacked));
    // A client unpacks it for its user, and may lose the mode of a file.
    await succeed(["chmod", "-R", "a-x,a+rX", unpacked]);
    await succeed(["chown", "-R", newcomer.user.name, unpacked]);

    await t.step("its manifest is valid", async () => {
      assertMatch(await mcpb("validate", `${unpacked}/manifest.json`), /schema validation passes/);
    });

    await t.step(
      "the server starts as the manifest says, with the tools that it names",
      async () => {
        const manifest = JSON.parse(await Deno.readTextFile(`${unpacked}/manifest.json`));
        const { command, args } = manifest.server.mcp_config;
        const words = [command, ...args].map((word) => word.replaceAll("${__dirname}", unpacked));
        const session = await watch.run(() => McpSession.connect(newcomer.words(words)));
        await using _ = session;
        const { tools } = await session.client.listTools();
        const names = (list: readonly { readonly name: string }[]) => list.map(({ name }) => name);
        assertEquals(names(manifest.tools), names(tools));
        assertEquals((await session.call("status")).isError, false);
        await watch.run(async () => {
          // There is no terminal that it could open: it names the command, and the person starts it.
          const { data } = await session.call("start_server");
          const command = `${unpacked}/bin/sudo-proxy`;
          const socket = `${newcomer.home}/run/sudo-proxy.sock`;
          assertEquals(data.command, `${command} --password each --socket=${socket}`);
          await newcomer.mainJobByMcp(session, data.command.split(" "));
        });
        await watch.note(bundle);
      },
    );
  },
});
