import {
  MAX_KEPT_BYTES,
  MAX_KEPT_OUTPUTS,
  MAX_PART_BYTES,
  OutputStore,
  partsOf,
} from "../../lib/mcp/resources.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";

const output = (id: string, size: number) => ({
  id,
  title: id,
  streams: [{ name: "stdout", bytes: new Uint8Array(size) }],
});

Deno.test("OutputStore keeps a bounded number of outputs, the newest", () => {
  let changes = 0;
  const store = new OutputStore(() => changes++);
  for (let index = 0; index < MAX_KEPT_OUTPUTS + 3; index++) store.keep(output(`${index}`, 1));
  assertEquals(store.all().length, MAX_KEPT_OUTPUTS);
  assertEquals(store.find("2"), undefined);
  assertEquals(store.find("3")?.id, "3");
  assertEquals(changes, MAX_KEPT_OUTPUTS + 3);
});

Deno.test("OutputStore keeps a bounded number of bytes, and nothing larger than that", () => {
  const store = new OutputStore(() => {});
  store.keep(output("small", 1));
  assertEquals(store.keep(output("huge", MAX_KEPT_BYTES + 1)), false);
  assertEquals(store.all().map(({ id }) => id), ["small"]);
  assertEquals(store.keep(output("large", MAX_KEPT_BYTES)), true);
  assertEquals(store.all().map(({ id }) => id), ["large"]);
});

const bytesOf = (text: string) => new TextEncoder().encode(text);

Deno.test("partsOf() makes parts of a bounded size that are the whole together", () => {
  const text = `a${"ä€".repeat(MAX_PART_BYTES / 2)}`;
  const stderr = new Uint8Array(MAX_PART_BYTES + 7).fill(0xff);
  const streams = [{ name: "stdout", bytes: bytesOf(text) }, { name: "stderr", bytes: stderr }];
  const parts = partsOf({ streams });
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
  assertEquals(partsOf({ streams }), [[{
    name: "stdout",
    bytes: bytesOf("a"),
    isText: true,
  }]]);
});
