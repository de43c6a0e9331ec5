import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, lacks } from "../rig/tools.ts";

Deno.test("the command line knows its commands, and says which one is close", async (t) => {
  await using installation = await Installation.make();
  const call = (args: string[]) => execute(installation.command("permissions", args));

  for (
    const [entry, args, near] of [
      ["permissions", ["reqest", "id"], "request"],
      ["hosts", ["lst"], "list"],
      ["audit", ["verfy"], "verify"],
    ] as const
  ) {
    await t.step(`${entry} ${args.join(" ")}: ${near}`, async () => {
      const { code, stderr } = await execute(installation.command(entry, args));
      assertEquals(code, 1);
      assertMatch(stderr, /^error: unknown command '/);
      assertMatch(stderr, new RegExp(`\\(Did you mean ${near}\\?\\)`));
    });
  }

  await t.step("a word that is close to none is refused without a suggestion", async () => {
    const { code, stderr } = await call(["frobnicate"]);
    assertEquals(code, 1);
    assertEquals(stderr, "error: unknown command 'frobnicate'\n(sudo-proxy --help tells more)\n");
  });

  await t.step("help and --help say the same, and what happens without a command", async () => {
    const [help, option] = [await call(["help"]), await call(["--help"])];
    assertEquals(help, option);
    assertEquals(help.code, 0);
    assertMatch(help.stdout, /Without a command, it starts the daemon in this terminal\./);
    for (const name of ["request", "try", "hosts", "audit", "setup", "permissions", "complete"]) {
      assertMatch(help.stdout, new RegExp(`^  ${name}\\b`, "m"));
    }
  });

  await t.step(
    "--help fits into a terminal of 24 rows, and options describes the rest",
    async () => {
      const { stdout } = await call(["--help"]);
      assertTrue(stdout.split("\n").length <= 24, stdout);
      assertTrue(stdout.indexOf("Commands:") < stdout.indexOf("Options:"));
      // A launcher on another machine looks for it there.
      assertMatch(stdout, /--password/);
      const options = await call(["options"]);
      assertEquals([options.code, options.stderr], [0, ""]);
      for (const name of ["--password", "--pkexec", "--unattended-eligible", "--forward-agent"]) {
        assertMatch(options.stdout, new RegExp(`^  (?:-., )?${name}\\b`, "m"));
      }
    },
  );

  await t.step({
    name: "--help is printed on a terminal, too",
    ignore: lacks("tmux"),
    async fn() {
      for (const [entry, word] of [["proxy", "--password"], ["request", "--reason"]] as const) {
        await using terminal = await TmuxTerminal.open({
          command: installation.command(entry, ["--help"]),
          rows: 40,
        });
        assertEquals(await terminal.exitCode(), 0, await terminal.screen());
        assertMatch(await terminal.screen(), new RegExp(`^ +(?:-., )?${word}\\b`, "m"));
      }
    },
  });

  await t.step("help of a command that has commands lists them", async () => {
    for (
      const [name, commands] of [["hosts", ["list", "show"]], ["audit", [
        "list",
        "verify",
      ]]] as const
    ) {
      const { code, stdout } = await call(["help", name]);
      assertEquals(code, 0);
      assertMatch(stdout, /without a command, it lists/);
      for (const command of commands) assertMatch(stdout, new RegExp(`^  ${command}\\b`, "m"));
    }
  });
});
