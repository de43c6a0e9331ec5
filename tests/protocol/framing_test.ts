import fc from "fast-check";
import { pause } from "../../lib/platform/deadline.ts";
import {
  type ByteSink,
  type ByteSource,
  LineReader,
  writeLine,
} from "../../lib/protocol/framing.ts";
import { assertEquals, assertRejects, assertTrue, at, atLeast } from "../rig/assert.ts";

Deno.test("LineReader returns a line without its newline, and null at the end", async () => {
  const reader = new LineReader(source("hello\n"), 100);
  assertEquals(await reader.next(), "hello");
  assertEquals(await reader.next(), null);
});

Deno.test("LineReader joins a line that comes in several reads", async () => {
  const reader = new LineReader(source("he", "l", "lo", "\n"), 100);
  assertEquals(await reader.next(), "hello");
  assertEquals(await reader.next(), null);
});

Deno.test("LineReader joins a character whose bytes come in several reads", async () => {
  const [a, b, c] = atLeast(
    3,
    [...new TextEncoder().encode("€")].map((byte) => Uint8Array.of(byte)),
  );
  const reader = new LineReader(source(a, b, c, "\n"), 100);
  assertEquals(await reader.next(), "€");
});

Deno.test("LineReader takes lines apart that come in one read", async () => {
  const reader = new LineReader(source("one\ntwo\nthree\n"), 100);
  assertEquals(await lines(reader), ["one", "two", "three"]);
});

Deno.test("LineReader keeps the start of the next line for later", async () => {
  const reader = new LineReader(source("one\ntw", "o\nthr", "ee\n"), 100);
  assertEquals(await lines(reader), ["one", "two", "three"]);
});

Deno.test("LineReader reads no further than the line that was asked for", async () => {
  let reads = 0;
  const once: ByteSource = {
    read(buffer) {
      reads++;
      return Promise.resolve(
        new TextEncoder().encodeInto(reads === 1 ? "one\ntwo\n" : "x", buffer).written,
      );
    },
  };
  const reader = new LineReader(once, 100);
  assertEquals(await reader.next(), "one");
  assertEquals(await reader.next(), "two");
  assertEquals(reads, 1);
});

Deno.test("LineReader returns empty lines", async () => {
  const reader = new LineReader(source("\n\nlast\n"), 100);
  assertEquals(await lines(reader), ["", "", "last"]);
});

Deno.test("LineReader returns null for a stream without a byte", async () => {
  assertEquals(await new LineReader(source(), 100).next(), null);
});

Deno.test("LineReader reads again after a read of no bytes", async () => {
  const reader = new LineReader(source("", "on", "", "e\n", ""), 100);
  assertEquals(await lines(reader), ["one"]);
});

Deno.test("LineReader takes a line that is exactly as long as the limit, newline included", async () => {
  assertEquals(await new LineReader(source("1234567\n"), 8).next(), "1234567");
  assertEquals(await new LineReader(source("1234", "567", "\n"), 8).next(), "1234567");
});

Deno.test("LineReader refuses a line that is one byte over the limit", async () => {
  const tooLong = /^ProtocolError: invalid line: it must be at most 8 bytes long$/;
  await assertRejects(new LineReader(source("12345678\n"), 8).next(), tooLong);
  await assertRejects(new LineReader(source("1234", "5678", "\n"), 8).next(), tooLong);
});

Deno.test("LineReader applies the limit to each line, not to the stream", async () => {
  const reader = new LineReader(source("1234567\n1234567\n12345678\n"), 8);
  assertEquals(await reader.next(), "1234567");
  assertEquals(await reader.next(), "1234567");
  await assertRejects(reader.next(), /at most 8 bytes/);
});

Deno.test("LineReader counts bytes, not characters", async () => {
  assertEquals(await new LineReader(source("€€\n"), 7).next(), "€€");
  await assertRejects(new LineReader(source("€€\n"), 6).next(), /at most 6 bytes/);
});

Deno.test("LineReader gives up a line without an end as soon as the limit is reached", async () => {
  let readBytes = 0;
  const endless: ByteSource = {
    read(buffer) {
      readBytes += buffer.fill(0x61).length;
      return Promise.resolve(buffer.length);
    },
  };
  const limit = 1024 * 1024;
  await assertRejects(new LineReader(endless, limit).next(), /at most 1048576 bytes/);
  assertTrue(readBytes <= limit + 64 * 1024, `${readBytes} bytes were read`);
});

Deno.test("LineReader refuses a last line without a newline", async () => {
  const reader = new LineReader(source("one\ntwo"), 100);
  assertEquals(await reader.next(), "one");
  await assertRejects(
    reader.next(),
    /^ProtocolError: invalid line: it must end with a newline$/,
  );
});

for (
  const [what, bytes] of [
    ["a byte that no character has", [0xff]],
    ["a character that is cut off", [0xe2, 0x82]],
    ["an overlong form of a slash", [0xc0, 0xaf]],
    ["a surrogate", [0xed, 0xa0, 0x80]],
    ["a code point beyond Unicode", [0xf4, 0x90, 0x80, 0x80]],
  ] as const
) {
  Deno.test(`LineReader refuses ${what} as not UTF-8`, async () => {
    const reader = new LineReader(source("a", Uint8Array.from(bytes), "\n"), 100);
    await assertRejects(reader.next(), /^ProtocolError: invalid line: it must be UTF-8$/);
  });
}

Deno.test("LineReader keeps a byte order mark, so that nobody takes it for nothing", async () => {
  const reader = new LineReader(source(Uint8Array.of(0xef, 0xbb, 0xbf), "{}\n"), 100);
  assertEquals(await reader.next(), "\uFEFF{}");
});

Deno.test("LineReader keeps a carriage return and a NUL", async () => {
  assertEquals(await new LineReader(source("a\0b\r\n"), 100).next(), "a\0b\r");
});

Deno.test("LineReader returns a line that is larger than its buffer", async () => {
  const long = "0123456789".repeat(50_000);
  const reader = new LineReader(source(`${long}\nshort\n`), 1024 * 1024);
  assertTrue(await reader.next() === long);
  assertEquals(await reader.next(), "short");
});

Deno.test("LineReader passes on the error of its stream", async () => {
  const broken: ByteSource = { read: () => Promise.reject(new Error("it broke")) };
  await assertRejects(new LineReader(broken, 100).next(), /it broke/);
});

Deno.test("LineReader gives the same lines however the stream is cut up", async () => {
  await fc.assert(fc.asyncProperty(
    fc.array(fc.string({ unit: "binary" }).map((text) => text.replaceAll("\n", " "))),
    fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
    async (expected, sizes) => {
      const bytes = new TextEncoder().encode(expected.map((line) => `${line}\n`).join(""));
      const chunks: Uint8Array[] = [];
      for (let from = 0, turn = 0; from < bytes.length; turn++) {
        const size = at(sizes, turn % sizes.length);
        chunks.push(bytes.subarray(from, from + size));
        from += size;
      }
      assertEquals(await lines(new LineReader(source(...chunks), 10_000)), expected);
    },
  ));
});

Deno.test("writeLine writes one line of JSON", async () => {
  const sink = new Sink();
  await writeLine(sink, { a: [1, "ä\n"], b: undefined });
  assertEquals(sink.text, '{"a":[1,"ä\\n"]}\n');
});

Deno.test("writeLine goes on where the sink takes one byte at a time", async () => {
  const sink = new Sink(1);
  await writeLine(sink, { message: "pöng" });
  assertEquals(sink.text, '{"message":"pöng"}\n');
  assertEquals(sink.writes, new TextEncoder().encode('{"message":"pöng"}\n').length);
});

Deno.test("writeLine keeps a line one line, whatever is in it", async () => {
  await fc.assert(fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
    const sink = new Sink();
    await writeLine(sink, { text });
    assertEquals(sink.text.indexOf("\n"), sink.text.length - 1);
    assertEquals(JSON.parse(sink.text), { text });
  }));
});

Deno.test("writeLine writes bytes as base64, byte for byte as JSON of the whole has it", async () => {
  const sizes = [0, 1, 2, 3, 48 * 1024 - 1, 48 * 1024, 48 * 1024 + 1, 300_000];
  const bytes = sizes.map((size) => Uint8Array.from({ length: size }, (_, index) => index * 31));
  const shapeOf = (items: readonly unknown[]) => ({
    id: "é",
    stages: items,
    "": { items },
    end: 1,
  });
  const sink = new Sink();
  await writeLine(sink, shapeOf(bytes));
  assertEquals(sink.text, `${JSON.stringify(shapeOf(bytes.map((one) => one.toBase64())))}\n`);
});

Deno.test("writeLine encodes the next piece once the last one is taken, and a short line at once", async () => {
  let largest = 0;
  let held = Promise.withResolvers<void>();
  let writes = 0;
  const sink: ByteSink = {
    async write(piece) {
      writes++;
      largest = Math.max(largest, piece.length);
      await held.promise;
      return piece.length;
    },
  };
  const line = writeLine(sink, { stdout: new Uint8Array(1024 * 1024) });
  await pause(50);
  assertEquals(writes, 1);
  held.resolve();
  await line;
  assertTrue(largest < 150_000 && writes > 10, `${writes} writes of at most ${largest} bytes`);
  [writes, held] = [0, Promise.withResolvers()];
  held.resolve();
  await writeLine(sink, { stderr: new Uint8Array(2), stdout: new Uint8Array(3) });
  assertEquals(writes, 1);
});

Deno.test("writeLine passes on the error of its sink", async () => {
  const broken: ByteSink = { write: () => Promise.reject(new Error("it broke")) };
  await assertRejects(writeLine(broken, {}), /it broke/);
});

/** A stream that gives one piece a read; a piece that is larger than the buffer comes in parts. */
function source(...pieces: readonly (string | Uint8Array)[]): ByteSource {
  const left = pieces.map((piece) =>
    typeof piece === "string" ? new TextEncoder().encode(piece) : piece
  );
  return {
    read(buffer) {
      const piece = left.shift();
      if (piece === undefined) return Promise.resolve(null);
      const part = piece.subarray(0, buffer.length);
      if (part.length < piece.length) left.unshift(piece.subarray(part.length));
      buffer.set(part);
      return Promise.resolve(part.length);
    },
  };
}

async function lines(reader: LineReader): Promise<string[]> {
  const found: string[] = [];
  for (let line = await reader.next(); line !== null; line = await reader.next()) found.push(line);
  return found;
}

/** Keeps what is written, and takes only so much at a time. */
class Sink implements ByteSink {
  readonly #taken: number[] = [];
  readonly #most: number;
  writes = 0;

  constructor(most = Infinity) {
    this.#most = most;
  }

  get text(): string {
    return new TextDecoder().decode(Uint8Array.from(this.#taken));
  }

  write(bytes: Uint8Array): Promise<number> {
    this.writes++;
    const part = bytes.subarray(0, this.#most);
    this.#taken.push(...part);
    return Promise.resolve(part.length);
  }
}
