import fc from "fast-check";
import { getNodeValue, parseTree } from "jsonc-parser";
import { CLIENTS } from "../../lib/setup/clients.ts";
import { entryIn, withEntry, withoutEntry } from "../../lib/setup/config_text.ts";
import { clientEntry } from "../../lib/setup/server_entry.ts";
import { assertEquals, assertMatch, assertThrows, assertTrue } from "../rig/assert.ts";
import { sampleBytes } from "./samples.ts";

const words = {
  command: "/usr/bin/deno",
  args: ["run", "--allow-read=/a,/b", 'a "quoted" \\ word'],
  env: { XDG_RUNTIME_DIR: "/run/user/1000" },
};
const entry = { command: "/usr/bin/deno", args: ["run"], env: { A: "1" } };

/** Without the mark of the byte order, which some samples have. */
function sample(name: string): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(sampleBytes(name));
}

for (const client of CLIENTS) {
  const { name, syntax, servers } = client;

  Deno.test(`withEntry() only adds lines, and commas, to a configuration of ${name}`, () => {
    const before = sample(name);
    const after = withEntry(before, syntax, servers, clientEntry(client, words, undefined));
    assertEquals(entryIn(after, syntax, servers)?.args, words.args);
    const lineEnd = before.includes("\r\n") ? "\r\n" : "\n";
    assertEquals(after.split("\n").length, after.split(lineEnd).length, "another line end");
    // Every old line is there, in its order; where a member follows, a comma may have joined it.
    const added = after.split("\n");
    for (const line of before.split("\n")) {
      const at = added.findIndex((other) =>
        other === line || other.replace(",", "") === line.replace(",", "")
      );
      // An object without members has to be opened.
      const isOpened = /\{\},?\r?$/.test(line);
      assertTrue(at >= 0 || isOpened, `the line ${JSON.stringify(line)} is gone`);
      added.splice(0, at + 1);
    }
  });

  Deno.test(`withEntry() changes nothing a second time in a configuration of ${name}`, () => {
    const once = withEntry(sample(name), syntax, servers, clientEntry(client, words, undefined));
    const again = clientEntry(client, words, entryIn(once, syntax, servers));
    assertEquals(withEntry(once, syntax, servers, again), once);
  });

  Deno.test(`withoutEntry() takes out what withEntry() put into a configuration of ${name}`, () => {
    const before = sample(name);
    const after = withEntry(before, syntax, servers, clientEntry(client, words, undefined));
    const undone = withoutEntry(after, syntax, servers);
    assertEquals(entryIn(undone, syntax, servers), undefined);
    // What had no servers may keep an empty object of them, and a comma before it.
    const compact = (text: string) =>
      text.replace(new RegExp(`"${servers}": \\{\\}`, "g"), "").replace(/[\s,]/g, "");
    assertEquals(compact(undone), compact(before));
  });

  Deno.test(`withEntry() makes an empty file one that ${name} can read`, () => {
    const made = withEntry("", syntax, servers, entry);
    assertEquals(entryIn(made, syntax, servers), entry);
    assertMatch(made, /\n$/);
  });
}

Deno.test("withEntry() leaves the comments that a person put into the entry", () => {
  const before = `{
  "mcpServers": {
    "sudo-proxy": {
      // for the laptop
      "command": "deno", // old
      "args": ["run"],
      "env": { "DISPLAY": ":1" /* the second screen */ }
    }
  }
}
`;
  const old = entryIn(before, "jsonc", "mcpServers");
  const [cursor] = CLIENTS.filter(({ name }) => name === "cursor");
  const after = withEntry(before, "jsonc", "mcpServers", clientEntry(cursor, words, old));
  for (const comment of ["// for the laptop", "// old", "/* the second screen */"]) {
    assertTrue(after.includes(comment), after);
  }
  assertEquals(entryIn(after, "jsonc", "mcpServers"), {
    command: "/usr/bin/deno",
    args: words.args,
    env: { DISPLAY: ":1", ...words.env },
  });
});

Deno.test("clientEntry() drops what an entry of another kind had", () => {
  const [claude] = CLIENTS;
  const made = clientEntry(claude, words, { type: "http", url: "https://mcp.example.com" });
  assertEquals(made, { type: "stdio", ...words });
});

Deno.test("entryIn() says where a text can't be parsed, and what stands in the way", () => {
  const faults: [string, "json" | "jsonc" | "toml", RegExp][] = [
    ['{\n  "a": 1,\n  b: 2\n}', "jsonc", /can't be parsed: .* in line 3, column 3/],
    ['{ "a": 1 } // x', "json", /can't be parsed: InvalidCommentToken in line 1, column 12/],
    ['{ "a": 1, }', "json", /can't be parsed/],
    ["[]", "jsonc", /must hold an object/],
    ['{ "mcpServers": [] }', "json", /must have an object as "mcpServers"/],
    ['{ "mcpServers": { "sudo-proxy": "x" } }', "json", /an object as "mcpServers\.sudo-proxy"/],
    ["a = 1\na = 2\n", "toml", /can't be parsed/],
    ['mcpServers = "x"\n', "toml", /must have an object as "mcpServers"/],
  ];
  for (const [text, syntax, pattern] of faults) {
    assertThrows(() => entryIn(text, syntax, "mcpServers"), pattern);
    assertThrows(() => withEntry(text, syntax, "mcpServers", entry), pattern);
  }
});

Deno.test("withEntry() changes the last of two keys of one name, which is what readers take", () => {
  const text = '{"mcpServers": {"a": 1}, "mcpServers": {"b": {}, "b": {"c": 2}}}';
  const changed = withEntry(text, "json", "mcpServers", entry);
  assertEquals(JSON.parse(changed).mcpServers, { b: { c: 2 }, "sudo-proxy": entry });
  assertTrue(changed.startsWith('{"mcpServers": {"a": 1}, '));
  assertEquals(withoutEntry(changed, "json", "mcpServers"), text);
});

Deno.test("withEntry() refuses TOML that has the servers in a form that can't be added to", () => {
  const texts = [
    "mcp_servers = { docs = { command = 'x' } }\n",
    "[mcp_servers]\nsudo-proxy = { command = 'x' }\n",
    "mcp_servers.sudo-proxy.command = 'x'\n",
    'text = """\n[mcp_servers.sudo-proxy]\n"""\n',
  ];
  for (const text of texts) {
    assertThrows(
      () => withEntry(text, "toml", "mcp_servers", entry),
      /can't be changed safely|can't be parsed/,
    );
  }
});

Deno.test("withEntry() finds its table in TOML however its header is written", () => {
  const text = `[ mcp_servers . 'sudo-proxy' ] # by hand
command = "old"
startup_timeout_sec = 20

# next
[mcp_servers.'sudo-proxy'.env]
A = "0"

[other]
x = 1
`;
  const old = entryIn(text, "toml", "mcp_servers");
  const after = withEntry(text, "toml", "mcp_servers", { ...old, ...entry });
  assertEquals(entryIn(after, "toml", "mcp_servers"), { startup_timeout_sec: 20, ...entry });
  assertMatch(after, /\n\[other\]\nx = 1\n$/);
});

Deno.test("withEntry() and withoutEntry() keep every value of any JSON, however it is laid out", () => {
  const key = fc.constantFrom("a", "b", "mcpServers", "sudo-proxy", "__proto__", "x y");
  const { value } = fc.letrec<{ value: unknown; object: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(1, null, true, "a // b", "{", '"', "\\", ","),
      fc.array(tie("value"), { maxLength: 3 }),
      tie("object"),
    ),
    object: fc.array(fc.tuple(key, tie("value")), { maxLength: 4 }).map((members) =>
      Object.fromEntries(members)
    ),
  }));
  const comment = fc.constantFrom("", " ", "\n", " // x, {\n", "/* , } */", "\r\n\t");
  let seen = 0;
  fc.assert(
    fc.property(
      fc.dictionary(key, value, { maxKeys: 4 }),
      fc.array(comment, { minLength: 1, maxLength: 20 }),
      fc.constantFrom(undefined, 2, "\t"),
      (root, comments, indent) => {
        let index = 0;
        // Between tokens, where a text can't begin: after commas, brackets and braces.
        const text = JSON.stringify(root, null, indent).replace(
          /"(?:[^"\\]|\\.)*"|[{}[\],]/g,
          (token) => /^"/.test(token) ? token : token + comments[index++ % comments.length],
        );
        let old: unknown;
        try {
          old = entryIn(text, "jsonc", "mcpServers");
        } catch {
          // Something else stands where servers are.
          return;
        }
        seen++;
        const changed = withEntry(text, "jsonc", "mcpServers", entry);
        assertEquals(entryIn(changed, "jsonc", "mcpServers"), entry);
        const count = (text: string) => text.split("// x, {").length + text.split("/* , }").length;
        if (old === undefined) assertEquals(count(changed), count(text));
        const undone = withoutEntry(changed, "jsonc", "mcpServers");
        const json = (text: string) => JSON.stringify(getNodeValue(parseTree(text)!));
        const expected = JSON.parse(json(text));
        expected.mcpServers ??= {};
        delete expected.mcpServers["sudo-proxy"];
        assertEquals(JSON.parse(json(undone)), expected);
      },
    ),
    { numRuns: 1000 },
  );
  assertTrue(seen > 250, `only ${seen} texts could be changed`);
});
