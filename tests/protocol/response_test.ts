import fc from "fast-check";
import { ERROR_CODES } from "../../lib/protocol/codes.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { parseAnswer, type ProgressEvent, type Response } from "../../lib/protocol/response.ts";
import { assertEquals, assertMatch, assertThrows, assertTrue } from "../rig/assert.ts";

const HI = new TextEncoder().encode("hi");

/** A line as it travels. */
const line = (value: unknown) =>
  JSON.stringify(value, (_, item) => item instanceof Uint8Array ? item.toBase64() : item);

const RESPONSES: readonly Response[] = [
  {
    id: "1",
    status: "ok",
    stages: [{ exit_code: 0, stderr: new Uint8Array() }, { exit_code: 3, stderr: HI }],
    stdout: HI,
    version: "1.1.0",
  },
  {
    id: "1",
    status: "ok",
    stages: [{
      exit_code: 143,
      signal: "SIGTERM",
      stderr: new Uint8Array(),
      stderr_truncated: true,
    }],
    stdout: new Uint8Array(),
    stdout_truncated: true,
  },
  { id: "1", status: "ok", message: "pong", features: ["stream", "telepathy"], version: "9" },
  { id: "1", status: "ok", message: "pong", features: [], waiting: 3 },
  { id: "1", status: "denied" },
  { id: "1", status: "denied", message: "not on a Friday" },
  { id: "1", status: "timeout" },
  { id: "", status: "error", message: "invalid request" },
  ...ERROR_CODES.map((code) => ({ id: "1", status: "error", message: "words", code } as const)),
];

for (const response of RESPONSES) {
  Deno.test(`parseAnswer reads the response ${JSON.stringify(response)}`, () => {
    assertEquals(parseAnswer(line(response)), { response });
  });
}

const EVENTS: readonly ProgressEvent[] = [
  { id: "1", event: "queued", position: 2 },
  { id: "1", event: "shown" },
  { id: "1", event: "shown", timeout_ms: 60_000 },
  { id: "1", event: "approved" },
  { id: "1", event: "started" },
  { id: "1", event: "output", stage: 0, stream: "stdout", data: HI },
  { id: "1", event: "output", stage: 1, stream: "stderr", data: new Uint8Array() },
];

for (const event of EVENTS) {
  Deno.test(`parseAnswer reads the event ${JSON.stringify(event)}`, () => {
    assertEquals(parseAnswer(line(event)), { event });
  });
}

Deno.test("parseAnswer passes over an event that it does not know", () => {
  assertEquals(parseAnswer('{"id":"1","event":"sneezed","loudness":11}'), undefined);
});

Deno.test("parseAnswer takes a line with a status for the response, even if it names an event", () => {
  assertEquals(parseAnswer('{"id":"1","event":"shown","status":"denied"}'), {
    response: { id: "1", status: "denied" },
  });
});

Deno.test("parseAnswer ignores fields that it does not know", () => {
  assertEquals(parseAnswer('{"id":"1","status":"denied","color":"red"}'), {
    response: { id: "1", status: "denied" },
  });
  assertEquals(parseAnswer('{"id":"1","event":"shown","color":"red"}'), {
    event: { id: "1", event: "shown" },
  });
});

Deno.test("parseAnswer takes a code that it does not know for none", () => {
  for (const code of ["sneezed", "", 7, null, ["stale"]]) {
    const answer = parseAnswer(JSON.stringify({ id: "1", status: "error", code }));
    assertTrue(answer !== undefined && "response" in answer);
    assertEquals(answer.response.code, undefined);
  }
});

Deno.test("parseAnswer takes the names of all signals", () => {
  for (const signal of ["SIGTERM", "SIG32", "SIGRTMIN", "SIGRTMIN+6", "SIGRTMIN+30"]) {
    const stages = [{ exit_code: 1, signal, stderr: new Uint8Array() }];
    assertEquals(parseAnswer(line({ id: "1", status: "ok", stages })), {
      response: { id: "1", status: "ok", stages },
    });
  }
});

for (
  const [line, names] of [
    ['{"status":"ok"}', '"id"'],
    ['{"id":5,"status":"ok"}', '"id"'],
    ['{"id":"1","status":"fine"}', '"status"'],
    ['{"id":"1","status":null}', '"status"'],
    ['{"id":"1","status":"ok","message":5}', '"message"'],
    ['{"id":"1","status":"ok","stages":{}}', '"stages"'],
    ['{"id":"1","status":"ok","stages":[{"stderr":""}]}', '"stages.0.exit_code"'],
    ['{"id":"1","status":"ok","stages":[{"exit_code":0.5,"stderr":""}]}', '"stages.0.exit_code"'],
    ['{"id":"1","status":"ok","stages":[{"exit_code":0}]}', '"stages.0.stderr"'],
    [
      '{"id":"1","status":"ok","stages":[{"exit_code":0,"stderr":"","signal":15}]}',
      '"stages.0.signal"',
    ],
    ...["SIGNALLED", "SIGRTMIN+31", "SIGRTMIN+0", "SIG34", "15"].map((signal) =>
      [
        `{"id":"1","status":"ok","stages":[{"exit_code":0,"stderr":"","signal":"${signal}"}]}`,
        '"stages.0.signal"',
      ] as const
    ),
    [
      `{"id":"1","status":"ok","stages":[${Array(17).fill("{}")}]}`,
      '"stages" must have at most 16 stages',
    ],
    [
      `{"id":"1","status":"ok","features":[${Array(1001).fill("5")}]}`,
      '"features" must have at most 1000 features',
    ],
    ['{"id":"1","status":"ok","stdout":5}', '"stdout" must be base64'],
    ['{"id":"1","status":"ok","stdout":"a"}', '"stdout" must be base64'],
    ['{"id":"1","event":"output","stage":0,"stream":"stdout","data":"?"}', '"data" must be base64'],
    ['{"id":"1","status":"ok","stdout_truncated":"yes"}', '"stdout_truncated"'],
    ['{"id":"1","status":"ok","features":"stream"}', '"features"'],
    ['{"id":"1","status":"ok","version":1.1}', '"version"'],
    ['{"event":"shown"}', '"id"'],
    ['{"id":"1","event":"queued"}', '"position"'],
    ['{"id":"1","event":"queued","position":"2"}', '"position"'],
    ['{"id":"1","event":"output","stage":0,"stream":"stdlog","data":""}', '"stream"'],
    ['{"id":"1","event":"output","stage":0,"stream":"stdout"}', '"data"'],
    ['{"id":"1"}', '"status" or "event"'],
    ["{}", '"status" or "event"'],
    ["[]", "JSON object"],
    ["null", "JSON object"],
    ['"ok"', "JSON object"],
    ["", "one line of JSON"],
    ["HTTP/1.1 400 Bad Request", "one line of JSON"],
  ] as const
) {
  Deno.test(`parseAnswer refuses ${JSON.stringify(line.slice(0, 80))} and names ${names}`, () => {
    try {
      parseAnswer(line);
    } catch (error) {
      assertTrue(error instanceof ProtocolError, String(error));
      assertMatch(error.message, /^invalid answer: /);
      assertTrue(error.message.includes(names), error.message);
      return;
    }
    throw new Error("it was accepted");
  });
}

Deno.test('parseAnswer takes no field from "__proto__"', () => {
  assertThrows(() => parseAnswer('{"__proto__":{"status":"ok","id":"1"}}'), /"status" or "event"/);
  assertEquals(parseAnswer('{"id":"1","status":"error","__proto__":{"message":"hello"}}'), {
    response: { id: "1", status: "error" },
  });
});

Deno.test("parseAnswer gives an answer or a ProtocolError, whatever the line is", () => {
  fc.assert(fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
    try {
      parseAnswer(line);
    } catch (error) {
      assertTrue(error instanceof ProtocolError, String(error));
    }
  }));
});
