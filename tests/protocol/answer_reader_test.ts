import fc from "fast-check";
import { AnswerReader } from "../../lib/protocol/answer_reader.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { MAX_REQUEST_LINE_BYTES } from "../../lib/protocol/limits.ts";
import { parseAnswer } from "../../lib/protocol/response.ts";
import { assertEquals, assertRejects, assertTrue } from "../rig/assert.ts";

/** A stream that gives its bytes in pieces of these sizes, in turns. */
function reader(text: string | Uint8Array, sizes: readonly number[] = [1 << 20]): AnswerReader {
  let rest = typeof text === "string" ? new TextEncoder().encode(text) : text;
  let turn = 0;
  return new AnswerReader({
    read(buffer) {
      if (rest.length === 0) return Promise.resolve(null);
      const piece = rest.subarray(0, Math.min(sizes[turn++ % sizes.length] ?? 1, buffer.length));
      buffer.set(piece);
      rest = rest.subarray(piece.length);
      return Promise.resolve(piece.length);
    },
  });
}

async function outcome(run: () => unknown): Promise<unknown> {
  try {
    return await run();
  } catch (error) {
    assertTrue(error instanceof ProtocolError, String(error));
    return error.message;
  }
}

const output = fc.oneof(
  fc.uint8Array({ maxLength: 10_000 }).map((bytes) => bytes.toBase64()),
  fc.uint8Array({ maxLength: 10 }).map((bytes) => bytes.toBase64({ omitPadding: true })),
  fc.constantFrom("a", "=", "aGk=aGk=", "aG k", "aGk=\t", "aGk\\/", "ä", "aG==", "a===", '"', "\\"),
);
const line = fc.oneof(
  fc.json(),
  fc.string(),
  fc.record({
    id: fc.constantFrom("1", '"stdout":', "\\", 'a"'),
    status: fc.constant("ok"),
    message: fc.oneof(fc.string({ unit: "binary" }), output),
    stdout: output,
    stages: fc.array(fc.record({ exit_code: fc.nat(3), stderr: output }), { maxLength: 3 }),
    other: fc.dictionary(fc.constantFrom("data", "stdout", 'x"stderr', "y"), output),
  }, { requiredKeys: ["id", "status"] }).map((value) => JSON.stringify(value)),
  fc.record({
    id: fc.constant("1"),
    event: fc.constant("output"),
    stage: fc.nat(3),
    stream: fc.constant("stdout"),
    data: output,
  }).map((value) => JSON.stringify(value)),
).map((text) => text.replaceAll("\n", " ").toWellFormed());
const sizes = fc.array(fc.integer({ min: 1, max: 7000 }), { minLength: 1, maxLength: 20 });

Deno.test("AnswerReader reads what parseAnswer reads, however the stream is cut up", async () => {
  await fc.assert(
    fc.asyncProperty(line, sizes, async (text, sizes) => {
      const expected = await outcome(() => parseAnswer(text));
      assertEquals(await outcome(() => reader(`${text}\n`, sizes).next()), expected);
    }),
    { numRuns: 2000 },
  );
});

Deno.test("AnswerReader takes blanks around the colon, and a backslash before a slash", async () => {
  const text = '{"id":"1", "status":"ok", "stdout" : "aGk\\/"}\n';
  for (const size of [1, 3, 100]) {
    assertEquals(await reader(text, [size]).next(), {
      response: { id: "1", status: "ok", stdout: Uint8Array.fromBase64("aGk/") },
    });
  }
});

Deno.test("AnswerReader takes many escapes, and a piece longer than all before it", async () => {
  // Each escape took 20 µs once, so a daemon could keep its clients busy for minutes.
  const escapes = reader(`{"id":"1","status":"ok","stdout":"${"\\/".repeat(4_000_000)}"}\n`);
  assertEquals(await escapes.next(), {
    response: { id: "1", status: "ok", stdout: new Uint8Array(3_000_000).fill(0xff) },
  });
  const message = "a".repeat(100_000);
  const long = reader(`{"id":"1","status":"ok","message":"${message}"}\n`, [70_000]);
  assertEquals(await long.next(), { response: { id: "1", status: "ok", message } });
});

Deno.test("AnswerReader reads lines one after the other, and null at the end", async () => {
  const lines = reader(
    '{"id":"1","event":"shown"}\n{"id":"1","event":"sneezed"}\n{"id":"1","status":"denied"}\n',
  );
  assertEquals(await lines.next(), { event: { id: "1", event: "shown" } });
  assertEquals(await lines.next(), undefined);
  assertEquals(await lines.next(), { response: { id: "1", status: "denied" } });
  assertEquals(await lines.next(), null);
});

Deno.test("AnswerReader refuses half a line, and what is not UTF-8", async () => {
  await assertRejects(reader('{"id":"1"').next(), /must end with a newline/);
  await assertRejects(reader('{"id":"1","status":"ok","stdout":"aGk').next(), /a newline/);
  await assertRejects(reader('{"id":"1","status":"ok","stdout":"aGk\n').next(), /line of JSON/);
  await assertRejects(reader(Uint8Array.of(0x22, 0xff, 0x22, 0x0a)).next(), /must be UTF-8/);
});

Deno.test("AnswerReader bounds what is not output, and all of it", async () => {
  const endless = (start: string, letters: string) => {
    const chunk = new TextEncoder().encode(letters.repeat(16 * 1024));
    let first: Uint8Array | undefined = new TextEncoder().encode(start);
    return new AnswerReader({
      read(buffer) {
        const piece = (first ?? chunk).subarray(0, buffer.length);
        first = undefined;
        buffer.set(piece);
        return Promise.resolve(piece.length);
      },
    });
  };
  const text = `at most ${MAX_REQUEST_LINE_BYTES} bytes long beside its output`;
  await assertRejects(endless('{"message":"', "aGk=").next(), new RegExp(text));
  await assertRejects(endless('{"stdout":"', "*no*").next(), /at most \d{9} bytes long$/);
});
