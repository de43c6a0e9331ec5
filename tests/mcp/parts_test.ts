import { MAX_PART_BYTES, partsOf } from "../../lib/mcp/parts.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("partsOf() makes parts of a bounded size that are the whole together", () => {
  const text = `a${"ä€".repeat(MAX_PART_BYTES / 2)}`;
  const stderr = new Uint8Array(MAX_PART_BYTES + 7).fill(0xff);
  const streams = [{ name: "stdout", bytes: bytesOf(text) }, { name: "stderr", bytes: stderr }];
  const parts = partsOf({ id: "x", title: "x", streams });
  for (const pieces of parts) {
    const size = pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assertTrue(size > 0 && size <= MAX_PART_BYTES, `${size}`);
  }
  const pieces = parts.flat();
  const stdout = pieces.filter(({ name }) => name === "stdout");
  assertTrue(stdout.every(({ isText }) => isText));
  const decoder = new TextDecoder("utf-8", { fatal: true });
  assertEquals(stdout.map(({ bytes }) => decoder.decode(bytes)).join("") === text, true);
  const rest = pieces.filter(({ name }) => name === "stderr");
  assertTrue(rest.every(({ isText }) => !isText));
  assertEquals(rest.reduce((sum, { bytes }) => sum + bytes.length, 0), stderr.length);
});

Deno.test("partsOf() makes one part of what is short", () => {
  const streams = [{ name: "stdout", bytes: bytesOf("a") }];
  assertEquals(partsOf({ id: "x", title: "x", streams }), [[{
    name: "stdout",
    bytes: bytesOf("a"),
    isText: true,
  }]]);
});
