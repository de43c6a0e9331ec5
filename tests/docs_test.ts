/**
 * Holds README and docs/ to the code: limits, tasks, options, exit codes, variables, dependencies and links.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { answerExitCode } from "../lib/cli/answer.ts";
import { makeProgram } from "../lib/cli/program.ts";
import * as approval from "../lib/gate/approval.ts";
import { grantFlags, grantsOf } from "../lib/permissions.ts";
import { FEATURES } from "../lib/protocol/features.ts";
import * as limits from "../lib/protocol/limits.ts";
import type { Response } from "../lib/protocol/response.ts";
import { assertEquals, assertMatch, assertTrue } from "./rig/assert.ts";

const ROOT = new URL("../", import.meta.url);
const PAGES = ["usage", "protocol", "architecture", "dependencies"].map((name) =>
  `docs/${name}.md`
);
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
  const real = [...Object.entries(limits), ...Object.entries(approval)]
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
  assertTrue(commands.length > 4, "the search must find the commands");
  const known = new Set(["-h", "--help"]);
  for (const command of commands) {
    const { shown, all } = optionNames(command);
    all.forEach((name) => known.add(name));
    for (const name of shown) {
      assertTrue(mentioned.has(name), `${command.name()}: ${name} is not mentioned`);
    }
    if (command !== program && command.name() !== "serve") {
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
  const used = ["lib", "lib/cli", "lib/daemon", "lib/mcp", "lib/run"].flatMap((folder) =>
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

Deno.test("docs/dependencies.md names every dependency, and no other", () => {
  const text = read("docs/dependencies.md");
  const named = ["## What the program uses", "## What only tests use"]
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
    for (const [, name] of read(path).matchAll(/`((?:lib|tests)\/[\w/]+(?:\.ts|\/))`/g)) {
      assertTrue(Deno.statSync(new URL(name, ROOT)), `${path}: ${name}`);
    }
  }
});
