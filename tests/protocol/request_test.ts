import fc from "fast-check";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { parseRequest, type RequestInput, requestLine } from "../../lib/protocol/request.ts";
import { assertEquals, assertMatch, assertThrows, assertTrue } from "../rig/assert.ts";

const UUID_V4 = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

Deno.test("parseRequest fills in every default", () => {
  const { id, ...rest } = parseRequest("{}");
  assertMatch(id, UUID_V4);
  assertEquals(rest, {
    action: "exec",
    pipeline: [],
    env: new Map(),
    privileged: true,
    forwardAgent: false,
    reason: "",
    host: "",
    session: "",
    version: "",
    time: undefined,
    stream: false,
    cwd: "/",
    stdin: undefined,
    timeoutMs: undefined,
    target: undefined,
  });
});

Deno.test("parseRequest makes a fresh id for each request that has none", () => {
  assertTrue(parseRequest("{}").id !== parseRequest("{}").id);
});

Deno.test("parseRequest reads every field", () => {
  const line = JSON.stringify({
    id: "an id",
    action: "cancel",
    pipeline: [["echo", "a b"], ["wc"]],
    env: { TZ: "UTC", LANG: "C" },
    privileged: false,
    forward_agent: true,
    reason: "why",
    host: "there",
    session: "who",
    version: "1.1.0",
    time: "2026-01-31T12:00:00Z",
    stream: true,
    cwd: "/tmp",
    stdin: "aMOk",
    timeout_ms: 1000,
    target: "another id",
  });
  assertEquals(parseRequest(line), {
    id: "an id",
    action: "cancel",
    pipeline: [["echo", "a b"], ["wc"]],
    env: new Map([["TZ", "UTC"], ["LANG", "C"]]),
    privileged: false,
    forwardAgent: true,
    reason: "why",
    host: "there",
    session: "who",
    version: "1.1.0",
    time: "2026-01-31T12:00:00Z",
    stream: true,
    cwd: "/tmp",
    stdin: new TextEncoder().encode("hä"),
    timeoutMs: 1000,
    target: "another id",
  });
});

for (const action of ["exec", "ping", "stop", "cancel"] as const) {
  Deno.test(`parseRequest knows the action ${action}`, () => {
    assertEquals(parseRequest(JSON.stringify({ action })).action, action);
  });
}

/** For each field, the rule that its message names, and values that break it. */
const WRONG: Readonly<Record<string, readonly [rule: string, values: readonly unknown[]]>> = {
  id: ["must be a string", [null, 5, true, [], {}]],
  action: ['must be one of "exec", "ping", "stop", "cancel"', [
    null,
    5,
    true,
    [],
    {},
    "",
    "EXEC",
    "reboot",
    "toString",
  ]],
  pipeline: ["must be an array of stages, each an array of strings", [null, 5, "id", true, {}]],
  env: ["must be an object of strings", [null, 5, "A=b", true, [], [["TZ", "UTC"]]]],
  privileged: ["must be true or false", [null, 0, 1, "true", "false", [], {}]],
  forward_agent: ["must be true or false", [null, 0, "false", [], {}]],
  reason: ["must be a string", [null, 5, true, [], {}]],
  host: ["must be a string", [null, 5, true, [], {}]],
  session: ["must be a string", [null, 5, true, [], {}]],
  version: ["must be a string", [null, 1.1, true, [], {}]],
  time: ["must be a string", [null, 1_700_000_000, true, [], {}]],
  stream: ["must be true or false", [null, 1, "true", [], {}]],
  cwd: ["must be a string", [null, 5, true, [], {}]],
  stdin: ["must be a string", [null, 5, true, [], {}]],
  timeout_ms: ["must be a whole number of milliseconds", [null, "1000", true, [], {}, 1.5]],
  target: ["must be a string", [null, 5, true, [], {}]],
};

for (const [field, [rule, values]] of Object.entries(WRONG)) {
  Deno.test(`parseRequest refuses a value of the wrong type as "${field}", and names the field and the rule`, () => {
    for (const value of values) {
      const { message, id } = faultOf({ id: "7", [field]: value });
      assertEquals(
        { value, message },
        { value, message: `invalid request: "${field}" ${rule}` },
      );
      assertEquals(id, field === "id" ? "" : "7");
    }
  });
}

Deno.test("parseRequest names the place in the pipeline that is wrong", () => {
  assertEquals(
    faultOf({ pipeline: [["id"], "id"] }).message,
    'invalid request: "pipeline[1]" must be an array of strings',
  );
  assertEquals(
    faultOf({ pipeline: [["id"], ["echo", "a", 5]] }).message,
    'invalid request: "pipeline[1][2]" must be a string',
  );
  assertEquals(
    faultOf({ pipeline: [[["id"]]] }).message,
    'invalid request: "pipeline[0][0]" must be a string',
  );
});

Deno.test("parseRequest names the environment entry that is wrong", () => {
  assertEquals(
    faultOf({ env: { TZ: "UTC", LANG: 5 } }).message,
    'invalid request: "env.LANG" must be a string',
  );
});

Deno.test("parseRequest cuts and escapes a name from the request in its message", () => {
  const { message } = faultOf({ env: { [`\x1b[2J"\n${"x".repeat(1000)}`]: 5 } });
  assertTrue(message.length < 150, message);
  assertMatch(message, /^invalid request: "env\.\\u001b\[2J\\"\\nx+" must be a string$/);
});

for (const [what, id] of [["an empty id", ""], ["an id of 129 characters", "i".repeat(129)]]) {
  Deno.test(`parseRequest refuses ${what}`, () => {
    assertEquals(
      faultOf({ id }).message,
      'invalid request: "id" must be 1 to 128 characters long',
    );
  });
}

Deno.test("parseRequest takes an id of 1 and of 128 characters", () => {
  for (const id of ["i", "i".repeat(128)]) {
    assertEquals(parseRequest(JSON.stringify({ id })).id, id);
  }
});

Deno.test("parseRequest does not repeat an id that is too long in its error", () => {
  assertEquals(faultOf({ id: "i".repeat(129), cwd: 5 }).id, "");
});

for (
  const line of [
    "",
    " ",
    "{",
    "{}}",
    "{} {}",
    "undefined",
    "{'id':1}",
    "\uFEFF{}",
    "NaN",
    '{"a":1,}',
  ]
) {
  Deno.test(`parseRequest refuses ${JSON.stringify(line)} as not JSON`, () => {
    assertThrows(
      () => parseRequest(line),
      /^ProtocolError: invalid request: it must be one line of JSON$/,
    );
  });
}

for (const line of ["null", "true", "5", '"exec"', "[]", "[{}]"]) {
  Deno.test(`parseRequest refuses ${line} as not an object`, () => {
    assertThrows(
      () => parseRequest(line),
      /^ProtocolError: invalid request: it must be a JSON object$/,
    );
  });
}

Deno.test("parseRequest ignores fields that it does not know", () => {
  const request = parseRequest('{"id":"1","color":"red","approved":true,"timeoutMs":5}');
  assertEquals(request, parseRequest('{"id":"1"}'));
});

Deno.test("parseRequest knows fields by their exact names alone", () => {
  const request = parseRequest('{"id":"1","Privileged":false,"forwardAgent":true,"CWD":"/tmp"}');
  assertEquals(request, parseRequest('{"id":"1"}'));
});

Deno.test('parseRequest takes no field from "__proto__", "constructor" or "prototype"', () => {
  for (const name of ["__proto__", "constructor", "prototype"]) {
    const request = parseRequest(`{"id":"1","${name}":{"privileged":false,"cwd":"/tmp"}}`);
    assertEquals(request, parseRequest('{"id":"1"}'));
  }
  assertEquals(({} as Record<string, unknown>)["cwd"], undefined);
});

Deno.test('parseRequest keeps an environment entry named "__proto__" for the gate to refuse', () => {
  const { env } = parseRequest('{"env":{"__proto__":"x","constructor":"y","TZ":"UTC"}}');
  assertEquals([...env], [["__proto__", "x"], ["constructor", "y"], ["TZ", "UTC"]]);
  assertEquals(
    faultOfLine('{"env":{"__proto__":{"TZ":"UTC"}}}').message,
    'invalid request: "env.__proto__" must be a string',
  );
});

Deno.test("parseRequest takes the last of two fields with one name, so that one value is shown and run", () => {
  const request = parseRequest(
    '{"id":"1","pipeline":[["id"]],"pipeline":[["reboot"]],"env":{"TZ":"A","TZ":"B"}}',
  );
  assertEquals(request.pipeline, [["reboot"]]);
  assertEquals([...request.env], [["TZ", "B"]]);
});

Deno.test("parseRequest survives a million brackets", () => {
  const deep = (brackets: number) => `${"[".repeat(brackets)}${"]".repeat(brackets)}`;
  assertEquals(parseRequest(`{"id":"1","unknown":${deep(500_000)}}`), parseRequest('{"id":"1"}'));
  assertEquals(
    faultOfLine(`{"pipeline":${deep(500_000)}}`).message,
    'invalid request: "pipeline[0][0]" must be a string',
  );
  assertEquals(
    faultOfLine(deep(500_000)).message,
    "invalid request: it must be a JSON object",
  );
  assertEquals(
    faultOfLine("[".repeat(1_000_000)).message,
    "invalid request: it must be one line of JSON",
  );
});

Deno.test("parseRequest survives a hundred thousand wrong entries", () => {
  const env = Object.fromEntries(Array.from({ length: 100_000 }, (_, n) => [`V${n}`, n]));
  assertEquals(faultOf({ env }).message, 'invalid request: "env.V0" must be a string');
  const pipeline = [Array.from({ length: 100_000 }, (_, n) => n)];
  assertEquals(faultOf({ pipeline }).message, 'invalid request: "pipeline[0][0]" must be a string');
});

for (const number of ["1e400", "-1e400", "1e300", "9007199254740993", "0.1"]) {
  Deno.test(`parseRequest refuses ${number} as timeout_ms`, () => {
    assertEquals(
      faultOfLine(`{"timeout_ms":${number}}`).message,
      'invalid request: "timeout_ms" must be a whole number of milliseconds',
    );
  });
}

Deno.test("parseRequest leaves the range of timeout_ms to the gate", () => {
  for (const timeoutMs of [-1, 0, 1, 999, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
    assertEquals(parseRequest(`{"timeout_ms":${timeoutMs}}`).timeoutMs, timeoutMs);
  }
});

for (
  const [what, text] of [
    ["a character that base64 does not have", "aGk*"],
    ["missing padding", "aGkK4g"],
    ["too much padding", "aGk=="],
    ["padding in the middle", "aG==aGk="],
    ["a single letter", "a"],
    ["padding alone", "="],
    ["the alphabet of URLs", "-_-_"],
    ["bits that are left over", "aGl="],
    ["a backslash", "aGk\\"],
    ["a character of two bytes", "aGk\u00e4"],
    ["a lone surrogate", "\ud800AAA"],
  ]
) {
  Deno.test(`parseRequest refuses base64 with ${what}`, () => {
    assertEquals(faultOf({ stdin: text }).message, 'invalid request: "stdin" must be base64');
  });
}

Deno.test("parseRequest passes over line breaks in base64, as encoders wrap it", () => {
  const { stdin } = parseRequest(JSON.stringify({ stdin: "aG k=\r\n" }));
  assertEquals(stdin, new TextEncoder().encode("hi"));
});

Deno.test("parseRequest decodes base64 of any bytes", () => {
  const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
  assertEquals(parseRequest(JSON.stringify({ stdin: bytes.toBase64() })).stdin, bytes);
  assertEquals(parseRequest('{"stdin":""}').stdin, new Uint8Array());
});

Deno.test("requestLine leaves out what is left out", () => {
  assertEquals(wire(requestLine({}, stamp)), stamp);
});

Deno.test("requestLine leaves out the action exec and an empty environment, as sudo-proxy 1.1 does", () => {
  assertEquals(
    wire(requestLine({ action: "exec", env: {}, pipeline: [["id"]] }, stamp)),
    { ...stamp, pipeline: [["id"]] },
  );
});

Deno.test("requestLine writes every field under its name on the wire", () => {
  const input: Required<RequestInput> = {
    id: "ignored: the stamp names the request",
    action: "cancel",
    pipeline: [["echo"]],
    env: { TZ: "UTC" },
    privileged: true,
    forwardAgent: false,
    reason: "why",
    host: "there",
    session: "who",
    stream: true,
    cwd: "/tmp",
    stdin: new TextEncoder().encode("hi"),
    timeoutMs: 1000,
    target: "another",
  };
  assertEquals(wire(requestLine(input, stamp)), {
    ...stamp,
    action: "cancel",
    pipeline: [["echo"]],
    env: { TZ: "UTC" },
    privileged: true,
    forward_agent: false,
    reason: "why",
    host: "there",
    session: "who",
    stream: true,
    cwd: "/tmp",
    stdin: "aGk=",
    timeout_ms: 1000,
    target: "another",
  });
});

Deno.test("requestLine sends an empty standard input, which is not the same as none", () => {
  assertEquals(wire(requestLine({ stdin: new Uint8Array() }, stamp)), { ...stamp, stdin: "" });
});

Deno.test("what requestLine writes is what parseRequest reads", () => {
  const text = fc.string({ unit: "binary" });
  const inputs = fc.record({
    action: fc.constantFrom("exec" as const, "ping" as const, "stop" as const, "cancel" as const),
    pipeline: fc.array(fc.array(text)),
    env: fc.dictionary(
      fc.oneof(text, fc.constantFrom("__proto__", "constructor", "TZ")),
      text,
      { noNullPrototype: false },
    ),
    privileged: fc.boolean(),
    forwardAgent: fc.boolean(),
    reason: text,
    host: text,
    session: text,
    stream: fc.boolean(),
    cwd: text,
    stdin: fc.uint8Array(),
    timeoutMs: fc.maxSafeInteger(),
    target: text,
  }, { requiredKeys: [] });
  const stamps = fc.record({
    id: fc.string({ unit: "binary", minLength: 1, maxLength: 60 }),
    time: text,
    version: text,
  });
  fc.assert(fc.property(inputs, stamps, (input, stamp) => {
    const { env = {}, stdin, ...fields } = input;
    assertEquals(parseRequest(JSON.stringify(requestLine(input, stamp))), {
      action: "exec",
      pipeline: [],
      privileged: true,
      forwardAgent: false,
      reason: "",
      host: "",
      session: "",
      stream: false,
      cwd: "/",
      timeoutMs: undefined,
      target: undefined,
      ...fields,
      ...stamp,
      env: new Map(Object.entries(env)),
      stdin: stdin === undefined ? undefined : Uint8Array.from(stdin),
    });
  }));
});

const stamp = { id: "1", time: "2026-01-31T12:00:00Z", version: "1.2.3" };

/** What travels: JSON drops what is undefined. */
function wire(line: Record<string, unknown>): unknown {
  return JSON.parse(JSON.stringify(line));
}

function faultOf(fields: Record<string, unknown>): ProtocolError {
  return faultOfLine(JSON.stringify(fields));
}

function faultOfLine(line: string): ProtocolError {
  try {
    parseRequest(line);
  } catch (error) {
    assertTrue(error instanceof ProtocolError, String(error));
    return error;
  }
  throw new Error(`it was accepted: ${line.slice(0, 200)}`);
}
