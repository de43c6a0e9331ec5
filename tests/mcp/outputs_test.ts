import { MAX_KEPT_BYTES, MAX_KEPT_OUTPUTS, OutputStore } from "../../lib/mcp/outputs.ts";
import { assertEquals } from "../rig/assert.ts";

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
