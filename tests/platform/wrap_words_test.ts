import { wrapWords } from "../../lib/platform/wrap_words.ts";
import { assertEquals } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { lacks } from "../rig/tools.ts";

for (
  const [text, columns, wrapped] of [
    ["", 10, ""],
    ["one two", 7, "one two"],
    ["one two", 6, "one\ntwo"],
    ["one two\nthree", 7, "one two\nthree"],
    ["a /very/long/path b", 6, "a\n/very/long/path\nb"],
    ["a  b", 10, "a  b"],
    ["run this:\n  ssh web1 true", 9, "run this:\n  ssh web1 true"],
  ] as const
) {
  Deno.test(`wrapWords breaks ${JSON.stringify(text)} at ${columns} columns`, () => {
    assertEquals(wrapWords(text, columns), wrapped);
  });
}

Deno.test({
  name: "no message on a narrow terminal breaks inside a word",
  ignore: lacks("tmux"),
  async fn() {
    await using installation = await Installation.make();
    await using terminal = await TmuxTerminal.open({
      command: installation.command("request", ["--no-privilege", "id"]),
      columns: 40,
    });
    await terminal.exitCode();
    // A line that the terminal broke itself is one line in the history.
    const lines = (await terminal.history()).split("\n").map((line) => line.trimEnd());
    assertEquals(lines.slice(0, 5), [
      "sudo-proxy: no daemon answers at",
      `${installation.socket}:`,
      "No such file or directory (os error 2);",
      "start one with sudo-proxy in another",
      "terminal",
    ]);
  },
});
