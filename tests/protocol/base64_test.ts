import { Base64Decoder } from "../../lib/protocol/base64.ts";
import { assertEquals } from "../rig/assert.ts";

Deno.test("Base64Decoder gives the bytes of any length, in whatever pieces they come", () => {
  const around = (size: number) => [size - 4, size - 3, size - 2, size - 1, size, size + 1];
  for (const length of [0, 1, 2, 3, ...around(64 * 1024), ...around(128 * 1024), 300_000]) {
    const bytes = Uint8Array.from({ length }, (_, index) => index % 251);
    const letters = new TextEncoder().encode(bytes.toBase64());
    for (const piece of [1021, 64 * 1024, 1_000_000]) {
      const decoder = new Base64Decoder();
      for (let at = 0; at < letters.length; at += piece) {
        decoder.add(letters.subarray(at, at + piece));
      }
      assertEquals(decoder.end()?.toHex(), bytes.toHex(), `${length} bytes, ${piece} at a time`);
    }
  }
});
