/**
 * Lines that look like requests: valid ones, changed in ways that keep most of their structure.
 *
 * @module
 */
import fc from "fast-check";

const MIB = 1024 * 1024;

/** Characters of each class that matters, and a few harmless ones. */
const CHARACTERS = fc.constantFrom(
  ..."az09 -=/.'\"\\$;|{}[]:,<>*~é漢",
  "\0",
  "\t",
  "\n",
  "\r",
  "\x1b",
  "\x7f",
  "\x85",
  "\u00ad",
  "\u061c",
  "\u180e",
  "\u200b",
  "\u200f",
  "\u2028",
  "\u202e",
  "\u2060",
  "\u2066",
  "\ud800",
  "\udc00",
  "\ufeff",
  "\u{1f600}",
  "\u{e0041}",
);
const TEXT = fc.string({ unit: CHARACTERS, maxLength: 12 });
const PLAIN_TEXT = fc.string({ maxLength: 12 }).map((text) => text.replace(/[^ -~]/g, ""));

const FIELDS = [
  "id",
  "action",
  "pipeline",
  "env",
  "privileged",
  "forward_agent",
  "reason",
  "host",
  "session",
  "version",
  "time",
  "stream",
  "cwd",
  "stdin",
  "timeout_ms",
  "target",
  "__proto__",
  "constructor",
  "toString",
  "unknown",
] as const;

/** How far a `time` may be from now, in seconds; none is close to a limit. */
const AGES = fc.constantFrom(-3600, -90, -50, -1, 0, 0, 0, 0, 0, 1, 25, 40, 86_400);

const at = (seconds: number) => new Date(Date.now() + seconds * 1000).toISOString();

/** A request that the daemon takes. `stop` is left out, since it would be believed. */
const VALID = fc.record({
  id: fc.uuid(),
  action: fc.constantFrom("exec", "exec", "exec", "ping", "cancel"),
  words: fc.array(PLAIN_TEXT, { maxLength: 4 }),
  program: fc.constantFrom("true", "/usr/bin/true", "echo"),
  env: fc.dictionary(fc.constantFrom("LANG", "TZ", "LC_ALL", "TERM", "HOME"), PLAIN_TEXT),
  reason: PLAIN_TEXT,
  privileged: fc.boolean(),
  input: fc.option(PLAIN_TEXT, { nil: undefined }),
  timeoutMs: fc.option(fc.integer({ min: 1000, max: 2 ** 31 - 1 }), { nil: undefined }),
}).map(({ id, action, words, program, env, reason, privileged, input, timeoutMs }) => ({
  id,
  time: at(0),
  reason,
  stream: true,
  privileged,
  ...(action === "exec" ? { pipeline: [[program, ...words]], env } : { action, target: "nobody" }),
  ...(input === undefined ? {} : { stdin: btoa(input) }),
  ...(timeoutMs === undefined ? {} : { timeout_ms: timeoutMs }),
} as Record<string, unknown>));

const deep = (depth: number) => {
  let value: unknown = 1;
  for (let level = 0; level < depth; level++) value = level % 2 ? [value] : { a: value };
  return value;
};

/** Values for any field; a raw number stands for what JSON.stringify does not write. */
const VALUES: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  TEXT,
  fc.array(fc.array(TEXT, { maxLength: 3 }), { maxLength: 3 }),
  fc.dictionary(fc.oneof(TEXT, fc.constantFrom("LANG", "PATH", "__proto__")), TEXT, { maxKeys: 3 }),
  fc.constantFrom(
    null,
    true,
    false,
    0,
    -1,
    999,
    1000,
    2 ** 31 - 1,
    2 ** 31,
    1.5,
    1e308,
    "",
    [],
    {},
  ),
  fc.constantFrom("exec", "ping", "cancel", "reboot", "EXEC", "exec ", "/", "/tmp", "tmp", "***"),
  fc.integer({ min: 1, max: 2000 }).map(deep),
  AGES.map(at),
);

/** Everything that has a limit, one below, at, and one above it. */
const LIMITS: fc.Arbitrary<Record<string, unknown>> = fc.oneof(
  fc.constantFrom(15, 16, 17).map((count) => ({ pipeline: Array(count).fill(["true"]) })),
  fc.constantFrom(4095, 4096, 4097).map((count) => ({ pipeline: [Array(count).fill("true")] })),
  fc.constantFrom(131_070, 131_071, 131_072).map((size) => ({
    pipeline: [["true", "x".repeat(size)]],
  })),
  fc.constantFrom(63, 64, 65).map((count) => ({
    env: Object.fromEntries(
      Array.from(
        { length: count },
        (_, index) => [`LC_${String.fromCharCode(65 + index % 26)}${"Z".repeat(index / 26)}`, "C"],
      ),
    ),
  })),
  fc.constantFrom(0, 1, 127, 128, 129).chain((length) =>
    fc.string({ unit: fc.constantFrom(..."abcdefghij"), minLength: length, maxLength: length }).map(
      (
        id,
      ) => ({ id }),
    )
  ),
  fc.constantFrom(999, 1000, 2 ** 31 - 1, 2 ** 31).map((timeout_ms) => ({ timeout_ms })),
);

/** How the fields of a request are changed. */
const CHANGED: fc.Arbitrary<Record<string, unknown>> = fc.tuple(
  VALID,
  fc.oneof(
    { weight: 2, arbitrary: fc.constant({}) },
    { weight: 2, arbitrary: LIMITS },
    {
      weight: 8,
      arbitrary: fc.array(fc.tuple(fc.constantFrom(...FIELDS), VALUES), {
        minLength: 1,
        maxLength: 2,
      }).map((entries) => Object.fromEntries(entries)),
    },
    { weight: 1, arbitrary: fc.constantFrom(...FIELDS).map((name) => ({ [name]: undefined })) },
  ),
).map(([request, changes]) => {
  const changed = { ...request };
  for (const [name, value] of Object.entries(changes)) {
    Object.defineProperty(changed, name, { value, enumerable: true, writable: true });
  }
  return changed;
});

const encode = (text: string) => new TextEncoder().encode(text);

/** How the bytes of a line are changed. */
const BYTES: fc.Arbitrary<(line: string) => Uint8Array> = fc.oneof(
  { weight: 10, arbitrary: fc.constant((line: string) => encode(`${line}\n`)) },
  // The last of two equal keys counts.
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...FIELDS), VALUES).map(([name, value]) => (line: string) =>
      encode(`${line.slice(0, -1)},${JSON.stringify(name)}:${JSON.stringify(value) ?? "null"}}\n`)
    ),
  },
  {
    weight: 2,
    arbitrary: fc.tuple(
      fc.constantFrom("timeout_ms", "id", "stdin", "unknown", "__proto__"),
      fc.constantFrom(
        "1e999",
        "-1e999",
        "1e3",
        "1000.0",
        "-0",
        "00",
        "+1",
        "NaN",
        "0x10",
        "9".repeat(400),
        `${"[".repeat(5000)}${"]".repeat(5000)}`,
        `${'{"a":'.repeat(5000)}1${"}".repeat(5000)}`,
        "undefined",
        "'x'",
        '"\\u0000"',
        '"\\ud800"',
        '"\\ud83d\\ude00"',
      ),
    ).map(([name, raw]) => (line: string) => encode(`${line.slice(0, -1)},"${name}":${raw}}\n`)),
  },
  // Bytes are flipped, put in, taken out, and repeated.
  {
    weight: 6,
    arbitrary: fc.array(
      fc.tuple(
        fc.nat(),
        fc.constantFrom(0, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x5c, 0x7b, 0x80, 0xc0, 0xed, 0xff),
        fc.constantFrom("flip", "insert", "remove", "repeat"),
      ),
      { minLength: 1, maxLength: 3 },
    ).map((edits) => (line: string) => {
      const bytes = [...encode(`${line}\n`)];
      for (const [where, byte, how] of edits) {
        const index = where % bytes.length;
        if (how === "flip") bytes[index] = byte;
        if (how === "insert") bytes.splice(index, 0, byte);
        if (how === "remove") bytes.splice(index, 1 + where % 7);
        if (how === "repeat") bytes.splice(index, 0, ...bytes.slice(index, index + where % 90));
      }
      return Uint8Array.from(bytes);
    }),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom<(line: string) => Uint8Array>(
      (line) => encode(`\ufeff${line}\n`),
      (line) => encode(` \t${line} \r\n`),
      (line) => encode(`[${line}]\n`),
      (line) => encode(`\n${line}\n`),
      (line) => encode(`${line}\n${line}\n`),
      (line) => encode(line),
      () => encode("\n"),
      () => new Uint8Array(),
    ),
  },
);

/** Lines of about 1 MiB are few, since they take long. */
const LONG: fc.Arbitrary<Uint8Array> = fc.tuple(VALID, fc.constantFrom(-1, 0, 1)).map(
  ([request, more]) => {
    const empty = JSON.stringify({ ...request, padding: "" });
    const padding = "x".repeat(MIB + more - 1 - encode(empty).length);
    return encode(`${empty.replace(/"padding":""}$/, `"padding":"${padding}"}`)}\n`);
  },
);

/** What one connection sends before it falls silent. */
export const HOSTILE_LINES: fc.Arbitrary<Uint8Array> = fc.oneof(
  {
    weight: 400,
    arbitrary: fc.tuple(CHANGED, BYTES).map(([request, change]) => change(JSON.stringify(request))),
  },
  { weight: 1, arbitrary: LONG },
);
