/**
 * What describes this project to others: `server.json` for the MCP registry, and the plugin of
 * Claude Code with its skill.
 *
 * @module
 */
import { Ajv } from "ajv";
import config from "../deno.json" with { type: "json" };
import { TOOLS } from "../lib/mcp/server.ts";
import { assertEquals, assertMatch, assertTrue, at, atLeast } from "./rig/assert.ts";

const ROOT = new URL("../", import.meta.url);
/** Each file with the schema that it is held to, and a fault that the schema must find. */
const FILES: readonly [path: string, schema: string, fault: Record<string, unknown>][] = [
  ["server.json", "server", { name: "no slash" }],
  [".claude-plugin/plugin.json", "plugin", { name: "Not Kebab" }],
  [".claude-plugin/marketplace.json", "marketplace", { plugins: [{ name: "x", source: "../x" }] }],
];

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, ROOT));
}

for (const [path, schema, fault] of FILES) {
  Deno.test(`${path} is as its schema wants it`, () => {
    const ajv = new Ajv({ allErrors: true });
    const check = ajv.compile(JSON.parse(read(`tests/fixtures/schemas/${schema}.schema.json`)));
    const json: Record<string, unknown> = JSON.parse(read(path));
    const holds = (value: unknown) => check(value) === true;
    assertTrue(holds(json), JSON.stringify(check.errors));
    assertEquals(holds({ ...json, ...fault }), false);
    assertEquals(holds({ ...json, unknown: 1 }), false);
  });
}

Deno.test("every description of the project has its name and version", () => {
  const server = JSON.parse(read("server.json"));
  const plugin = JSON.parse(read(".claude-plugin/plugin.json"));
  const [listed] = JSON.parse(read(".claude-plugin/marketplace.json")).plugins;
  assertEquals([server.version, plugin.version], [config.version, config.version]);
  assertEquals([plugin.license, listed.name], [config.license, plugin.name]);
  // The registry looks for these words in the README of what is published.
  assertTrue(read("README.md").includes(`mcp-name: ${server.name}`));
});

Deno.test("the skill says when to use it, and knows the tools and their arguments", () => {
  const text = read("skills/sudo-proxy/SKILL.md");
  const [, front, body] = atLeast(3, /^---\n([^]*?)\n---\n([^]*)$/.exec(text));
  const fields = Object.fromEntries(
    front.split("\n").map((line) => [line.split(": ", 1)[0], line.slice(line.indexOf(": ") + 2)]),
  );
  // The documentation of Agent Skills: the folder's name, at most 64; at most 1024 characters.
  assertEquals(Object.keys(fields), ["name", "description"]);
  assertEquals(fields.name, "sudo-proxy");
  assertMatch(fields.description, /^.{50,1024}$/);
  assertTrue(!fields.description.includes("<") && !fields.description.includes(": "));
  const known = new Set(TOOLS.flatMap((tool) => {
    const { properties = {} } = tool.list().inputSchema as { properties?: Record<string, unknown> };
    return [tool.name, ...Object.keys(properties)];
  }));
  for (const tool of TOOLS) assertTrue(body.includes(`\`${tool.name}\``), tool.name);
  const named = [...body.matchAll(/`([a-z_]+)`/g)].map((match) => at(match, 1))
    .filter((word) =>
      word.includes("_") || ["argv", "pipeline", "timeout", "stdin"].includes(word)
    );
  assertTrue(named.length > 5, "the search must find names");
  for (const word of named) assertTrue(known.has(word), word);
});
