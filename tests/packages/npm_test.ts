import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { lacks, succeed } from "../rig/tools.ts";
import server from "../../server.json" with { type: "json" };
import { namesIn } from "../../packaging/common.ts";
import { BuildFolder, Newcomer, Stopwatch } from "./newcomer.ts";

const FILE = "package/package.json";

Deno.test({
  name: "the npm package: npx runs setup from nothing, and an installed one does the main job",
  ignore: lacks("root", "tmux", "sudo", "runuser", "useradd", "npm", "npx"),
  async fn(t) {
    await using folder = await BuildFolder.make();
    await using newcomer = await Newcomer.make();
    const tarball = await folder.package("npm");
    const { home } = newcomer;

    await t.step("it depends on Deno alone, and says whose MCP server it is", async () => {
      const unpacked = `${folder.path}/unpacked`;
      await Deno.mkdir(unpacked);
      await succeed(["tar", "-xzf", tarball, "-C", unpacked]);
      const manifest = JSON.parse(await Deno.readTextFile(`${unpacked}/${FILE}`));
      assertEquals(Object.keys(manifest.dependencies), ["deno"]);
      assertEquals(manifest.mcpName, server.name);
      assertTrue((await Deno.readTextFile(`${unpacked}/package/README.md`)).includes(server.name));
      for (const name of namesIn(`${unpacked}/package/lib`)) {
        const text = await Deno.readTextFile(`${unpacked}/package/lib/${name}`);
        assertTrue(!/\b(from|import)\s*\(?"(npm|jsr|https?):/.test(text), `${name} fetches`);
      }
    });

    await t.step("npx runs setup with nothing but Node", async () => {
      await newcomer.run(["mkdir", `${home}/.cursor`]);
      const npx = ["npx", "--yes", `file:${tarball}`];
      const version = await newcomer.run([...npx, "--version"]);
      assertEquals(version.stdout, `${server.version}\n`, version.stderr);
      const setup = await newcomer.run([...npx, "setup", "--yes"]);
      assertEquals(setup.code, 0, setup.stderr);
      assertMatch(setup.stdout, /npm install --global @tarides\/sudo-proxy/);
      const entry = JSON.parse(await Deno.readTextFile(`${home}/.cursor/mcp.json`))
        .mcpServers["sudo-proxy"];
      assertEquals(entry.command, "/usr/bin/env");
      assertTrue(
        entry.args.includes("--block-signal=USR1") && entry.args.includes("--cached-only"),
      );
      assertEquals((await newcomer.run([`${home}/.local/bin/sudo-proxy`, "--version"])).code, 0);
      const undo = await newcomer.run([...npx, "setup", "--undo", "--yes"]);
      assertEquals(undo.code, 0, undo.stderr);
    });

    await t.step("an installed one does the main job, and setup leaves its commands", async () => {
      // With a prefix, npm would forget how this machine reaches its registry.
      const { stdout: file } = await newcomer.run(["npm", "config", "get", "globalconfig"]);
      const options = ["--silent", `--globalconfig=${file.trim()}`, `--prefix=${home}/.local`];
      const install = ["npm", "install", "--global", ...options];
      const command = `${home}/.local/bin/sudo-proxy`;
      const watch = new Stopwatch("npm package");
      await watch.run(async () => {
        const { code, stderr } = await newcomer.run([...install, tarball]);
        assertEquals(code, 0, stderr);
        const setup = await newcomer.run([command, "setup", "--yes"]);
        assertEquals(setup.code, 0, setup.stderr);
        await newcomer.mainJob([command]);
      });
      assertTrue((await Deno.lstat(command)).isSymlink);
      await watch.note(tarball);
    });

    await t.step("the command that starts it by hand is short", async () => {
      const server = `${home}/.local/bin/sudo-proxy-mcp`;
      await using session = await McpSession.connect(newcomer.words([server]));
      const { data } = await session.call("start_server");
      const bin = await Deno.realPath(`${home}/.local/bin/sudo-proxy`);
      assertMatch(data.command, new RegExp(`^${bin} --password each( |$)`));
    });

    await t.step("on another system it ends with one line, by a stand-in for uname", async () => {
      const folder = `${home}/other`;
      await newcomer.run(["mkdir", folder]);
      const uname = "#!/bin/sh\ncase $1 in -s) echo Darwin ;; *) echo Darwin arm64 ;; esac\n";
      await Deno.writeTextFile(`${folder}/uname`, uname, { mode: 0o755 });
      const { code, stdout, stderr } = await newcomer.run([
        ...["env", `PATH=${folder}:/usr/bin:/bin`, `${home}/.local/bin/sudo-proxy`, "--version"],
      ]);
      assertEquals([code, stdout], [1, ""]);
      assertEquals(
        stderr,
        "sudo-proxy: Cannot start: it needs Linux on x86_64 or aarch64, and this is Darwin arm64\n",
      );
    });
  },
});
