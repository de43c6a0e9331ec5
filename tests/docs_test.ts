/**
 * Holds README and docs/ to the code: limits, tasks, options, exit codes, variables, dependencies
 * and links.
 *
 * @module
 */
import { type Row, ROWS } from "../bench/rows.ts";
import config from "../deno.json" with { type: "json" };
import { AUDIT_EVENTS } from "../lib/audit/record.ts";
import { SEGMENT_BYTES } from "../lib/audit/segments.ts";
import { answerExitCode } from "../lib/cli/answer.ts";
import { makeProgram } from "../lib/cli/program.ts";
import * as times from "../lib/gate/times.ts";
import { type EntryPoint, grantFlags, grantsOf } from "../lib/permissions.ts";
import { socketPath } from "../lib/paths.ts";
import { FEATURES } from "../lib/protocol/features.ts";
import * as limits from "../lib/protocol/limits.ts";
import type { Response } from "../lib/protocol/response.ts";
import { CLIENTS, placesOf } from "../lib/setup/clients.ts";
import { assertEquals, assertMatch, assertTrue } from "./rig/assert.ts";

const ROOT = new URL("../", import.meta.url);
const PAGES = [
  "install",
  "usage",
  "audit",
  "security",
  "protocol",
  "architecture",
  "dependencies",
  "mcp",
  "performance",
  "pkexec",
  "remote",
].map((name) => `docs/${name}.md`);
const DOCUMENTS = ["README.md", "CHANGELOG.md", ...PAGES];

/** Options of other programs that the documents show. */
const OTHER_OPTIONS = ["--quiet", "--config"];

const UNITS: Readonly<Record<string, number>> = {
  "": 1,
  "bytes": 1,
  "ms": 1,
  "MiB": 1024 * 1024,
  "s": 1000,
};

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

/** The rows of every table, cell by cell; `\|` is no border. */
function rows(text: string): string[][] {
  return text.split("\n").filter((line) => line.startsWith("|")).map((line) =>
    line.split(/(?<!\\)\|/).slice(1, -1).map((cell) => cell.trim())
  );
}

/** The part of a document below a heading, up to the next one of the same level. */
function section(text: string, heading: string): string {
  const begin = text.indexOf(`\n${heading}\n`);
  assertTrue(begin >= 0, `there is no heading "${heading}"`);
  const rest = text.slice(begin + heading.length + 2);
  const level = heading.split(" ")[0];
  const end = rest.search(new RegExp(`^${level} `, "m"));
  return end < 0 ? rest : rest.slice(0, end);
}

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

/** The names of the tests in a file; what a template fills in may be anything. */
function testNames(source: string): RegExp[] {
  const names = source.matchAll(/(?:Deno\.test\(|\bname:)\s*("(?:[^"\\]|\\.)*"|`[^`]*`)/g);
  return [...names].map(([, literal]) => {
    const parts = literal.startsWith('"')
      ? [JSON.parse(literal) as string]
      : literal.slice(1, -1).split(/\$\{[^}]*\}/);
    return new RegExp(`^${parts.map(RegExp.escape).join(".+")}$`);
  });
}

/** A file, or the files of a folder. */
function filesIn(path: string): string[] {
  if (!path.endsWith("/")) return [path];
  return [...Deno.readDirSync(new URL(path, ROOT))].flatMap(({ name, isDirectory }) =>
    isDirectory ? filesIn(`${path}${name}/`) : [`${path}${name}`]
  );
}

/** The anchor of a heading, as forges make it. */
function anchor(heading: string): string {
  return heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replace(/\s/g, "-");
}

Deno.test("docs/protocol.md quotes every limit as the code has it", () => {
  const quoted = new Map<string, number>();
  for (const [, amount, constant] of rows(section(read("docs/protocol.md"), "## Limits"))) {
    const [, name, value] = /^`([A-Z_]+) = (\d+)`$/.exec(constant) ?? [];
    if (name === undefined) continue;
    const [, number, unit = ""] = /^(\d+)(?: (\w+))?$/.exec(amount) ?? [];
    assertTrue(number !== undefined && unit in UNITS, `${name}: "${amount}" is no amount`);
    assertEquals(Number(number) * UNITS[unit], Number(value), `${name}: ${amount}`);
    assertTrue(!quoted.has(name), `${name} is quoted twice`);
    quoted.set(name, Number(value));
  }
  const real = [...Object.entries(limits), ...Object.entries(times)]
    .filter((entry): entry is [string, number] => typeof entry[1] === "number");
  assertTrue(real.length > 15, "the search must find the limits");
  assertEquals(
    Object.fromEntries([...quoted].sort()),
    Object.fromEntries(real.sort(([a], [b]) => a < b ? -1 : 1)),
  );
});

Deno.test("docs/protocol.md names every feature", () => {
  const named = rows(section(read("docs/protocol.md"), "## Features")).map(([name]) => name);
  for (const feature of FEATURES) assertTrue(named.includes(`\`${feature}\``), feature);
});

Deno.test("the documents mention only tasks that there are", () => {
  for (const path of DOCUMENTS) {
    for (
      const [, name] of read(path).matchAll(/deno(?:@[\d.]+)? task (?:--quiet )?([a-z][\w:-]*)/g)
    ) {
      assertTrue(Object.hasOwn(config.tasks, name), `${path}: deno task ${name}`);
    }
  }
});

Deno.test("docs/usage.md mentions every option, and no other", () => {
  const text = read("docs/usage.md");
  const mentioned = new Set(text.match(/(?<![\w-])--?[a-zA-Z][\w-]*/g));
  const program = makeProgram();
  const commands = [program, ...program.commands];
  assertTrue(commands.length > 3, "the search must find the commands");
  const known = new Set(["-h", "--help"]);
  for (const command of commands) {
    const { shown, all } = optionNames(command);
    all.forEach((name) => known.add(name));
    for (const name of shown) {
      assertTrue(mentioned.has(name), `${command.name()}: ${name} is not mentioned`);
    }
    if (command !== program) {
      assertTrue(text.includes(`\`sudo-proxy ${command.name()}\``), command.name());
    }
  }
  const here = { env: (name: string) => name === "XDG_RUNTIME_DIR" ? "/run" : undefined, uid: 0 };
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
  const hosts = program.commands.find((command) => command.name() === "hosts")!;
  assertTrue(hosts.commands.length >= 4, "the search must find the commands");
  for (const command of hosts.commands) {
    assertTrue(text.includes(`\`sudo-proxy hosts ${command.name()}`), command.name());
    for (const name of optionNames(command).shown) assertTrue(text.includes(name), name);
  }
  const ofHosts = program.options.filter(({ description }) =>
    description.startsWith("with --host")
  );
  assertTrue(ofHosts.length >= 3, "the search must find the options");
  for (const name of ["--host", ...ofHosts.map(({ long }) => long!)]) {
    assertTrue(text.includes(`\`${name}`), name);
  }
});

Deno.test("docs/audit.md mentions every command and option of the audit trail, and every event", () => {
  const text = read("docs/audit.md");
  const audit = makeProgram().commands.find((command) => command.name() === "audit")!;
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
  const places = placesOf({ env: (name) => name === "HOME" ? "/home/anna" : undefined, uid: 1000 });
  const table = rows(section(text, "## What setup writes"));
  for (const { name, title, servers, file } of CLIENTS) {
    const row = table.find(([first]) => first === `\`${name}\``);
    assertEquals(row?.[1], title);
    assertTrue(row?.[2].startsWith(`\`${file(places!).replace("/home/anna", "~")}\``), name);
    assertEquals(row?.[3], `\`${servers}\``);
  }
  const setup = makeProgram().commands.find((command) => command.name() === "setup");
  const named = rows(section(text, "## Options of setup")).map(([names]) => names).join(" ");
  for (const name of optionNames(setup!).shown) assertTrue(named.includes(`\`${name}`), name);
});

Deno.test("docs/usage.md has the exit codes as the code has them", () => {
  const table = rows(section(read("docs/usage.md"), "## Requests by hand"));
  for (const status of ["denied", "timeout", "error"] as const) {
    const response: Response = { id: "", status };
    const [row] = table.filter((cells) => cells[1] === `\`${status}\``);
    assertEquals(row?.[0], `\`${answerExitCode(response)}\``, status);
  }
});

Deno.test("docs/usage.md names every environment variable that the code reads", () => {
  const named = section(read("docs/usage.md"), "## Environment variables");
  const used = ["lib", "lib/cli", "lib/daemon", "lib/mcp", "lib/remote", "lib/run"].flatMap((
    folder,
  ) =>
    [...Deno.readDirSync(new URL(folder, ROOT))].filter(({ isFile }) => isFile).flatMap(
      ({ name }) =>
        [...read(`${folder}/${name}`).matchAll(/\benv\("([A-Z_]+)"\)|variable: "([A-Z_]+)"/g)]
          .map(([, direct, listed]) => direct ?? listed),
    )
  );
  assertTrue(used.length > 10, "the search must find variables");
  for (const name of used) assertTrue(named.includes(`\`${name}\``), name);
});

Deno.test("docs/architecture.md names every event and every effect of the approval machine", () => {
  const text = section(read("docs/architecture.md"), "## The approval machine");
  const state = read("lib/gate/state.ts");
  for (const type of ["GateEvent", "Effect", "Holder"]) {
    const [, body] = new RegExp(`export type ${type} =([^]*?);\n(?=\n|$)`).exec(state) ?? [];
    const kinds = [...(body ?? "").matchAll(/readonly kind: "(\w+)"/g)].map(([, kind]) => kind);
    assertTrue(kinds.length > 3, `the search must find the kinds of ${type}`);
    for (const kind of kinds) assertTrue(text.includes(`\`${kind}\``), `${type}: ${kind}`);
  }
});

/** A flag as the page has it: the tunnels' sockets once, with N for their numbers, and Deno's path. */
function shortened(flag: string): string {
  const items = flag.replaceAll(/\.tunnel-\d+\./g, ".tunnel-N.")
    .replaceAll(Deno.execPath(), "/usr/bin/deno").split(",");
  return [...new Set(items)].join();
}

Deno.test("docs/security.md quotes the permissions as the code computes them", () => {
  const text = read("docs/security.md");
  const here = {
    env: (name: string) =>
      ({ XDG_RUNTIME_DIR: "/run/user/1000", HOME: "/home/anna" } as Record<string, string>)[name],
    uid: 1000,
  };
  const entries: readonly EntryPoint[] = [
    "proxy",
    "try",
    "host",
    "hosts",
    "request",
    "mcp",
    "audit",
    "permissions",
    "installed",
  ];
  for (const entry of entries) {
    const words = entry === "host" ? "host --host web1" : entry;
    const socket = entry === "host" ? socketPath(here, "web1") : undefined;
    const [, after] = text.split(`\`sudo-proxy permissions ${words}\``);
    const [, quoted] = /^```text\n([^]*?)^```$/m.exec(after) ?? [];
    // Where its programs are, and whether they are installed, is the machine's business.
    const flags = (lines: readonly string[]) =>
      lines.filter((line) => line !== "" && !line.startsWith("--allow-run=")).map(shortened);
    assertEquals(
      flags(quoted.split("\n")),
      flags(grantFlags(grantsOf(entry, here, socket))),
      entry,
    );
    const programs = /^--allow-run=(.*)$/m.exec(quoted)?.[1].split(",") ?? [];
    const named = programs.map((path) => path.split("/").at(-1)!);
    const found = grantsOf(entry, here, socket).run.map((path) => path.split("/").at(-1)!);
    assertTrue(found.every((name) => named.includes(name)), `${entry}: ${found}`);
  }
});

Deno.test("docs/security.md quotes tests that there are, with the files that they are in", () => {
  const table = rows(section(read("docs/security.md"), "## What stands for each promise"))
    .filter(([, file]) => file?.startsWith("`"));
  assertTrue(table.length > 20, "the search must find the table");
  for (const [, file, name] of table) {
    const [path, words] = [file, name].map((cell) => cell.slice(1, -1));
    assertMatch(path, /^tests\/[\w/]+_test\.ts$/);
    assertTrue(testNames(read(path)).some((pattern) => pattern.test(words)), `${path}: ${words}`);
  }
});

Deno.test("docs/security.md says how many lines there are to read, within a tenth", () => {
  const table = rows(section(read("docs/security.md"), "## What to read"));
  const counted = table.filter(([, lines]) => /^\d+$/.test(lines));
  assertTrue(counted.length > 5, "the search must find the table");
  for (const [parts, lines] of counted) {
    const paths = [...parts.matchAll(/`([^`]+)`/g)].map(([, path]) => path);
    const real = paths.flatMap(filesIn).map((path) => read(path).split("\n").length - 1)
      .reduce((sum, count) => sum + count, 0);
    const rounding = Math.max(50, real / 10);
    assertTrue(Math.abs(real - Number(lines)) <= rounding, `${parts}: ${lines}, and has ${real}`);
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
    .flatMap(([cell]) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name));
  assertEquals(explained, Object.values(ROWS).map(({ name }) => name));
});

Deno.test("docs/dependencies.md names every dependency, and no other", () => {
  const text = read("docs/dependencies.md");
  const named = ["## What the program uses", "## What only tests and pictures use"]
    .flatMap((heading) => rows(section(text, heading)))
    .flatMap(([cell]) => /^`(.+)`$/.exec(cell)?.[1] ?? []);
  assertEquals(named.sort(), Object.keys(config.imports).sort());
});

Deno.test("each page of docs/ says at its top for whom it is", () => {
  for (const path of PAGES) assertMatch(read(path), /^# .+\n\nFor: \S/, path);
});

Deno.test("the links of the documents lead to files and headings that there are", () => {
  let seen = 0;
  for (const path of DOCUMENTS) {
    for (const [, target] of read(path).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^https?:/.test(target)) continue;
      seen++;
      const url = new URL(target, new URL(path, ROOT));
      const text = Deno.readTextFileSync(target.startsWith("#") ? new URL(path, ROOT) : url);
      if (url.hash === "") continue;
      const anchors = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => `#${anchor(heading)}`);
      assertTrue(anchors.includes(url.hash), `${path}: ${target}`);
    }
  }
  assertTrue(seen > 5, "the search must find links");
});

Deno.test("the documents name only files of this project that there are", () => {
  for (const path of DOCUMENTS) {
    for (
      const [, name] of read(path).matchAll(/`((?:lib|tests|docs)\/[\w/-]+(?:\.ts|\.svg|\/))`/g)
    ) {
      assertTrue(Deno.statSync(new URL(name, ROOT)), `${path}: ${name}`);
    }
  }
});
