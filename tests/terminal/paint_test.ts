import fc from "fast-check";
import { paintLine, span, type Style } from "../../lib/terminal/paint.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { nastyText } from "./nasty.ts";

Deno.test("paintLine() styles each piece by itself, and ends each style", () => {
  const line = [span("a"), span(" RUN AS ROOT ", "root"), span("b", "warning")];
  assertEquals(paintLine(line, true), "a\x1b[1;97;41m RUN AS ROOT \x1b[0m\x1b[1;33mb\x1b[0m");
});

Deno.test("paintLine() writes the text alone where no colour is wanted", () => {
  assertEquals(paintLine([span("a", "good"), span("b", "bad"), span("c")], false), "abc");
});

Deno.test("paintLine() replaces every control character", () => {
  for (let code = 0; code < 0x100; code++) {
    const isControl = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const character = String.fromCharCode(code);
    assertEquals(
      paintLine([span(`a${character}b`)], false),
      isControl ? "a\uFFFDb" : `a${character}b`,
    );
  }
});

Deno.test("nothing in a text ends a style or begins one", () => {
  fc.assert(
    fc.property(
      nastyText("script", true),
      fc.constantFrom<Style>("plain", "root", "muted"),
      (text, style) => {
        const escapes = paintLine([span(text, style)], true).split("\x1b").length - 1;
        assertEquals(escapes, style === "plain" ? 0 : 2);
        // deno-lint-ignore no-control-regex -- the very thing that must not get through
        assertTrue(!/[\x00-\x1f\x7f-\x9f]/.test(paintLine([span(text, style)], false)));
      },
    ),
    { numRuns: 500 },
  );
});
