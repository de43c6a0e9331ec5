import { assertEquals, assertMatch } from "../rig/assert.ts";
import { execute, lacks } from "../rig/tools.ts";
import { CLIENT_PROGRAMS, lacksClient } from "../clients/installed.ts";
import { StubModel } from "../clients/stub_model.ts";
import { approveId, BuildFolder, Stopwatch } from "./newcomer.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const TOOL = "mcp__plugin_sudo-proxy_sudo-proxy__execute";

Deno.test({
  name: "the plugin of Claude Code is installed, and starts the server in PATH for the main job",
  ignore: lacksClient("claude") || lacks("root", "tmux", "npm"),
  async fn() {
    await using folder = await BuildFolder.make();
    await using model = StubModel.start({
      name: "execute",
      args: { argv: ["id"], description: "to see who runs" },
    });
    await folder.package("npm");
    const bin = `${folder.path}/packaging/npm/bin`;
    await Deno.mkdir(`${folder.path}/run`, { mode: 0o700 });
    const under = (words: readonly string[]) => [
      ...["env", "-i", "-C", folder.path, `HOME=${folder.path}`, "TERM=xterm-256color"],
      ...[`XDG_RUNTIME_DIR=${folder.path}/run`, "LANG=C.UTF-8"],
      `PATH=${bin}:/usr/local/bin:/usr/bin:/bin`,
      ...["ANTHROPIC_API_KEY=not-a-real-key", `ANTHROPIC_BASE_URL=${model.url}`],
      ...["CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1", "DISABLE_AUTOUPDATER=1"],
      // Otherwise it may ask the model before the server has told its tools.
      ...["ENABLE_TOOL_SEARCH=false", "MCP_CONNECTION_NONBLOCKING=false", "no_proxy=127.0.0.1"],
      // Nobody listens there: what is not on loopback can't be reached.
      ...["https_proxy=http://127.0.0.1:9", "http_proxy=http://127.0.0.1:9"],
      ...words,
    ];
    const claude = async (...args: string[]) => {
      const words = under([CLIENT_PROGRAMS.claude, ...args]);
      const { code, stdout, stderr } = await execute(words);
      assertEquals(code, 0, `${stderr}${stdout}`);
      return stdout;
    };
    assertMatch(await claude("plugin", "validate", ROOT), /Validation passed/);
    const watch = new Stopwatch("Claude Code plugin");
    await watch.run(async () => {
      await claude("plugin", "marketplace", "add", ROOT);
      await claude("plugin", "install", "sudo-proxy@sudo-proxy");
      await approveId(under(["sudo-proxy", "--prompt-timeout", "60"]), async () => {
        assertMatch(await claude("-p", "go", "--allowedTools", TOOL), /done/);
        return (await model.result).text;
      });
    });
    // The plugin is a few files; the command has come before.
    await watch.note(0);
    assertMatch(
      await claude("mcp", "list"),
      /plugin:sudo-proxy:sudo-proxy: sudo-proxy-mcp .*Connected/,
    );
  },
});
