import { cellWidth } from "../../lib/view/cells.ts";
import { escapeOf, isVisible } from "../../lib/view/visible.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks } from "../rig/tools.ts";

Deno.test({
  name: "the terminal gives every letter that may be shown the cells that are counted for it",
  ignore: lacks("root", "tmux", "stty"),
  async fn() {
    const letters = Array.from({ length: 0x10000 }, (_, code) => String.fromCharCode(code))
      .filter(isVisible);
    assertTrue(letters.length > 30_000);
    const folder = await Deno.makeTempDir();
    try {
      // Each letter at the start of a line, then the question where the cursor is.
      await Deno.writeTextFile(
        `${folder}/letters`,
        letters.map((letter) => `\r${letter}\x1b[6n\x1b[K`).join(""),
      );
      const script =
        `stty raw -echo; cat <&0 >${folder}/answers & cat ${folder}/letters; exec sleep infinity`;
      await using _terminal = await TmuxTerminal.open({
        command: ["/bin/sh", "-c", `exec 3<&0; ${script.replace("<&0", "<&3")}`],
        env: { LANG: "C.UTF-8", LC_ALL: "C.UTF-8" },
      });
      const columns = await eventually(`${letters.length} answers`, async () => {
        const text = await Deno.readTextFile(`${folder}/answers`).catch(() => "");
        const answers = [...text.matchAll(/;(\d+)R/g)];
        return answers.length === letters.length ? answers.map((at) => Number(at[1])) : undefined;
      }, 30_000);
      const wrong = letters.filter((letter, index) => columns[index] !== cellWidth(letter) + 1);
      assertEquals(wrong.map(escapeOf), []);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
