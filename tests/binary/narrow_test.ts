/**
 * What the program can no longer do once it has narrowed itself, tried from inside: the probe has
 * another program behind the same start.
 *
 * @module
 */
import { ENTRY_POINTS } from "../../lib/grants.ts";
import { bakedFlags } from "../../lib/narrow.ts";
import { folderOf } from "../../lib/platform/paths.ts";
import { startOf } from "../../lib/start.ts";
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { eventually, execute, lacks, program } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const PROBE = Deno.env.get("SUDO_PROXY_PROBE") ?? "";
const ignore = lacks("root", "socat");

const IS_COMPILED = !PROBE.endsWith(".js");

/** The stand-in knows no text as a module. */
const TEXT = Deno.env.get("SUDO_PROXY_STANDIN") === "1" ? [] : ["import a file as text"];

/** What a compiled program lets through: its loader of modules asks for no permission. */
const IMPORTS = IS_COMPILED ? ["import a file", "import a file as JSON", ...TEXT] : [];

/** What a program may do that reads all files. */
const READS = [
  "read a file",
  "read a file by node:fs",
  "list the root",
  "read by a link",
  ...(IS_COMPILED ? [] : ["import a file", "import a file as JSON", ...TEXT]),
];

/** What is possible in each subcommand, beside using its own files. */
const POSSIBLE: readonly [args: readonly string[], possible: readonly string[]][] = [
  [["audit"], []],
  [["hosts"], []],
  [["request"], []],
  [["request", "--host", "web1"], []],
  [["pkexec-cache"], []],
  [["mcp"], ["see the machine's name"]],
  [["setup"], READS],
  [["permissions"], READS],
  [["complete"], READS],
  [["doctor"], ["start sudo"]],
  [["install", "web1"], ["see the machine's name", "start ssh"]],
  [["--host", "web1"], ["see the machine's name", "start ssh"]],
  [["--pkexec"], [...READS, "see the machine's name"]],
  [["try"], [...READS, "see the machine's name", "start sudo"]],
  [[], [...READS, "see the machine's name", "start sudo"]],
];

/** A folder with what is tried, and a server that would answer. */
async function makeBait(
  owner: number,
): Promise<{ folder: string; port: number } & AsyncDisposable> {
  const folder = await Deno.makeTempDir({ prefix: "sudo-proxy-bait-" });
  await Deno.writeTextFile(`${folder}/secret`, "secret\n");
  await Deno.writeTextFile(`${folder}/secret.json`, "1\n");
  await Deno.writeTextFile(`${folder}/evil.js`, "export default 1;\n");
  await Deno.symlink("/etc/hostname", `${folder}/link`);
  for (const name of ["", "secret", "secret.json", "evil.js"]) {
    await Deno.chown(`${folder}/${name}`, owner, owner);
  }
  const port = 20_000 + Math.floor(Math.random() * 12_000);
  const server = new Deno.Command(program("socat"), {
    args: [`TCP-LISTEN:${port},bind=127.0.0.1,fork,reuseaddr`, "SYSTEM:cat"],
  }).spawn();
  await eventually(
    "the server",
    async () => (await execute(["socat", "-u", "/dev/null", `TCP:127.0.0.1:${port}`])).code === 0,
  );
  return {
    folder,
    port,
    async [Symbol.asyncDispose]() {
      server.kill();
      await server.status;
      await Deno.remove(folder, { recursive: true });
    },
  };
}

/** The command line of the probe as a user, with these variables and no others. */
function probe(user: string, env: Record<string, string>, args: readonly string[]): string[] {
  const variables = Object.entries({
    PATH: "/usr/bin:/bin",
    SECRET: "secret",
    DENO_DIR: "/nowhere",
    ...env,
  })
    .map(([name, value]) => `${name}=${value}`);
  const start = PROBE.endsWith(".js")
    ? [Deno.execPath(), "run", "--quiet", "--no-config", ...bakedFlags(), PROBE]
    : [PROBE];
  const exact = ["env", "-i", "--block-signal=USR1", ...variables, ...start, ...args];
  return user === "root" ? exact : ["runuser", "-u", user, "--", ...exact];
}

async function possible(words: readonly string[]): Promise<string[]> {
  const { stdout, stderr, code } = await execute(words);
  assertEquals([code, stderr], [0, ""]);
  return JSON.parse(stdout);
}

Deno.test({
  name: "no subcommand can do more than its grants, for any account",
  ignore,
  async fn(t) {
    await using anna = await OrdinaryUser.make("none");
    await using otto = await OrdinaryUser.make("none");
    const runtime = await Deno.makeTempDir({ prefix: "sudo-proxy-elsewhere-" });
    await Deno.chown(runtime, otto.uid, otto.uid);
    const accounts: readonly { name: string; uid: number; env: Record<string, string> }[] = [
      { name: "root", uid: 0, env: { HOME: "/root" } },
      { name: anna.name, uid: anna.uid, env: { HOME: `/home/${anna.name}` } },
      { name: otto.name, uid: otto.uid, env: { HOME: "/", XDG_RUNTIME_DIR: runtime } },
      { name: anna.name, uid: anna.uid, env: {} },
    ];
    for (const { name, uid, env } of accounts) {
      const what = `${uid === 0 ? "root" : "a user"}, ${JSON.stringify(Object.keys(env))}`;
      await t.step(what, async (t) => {
        await using bait = await makeBait(uid);
        for (const [args, expected] of POSSIBLE) {
          await t.step(args.join(" ") || "the daemon", async () => {
            const words = probe(name, env, [...args, "--", bait.folder, String(bait.port)]);
            assertEquals((await possible(words)).sort(), [...expected, ...IMPORTS].sort());
          });
        }
      });
    }
    await Deno.remove(runtime, { recursive: true });
  },
});

Deno.test("every subcommand is tried, and docs/security/compiled.md says what can still be done in it", async () => {
  const tried = new Set(POSSIBLE.map(([args]) => startOf(args).entry));
  assertEquals([...tried].sort(), [...ENTRY_POINTS].sort());
  const page = await Deno.readTextFile(new URL("../../docs/security/compiled.md", import.meta.url));
  const rows = [...page.matchAll(/^\| ([^|]*?) +\|/gm)].map(([, first]) => first).join();
  for (const entry of ENTRY_POINTS) {
    const name = { proxy: "the daemon", host: "`--host`", pkexec: "`--pkexec`" }[entry as string];
    assertTrue(rows.includes(name ?? `\`${entry}\``), entry);
  }
});

Deno.test({
  name: "no package is in what the bundle loads before it has looked at its permissions",
  ignore: IS_COMPILED,
  async fn() {
    const folder = folderOf(Deno.env.get("SUDO_PROXY_BINARY") ?? "");
    for (const entry of ["binary", "worker", "permissions", "proxy", "mcp"]) {
      const todo = [`${folder}/main_${entry}.js`];
      const loaded = new Set<string>();
      for (let path = todo.pop(); path !== undefined; path = todo.pop()) {
        if (loaded.has(path)) continue;
        loaded.add(path);
        const text = await Deno.readTextFile(path);
        // What packages say of themselves, and none of our files does.
        assertNoMatch(text, /ZodError|CommanderError|McpError/);
        // Deno loads it for packages that want `require`, at each start.
        assertNoMatch(text, /node:module/);
        // What Commander would load.
        assertNoMatch(text, /from"node:(?:child_process|fs|path)"/);
        for (const [, name] of text.matchAll(/(?:from|import)"\.\/([^"]+)"/g)) {
          todo.push(`${folderOf(path)}/${name}`);
        }
      }
      if (entry !== "permissions") assertTrue(loaded.size > 3, [...loaded].join(" "));
    }
  },
});

Deno.test({
  name: "what begins as blanket grants would all be possible: the probe finds what there is",
  ignore: ignore || !PROBE.endsWith(".js"),
  async fn() {
    await using bait = await makeBait(0);
    const file = `file://${
      folderOf(folderOf(import.meta.url.slice("file://".length)))
    }/binary/probe.ts`;
    const script = `import { runProxy } from "${file}"; await runProxy(Deno.args);`;
    const path = `${bait.folder}/all.ts`;
    await Deno.writeTextFile(path, script);
    const found = await possible([
      // What it may write is below the bait.
      ...[
        "env",
        "SECRET=1",
        `XDG_STATE_HOME=${bait.folder}`,
        Deno.execPath(),
        "run",
        "--quiet",
        "--no-config",
        "-A",
      ],
      ...["--cached-only", "--unstable-worker-options", path, "--", bait.folder, String(bait.port)],
    ]);
    // One of each class of permissions.
    const classes = ["read a file", "write a file", "connect", "listen", "start id"]
      .concat("see a variable", "see the machine's name", "load a library", "import a file")
      .concat("make a greater worker", "make a link", "link a file to one's own");
    for (const name of classes) {
      assertTrue(found.includes(name), `${name}: ${found.join(", ")}`);
    }
    assertTrue(found.length > 25, String(found.length));
  },
});

Deno.test({
  name: "a start that can't know its grants ends before anything runs",
  ignore,
  async fn() {
    const words = probe("root", { XDG_RUNTIME_DIR: "elsewhere" }, ["request", "--", "/", "54321"]);
    const { code, stdout, stderr } = await execute(words);
    assertEquals([code, stdout], [125, ""]);
    assertMatch(stderr, /Cannot use XDG_RUNTIME_DIR "elsewhere": it must be an absolute path/);
  },
});
