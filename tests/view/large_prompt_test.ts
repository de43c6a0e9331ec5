import { drawPrompt } from "../../lib/view/prompt_lines.ts";
import { assertTrue } from "../rig/assert.ts";
import { type Choice, resolved } from "../session/resolved.ts";
import { viewOf } from "./views.ts";

/** As much as one request line holds, or nearly so. */
const LARGEST: Readonly<Record<string, string>> = {
  lines: "a\n".repeat(390_000),
  "wide letters": "字".repeat(260_000),
  marks: "é\u0301".repeat(150_000),
  blanks: `${" ".repeat(780_000)}x`,
  "blanks at the end": " ".repeat(780_000),
  words: "a ".repeat(390_000),
  escapes: "\u00A0".repeat(390_000),
};

for (const [what, text] of Object.entries(LARGEST)) {
  Deno.test(`a request of a million bytes of ${what} is drawn again within the second that it stands`, () => {
    const choices: Choice[] = [
      { stdin: text },
      { reason: text },
      { pipeline: [["/usr/bin/sh", "-c", text]] },
      { pipeline: [["/usr/bin/echo", ...text.slice(0, 8000).split("")]] },
    ];
    for (const choice of choices) {
      const view = viewOf(resolved("1", choice));
      const drawMs = [0, 1].map(() => {
        const before = performance.now();
        drawPrompt(view, { columns: 40, rows: 12 });
        return Math.round(performance.now() - before);
      });
      assertTrue((drawMs[1] ?? Infinity) < 1000, `${Object.keys(choice)}: ${drawMs} ms`);
    }
  });
}
