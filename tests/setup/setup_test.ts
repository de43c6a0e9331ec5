/**
 * `sudo-proxy setup` with exactly its grants, in a home of its own.
 *
 * @module
 */
import { parse } from "smol-toml";
import { tunnelSockets } from "../../lib/platform/paths.ts";
import { CLIENTS } from "../../lib/setup/clients.ts";
import { entryIn } from "../../lib/setup/config_text.ts";
import {
  assertEquals,
  assertMatch,
  assertNoMatch,
  assertTrue,
  at,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { McpSession } from "../rig/mcp.ts";
import { Installation } from "../rig/installation.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";
import { filesBelow, putFile, putSamples, sampleBytes, SAMPLES, startOf } from "./samples.ts";

const NO_CLIENTS = /No MCP client was found/;

function setup(
  installation: Installation,
  args: readonly string[],
  env: Record<string, string> = {},
): Promise<Execution> {
  return execute(installation.command("setup", args, env));
}

/** The entry that a client would start. */
function entryOf(name: string, text: string): Record<string, unknown> {
  const entry = entryIn(text, defined(CLIENTS.find((client) => client.name === name)));
  assertTrue(entry, `${name} has no entry`);
  return entry;
}

/** The program and the arguments of that entry. */
function startIn(name: string, text: string): { command: string; args: string[] } {
  return startOf(defined(CLIENTS.find((client) => client.name === name)), entryOf(name, text));
}

const read = (path: string) => Deno.readTextFileSync(path);
const bytes = (path: string) => Deno.readFileSync(path);
const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name);

Deno.test("setup writes every client's file once, keeps the old one, and undoes it byte by byte", async (t) => {
  await using installation = await Installation.make();
  const paths = await putSamples(installation);
  await Deno.chmod(defined(paths["claude-code"]), 0o600);
  await Deno.chmod(defined(paths["zed"]), 0o640);
  const original = filesBelow(installation.home);

  await t.step("the first run writes the commands and every entry", async () => {
    const { code, stdout, stderr } = await setup(installation, ["--yes"]);
    assertEquals([code, stderr], [0, ""]);
    for (const [name, path] of Object.entries(paths)) {
      const { command, args } = startIn(name, read(path));
      assertEquals(command, "/usr/bin/env");
      assertEquals(args.slice(0, 4), [
        "--block-signal=USR1",
        "--unset=NODE_OPTIONS",
        "--unset=OTEL_DENO",
        `${installation.folder}/deno`,
      ]);
      assertTrue(args.includes("--cached-only"), name);
      assertTrue(args.includes("--no-prompt"), name);
      assertTrue(args.includes(`--config=${installation.folder}/project/deno.json`), name);
      assertEquals(args.at(-1), `${installation.folder}/project/main_mcp.ts`);
      assertMatch(stdout, new RegExp(`^Written: ${RegExp.escape(path)}$`, "m"));
      assertEquals(bytes(`${path}.before-sudo-proxy`), sampleBytes(name));
    }
    for (const command of ["sudo-proxy", "sudo-proxy-mcp"]) {
      const { mode } = await Deno.stat(`${installation.home}/.local/bin/${command}`);
      assertEquals(defined(mode) & 0o777, 0o755);
    }
    for (const [name, mode] of [["claude-code", 0o600], ["zed", 0o640]] as const) {
      const path = defined(paths[name]);
      assertEquals(defined((await Deno.stat(path)).mode) & 0o777, mode);
      assertEquals(defined((await Deno.stat(`${path}.before-sudo-proxy`)).mode) & 0o777, mode);
    }
  });

  await t.step("the entries are in the form of each client", () => {
    assertEquals(entryOf("claude-code", read(defined(paths["claude-code"])))["type"], "stdio");
    assertEquals(entryOf("vscode", read(defined(paths["vscode"])))["type"], "stdio");
    for (const name of ["zed", "cline", "goose"]) {
      assertEquals(entryOf(name, read(defined(paths[name])))["timeout"], 720, name);
    }
    for (const name of ["claude-code", "gemini", "opencode", "copilot", "qwen"]) {
      assertEquals(entryOf(name, read(defined(paths[name])))["timeout"], 720_000, name);
    }
    assertEquals(entryOf("copilot", read(defined(paths["copilot"])))["tools"], ["*"]);
    assertEquals(entryOf("goose", read(defined(paths["goose"])))["name"], "sudo-proxy");
    const { mcp_servers } = parse(read(defined(paths["codex"])));
    const codex = defined((mcp_servers as Record<string, Record<string, unknown>>)["sudo-proxy"]);
    assertEquals(codex["tool_timeout_sec"], 720);
    // Nothing else is called without Codex's own question.
    assertEquals(entryOf("codex", read(defined(paths["codex"])))["tools"], {
      execute: { approval_mode: "approve" },
    });
    assertEquals(codex["default_tools_approval_mode"], undefined);
    assertTrue((codex["env_vars"] as string[]).includes("WAYLAND_DISPLAY"));
    // The one of a single project is the person's own business.
    assertMatch(read(defined(paths["claude-code"])), /"command": "\/opt\/another\/sudo-proxy-mcp"/);
  });

  await t.step("a second run changes nothing", async () => {
    const before = filesBelow(installation.home);
    const { code, stdout } = await setup(installation, ["--yes"]);
    assertEquals(code, 0);
    assertMatch(stdout, /^Nothing to change\.$/m);
    assertNoMatch(stdout, /^Written/m);
    assertEquals(filesBelow(installation.home), before);
  });

  await t.step("a second run that changes the entries keeps the first copies", async () => {
    const again = await setup(installation, ["--yes", "--no-terminal"]);
    assertEquals([again.code, again.stderr], [0, ""], again.stdout);
    for (const [name, path] of Object.entries(paths)) {
      const { args } = startIn(name, read(path));
      assertTrue(!args.some((arg) => arg.startsWith("--allow-run=")), name);
      const net = defined(args.find((arg) => arg.startsWith("--allow-net=")));
      for (const socket of [installation.socket, ...tunnelSockets(installation.runtime)]) {
        assertTrue(net.split(/[=,]/).includes(`unix:${socket}`), name);
      }
      assertEquals(bytes(`${path}.before-sudo-proxy`), sampleBytes(name));
    }
  });

  await t.step("undo gives every byte back, and takes the commands and copies away", async () => {
    const { code, stdout } = await setup(installation, ["--undo", "--yes"]);
    assertEquals(code, 0, stdout);
    assertEquals(filesBelow(installation.home), original);
    const again = await setup(installation, ["--undo", "--yes"]);
    assertMatch(again.stdout, /^Nothing to change\.$/m);
  });
});

Deno.test("undo takes only the entry out of a file that its client has changed meanwhile", async () => {
  await using installation = await Installation.make();
  const paths = await putSamples(installation);
  await setup(installation, ["--yes"]);
  for (const [name, path] of Object.entries(paths)) {
    const changed = name === "codex"
      ? `${read(path)}\n[new]\nx = 1\n`
      : /yaml$/.test(path)
      ? `new: 1\n${read(path)}`
      : read(path).replace("{", '{ "new": 1,');
    await Deno.writeTextFile(path, changed);
  }
  assertEquals((await setup(installation, ["--undo", "--yes"])).code, 0);
  for (const [name, path] of Object.entries(paths)) {
    const client = defined(CLIENTS.find((client) => client.name === name));
    assertEquals(entryIn(read(path), client), undefined);
    assertMatch(read(path), name === "codex" ? /^\[new\]$/m : /^new: 1$|"new": 1/m);
    assertEquals(await exists(`${path}.before-sudo-proxy`), false);
  }
  const original = new TextDecoder("utf-8", { ignoreBOM: true });
  const zed = original.decode(sampleBytes("zed")).replace("{", '{ "new": 1,');
  assertEquals(read(defined(paths["zed"])), zed);
});

Deno.test("a file that setup made, and changed again, goes by undo; one that was empty stays", async () => {
  await using installation = await Installation.make();
  const { home } = installation;
  for (const folder of [".gemini", ".codex", ".codeium/windsurf"]) {
    await Deno.mkdir(`${home}/${folder}`, { recursive: true });
  }
  const empty = await putFile(installation, ".cursor/mcp.json", "");
  const braces = await putFile(installation, ".config/zed/settings.json", "{}");
  assertEquals((await setup(installation, ["--yes"])).code, 0);
  assertEquals((await setup(installation, ["--yes", "--no-terminal"])).code, 0);
  for (const path of [".gemini/settings.json", ".codex/config.toml", ".cursor/mcp.json"]) {
    assertNoMatch(read(`${home}/${path}`), /--allow-run/);
  }
  assertEquals((await setup(installation, ["--undo", "--yes"])).code, 0);
  const left = Object.keys(filesBelow(home)).sort();
  assertEquals([left, read(empty), read(braces)], [[braces, empty].sort(), "", "{}"]);
});

Deno.test("an entry that was there before setup comes back", async () => {
  await using installation = await Installation.make();
  const text = '{"mcpServers": {"sudo-proxy": {"command": "sudo-proxy-mcp", "args": []}}}\n';
  const path = await putFile(installation, ".cursor/mcp.json", text);
  await setup(installation, ["--yes"]);
  assertEquals(entryOf("cursor", read(path))["command"], "/usr/bin/env");
  await Deno.writeTextFile(path, read(path).replace("{", '{"new": 1, '));
  assertEquals((await setup(installation, ["--undo", "--yes"])).code, 0);
  assertEquals(entryOf("cursor", read(path)), { command: "sudo-proxy-mcp", args: [] });
});

Deno.test("a file that can't be changed safely is reported and left alone, and the others are written", async () => {
  await using installation = await Installation.make();
  const { home } = installation;
  const broken: Record<string, [place: string, contents: string | Uint8Array, words: RegExp]> = {
    "not JSON": [".claude.json", '{ "mcpServers": { } ', /can't be parsed: .*line 1/],
    "comments where none are allowed": [
      ".config/Claude/claude_desktop_config.json",
      "{} // x\n",
      /can't be parsed/,
    ],
    "a list of servers": [".cursor/mcp.json", '{"mcpServers": []}', /must have an object as/],
    "a text as the entry": [
      ".config/Code/User/mcp.json",
      '{"servers": {"sudo-proxy": "x"}}',
      /must have an object as "servers\.sudo-proxy"/,
    ],
    "servers in one line of TOML": [
      ".codex/config.toml",
      'mcp_servers = { a = { command = "x" } }\n',
      /can't be/,
    ],
    "not UTF-8": [".gemini/settings.json", new Uint8Array([0x7b, 0xff, 0x7d]), /is not UTF-8/],
  };
  for (const [place, contents] of Object.values(broken)) {
    await putFile(installation, place, contents);
  }
  await putFile(installation, ".config/zed/settings.json", "{}\n");
  await Deno.mkdir(`${home}/.codeium/windsurf`, { recursive: true });
  await Deno.mkdir(`${home}/.codeium/windsurf/mcp_config.json`);
  const before = filesBelow(home);

  const { code, stdout } = await setup(installation, ["--yes"]);
  assertEquals(code, 1);
  const after = filesBelow(home);
  for (const [what, [place, , words]] of Object.entries(broken)) {
    const line = stdout.split("\n").find((line) =>
      line.startsWith(`Left alone: ${home}/${place} `)
    );
    assertMatch(line ?? "", words, what);
    assertEquals(after[`${home}/${place}`], before[`${home}/${place}`], what);
  }
  assertMatch(stdout, /windsurf\/mcp_config\.json is not a file/);
  entryOf("zed", read(`${home}/.config/zed/settings.json`));
  const made = Object.keys(after).filter((path) => !(path in before)).sort();
  assertEquals(made, [
    `${home}/.config/zed/settings.json.before-sudo-proxy`,
    `${home}/.local/bin/sudo-proxy`,
    `${home}/.local/bin/sudo-proxy-mcp`,
  ]);
});

Deno.test("a file behind a link is changed there, and the link stays", async () => {
  await using installation = await Installation.make();
  const { home } = installation;
  const target = await putFile(installation, "dotfiles/cursor.json", sampleBytes("cursor"));
  await Deno.mkdir(`${home}/.cursor`);
  await Deno.symlink("../dotfiles/cursor.json", `${home}/.cursor/mcp.json`);
  assertEquals((await setup(installation, ["--yes"])).code, 0);
  entryOf("cursor", read(target));
  assertTrue((await Deno.lstat(`${home}/.cursor/mcp.json`)).isSymlink);
  assertEquals(names(`${home}/dotfiles`), ["cursor.json"]);
  assertEquals((await setup(installation, ["--undo", "--yes"])).code, 0);
  assertEquals(bytes(target), sampleBytes("cursor"));
});

Deno.test({
  name: "what belongs to somebody else, or lies where anybody can write, is left alone",
  ignore: lacks("root"),
  async fn() {
    await using installation = await Installation.make();
    const { home } = installation;
    const theirs = await putFile(installation, ".cursor/mcp.json", "{}");
    await Deno.chown(theirs, 65534, 65534);
    const open = await putFile(installation, ".gemini/settings.json", "{}");
    await Deno.chmod(`${home}/.gemini`, 0o777);
    const far = `${installation.folder}/far.json`;
    await Deno.writeTextFile(far, "{}");
    await Deno.chown(far, 65534, 65534);
    await Deno.mkdir(`${home}/.config/zed`, { recursive: true });
    await Deno.symlink(far, `${home}/.config/zed/settings.json`);
    await Deno.mkdir(`${home}/.config/Code/User`, { recursive: true });
    await Deno.symlink("/nowhere/mcp.json", `${home}/.config/Code/User/mcp.json`);
    await Deno.mkdir(`${home}/.codeium/windsurf`, { recursive: true });
    await Deno.chown(`${home}/.codeium/windsurf`, 65534, 65534);
    const { code, stdout } = await setup(installation, ["--yes"]);
    assertEquals(code, 1);
    assertMatch(stdout, /\.cursor\/mcp\.json belongs to the user with the id 65534/);
    assertMatch(stdout, /\.gemini\/settings\.json is in .*, where every user can write/);
    assertMatch(
      stdout,
      /settings\.json leads to .*far\.json, which belongs to the user with the id/,
    );
    assertMatch(stdout, /mcp\.json is a link that leads nowhere/);
    assertMatch(
      stdout,
      /windsurf\/mcp_config\.json is in .*, which belongs to the user with the id/,
    );
    for (const path of [theirs, open, far]) assertEquals(read(path), "{}");

    // As after "sudo -E": nothing is made in a home that is not the caller's.
    await Deno.remove(`${home}/.local`, { recursive: true });
    await Deno.chown(home, 65534, 65534);
    const elsewhere = await setup(installation, ["--yes"]);
    assertMatch(
      elsewhere.stdout,
      /bin\/sudo-proxy is in .*, which belongs to the user with the id/,
    );
    assertEquals(await exists(`${home}/.local`), false);
  },
});

Deno.test({
  name: "what a file holds can neither move the cursor nor hide on the terminal",
  async fn() {
    await using installation = await Installation.make();
    const text = '{\n\t"a": "\u202eevil\u200b",\n\t"b": 1 // \u001b[2J\u0007\n}\n';
    await putFile(installation, ".cursor/mcp.json", text);
    const { stdout } = await setup(installation, []);
    assertMatch(stdout, /"a": "\\u\{202e\}evil\\u\{200b\}"/);
    assertMatch(stdout, /"b": 1, \/\/ \\u\{1b\}\[2J\\u\{7\}/);
    // deno-lint-ignore no-control-regex
    assertNoMatch(stdout, /[\x00-\x09\x0b-\x1f\u202e\u200b]/);
  },
});

Deno.test("a command that setup did not write is left alone, by setup and by undo", async () => {
  await using installation = await Installation.make();
  const path = await putFile(installation, ".local/bin/sudo-proxy", "#!/bin/sh\necho mine\n");
  const { code, stdout } = await setup(installation, ["--yes"]);
  assertEquals(code, 1);
  assertMatch(stdout, /sudo-proxy was not written by setup, and is left alone: move it away/);
  await setup(installation, ["--undo", "--yes"]);
  assertEquals(read(path), "#!/bin/sh\necho mine\n");
});

Deno.test("a project's own files are never touched, whatever folder setup is started in", async () => {
  await using installation = await Installation.make();
  const project = `${installation.home}/project`;
  for (const place of [".mcp.json", ".vscode/mcp.json", ".cursor/mcp.json", ".codex/config.toml"]) {
    await putFile(installation, `project/${place}`, "");
  }
  const before = filesBelow(project);
  const [env, ...words] = atLeast(1, installation.command("setup", ["--yes"]));
  const { code } = await new Deno.Command(env, { args: words, cwd: project }).output();
  assertEquals(code, 0);
  assertEquals(filesBelow(project), before);
});

Deno.test("without a terminal setup changes nothing unless --yes is given", async () => {
  await using installation = await Installation.make();
  const path = await putFile(installation, ".cursor/mcp.json", "{}");
  const { code, stdout, stderr } = await setup(installation, []);
  assertEquals(code, 1);
  assertMatch(stdout, /^\+ .*"sudo-proxy": \{$/m);
  assertMatch(stderr, /Nothing was changed: there is no terminal to ask at\. --yes makes these/);
  assertEquals(Object.keys(filesBelow(installation.home)), [path]);
});

Deno.test("--client sets up one client, and --print prints its entry alone", async () => {
  await using installation = await Installation.make();
  const paths = await putSamples(installation);
  await setup(installation, ["--yes", "--client", "zed", "--client", "cursor"]);
  const changed = Object.entries(paths)
    .filter(([name, path]) =>
      read(path) !== new TextDecoder("utf-8", { ignoreBOM: true })
        .decode(sampleBytes(name))
    )
    .map(([name]) => name);
  assertEquals(changed.sort(), ["cursor", "zed"]);

  const before = filesBelow(installation.home);
  for (const name of Object.keys(SAMPLES)) {
    const { code, stdout, stderr } = await setup(installation, ["--print", "--client", name]);
    assertEquals([code, stderr], [0, ""]);
    assertEquals(startIn(name, stdout).command, "/usr/bin/env", name);
    // JSON can be read by anything; the others look as they do in their files.
    const first = { codex: /^\[mcp_servers\.sudo-proxy\]$/m, goose: /^extensions:$/m };
    const looks = Object.entries(first).find(([client]) => client === name)?.[1];
    if (looks) assertMatch(stdout, looks);
    else if (name !== "continue") assertEquals(Object.keys(JSON.parse(stdout)).length, 1);
  }
  const { stdout } = await setup(installation, ["--print"]);
  assertEquals(Object.keys(JSON.parse(stdout)), ["mcpServers"]);
  const alone = await setup(installation, ["--print", "--no-terminal"]);
  assertNoMatch(alone.stdout, /--allow-run/);
  assertEquals(filesBelow(installation.home), before);

  const undone = await setup(installation, ["--undo", "--yes", "--client", "zed"]);
  assertEquals(undone.code, 0);
  assertEquals(bytes(defined(paths["zed"])), sampleBytes("zed"));
  entryOf("cursor", read(defined(paths["cursor"])));
  assertTrue(await exists(`${installation.home}/.local/bin/sudo-proxy`));
});

Deno.test("setup says what it can't do, and does nothing then", async () => {
  await using installation = await Installation.make();
  const faults: [args: string[], env: Record<string, string>, words: RegExp][] = [
    [["--yes"], { HOME: "" }, /HOME must be set/],
    [["--yes"], { HOME: "relative" }, /HOME must be set, to an absolute path/],
    [["--yes"], { HOME: "/" }, /HOME must be set, to an absolute path other than \//],
  ];
  for (const [args, env, words] of faults) {
    const { code, stdout, stderr } = await setup(installation, args, env);
    assertEquals([code, stdout], [1, ""], args.join(" "));
    assertMatch(stderr, words);
  }
  assertEquals(filesBelow(installation.home), {});
  const { stdout } = await setup(installation, ["--yes"]);
  assertMatch(stdout, NO_CLIENTS);
  assertEquals(stdout.match(/no MCP client/gi)?.length, 1, stdout);
});

Deno.test("a client that is not known gets one line to paste, which starts the server", async () => {
  await using installation = await Installation.make();
  await putFile(installation, ".cursor/mcp.json", "{}");
  const line =
    `{"mcpServers":{"sudo-proxy":{"command":"${installation.home}/.local/bin/sudo-proxy-mcp","args":[]}}}`;
  const printed = await setup(installation, ["--print", "--client", "emacs"]);
  assertEquals([printed.code, printed.stdout, printed.stderr], [0, `${line}\n`, ""]);
  const { code, stdout } = await setup(installation, ["--yes", "--client", "emacs"]);
  // What was asked for is not done before the person has pasted the line.
  assertEquals(code, 1);
  assertMatch(stdout, /^Setup does not know emacs\. It knows claude-code, .*, amp\.$/m);
  assertTrue(stdout.split("\n").includes(line), stdout);
  assertEquals(read(`${installation.home}/.cursor/mcp.json`), "{}");

  const { command } = JSON.parse(line).mcpServers["sudo-proxy"];
  await using mcp = await McpSession.connect(["/usr/bin/env", "-i", "PATH=/bin", command]);
  const { tools } = await mcp.client.listTools();
  assertTrue(tools.some(({ name }) => name === "execute"));
});

Deno.test("setup says that a Deno in a cache of npx may vanish", async () => {
  await using installation = await Installation.make();
  const folder = `${installation.home}/.npm/_npx/3f1/node_modules/@deno/linux-x64-glibc`;
  await Deno.mkdir(folder, { recursive: true });
  await Deno.rename(`${installation.folder}/deno`, `${folder}/deno`);
  const words = installation.command("setup", ["--yes"]).map((word) =>
    word === `${installation.folder}/deno` ? `${folder}/deno` : word
  );
  const { code, stdout } = await execute(words);
  assertEquals(code, 0);
  assertMatch(stdout, /^Note +Deno runs from a cache of npx, which npm may empty\. Install it/m);
  await Deno.rename(`${folder}/deno`, `${installation.folder}/deno`);
  assertNoMatch((await setup(installation, ["--yes"])).stdout, /npx/);
});

Deno.test("setup sums up in five lines, and shows the rest without long lists of grants", async () => {
  await using installation = await Installation.make();
  await putSamples(installation);
  const { stdout } = await setup(installation, []);
  const summary = stdout.split("\n").slice(0, 5);
  const labels = ["Found", "To write", "Grants", "Time limit", "Who asks"];
  assertEquals(summary.map((line) => line.slice(0, 12).trim()), labels);
  for (const { title } of CLIENTS) assertTrue(at(summary, 0).includes(title), title);
  assertMatch(at(summary, 1), /sudo-proxy, sudo-proxy-mcp in .*; an entry for each$/);
  assertMatch(at(summary, 2), /\d+ for the MCP server \(--print shows them\)$/);
  assertMatch(at(summary, 3), /720 s for an answer; none to set in .*Cursor, .*, Amp$/);
  assertMatch(
    at(summary, 4),
    /your client, but not Codex CLI \(execute\), opencode, Cline CLI, Goose, Amp$/,
  );
  assertMatch(stdout, /^\+ .*"--allow-read=… \(\d+\)",$/m);
  const printed = await setup(installation, ["--print"]);
  assertMatch(printed.stdout, /"--allow-read=\/[^"…]{120,}"/);
});

Deno.test("blanks in the way are quoted, and a comma is refused", async () => {
  await using installation = await Installation.make();
  const home = `${installation.home}/two words 'and $(more)'`;
  await Deno.mkdir(`${home}/.cursor`, { recursive: true });
  const env = { HOME: home, DENO_DIR: defined(installation.env["DENO_DIR"]) };
  assertEquals((await setup(installation, ["--yes"], env)).code, 0);
  const { args } = entryOf("cursor", read(`${home}/.cursor/mcp.json`)) as { args: string[] };
  assertTrue(args.some((arg) => arg.includes(`${home}/.config/sudo-proxy/hosts.json,`)));
  const [envProgram, ...words] = atLeast(1, installation.command("proxy", [], env));
  const own = words.slice(0, words.findIndex((word) => word.startsWith("/")));
  const script = `${home}/.local/bin/sudo-proxy`;
  const { code, stderr } = await execute([envProgram, ...own, script, "permissions", "request"]);
  assertEquals([code, stderr], [0, ""]);

  const printed = await execute(installation.command("permissions", ["permissions", "mcp"], env));
  assertMatch(printed.stderr, /Cannot print the flag "--allow-.*two words.*": it has a blank/);
  assertEquals([printed.code, printed.stdout], [1, ""]);

  const comma = { HOME: `${installation.home}/a,b` };
  const refused = await execute(
    installation.command("permissions", ["permissions", "setup"], comma),
  );
  assertEquals(refused.code, 1);
  assertMatch(refused.stderr, /Cannot grant ".*a,b.*": commas have a meaning/);
});

Deno.test("the entry names Deno by a link that outlives updates, where there is one", async () => {
  await using installation = await Installation.make();
  const link = `${installation.home}/.deno/bin/deno`;
  await Deno.mkdir(`${installation.home}/.deno/bin`, { recursive: true });
  await Deno.symlink("/usr/bin/env", link);
  const deno = async () => {
    const { stdout } = await setup(installation, ["--print"]);
    return JSON.parse(stdout).mcpServers["sudo-proxy"].args[3];
  };
  assertEquals(await deno(), `${installation.folder}/deno`);
  await Deno.remove(link);
  await Deno.symlink(`${installation.folder}/deno`, link);
  assertEquals(await deno(), link);
});

Deno.test("deno install would take any deno in PATH, and leave the lock file behind", async () => {
  await using installation = await Installation.make();
  const root = `${installation.home}/root`;
  const words = ["install", "--global", "--quiet", "--root", root, "--name", "x"];
  await putFile(installation, "small/deno.json", '{ "lock": { "frozen": true } }');
  await putFile(installation, "small/deno.lock", '{ "version": "5" }');
  const module = await putFile(installation, "small/main.ts", "console.log(1);");
  const config = `--config=${installation.home}/small/deno.json`;
  const { code } = await execute([Deno.execPath(), ...words, config, module]);
  assertEquals(code, 0);
  assertMatch(read(`${root}/bin/x`), /^exec deno run /m);
  assertEquals(names(`${root}/bin/.x`), ["deno.json"]);
});

Deno.test("the installed sudo-proxy can neither write configuration nor start Deno", async () => {
  await using installation = await Installation.make();
  const cursor = await putFile(installation, ".cursor/mcp.json", "{}");
  assertEquals((await setup(installation, ["--yes"])).code, 0);
  const script = `${installation.home}/.local/bin/sudo-proxy`;
  // The copy's own program, so that the script starts it with the grants that it computes.
  await Deno.writeTextFile(
    `${installation.folder}/project/main_proxy.ts`,
    `
    const attempts = {
      "write configuration": () => Deno.writeTextFileSync("${cursor}", "{}"),
      "write beside it": () => Deno.writeTextFileSync("${cursor}.sudo-proxy-new", "{}"),
      "write a command": () => Deno.writeTextFileSync("${script}", ""),
      "write the program": () => Deno.writeTextFileSync("${installation.folder}/project/x.ts", ""),
      "start deno": () => new Deno.Command(Deno.execPath()).outputSync(),
      "start a shell": () => new Deno.Command("/bin/sh", { args: ["-c", "true"] }).outputSync(),
      "start tmux": () => new Deno.Command("/usr/bin/tmux").outputSync(),
      "load a library": () => Deno.dlopen("/lib/x.so", {}),
    };
    const allowed = [];
    for (const [name, attempt] of Object.entries(attempts)) {
      try { attempt(); allowed.push(name); }
      catch (error) { if (error.name !== "NotCapable") allowed.push(name + ": " + error); }
    }
    console.log(JSON.stringify(allowed));
  `,
  );
  const env = Object.entries(installation.env).map(([name, value]) => `${name}=${value}`);
  for (const args of [[], ["request", "id"], ["audit"], ["complete", "bash"]]) {
    const words = ["/usr/bin/env", "-i", ...env, script, ...args];
    const { stdout, stderr } = await execute(words);
    assertEquals([stdout, stderr], ["[]\n", ""], args.join(" "));
  }
});

Deno.test("a start of setup that lacks its grants ends with the command line that has them", async () => {
  await using installation = await Installation.make();
  await putFile(installation, ".cursor/mcp.json", "{}");
  assertEquals((await setup(installation, ["--yes"])).code, 0);
  // As another program, past the part of the script that gives setup its grants.
  const words = installation.command("permissions", ["setup", "--yes", "--client", "cursor"]);
  const { code, stdout, stderr: advice } = await execute(words);
  assertEquals([code, stdout], [1, ""]);
  const [, command] = atLeast(2, /Run:\n {2}(.*)\n/.exec(advice));
  assertTrue(command.endsWith("/deno setup --yes --client cursor"), advice);

  const env = Object.entries(installation.env).map(([name, value]) => `${name}=${value}`);
  for (const line of [command, '"$HOME/.local/bin/sudo-proxy" setup --yes --no-terminal']) {
    const { code, stderr } = await execute(["/usr/bin/env", "-i", ...env, "/bin/sh", "-c", line]);
    assertEquals([code, stderr], [0, ""]);
  }
  const { args } = entryOf("cursor", read(`${installation.home}/.cursor/mcp.json`));
  assertNoMatch(String(args), /--allow-run/);
});

async function exists(path: string): Promise<boolean> {
  return await Deno.lstat(path).then(() => true, () => false);
}
