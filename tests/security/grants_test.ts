/**
 * What the programs may do is computed by this project's files alone, and nothing starts with more.
 *
 * @module
 */
import { makeProgram } from "../../lib/cli/program.ts";
import { ENTRY_POINTS, type EntryPoint } from "../../lib/grants.ts";
import { VALUE_OPTIONS } from "../../lib/start.ts";
import {
  assertEquals,
  assertMatch,
  assertNoMatch,
  assertTrue,
  at,
  atLeast,
} from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { execute, lacks, program, succeed } from "../rig/tools.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const WITHOUT_HOST = ENTRY_POINTS.filter((entry) => entry !== "host");

/** The addresses of the modules that an entry point loads; what it loads later left out or not. */
async function modulesOf(entry: string, withDynamic: boolean): Promise<string[]> {
  const info = JSON.parse(
    await succeed([Deno.execPath(), "info", "--json", `${PROJECT}${entry}`]),
  );
  interface Dependency {
    readonly isDynamic?: boolean;
    readonly specifier: string;
    readonly code?: { readonly specifier?: string };
  }
  const modules = new Map<string, readonly Dependency[]>(
    info.modules.map((module: { specifier: string; dependencies?: readonly Dependency[] }) => [
      module.specifier,
      module.dependencies ?? [],
    ]),
  );
  const reached = new Set<string>();
  const follow = (specifier: string): void => {
    if (reached.has(specifier)) return;
    reached.add(specifier);
    for (const { isDynamic, code } of modules.get(specifier) ?? []) {
      if (code?.specifier && (withDynamic || !isDynamic)) follow(code.specifier);
    }
  };
  for (const root of info.roots) follow(root);
  return [...reached];
}

Deno.test("no package is loaded by what computes grants, nor before a start is checked", async () => {
  const isForeign = (specifier: string) =>
    !specifier.startsWith(`file://${PROJECT}`) && !specifier.startsWith("node:");
  assertEquals((await modulesOf("main_permissions.ts", true)).filter(isForeign), []);
  for (const entry of ["main_proxy.ts", "main_mcp.ts", "main_binary.ts", "main_worker.ts"]) {
    assertEquals((await modulesOf(entry, false)).filter(isForeign), [], entry);
    assertTrue((await modulesOf(entry, true)).some(isForeign), `${entry} loads packages later`);
  }
});

Deno.test("every task starts the programs by lib/start.sh, and runs from the cache", async () => {
  const { tasks } = JSON.parse(await Deno.readTextFile(`${PROJECT}deno.json`));
  for (const [name, { command }] of Object.entries<{ command: string }>(tasks)) {
    assertNoMatch(command, /main_(?:proxy|mcp)\.ts permissions/, name);
    for (const [start] of command.matchAll(/deno (?:run|test|bench|compile)[^$&]*/g)) {
      assertMatch(start, /--cached-only/, name);
      assertNoMatch(start, /main_/, name);
    }
  }
});

Deno.test("no entry point starts with blanket grants", async (t) => {
  await using installation = await Installation.make();
  for (const entry of WITHOUT_HOST) {
    await t.step(entry, async () => {
      const words = installation.command(entry, ["--help"]);
      const start = words.indexOf("--no-prompt");
      assertEquals((await execute(words)).code, 0);
      for (
        const flag of ["run", "write", "write=/", "net", "env", "sys", "ffi"]
          .map((kind) => `--allow-${kind}`)
      ) {
        // A list beside a blanket grant is an error of Deno's own for most kinds.
        const [kind] = atLeast(1, flag.split("="));
        const others = words.filter((word, index) =>
          index < start || flag.includes("=") || !word.startsWith(kind)
        );
        const { code, stdout, stderr } = await execute([
          ...others.slice(0, start),
          flag,
          ...others.slice(start),
        ]);
        assertEquals([code, stdout], [1, ""], flag);
        assertTrue(
          stderr.startsWith(`sudo-proxy: Cannot start: it must not be started with `) &&
            stderr.includes(flag),
          `${flag}: ${stderr}`,
        );
      }
    });
  }
});

Deno.test("an import from the network fails under the flags of every entry point", async (t) => {
  await using installation = await Installation.make();
  const probe = `${installation.folder}/project/probe.ts`;
  await Deno.writeTextFile(
    probe,
    `
    const faults = [];
    for (const [index, address] of JSON.parse(Deno.args.at(-1)).entries()) {
      try { await import(address + ""); faults.push(address); }
      catch (error) { faults.push(error.message); }
    }
    console.log(JSON.stringify(faults));
  `,
  );
  const addresses = [
    "npm:left-pad@1.3.0",
    "jsr:@std/assert@1",
    "https://esm.sh/left-pad",
    "https://raw.githubusercontent.com/denoland/std/main/assert/mod.ts",
  ];
  // So that what is tried says so, and reaches nobody.
  const env = { NPM_CONFIG_REGISTRY: "http://127.0.0.1:9/", JSR_URL: "http://127.0.0.1:9/" };
  const faultsOf = async (entry: EntryPoint, isCachedOnly: boolean) => {
    const words = installation.command(entry, [], env)
      .map((word) => /\/main_\w+\.ts$/.test(word) ? probe : word)
      .filter((word) => isCachedOnly || word !== "--cached-only");
    const { stdout, stderr } = await execute([...words, JSON.stringify(addresses)]);
    assertEquals(stderr, "", entry);
    return JSON.parse(stdout) as string[];
  };
  for (const entry of WITHOUT_HOST) {
    await t.step(entry, async () => {
      for (const fault of await faultsOf(entry, true)) {
        assertMatch(fault, /not found in cache: .*--cached-only is specified/);
      }
    });
  }
  await t.step("without --cached-only they would connect", async () => {
    const [npm, jsr] = atLeast(2, await faultsOf("request", false));
    for (const fault of [npm, jsr]) assertNoMatch(fault, /cached-only/);
  });
});

Deno.test("the options that take a value are those of the command line", () => {
  const commander = makeProgram();
  const request = commander.commands.find((command) => command.name() === "request");
  const named = [...commander.options, ...(request?.options ?? [])]
    .filter(({ required, optional }) => required || optional)
    .flatMap(({ short, long }) => [short, long].filter((name) => name !== undefined));
  assertEquals([...VALUE_OPTIONS].sort(), [...new Set(named)].sort());
});

Deno.test("the installed command gives each subcommand its own grants, and a host's to its request", async (t) => {
  await using installation = await Installation.make();
  const { folder, home, runtime } = installation;
  assertEquals((await execute(installation.command("setup", ["--yes"]))).code, 0);
  const env = Object.entries(installation.env).map(([name, value]) => `${name}=${value}`);
  const run = (args: readonly string[]) =>
    execute(["/usr/bin/env", "-i", ...env, `${home}/.local/bin/sudo-proxy`, ...args]);
  // What was started says what it may do.
  await Deno.writeTextFile(
    `${folder}/project/main_proxy.ts`,
    `
    const may = (descriptor) => Deno.permissions.querySync(descriptor).state === "granted";
    console.log(JSON.stringify([
      may({ name: "run", command: "${program("sudo")}" }),
      may({ name: "read", path: "/etc/passwd" }),
      ...["", "-web1", "-web2"].map((host) =>
        may({ name: "net", host: "unix:${runtime}/sudo-proxy" + host + ".sock" })),
    ]));
  `,
  );
  //                                                sudo   files  own    web1   web2
  const cases: [string[], boolean[]][] = [
    [[], [true, true, true, false, false]],
    [["--password", "each"], [true, true, true, false, false]],
    [["--pkexec"], [false, true, true, false, false]],
    [["pkexec-cache", "--create"], [false, true, true, false, false]],
    [["request", "id"], [false, false, true, false, false]],
    [["request", "id", "--host", "web1"], [false, false, true, false, false]],
    [["request", "--host", "web1", "id"], [false, false, false, true, false]],
    [["request", "-r", "--host", "--host=web2", "--", "id"], [false, false, false, false, true]],
    [["audit", "verify"], [false, false, false, false, false]],
    [["hosts"], [false, false, false, false, false]],
    [["setup"], [false, true, false, false, false]],
    [["--host", "web1"], [false, false, false, true, false]],
    [["--login", "anna", "--host=web1"], [false, false, false, true, false]],
  ];
  for (const [args, expected] of cases) {
    await t.step(args.join(" "), async () => {
      const { stdout, stderr } = await run(args);
      assertEquals(stderr, "");
      assertEquals(JSON.parse(stdout), expected);
    });
  }
});

Deno.test({
  name: "request --host reaches the tunnel of a host from the installed command and from the task",
  ignore: lacks("root", "tmux"),
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { installation, socket } = daemon;
    assertEquals((await execute(installation.command("setup", ["--yes"]))).code, 0);
    // The local end of a tunnel is a socket.
    await Deno.symlink(socket, `${installation.runtime}/sudo-proxy-web1.sock`);
    const env = Object.entries(installation.env).map(([name, value]) => `${name}=${value}`);
    const project = `${installation.folder}/project`;
    for (
      const start of [
        [`${installation.home}/.local/bin/sudo-proxy`, "request"],
        [`${installation.folder}/deno`, "task", "-q", `--config=${project}/deno.json`, "request"],
      ]
    ) {
      await t.step(at(at(start, 0).split("/"), -1), async () => {
        const path = `PATH=${installation.folder}:/usr/bin:/bin`;
        const words = ["/usr/bin/env", "-i", ...env, path, ...start, "--host", "web1", "--", "id"];
        const answer = execute(words);
        await daemon.answer("n");
        assertMatch((await answer).stderr, /denied/i);
      });
    }
  },
});
