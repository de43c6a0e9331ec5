import { assertEquals, assertMatch } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, lacks } from "../rig/tools.ts";

/** An installation whose commands are in the `PATH`, and the words that make its environment. */
async function installed(): Promise<{ installation: Installation; login: string[] }> {
  const installation = await Installation.make();
  assertEquals((await execute(installation.command("setup", ["--yes"]))).code, 0);
  const env = {
    ...installation.env,
    PATH: `${installation.home}/.local/bin:${installation.env["PATH"]}`,
    PS1: "READY> ",
  };
  const login = ["/usr/bin/env", "-i", ...Object.entries(env).map(([k, v]) => `${k}=${v}`)];
  return { installation, login };
}

/** How each shell that completes in the line itself is started, and loads the script. */
const SHELLS = {
  bash: { args: ["--norc", "--noprofile"], load: "source <(sudo-proxy complete bash)" },
  zsh: {
    args: ["-f"],
    load: "autoload -Uz compinit; compinit -u; source <(sudo-proxy complete zsh)",
  },
} as const;

for (const [shell, { args, load }] of Object.entries(SHELLS)) {
  Deno.test({
    name: `${shell} completes commands, options and their values, and runs nothing that was typed`,
    ignore: lacks(shell, "tmux"),
    async fn() {
      const { installation, login } = await installed();
      await using _ = installation;
      await using terminal = await TmuxTerminal.open({ command: [...login, shell, ...args] });
      await terminal.shows("READY>");
      await terminal.type(`${load}; clear`);
      await terminal.press("Enter");
      await terminal.shows(/^READY>\s*$/);
      for (
        const [typed, completed] of [
          ["sudo-proxy se", "sudo-proxy setup"],
          ["sudo-proxy setup --und", "sudo-proxy setup --undo"],
          ["sudo-proxy setup --client wind", "sudo-proxy setup --client windsurf"],
          ["sudo-proxy --unat", "sudo-proxy --unattended-eligible"],
        ] as const
      ) {
        await terminal.type(typed);
        await terminal.press("Tab");
        await terminal.shows(`READY> ${completed}`);
        await terminal.press("C-u");
      }
      const trap = `${installation.home}/trap`;
      await terminal.type(`sudo-proxy request $(touch ${trap}) x`);
      await terminal.press("Tab");
      // What is typed next is read after the completion has ended.
      await terminal.type("END");
      await terminal.shows(/xEND/);
      await terminal.press("C-u");
      await terminal.type("sudo-proxy perm");
      await terminal.press("Tab");
      await terminal.shows("sudo-proxy permissions");
      assertEquals(await Deno.stat(trap).then(() => true, () => false), false);
    },
  });
}

Deno.test({
  name: "fish completes commands, options and their values, and runs nothing that was typed",
  ignore: lacks("fish"),
  async fn() {
    const { installation, login } = await installed();
    await using _ = installation;
    const complete = async (typed: string) => {
      const script = "sudo-proxy complete fish | source; complete -C $argv[1]";
      const { code, stdout, stderr } = await execute(
        [...login, "fish", "--no-config", "-c", script, typed],
      );
      assertEquals([code, stderr], [0, ""]);
      return stdout;
    };
    assertMatch(await complete("sudo-proxy se"), /^setup\tinstall the commands/m);
    assertMatch(await complete("sudo-proxy setup --und"), /^--undo\t/m);
    assertMatch(await complete("sudo-proxy permissions --socket /x ins"), /^install$/m);
    const trap = `${installation.home}/trap`;
    await complete(`sudo-proxy request (touch ${trap}) x`);
    assertEquals(await Deno.stat(trap).then(() => true, () => false), false);
  },
});

Deno.test("complete knows three shells", async () => {
  await using installation = await Installation.make();
  const words = installation.command("permissions", ["complete", "csh"]);
  const { code, stderr } = await execute(words);
  assertEquals(code, 1);
  assertMatch(stderr, /Cannot complete words for "csh": it must be one of bash, zsh, fish/);
});
