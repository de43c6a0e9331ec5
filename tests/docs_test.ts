/**
 * Holds README and docs/ to the code: limits, tasks, options, exit codes, variables, dependencies
 * and links.
 *
 * @module
 */
import { type Row, ROWS } from "../bench/rows.ts";
import type { CommandUnknownOpts } from "@commander-js/extra-typings";
import config from "../deno.json" with { type: "json" };
import { AUDIT_EVENTS } from "../lib/audit/write/record.ts";
import { SEGMENT_BYTES } from "../lib/audit/write/segments.ts";
import { answerExitCode } from "../lib/cli/answer.ts";
import { makeProgram } from "../lib/cli/program.ts";
import { KEY_BINDINGS } from "../lib/decide/keys.ts";
import * as decideTimes from "../lib/decide/times.ts";
import * as sessionTimes from "../lib/session/times.ts";
import { ENTRY_POINTS, type EntryPoint, grantsOf } from "../lib/grants.ts";
import { grantFlags } from "../lib/platform/grants.ts";
import { socketPath } from "../lib/platform/paths.ts";
import { ERROR_CODES } from "../lib/protocol/codes.ts";
import { FEATURES } from "../lib/protocol/features.ts";
import * as limits from "../lib/protocol/limits.ts";
import type { Response } from "../lib/protocol/response.ts";
import { CLIENTS, userFoldersOf } from "../lib/setup/clients.ts";
import { HAPPENINGS } from "../lib/view/strings.ts";
import { assertEquals, assertMatch, assertTrue, at, atLeast, defined } from "./rig/assert.ts";
import { assertTest, blocks, proseWords, read, ROOT, rows, section } from "./rig/documents.ts";

const PAGES = [
  "install",
  "guide",
  "reference/command-line",
  "reference/keys",
  "reference/messages",
  "reference/files",
  "reference/mcp",
  "audit",
  "security",
  "security/display-and-keys",
  "security/commands",
  "security/permissions",
  "security/compiled",
  "security/remote",
  "security/own-account",
  "security/tests",
  "comparison",
  "reference/wire",
  "architecture",
  "dependencies",
  "performance",
  "pkexec",
  "remote",
  "assurance/threat-model",
  "assurance/assurance-case",
  "assurance/roadmap",
  "assurance/security-audit",
].map((name) => `docs/${name}.md`);
const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "CONTRIBUTING.md",
  "REVIEWING.md",
  "SECURITY.md",
  ...PAGES,
];

/** Options of other programs that the documents show. */
const OTHER_OPTIONS = ["--quiet", "--config"];

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  "bytes": 1,
  "ms": 1,
  "MiB": 1024 * 1024,
  "s": 1000,
};

/** Every name of a program's options, as they are written on the command line. */
function optionNames(
  command: { options: readonly { short?: string; long?: string; hidden: boolean }[] },
): { shown: string[]; all: string[] } {
  const names = (hidden: boolean) =>
    command.options.filter((option) => hidden || !option.hidden).flatMap(({ short, long }) =>
      [short, long].filter((name) => name !== undefined)
    );
  return { shown: names(false), all: names(true) };
}

/** The anchor of a heading, as forges make it. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

Deno.test("docs/reference/wire.md quotes every limit as the code has it", () => {
  const quoted = new Map<string, number>();
  for (const cells of rows(section(read("docs/reference/wire.md"), "## Limits"))) {
    const [, amount, constant] = atLeast(3, cells);
    const [, name, value] = /^`([A-Z_]+) = (\d+)`$/.exec(constant) ?? [];
    if (name === undefined) continue;
    const [, number, unit = ""] = /^(\d+)(?: (\w+))?$/.exec(amount) ?? [];
    assertTrue(number !== undefined && unit in UNITS, `${name}: "${amount}" is no amount`);
    assertEquals(Number(number) * defined(UNITS[unit]), Number(value), `${name}: ${amount}`);
    assertTrue(!quoted.has(name), `${name} is quoted twice`);
    quoted.set(name, Number(value));
  }
  const real = [limits, decideTimes, sessionTimes].flatMap((module) => Object.entries(module))
    .filter((entry): entry is [string, number] => typeof entry[1] === "number");
  assertTrue(real.length > 15, "the search must find the limits");
  assertEquals(
    Object.fromEntries([...quoted].sort()),
    Object.fromEntries(real.sort(([a], [b]) => a < b ? -1 : 1)),
  );
});

Deno.test("docs/reference/wire.md names every feature", () => {
  const named = rows(section(read("docs/reference/wire.md"), "## Features")).map(([name]) => name);
  for (const feature of FEATURES) assertTrue(named.includes(`\`${feature}\``), feature);
});

Deno.test("docs/reference/wire.md names every error code, and no other", () => {
  const table = rows(section(read("docs/reference/wire.md"), "## Errors")).slice(2);
  assertEquals(table.map(([code]) => code), ERROR_CODES.map((code) => `\`${code}\``));
});

Deno.test("the documents mention only tasks that there are", () => {
  for (const path of DOCUMENTS) {
    for (
      const match of read(path).matchAll(/deno(?:@[\d.]+)? task (?:--quiet )?([a-z][\w:-]*)/g)
    ) {
      const name = at(match, 1);
      assertTrue(Object.hasOwn(config.tasks, name), `${path}: deno task ${name}`);
    }
  }
});

Deno.test("docs/reference/command-line.md mentions every option, and no other", () => {
  const text = read("docs/reference/command-line.md");
  const mentioned = new Set(text.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g));
  const program = makeProgram();
  const commands = [program, ...program.commands].flatMap((one) =>
    one === program ? [one] : [one, ...one.commands]
  );
  assertTrue(commands.length > 20, "the search must find the commands");
  const known = new Set(["-h", "--help"]);
  for (const command of commands) {
    const { shown, all } = optionNames(command);
    all.forEach((name) => known.add(name));
    for (const name of shown) {
      assertTrue(mentioned.has(name), `${command.name()}: ${name} is not mentioned`);
    }
    if (command !== program) {
      assertTrue(
        new RegExp(`\`sudo-proxy (?:\\w+ )?${command.name()}\``).test(text),
        command.name(),
      );
    }
  }
  const here = { get: (name: string) => name === "XDG_RUNTIME_DIR" ? "/run" : undefined, uid: 0 };
  const ofDeno = grantFlags(grantsOf("proxy", here)).map((flag) => flag.split("=")[0]);
  for (const name of mentioned) {
    if (!name.startsWith("--")) continue;
    const isKnown = known.has(name) || ofDeno.includes(name) || OTHER_OPTIONS.includes(name);
    assertTrue(isKnown, `there is no option ${name}`);
  }
});

Deno.test("docs/remote.md mentions every command of the registry, and every option for a host", () => {
  const text = read("docs/remote.md");
  const program = makeProgram();
  const hosts = defined(program.commands.find((command) => command.name() === "hosts"));
  assertTrue(hosts.commands.length >= 4, "the search must find the commands");
  for (const command of hosts.commands) {
    assertTrue(text.includes(`\`sudo-proxy hosts ${command.name()}`), command.name());
    for (const name of optionNames(command).shown) assertTrue(text.includes(name), name);
  }
  const ofHosts = program.options.filter(({ description }) =>
    description.startsWith("with --host")
  );
  assertTrue(ofHosts.length >= 3, "the search must find the options");
  for (const name of ["--host", ...ofHosts.map(({ long }) => defined(long))]) {
    assertTrue(text.includes(`\`${name}`), name);
  }
});

Deno.test("docs/audit.md mentions every command and option of the audit trail, and every event", () => {
  const text = read("docs/audit.md");
  const audit = defined(makeProgram().commands.find((command) => command.name() === "audit"));
  assertTrue(audit.commands.length >= 5, "the search must find the commands");
  for (const command of audit.commands) {
    assertTrue(text.includes(`\`${command.name()}\``), command.name());
    for (const name of optionNames(command).shown) assertTrue(text.includes(name), name);
  }
  const named = rows(section(text, "## What is in it")).map(([name]) => name).join(" ");
  for (const event of AUDIT_EVENTS) assertTrue(named.includes(`\`${event}\``), event);
  assertTrue(text.includes(`${SEGMENT_BYTES / 1024 / 1024} MiB`));
});

Deno.test("docs/install.md has the clients, their files and the options as the code has them", () => {
  const text = read("docs/install.md");
  const places = userFoldersOf({
    get: (name) => name === "HOME" ? "/home/anna" : undefined,
    uid: 1000,
  });
  const table = rows(section(text, "## What setup writes"));
  for (const { name, title, servers, file } of CLIENTS) {
    const row = table.find(([first]) => first === `\`${name}\``);
    assertEquals(row?.[1], title);
    assertTrue(
      at(row, 2).startsWith(`\`${file(defined(places)).replace("/home/anna", "~")}\``),
      name,
    );
    assertEquals(row?.[3], `\`${servers}\``);
  }
  const page = read("docs/reference/command-line.md");
  const setup = makeProgram().commands.find((command) => command.name() === "setup");
  const named = rows(section(page, "## `sudo-proxy setup`")).map(([names]) => names).join(" ");
  for (const name of optionNames(defined(setup)).shown) {
    assertTrue(named.includes(`\`${name}`), name);
  }
});

Deno.test("docs/reference/keys.md names every key of a request, and every key between requests", () => {
  const text = section(read("docs/reference/keys.md"), "## Keys");
  const named = rows(text).map(([keys]) => keys).join(" ");
  for (const { name, labels } of KEY_BINDINGS) {
    if (labels.prompt === undefined && labels.idle === undefined) continue;
    assertTrue(new RegExp(`(?<!\\w)${RegExp.escape(name)}(?!\\w)`).test(named), name);
  }
});

Deno.test("docs/reference/messages.md names everything that a line of the history begins with, and no more", () => {
  const table = rows(section(read("docs/reference/messages.md"), "## History")).slice(2);
  const happenings = Object.values(HAPPENINGS).map(({ text }) => `\`${text.trim()}\``);
  assertEquals(table.map(([name]) => name).sort(), [...new Set(happenings)].sort());
});

Deno.test("docs/reference/command-line.md has the exit codes as the code has them", () => {
  const table = rows(section(
    read("docs/reference/command-line.md"),
    "## Exit codes of `sudo-proxy request`",
  ));
  for (const status of ["denied", "timeout", "error"] as const) {
    const response: Response = { id: "", status };
    const [row] = table.filter((cells) => cells[1] === `\`${status}\``);
    assertEquals(row?.[0], `\`${answerExitCode(response)}\``, status);
  }
});

Deno.test("docs/reference/files.md names every environment variable that the code reads", () => {
  const named = section(read("docs/reference/files.md"), "## Variables");
  const used = ["lib", "lib/cli", "lib/daemon", "lib/mcp", "lib/platform", "lib/remote", "lib/run"]
    .flatMap((
      folder,
    ) =>
      [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile).flatMap(
        ({ name }) =>
          [
            ...read(`${folder}/${name}`).matchAll(
              /\benv(?:\.get\(|\(|, )"([A-Z_]+)"\)|variable: "([A-Z_]+)"/g,
            ),
          ]
            .map(([, direct, listed]) => direct ?? listed),
      )
    );
  assertTrue(used.length > 10, "the search must find variables");
  for (const name of used) assertTrue(named.includes(`\`${name}\``), name);
});

/** What grants depend on, in the examples of the documents. */
const ANNA = {
  get: (name: string) =>
    ({ XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/anna" } as Record<string, string>)[name],
  uid: 1000,
};
const ALL_GRANTS = ENTRY_POINTS.map((entry) =>
  grantsOf(entry, ANNA, entry === "host" ? socketPath(ANNA, "web1") : undefined)
);

Deno.test("docs/reference/files.md names the variables that a program may read, and no other", () => {
  const cells = rows(section(read("docs/reference/files.md"), "## Variables")).slice(2);
  const named = cells.flatMap(([names = ""]) => names.match(/[A-Z][A-Z0-9_]+/g) ?? []);
  const granted = ALL_GRANTS.flatMap(({ env }) => env);
  assertTrue(granted.length > 100, "the search must find variables");
  assertEquals([...new Set(named)].sort(), [...new Set(granted)].sort());
});

Deno.test("docs/reference/files.md names every file that a program may write", () => {
  const cells = rows(section(read("docs/reference/files.md"), "## Files")).slice(2);
  const patterns = cells.flatMap(([names = ""]) => [...names.matchAll(/`([^`]+)`/g)])
    .map((match) =>
      new RegExp(`^${
        RegExp.escape(
          at(match, 1).replace("$RUN", "/run/user/1000").replace(
            "$STATE",
            "/home/anna/.local/state",
          )
            .replace("$CONFIG", "/home/anna/.config").replace("~", "/home/anna"),
        ).replace(/\\x2dHOST/, "-[^/.]+").replace(/\\x2dN/, "-\\d+").replace(/^\\\*/, ".*")
          .replace("\\*", "[^/]*")
      }`)
    );
  const folders = defined(userFoldersOf(ANNA));
  const ofClients = CLIENTS.map(({ file }) => file(folders));
  const written = ALL_GRANTS.flatMap(({ write }) => write)
    // Of these folders only what is named below them is written.
    .filter((path) =>
      !cells.some(([names]) => defined(names).includes(`${path.replace(/^.*\//, "/")}/`))
    )
    .filter((path) => !path.endsWith("/.local/bin") && !ofClients.includes(path));
  assertTrue(written.length > 60, "the search must find files");
  const missing = written.filter((path) => !patterns.some((pattern) => pattern.test(path)));
  assertEquals([...new Set(missing)], []);
});

Deno.test("docs/reference/keys.md names every field that a prompt can have", () => {
  const fields = rows(section(read("docs/reference/keys.md"), "## Fields")).map(([names]) => names);
  const source = read("lib/view/request_lines.ts");
  const labels = [
    ...source.matchAll(
      /\b(?:field|(?<!write\.)prose)\((?:index === 0 \? )?"([^"]+)"(?: : "([^"]+)")?/g,
    ),
  ]
    .flatMap(([, first, second]) => [first, second]).filter((label) => label !== undefined);
  assertTrue(labels.length > 12, "the search must find fields");
  for (const label of labels) {
    const cell = `\`${label.replace("|", "\\|")}\``;
    assertTrue(fields.some((names) => names?.includes(cell)), label);
  }
});

Deno.test("docs/reference/messages.md quotes only messages that there are", () => {
  const sources = function* (folder: string): Generator<string> {
    for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
      if (isDirectory) yield* sources(`${folder}/${name}`);
      else if (name.endsWith(".ts")) yield read(`${folder}/${name}`);
    }
  };
  const said = [...sources("lib")].join("\n").replaceAll(/["`] \+\s*["`]/g, "");
  const quoted = read("docs/reference/messages.md").split("\n## ").slice(3)
    .flatMap((part) => rows(part).slice(2))
    .flatMap(([names = ""]) => [...names.matchAll(/`([^`]+)`/g)].map((match) => at(match, 1)));
  assertTrue(quoted.length > 30, "the search must find messages");
  for (const message of quoted) {
    for (
      const part of message.split("…").map((part) => part.replace(/^: /, "").trim()).filter((
        part,
      ) => part !== "")
    ) {
      assertTrue(said.includes(part), `${message}: "${part}"`);
    }
  }
});

/** What a line of a shell gives to the program: `sudo-proxy WORDS`, or a task that starts it. */
function programWords(line: string): string | undefined {
  const [, direct] = /(?:^|\| )sudo-proxy\b(.*)$/.exec(line) ?? [];
  const [, task] = /^deno task (?:--quiet )?((?:setup|audit|doctor|request|hosts|try)\b.*)$/
    .exec(line) ?? [];
  return (direct ?? task)?.replace(/ [>#].*$/, "");
}

Deno.test("the program's own parser reads every command line of the documents", async () => {
  let seen = 0;
  for (const path of DOCUMENTS) {
    const lines = blocks(read(path)).filter(({ language }) => language === "sh")
      .flatMap(({ text }) => text.split("\n"));
    for (const line of lines) {
      const written = programWords(line);
      if (written === undefined) continue;
      seen++;
      const shell = new Deno.Command("sh", { args: ["-c", `printf '%s\\n' ${written}`] });
      const words = new TextDecoder().decode((await shell.output()).stdout).split("\n").slice(
        0,
        -1,
      );
      const program = makeProgram() as unknown as CommandUnknownOpts;
      let called: CommandUnknownOpts | undefined;
      const calm = (command: CommandUnknownOpts) => {
        command.exitOverride().configureOutput({ writeErr: () => {} });
        command.action(() => void (called = command));
        command.commands.forEach(calm);
      };
      calm(program);
      await program.parseAsync(words.filter((word) => word !== ""), { from: "user" });
      const { args, registeredArguments } = defined(called, `${path}: ${line}`);
      // Without arguments of its own, what is left is a command that there is not.
      assertTrue(registeredArguments.length > 0 || args.length === 0, `${path}: ${line}`);
    }
  }
  assertTrue(seen > 20, "the search must find command lines");
});

/** How many words all documents together may have, without code and generated parts: only ever lower this. */
const MAX_WORDS = 16_000;

Deno.test("the documents have no more words than a person reads", () => {
  const pages = [...DOCUMENTS, "CODE_OF_CONDUCT.md", "proofs/README.md"];
  const counts = pages.map((path) => [path, proseWords(read(path))] as const);
  const sum = counts.reduce((all, [, count]) => all + count, 0);
  assertTrue(sum > 5000, "the search must find words");
  assertTrue(sum <= MAX_WORDS, `${sum} words: ${counts.map((one) => one.join(" ")).join(", ")}`);
});

Deno.test("docs/architecture.md names every event and every effect of the machine", () => {
  const text = section(read("docs/architecture.md"), "## The machine");
  const state = read("lib/session/state.ts");
  for (const type of ["SessionEvent", "Effect", "Phase"]) {
    const [, body] = new RegExp(`export type ${type} =([^]*?);\n(?=\n|$)`).exec(state) ?? [];
    const kinds = [...(body ?? "").matchAll(/readonly kind: "(\w+)"/g)].map(([, kind]) => kind);
    assertTrue(kinds.length > 3, `the search must find the kinds of ${type}`);
    for (const kind of kinds) assertTrue(text.includes(`\`${kind}\``), `${type}: ${kind}`);
  }
});

Deno.test("docs/architecture.md names what events do in one phase alone", () => {
  const text = section(read("docs/architecture.md"), "## The machine");
  const [, events = ""] = /export type SessionEvent =([^]*?);\n(?=\n|$)/
    .exec(read("lib/session/state.ts")) ?? [];
  const kinds = [...events.matchAll(/readonly kind: "(\w+)"/g)].map(([, kind]) => kind);
  const [, phases = ""] = /^const PHASES:[^]*?= \{\n([^]*?)^\};$/m
    .exec(read("lib/session/update.ts")) ?? [];
  const lines = [...phases.matchAll(/^ {2}(\w+): (.+)$/gm)];
  assertTrue(lines.length > 3, "the search must find the phases");
  for (const [, phase, handlers = ""] of lines) {
    const cell = rows(text).find(([name]) => name === `\`${phase}\``)?.[2] ?? "";
    for (const kind of kinds) {
      const isHandled = new RegExp(`\\b${kind}\\b`).test(handlers);
      assertEquals(cell.includes(`\`${kind}\``), isHandled, `${phase}: ${kind}`);
    }
  }
});

Deno.test("docs/architecture.md names what comes before each event and goes on after it, in order", () => {
  const text = section(read("docs/architecture.md"), "## The machine");
  const source = read("lib/session/update.ts");
  const functions = ["BEFORE", "AFTER"].flatMap((name) => {
    const [, list = ""] = new RegExp(`^const ${name} = \\[(.*)\\]`, "m").exec(source) ?? [];
    return list.split(", ").map((name) => `\`${name}\``);
  });
  assertTrue(functions.length > 5, "the search must find the functions");
  const named = rows(text).map(([name = ""]) => name).filter((name) => functions.includes(name));
  assertEquals(named, functions);
});

/** A flag as the page has it: the tunnels' sockets once, with N for their numbers, and Deno's path. */
function shortened(flag: string): string {
  const items = flag.replaceAll(/\.tunnel-\d+\./g, ".tunnel-N.")
    .replaceAll(Deno.execPath(), "/usr/bin/deno").split(",");
  return [...new Set(items)].join();
}

Deno.test("docs/security/permissions.md quotes the permissions as the code computes them", () => {
  const text = read("docs/security/permissions.md");
  const here = {
    get: (name: string) =>
      ({ XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/anna" } as Record<string, string>)[name],
    uid: 1000,
  };
  const entries: readonly EntryPoint[] = [
    "proxy",
    "try",
    "host",
    "doctor",
    "hosts",
    "install",
    "request",
    "mcp",
    "audit",
    "permissions",
  ];
  for (const entry of entries) {
    const words = entry === "host" ? "host --host web1" : entry;
    const socket = entry === "host" ? socketPath(here, "web1") : undefined;
    const [, after] = atLeast(2, text.split(`\`sudo-proxy permissions ${words}\``));
    const [, quoted] = atLeast(2, /^```text\n([^]*?)^```$/m.exec(after));
    // Where its programs are, and whether they are installed, is the machine's business.
    const flags = (lines: readonly string[]) =>
      lines.filter((line) => line !== "" && !line.startsWith("--allow-run=")).map(shortened);
    assertEquals(
      flags(quoted.split("\n")),
      flags(grantFlags(grantsOf(entry, here, socket))),
      entry,
    );
    const programs = /^--allow-run=(.*)$/m.exec(quoted)?.[1]?.split(",") ?? [];
    const named = programs.map((path) => at(path.split("/"), -1));
    const found = grantsOf(entry, here, socket).run.map((path) => at(path.split("/"), -1));
    assertTrue(found.every((name) => named.includes(name)), `${entry}: ${found}`);
  }
});

Deno.test("docs/security/tests.md quotes tests that there are, with the files that they are in", () => {
  const table = rows(read("docs/security/tests.md")).slice(2);
  assertTrue(table.length > 80, "the search must find the table");
  for (const [promise, test] of table) {
    const [, path, words] = atLeast(3, /^`([^`]+)`: `(.+)`$/.exec(test ?? "") ?? []);
    assertTrue(promise !== "", words);
    assertTest(path, words);
  }
});

Deno.test("docs/performance.md has the rows of the bench, with their aims, and explains each", () => {
  const text = read("docs/performance.md");
  const table = rows(section(text, "## The table")).slice(2);
  const aimOf = ({ aim, unit }: Row) =>
    aim === undefined ? "" : "below" in aim ? `< ${aim.below} ${unit}` : `< ${aim.times} x`;
  assertEquals(
    table.map((cells) => [cells[0], cells.at(-1)]),
    Object.values(ROWS).map((row: Row) => [row.name, aimOf(row)]),
  );
  const explained = rows(section(text, "## What the rows mean")).slice(2)
    .flatMap((cells) => [...at(cells, 0).matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  assertEquals(explained, Object.values(ROWS).map(({ name }) => name));
});

Deno.test("docs/dependencies.md names every dependency, and no other", () => {
  const text = read("docs/dependencies.md");
  const named = ["## What the program uses", "## What only tests, documents and pictures use"]
    .flatMap((heading) => rows(section(text, heading)))
    .flatMap((cells) => /^`(.+)`$/.exec(at(cells, 0))?.[1] ?? []);
  assertEquals(named.sort(), Object.keys(config.imports).sort());
});

Deno.test("each page of docs/ says at its top for whom it is", () => {
  for (const path of PAGES) assertMatch(read(path), /^# .+\n\nFor: \S/, path);
});

Deno.test("the links of the documents lead to files and headings that there are", () => {
  let seen = 0;
  for (const path of DOCUMENTS) {
    for (const match of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      const target = at(match, 1);
      if (/^https?:/.test(target)) continue;
      seen++;
      const url = new URL(target, new URL(path, ROOT));
      const text = Deno.readTextFileSync(target.startsWith("#") ? new URL(path, ROOT) : url);
      if (url.hash === "") continue;
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => `#${anchor(at(match, 1))}`);
      assertTrue(anchors.includes(url.hash), `${path}: ${target}`);
    }
  }
  assertTrue(seen > 5, "the search must find links");
});

Deno.test("the documents name only files of this project that there are", () => {
  for (const path of DOCUMENTS) {
    for (
      const match of read(path).matchAll(/`((?:lib|tests|docs)\/[\w/-]+(?:\.ts|\.svg|\/))`/g)
    ) {
      const name = at(match, 1);
      assertTrue(Deno.statSync(new URL(name, ROOT)), `${path}: ${name}`);
    }
  }
});
