import { MANUAL_PAGES, manualPage } from "../../packaging/manual.ts";
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { execute, lacks, succeed } from "../rig/tools.ts";

for (const page of MANUAL_PAGES) {
  Deno.test({
    name: `the manual page ${page.name}(${page.section}) is well-formed, and fits into 80 columns`,
    ignore: lacks("mandoc"),
    async fn() {
      const roff = await manualPage(page);
      const { stdout, stderr } = await execute(["mandoc", "-Tlint", "-Wwarning"], roff);
      assertEquals(stdout + stderr, "");
      const text = await succeed(["mandoc", "-Tutf8", "-Owidth=78"], roff);
      // What is no prose, such as an example, may be wider.
      const wide = text.replaceAll(/.[\b]/g, "").split("\n").filter((line) =>
        line.length > 100 && !/^ *[{]/.test(line)
      );
      assertEquals(wide, []);
      assertMatch(text, new RegExp(page.description.split(" ")[0] ?? ""));
      // Nothing of Markdown is left.
      assertNoMatch(text, /\]\(|<!--|^\|/m);
    },
  });
}
