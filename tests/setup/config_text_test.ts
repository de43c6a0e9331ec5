import fc from "fast-check";
import { getNodeValue, parseTree } from "jsonc-parser";
import { CLIENTS } from "../../lib/setup/clients.ts";
import { entryIn, withEntry, withoutEntry } from "../../lib/setup/config_text.ts";
import { clientEntry } from "../../lib/setup/server_entry.ts";
import {
  assertEquals,
  assertMatch,
  assertThrows,
  assertTrue,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { sampleBytes, startOf } from "./samples.ts";

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
  const { name, servers } = client;

  Deno.test(`withEntry() only adds lines, and commas, to a configuration of ${name}`, () => {
    const before = sample(name);
    const after = withEntry(before, client, clientEntry(client, words, undefined));
    assertEquals(startOf(client, defined(entryIn(after, client))).args, words.args);
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
    const once = withEntry(sample(name), client, clientEntry(client, words, undefined));
    const again = clientEntry(client, words, entryIn(once, client));
    assertEquals(withEntry(once, client, again), once);
  });

  Deno.test(`withoutEntry() takes out what withEntry() put into a configuration of ${name}`, () => {
    const before = sample(name);
    const after = withEntry(before, client, clientEntry(client, words, undefined));
    const undone = withoutEntry(after, client);
    assertEquals(entryIn(undone, client), undefined);
    // What had no servers may keep an empty object of them, and a comma before it.
    const compact = (text: string) =>
      text.replace(new RegExp(`"${servers}": \\{\\}`, "g"), "").replace(/[\s,]/g, "");
    assertEquals(compact(undone), compact(before));
  });

  Deno.test(`withEntry() makes an empty file one that ${name} can read`, () => {
    const made = withEntry("", client, entry);
    assertEquals(entryIn(made, client), entry);
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
  const old = entryIn(before, { syntax: "jsonc", servers: "mcpServers" });
  const [cursor] = atLeast(1, CLIENTS.filter(({ name }) => name === "cursor"));
  const after = withEntry(
    before,
    { syntax: "jsonc", servers: "mcpServers" },
    clientEntry(cursor, words, old),
  );
  for (const comment of ["// for the laptop", "// old", "/* the second screen */"]) {
    assertTrue(after.includes(comment), after);
  }
  assertEquals(entryIn(after, { syntax: "jsonc", servers: "mcpServers" }), {
    command: "/usr/bin/deno",
    args: words.args,
    env: { DISPLAY: ":1", ...words.env },
  });
});

Deno.test("clientEntry() drops what an entry of another kind had", () => {
  const [claude] = atLeast(1, CLIENTS);
  const made = clientEntry(claude, words, { type: "http", url: "https://mcp.example.com" });
  assertEquals(made, { type: "stdio", timeout: 720_000, ...words });
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
    assertThrows(() => entryIn(text, { syntax, servers: "mcpServers" }), pattern);
    assertThrows(() => withEntry(text, { syntax, servers: "mcpServers" }, entry), pattern);
  }
});

Deno.test("withEntry() changes the last of two keys of one name, which is what readers take", () => {
  const text = '{"mcpServers": {"a": 1}, "mcpServers": {"b": {}, "b": {"c": 2}}}';
  const changed = withEntry(text, { syntax: "json", servers: "mcpServers" }, entry);
  assertEquals(JSON.parse(changed).mcpServers, { b: { c: 2 }, "sudo-proxy": entry });
  assertTrue(changed.startsWith('{"mcpServers": {"a": 1}, '));
  assertEquals(withoutEntry(changed, { syntax: "json", servers: "mcpServers" }), text);
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
      () => withEntry(text, { syntax: "toml", servers: "mcp_servers" }, entry),
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
  const old = entryIn(text, { syntax: "toml", servers: "mcp_servers" });
  const after = withEntry(text, { syntax: "toml", servers: "mcp_servers" }, { ...old, ...entry });
  assertEquals(entryIn(after, { syntax: "toml", servers: "mcp_servers" }), {
    startup_timeout_sec: 20,
    ...entry,
  });
  assertMatch(after, /\n\[other\]\nx = 1\n$/);
});

Deno.test("withEntry() leaves a table with a long header behind ours", () => {
  const long = `["${"a".repeat(2000)}"]\nx = 1\n`;
  const text = `[mcp_servers.sudo-proxy]\ncommand = "old"\n\n${long}`;
  const after = withEntry(text, { syntax: "toml", servers: "mcp_servers" }, entry);
  assertTrue(after.endsWith(long), after);
});

Deno.test("withEntry() finds the end of an entry in YAML, comments and all", () => {
  const goose = { syntax: "yaml", servers: "extensions" } as const;
  const list = { syntax: "yaml", servers: "mcpServers", isList: true } as const;
  const texts: [text: string, form: typeof goose | typeof list][] = [
    ["", goose],
    ["# only a comment\n", goose],
    ["extensions:\n", goose],
    ["extensions: {} # none yet\nx: 1\n", goose],
    ["x: 1\nextensions:\n  a: {cmd: b} # flow\n  # below\n\n# top\ny: 2\n", goose],
    ["extensions:\r\n  a:\r\n    args:\r\n    - b # c\r\ny: 2\r\n", goose],
    ["extensions:\n  sudo-proxy:\n    cmd: old\n    d: |\n      # text\n  b: {}\n", goose],
    ["mcpServers: []\n", list],
    ["mcpServers:\n- name: a\n  env:\n    B: c # d\n# e\nrules: []\n", list],
    ["mcpServers:\n  - command: old\n    name: sudo-proxy\n  - name: b\n", list],
    ["mcpServers:\n  - uses: some/block\n", list],
  ];
  for (const [text, form] of texts) {
    const made = withEntry(text, form, entry);
    assertEquals(entryIn(made, form), entry, text);
    for (const comment of text.match(/# \w.*/g) ?? []) {
      if (comment !== "# text") assertTrue(made.includes(comment), made);
    }
    assertEquals(withEntry(made, form, entry), made);
    const undone = withoutEntry(made, form);
    assertEquals(entryIn(undone, form), undefined, text);
    if (entryIn(text, form) === undefined) assertEquals(withEntry(undone, form, entry), made);
  }
});

Deno.test("withEntry() refuses YAML that has the servers in a form that can't be added to", () => {
  const texts = [
    "extensions: { a: { cmd: b } }\n",
    "{ extensions: {} }\n",
    "extensions: text\n",
    "extensions:\n- a\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\na: 2\n",
    "a: [\n",
    "- a\n",
  ];
  for (const text of texts) {
    assertThrows(
      () => withEntry(text, { syntax: "yaml", servers: "extensions" }, entry),
      /can't be changed safely|can't be parsed|must have an object as|must hold an object/,
    );
  }
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
          old = entryIn(text, { syntax: "jsonc", servers: "mcpServers" });
        } catch {
          // Something else stands where servers are.
          return;
        }
        seen++;
        const changed = withEntry(text, { syntax: "jsonc", servers: "mcpServers" }, entry);
        assertEquals(entryIn(changed, { syntax: "jsonc", servers: "mcpServers" }), entry);
        const count = (text: string) => text.split("// x, {").length + text.split("/* , }").length;
        if (old === undefined) assertEquals(count(changed), count(text));
        const undone = withoutEntry(changed, { syntax: "jsonc", servers: "mcpServers" });
        const json = (text: string) => JSON.stringify(getNodeValue(defined(parseTree(text))));
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
