import { PROJECT } from "../../lib/start.ts";
import { assertEquals } from "../rig/assert.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";

Deno.test({
  name: "Ctrl+C while deno task test runs leaves no user, terminal, daemon or file",
  ignore: lacks("root", "tmux", "sudo"),
  async fn() {
    const folder = await Deno.makeTempDir();
    const path = `${folder}/made`;
    // PATH has no deno where this Deno was started by its path.
    const words = `cd ${PROJECT} && PATH="$(dirname ${Deno.execPath()}):$PATH" MADE_FILE=${path} ` +
      "deno task test tests/rig/waiting.ts";
    await using terminal = await TmuxTerminal.open({ command: ["/bin/sh", "-c", words] });
    const made: { user: string; folder: string; tmux: string } = await eventually(
      "what the test makes",
      async () => JSON.parse(await Deno.readTextFile(path).catch(() => "null")) ?? undefined,
      60_000,
    );
    assertEquals((await execute(["id", made.user])).code, 0);
    assertEquals((await execute(["pgrep", "-u", made.user])).code, 0);

    await terminal.press("C-c");
    await terminal.exitCode();
    await eventually(
      "the user to go",
      async () => (await execute(["id", made.user])).code !== 0,
    );
    const rules = `/etc/sudoers.d/${made.user}`;
    for (const left of [made.folder, made.tmux, rules, `/home/${made.user}`]) {
      await eventually(`${left} to go`, async () => {
        return await Deno.lstat(left).then(() => false, () => true);
      });
    }
    await Deno.remove(folder, { recursive: true });
  },
});
