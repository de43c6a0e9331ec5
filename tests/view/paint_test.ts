import fc from "fast-check";
import { paintLine, paintOf, span, type Style } from "../../lib/view/paint.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { nastyText } from "./nasty.ts";

Deno.test("paintLine() styles each piece by itself, and ends each style", () => {
  const line = [span("a"), span(" RUN AS ROOT ", "root"), span(" note ", "badge")];
  assertEquals(
    paintLine(line, "color"),
    "a\x1b[1;97;41m RUN AS ROOT \x1b[0m\x1b[7m note \x1b[0m",
  );
});

Deno.test("paintLine() keeps bold and reverse where no color is wanted, and no color", () => {
  const line = [span("a"), span(" RUN AS ROOT ", "root"), span(" note ", "badge")];
  assertEquals(
    paintLine([...line, span("b", "strong"), span("c", "good")], "mono"),
    "a\x1b[1;7m RUN AS ROOT \x1b[0m\x1b[7m note \x1b[0m\x1b[1mb\x1b[0mc",
  );
  assertEquals(paintLine([...line, span("b", "strong")], "plain"), "a RUN AS ROOT  note b");
});

Deno.test("paintOf() heeds NO_COLOR, and styles nothing for a terminal that can't", () => {
  const paint = (env: { readonly NO_COLOR?: string; readonly TERM?: string }) =>
    paintOf((name) => env[name]);
  assertEquals(paint({ TERM: "xterm" }), "color");
  assertEquals(paint({ TERM: "xterm", NO_COLOR: "" }), "color");
  assertEquals(paint({ TERM: "xterm", NO_COLOR: "1" }), "mono");
  assertEquals(paint({ TERM: "dumb", NO_COLOR: "1" }), "plain");
});

Deno.test("paintLine() replaces every control character", () => {
  for (let code = 0; code < 0x100; code++) {
    const isControl = code < 0x20 || (code >= 0x7F && code < 0xA0);
    const character = String.fromCharCode(code);
    assertEquals(
      paintLine([span(`a${character}b`)], "plain"),
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
        const escapes = paintLine([span(text, style)], "color").split("\x1b").length - 1;
        assertEquals(escapes, style === "plain" ? 0 : 2);
        // deno-lint-ignore no-control-regex -- the very thing that must not get through
        assertTrue(!/[\x00-\x1f\x7f-\x9f]/.test(paintLine([span(text, style)], "plain")));
      },
    ),
    { numRuns: 500 },
  );
});
