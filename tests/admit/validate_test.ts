import fc from "fast-check";
import { ReplayMemory } from "../../lib/admit/replay.ts";
import type { ValidatedRequest } from "../../lib/admit/request.ts";
import { validateRequest } from "../../lib/admit/validate.ts";
import type { Fault } from "../../lib/protocol/codes.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { parseRequest } from "../../lib/protocol/request.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);
const ARRIVAL = { wallNow: NOON, now: 5000 };

type Line = Readonly<Record<string, unknown>>;

const EXEC: Line = {
  id: "one",
  pipeline: [["apt", "install", "nginx"]],
  time: "2026-01-31T12:00:00Z",
};

/** Takes a request line the way of a connection: shape first, then the rules. */
function receive(
  line: Line,
  memory = new ReplayMemory(),
  arrival = ARRIVAL,
): { request: ValidatedRequest } | { fault: Fault } {
  try {
    return validateRequest(parseRequest(JSON.stringify(line)), arrival, memory);
  } catch (error) {
    assertTrue(error instanceof ProtocolError);
    return { fault: { code: "invalid_request", message: error.message } };
  }
}

function accepted(change: Line, memory?: ReplayMemory): ValidatedRequest {
  const result = receive({ ...EXEC, ...change }, memory);
  assertTrue("request" in result, "fault" in result ? result.fault.message : "");
  return result.request;
}

function faultOf(change: Line, memory?: ReplayMemory): string {
  const result = receive({ ...EXEC, ...change }, memory);
  assertTrue("fault" in result, `accepted: ${JSON.stringify(change)}`);
  return result.fault.message;
}

const base64 = (text: string) => new TextEncoder().encode(text).toBase64();

Deno.test("validateRequest() gives a request back as it was sent, and fills in what was left out", () => {
  assertEquals<unknown>({ ...accepted({}) }, {
    id: "one",
    action: "exec",
    pipeline: [["apt", "install", "nginx"]],
    env: [],
    privileged: true,
    forwardAgent: false,
    reason: "",
    host: "",
    session: "",
    version: "",
    stream: false,
    cwd: "/",
    stdin: undefined,
    timeoutMs: undefined,
    target: undefined,
  });
});

Deno.test("validateRequest() keeps every field that was sent", () => {
  const request = accepted({
    pipeline: [["cat", "-"], ["tee", "/etc/motd"]],
    env: { TZ: "UTC", LC_ALL: "C", LANG: "pl_PL.UTF-8" },
    privileged: false,
    forward_agent: true,
    reason: "aby było ładnie",
    host: "web1",
    session: "s-1",
    version: "1.1.0",
    stream: true,
    cwd: "/srv",
    stdin: base64("zażółć\n\tgęślą\n"),
    timeout_ms: 1000,
    unknown_field: { anything: true },
  });
  assertEquals<unknown>({ ...request }, {
    id: "one",
    action: "exec",
    pipeline: [["cat", "-"], ["tee", "/etc/motd"]],
    env: [["TZ", "UTC"], ["LC_ALL", "C"], ["LANG", "pl_PL.UTF-8"]],
    privileged: false,
    forwardAgent: true,
    reason: "aby było ładnie",
    host: "web1",
    session: "s-1",
    version: "1.1.0",
    stream: true,
    cwd: "/srv",
    stdin: "zażółć\n\tgęślą\n",
    timeoutMs: 1000,
    target: undefined,
  });
});

Deno.test("validateRequest() accepts control actions without a pipeline", () => {
  for (const action of ["ping", "stop"] as const) {
    assertEquals(accepted({ action, pipeline: [] }).action, action);
  }
  assertEquals(accepted({ action: "cancel", pipeline: [], target: "two" }).target, "two");
});

Deno.test("validateRequest() names the field and the rule that a request breaks", () => {
  const stages = (count: number) => Array.from({ length: count }, () => ["true"]);
  const names = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [
        `LC_${String.fromCharCode(65 + Math.floor(index / 26), 65 + index % 26)}`,
        "C",
      ]),
    );
  const refused: readonly (readonly [change: Line, fault: RegExp])[] = [
    [{ id: "" }, /"id" must be 1 to 128 characters/],
    [{ id: "x".repeat(129) }, /"id" must be 1 to 128 characters/],
    [{ id: 5 }, /"id" must be a string/],
    [{ id: "a\nb" }, /"id" must not contain a control character/],
    [{ action: "run" }, /"action" must be one of "exec"/],
    [{ pipeline: undefined }, /"pipeline" must have at least 1 stage/],
    [{ pipeline: [] }, /"pipeline" must have at least 1 stage/],
    [{ pipeline: "ls" }, /"pipeline" must be an array of stages/],
    [{ pipeline: ["ls"] }, /"pipeline\[0\]" must be an array of strings/],
    [{ pipeline: [["ls", 1]] }, /"pipeline\[0\]\[1\]" must be a string/],
    [{ pipeline: [[]] }, /"pipeline\[0\]" must name a program/],
    [{ pipeline: [["ls"], []] }, /"pipeline\[1\]" must name a program/],
    [{ pipeline: [["ls"], ["", "x"]] }, /"pipeline\[1\]" must name a program, not an empty/],
    [{ pipeline: stages(17) }, /"pipeline" must have at most 16 stages/],
    [{ pipeline: [Array(4097).fill("x")] }, /"pipeline\[0\]" must have at most 4096 words/],
    [
      { pipeline: [["true"], ["echo", "x".repeat(131_072)]] },
      /"pipeline\[1\]\[1\]" must have at most 131071 bytes as UTF-8/,
    ],
    [{ pipeline: [["é".repeat(65_536)]] }, /"pipeline\[0\]\[0\]" must have at most 131071 bytes/],
    [{ env: { LANG: "x".repeat(131_067) } }, /"env\.LANG" and its name must have at most 131071/],
    [{ pipeline: [["ls\n"]] }, /"pipeline\[0\]\[0\]" must not contain a control/],
    [{ pipeline: [["l\ts"]] }, /"pipeline\[0\]\[0\]" must not contain a control/],
    [{ pipeline: [["ls"], ["cat", "-", "\x1b[2J"]] }, /"pipeline\[1\]\[2\]" must not contain/],
    [{ pipeline: [["ls", "\u202E"]] }, /"pipeline\[0\]\[1\]" must not contain a bidirectional/],
    [{ pipeline: [["ls", "a\0b"]] }, /"pipeline\[0\]\[1\]" .*U\+0000/],
    [{ pipeline: [["ls", "\uD800"]] }, /"pipeline\[0\]\[1\]" .*lone surrogate/],
    [{ action: "ping" }, /"pipeline" must be empty for the action "ping"/],
    [{ action: "stop" }, /"pipeline" must be empty for the action "stop"/],
    [{ action: "cancel", target: "x" }, /"pipeline" must be empty for the action "cancel"/],
    [{ action: "cancel", pipeline: [] }, /"target" must name the request/],
    [{ action: "cancel", pipeline: [], target: "" }, /"target" must name the request/],
    [{ target: "a\u200Bb" }, /"target" must not contain a zero-width/],
    [{ env: { PATH: "/tmp" } }, /"env\.PATH" must be one of LANG, LC_\*, TZ, HOME/],
    [{ env: { TZ: "UTC", LD_PRELOAD: "x" } }, /"env\.LD_PRELOAD" must be one of/],
    [{ env: { "": "x" } }, /"env\." must be one of/],
    [{ env: { "LANG\n": "C" } }, /a name in "env" must not contain a control/],
    [{ env: { LANG: "C\n" } }, /"env\.LANG" must not contain a control/],
    [{ env: { LANG: "\u2067" } }, /"env\.LANG" must not contain a bidirectional/],
    [{ env: { LANG: 1 } }, /"env\.LANG" must be a string/],
    [{ env: [["LANG", "C"]] }, /"env" must be an object of strings/],
    [{ env: null }, /"env" must be an object of strings/],
    [{ env: names(65) }, /"env" must have at most 64 entries/],
    [{ privileged: "false" }, /"privileged" must be true or false/],
    [{ privileged: null }, /"privileged" must be true or false/],
    [{ forward_agent: true }, /"forward_agent" must be false where "privileged" is true/],
    [{ forward_agent: 1 }, /"forward_agent" must be true or false/],
    [{ reason: "a\nb" }, /"reason" must not contain a control character/],
    [{ host: "\u{E0041}" }, /"host" must not contain a tag character/],
    [{ session: "\x9b" }, /"session" must not contain a control character \(U\+009B\)/],
    [{ version: "\uFEFF" }, /"version" must not contain a zero-width/],
    [{ stream: "yes" }, /"stream" must be true or false/],
    [{ cwd: "" }, /"cwd" must be an absolute path/],
    [{ cwd: "srv" }, /"cwd" must be an absolute path/],
    [{ cwd: "~" }, /"cwd" must be an absolute path/],
    [{ cwd: "/srv\n" }, /"cwd" must not contain a control/],
    [{ stdin: "not base64!" }, /"stdin" must be base64/],
    [{ stdin: "YQ" }, /"stdin" must be base64/],
    [{ stdin: 5 }, /"stdin" must be a string/],
    [{ stdin: Uint8Array.of(0xFF, 0xFE).toBase64() }, /"stdin" must be UTF-8 text/],
    [{ stdin: base64("a\x1b[2J") }, /"stdin" must not contain a control/],
    [{ stdin: base64("\uFEFFa") }, /"stdin" must not contain a zero-width/],
    [{ stdin: base64("a\r\n") }, /"stdin" must not contain a control character \(U\+000D\)/],
    [{ timeout_ms: 999 }, /"timeout_ms" must be 1000 to 2147483647/],
    [{ timeout_ms: 0 }, /"timeout_ms" must be 1000 to/],
    [{ timeout_ms: -5000 }, /"timeout_ms" must be 1000 to/],
    [{ timeout_ms: 2_147_483_648 }, /"timeout_ms" must be 1000 to/],
    [{ timeout_ms: 1000.5 }, /"timeout_ms" must be a whole number/],
    [{ timeout_ms: "1000" }, /"timeout_ms" must be a whole number/],
    [{ time: undefined }, /"time" must be there/],
    [{ time: "" }, /"time" must be ISO 8601 in UTC/],
    [{ time: "2026-01-31T12:00:00" }, /"time" must be ISO 8601 in UTC/],
    [{ time: "2026-01-31T12:00:00+01:00" }, /"time" must be ISO 8601 in UTC/],
    [{ time: "2026-02-30T12:00:00Z" }, /"time" must be ISO 8601 in UTC/],
    [{ time: 5 }, /"time" must be a string/],
    [{ time: "2026-01-31T11:58:59Z" }, /"time" must be at most 60 s old, and is 61\.0 s old/],
    [{ time: "2026-01-31T12:00:31Z" }, /"time" must be at most 30 s ahead, and is 31\.0 s ahead/],
  ];
  for (const [change, pattern] of refused) assertMatch(faultOf(change), pattern);
});

Deno.test("validateRequest() says of each fault whether the request is invalid, stale or refused", () => {
  const memory = new ReplayMemory();
  assertMatch(faultOf({ cwd: "x" }, memory), /^invalid request: "cwd"/);
  assertMatch(faultOf({ time: "2026-01-31T11:00:00Z" }, memory), /^stale request: "time"/);
  accepted({}, memory);
  assertEquals(
    faultOf({}, memory),
    'refused request: "id" must be new, and "one" was used before',
  );
});

Deno.test("validateRequest() gives each fault a code", () => {
  const memory = new ReplayMemory(1);
  const codeOf = (change: Line) => {
    const result = receive({ ...EXEC, ...change }, memory);
    return "fault" in result ? result.fault.code : "accepted";
  };
  assertEquals(codeOf({ cwd: "x" }), "invalid_request");
  assertEquals(codeOf({ time: undefined }), "invalid_request");
  assertEquals(codeOf({ time: "2026-01-31T11:00:00Z" }), "stale");
  assertEquals(codeOf({}), "accepted");
  assertEquals(codeOf({}), "id_used");
  assertEquals(codeOf({ id: "two" }), "busy");
});

Deno.test("validateRequest() accepts what is just within each limit", () => {
  const env = Object.fromEntries(
    Array.from({ length: 64 }, (_, index) => [`LC_${"A".repeat(index + 1)}`, "C"]),
  );
  const within: readonly Line[] = [
    { id: "x" },
    { id: "x".repeat(128) },
    { pipeline: Array(16).fill(["true"]) },
    { pipeline: [Array(4096).fill("x")] },
    { pipeline: [["sh", "-c", "a\n\tb"]] },
    { pipeline: [["echo", "x".repeat(131_071), `${"é".repeat(65_535)}x`]] },
    { env: { LANG: "x".repeat(131_066) } },
    { pipeline: [["printf", ""]] },
    { env },
    { env: { LANG: "" } },
    { privileged: false, forward_agent: true },
    { timeout_ms: 1000 },
    { timeout_ms: 2_147_483_647 },
    { stdin: "" },
    { time: "2026-01-31T11:59:00Z" },
    { time: "2026-01-31T12:00:30Z" },
    { time: "2026-01-31T11:59:00.000000000+00:00" },
  ];
  for (const change of within) accepted(change);
  assertMatch(faultOf({ time: "2026-01-31T11:58:59.999Z" }), /60 s old/);
  assertMatch(faultOf({ time: "2026-01-31T12:00:30.001Z" }), /30 s ahead/);
});

Deno.test("validateRequest() refuses names that a plain object knows by itself", () => {
  for (const name of ["__proto__", "constructor", "toString", "hasOwnProperty"]) {
    const line = JSON.stringify({ ...EXEC, env: {} }).replace('"env":{}', `"env":{"${name}":"x"}`);
    const result = validateRequest(parseRequest(line), ARRIVAL, new ReplayMemory());
    assertTrue("fault" in result);
    assertMatch(result.fault.message, new RegExp(`"env.${name}" must be one of`));
  }
});

Deno.test("validateRequest() checks a control action as it checks an exec request", () => {
  const memory = new ReplayMemory();
  const stop = { action: "stop", pipeline: [] };
  assertMatch(faultOf({ ...stop, time: undefined }, memory), /"time" must be there/);
  assertMatch(faultOf({ ...stop, time: "2026-01-31T11:00:00Z" }, memory), /stale request/);
  assertMatch(faultOf({ ...stop, reason: "\x1b" }, memory), /"reason" must not contain/);
  accepted(stop, memory);
  assertMatch(faultOf(stop, memory), /"id" must be new/);
});

Deno.test("validateRequest() does not remember the id of a request that it refused", () => {
  const memory = new ReplayMemory();
  const faults: readonly Line[] = [
    { cwd: "x" },
    { reason: "\x07" },
    { env: { PATH: "x" } },
    { pipeline: [] },
    { stdin: base64("\0") },
    { stdin: Uint8Array.of(0xFF).toBase64() },
    { timeout_ms: 1 },
    { time: undefined },
    { time: "yesterday" },
    { time: "2026-01-31T11:00:00Z" },
  ];
  for (const change of faults) faultOf(change, memory);
  accepted({}, memory);
  assertMatch(faultOf({}, memory), /"one" was used before/);
});

Deno.test("validateRequest() looks at the contents before it looks at the id", () => {
  const memory = new ReplayMemory();
  accepted({}, memory);
  assertMatch(faultOf({ cwd: "x" }, memory), /"cwd" must be an absolute path/);
});

Deno.test("validateRequest() freezes the request through and through", () => {
  const request = accepted({ env: { LANG: "C" }, pipeline: [["a", "b"], ["c"]] });
  let parts = 0;
  const check = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    parts++;
    assertTrue(Object.isFrozen(value), JSON.stringify(value));
    Object.values(value).forEach(check);
  };
  check(request);
  assertEquals(
    parts,
    6,
    "the request, its pipeline with two stages, its environment with one entry",
  );
});

Deno.test("validateRequest() keeps nothing of the request that it was given", () => {
  const stage = ["ls", "-l"];
  const pipeline = [stage];
  const env = new Map([["LANG", "C"]]);
  const given = { ...parseRequest(JSON.stringify(EXEC)), pipeline, env };
  const result = validateRequest(given, ARRIVAL, new ReplayMemory());
  assertTrue("request" in result);
  stage[1] = "-R";
  pipeline.push(["rm"]);
  env.set("LANG", "x");
  assertEquals<unknown>(result.request.pipeline, [["ls", "-l"]]);
  assertEquals<unknown>(result.request.env, [["LANG", "C"]]);
});

Deno.test("validateRequest() accepts no text that breaks a rule, whatever field it is in", () => {
  const bad = fc.constantFrom("\0", "\x1b", "\x7f", "\x9b", "\u202E", "\u2066", "\u200B", "\uFEFF");
  const text = fc.tuple(fc.string({ maxLength: 5 }), bad, fc.string({ maxLength: 5 }))
    .map((parts) => parts.join(""));
  const places: readonly ((text: string) => Line)[] = [
    (id) => ({ id }),
    (reason) => ({ reason }),
    (host) => ({ host }),
    (session) => ({ session }),
    (version) => ({ version }),
    (path) => ({ cwd: `/${path}` }),
    (target) => ({ target }),
    (program) => ({ pipeline: [[program]] }),
    (argument) => ({ pipeline: [["ls"], ["cat", argument]] }),
    (name) => ({ env: { [`LC_${name}`]: "C" } }),
    (value) => ({ env: { LANG: value } }),
    (input) => ({ stdin: base64(input) }),
  ];
  fc.assert(fc.property(fc.constantFrom(...places), text, (place, broken) => {
    assertMatch(faultOf(place(broken)), /must not contain/);
  }));
});
