/**
 * The published module, from a server on loopback in the place of JSR, which can't be reached from
 * every machine. As `deno publish` does, it writes out what the import map of deno.json says. (Deno looks up the
 * module on its command line in no import map.)
 *
 * @module
 */
import config from "../../deno.json" with { type: "json" };
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";
import { approveId, BuildFolder, Stopwatch } from "./newcomer.ts";

const ROOT = new URL("../../", import.meta.url);
const IMPORTS: Readonly<Record<string, string>> = config.imports;

/** Gives a source as it is published: its packages with their versions. */
async function published({ url }: Request): Promise<Response> {
  const path = new URL(url).pathname.slice(1);
  const text = await Deno.readTextFile(new URL(path, ROOT)).catch(() => undefined);
  if (text === undefined) return new Response("", { status: 404 });
  const unfurled = text.replace(/(from |import\()"([^".][^"]*)"/g, (all, before, specifier) => {
    const name = Object.keys(IMPORTS).find((key) => `${specifier}/`.startsWith(`${key}/`));
    if (name === undefined) return all;
    return `${before}"${IMPORTS[name]}${specifier.slice(name.length)}"`;
  });
  const type = path.endsWith(".json") ? "application/json" : "application/typescript";
  return new Response(unfurled, { headers: { "content-type": type } });
}

/** The size of all that Deno keeps in a folder. */
async function fetchedBytes(folder: string): Promise<number> {
  const { stdout } = await execute(["env", "du", "-sb", folder]);
  return parseInt(stdout);
}

Deno.test({
  name:
    "the published module: its start says the commands, which do the main job; setup says why not",
  ignore: lacks("root", "tmux"),
  async fn(t) {
    await using folder = await BuildFolder.make();
    await using server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, published);
    const address = `http://127.0.0.1:${server.addr.port}`;
    const dir = `${folder.path}/deno-dir`;
    const exported: Readonly<Record<string, string>> = config.exports;
    // What JSR would find for "jsr:@tarides/sudo-proxy/NAME".
    const module = (name: string) => `${address}${exported[`./${name}`]?.slice(1)}`;
    await Deno.mkdir(dir);
    await Deno.mkdir(`${folder.path}/run`, { mode: 0o700 });
    const under = (words: readonly string[]) => [
      ...["env", "-C", folder.path, `DENO_DIR=${dir}`, `HOME=${folder.path}`],
      `XDG_RUNTIME_DIR=${folder.path}/run`,
      ...words,
    ];
    const loaded = ["--no-config", "--no-lock", "--allow-import=127.0.0.1"];
    const deno = async (...args: string[]): Promise<Execution> =>
      await execute(under([Deno.execPath(), ...args]));
    const start = async (...args: string[]) => {
      const grants = ["--no-prompt", "--allow-read", "--allow-env", "--allow-sys=uid"];
      return await deno("run", "--quiet", ...loaded, ...grants, module("start"), ...args);
    };

    const watch = new Stopwatch("module");

    await t.step("all of it can be fetched beforehand, and does the main job", async () => {
      await watch.run(async () => {
        const modules = ["mcp", "proxy", "start"].map(module);
        const { code, stderr } = await deno("cache", "--quiet", ...loaded, ...modules);
        assertEquals(code, 0, stderr);
        const printed = async (...args: string[]) => {
          const { stdout, stderr } = await start(...args);
          assertMatch(stdout, /--block-signal=USR1/, stderr);
          return under(["sh", "-c", `exec ${stdout}`]);
        };
        const request = await printed("request", "--reason", "to see who runs", "--", "id");
        await approveId(await printed(), async () => (await execute(request)).stdout);
      });
      await watch.note(await fetchedBytes(dir));
    });

    await t.step("without its grants, it says what prints the right command", async () => {
      const { code, stderr } = await deno("run", "--allow-run", ...loaded, module("mcp"));
      assertEquals(code, 1);
      assertMatch(
        stderr.replaceAll(/\s+/g, " "),
        /jsr:@tarides\/sudo-proxy\/start prints the command/,
      );
    });

    await t.step("the printed command starts the server, from the address alone", async () => {
      const { stdout, stderr } = await start("mcp");
      assertMatch(stdout, /--block-signal=USR1/, stderr);
      assertMatch(stdout, new RegExp(`--cached-only --no-config --allow-import=127.0.0.1:`));
      await server.shutdown();
      await using session = await McpSession.connect(under(["sh", "-c", `exec ${stdout}`]));
      const { tools } = await session.client.listTools();
      assertEquals(tools.some(({ name }) => name === "execute"), true);
      assertEquals((await session.call("status")).isError, false);
    });

    await t.step("other programs print their version, and setup says what to do", async () => {
      const version = await start("--version");
      const { stdout } = await execute(under(["sh", "-c", version.stdout]));
      assertEquals(stdout, `${config.version}\n`);
      const setup = await start("setup", "--yes");
      const { code, stderr } = await execute(under(["sh", "-c", setup.stdout]));
      assertEquals(code, 1);
      assertMatch(
        stderr.replaceAll(/\s+/g, " "),
        /Cannot set up: .*npx @tarides\/sudo-proxy setup/,
      );
    });
  },
});
