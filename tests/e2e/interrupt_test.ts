import { PROJECT } from "../../lib/start.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";

/** Tells a file from another one that was made in its place: other tests run at the same time. */
async function identityOf(path: string): Promise<string | undefined> {
  try {
    const { ino, birthtime } = await Deno.lstat(path);
    return `${ino} ${birthtime?.getTime()}`;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

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

    const left = [made.folder, made.tmux, `/etc/sudoers.d/${made.user}`, `/home/${made.user}`];
    const before = await Promise.all(left.map(identityOf));
    assertTrue(before.every((identity) => identity !== undefined), `${before}`);

    await terminal.press("C-c");
    await terminal.exitCode();
    await eventually(
      "the user to go",
      async () => (await execute(["id", made.user])).code !== 0,
    );
    for (const [index, path] of left.entries()) {
      await eventually(`${path} to go`, async () => await identityOf(path) !== before[index]);
    }
    await Deno.remove(folder, { recursive: true });
  },
});
