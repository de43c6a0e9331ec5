import { assertEquals, assertMatch } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

/** `deno task try` as a person types it, in a home of its own. */
async function trial(
  installation: Installation,
  user: string,
  args: string,
): Promise<TmuxTerminal> {
  const environment = Object.entries({
    ...installation.env,
    PATH: `${installation.folder}:${installation.env.PATH}`,
  }).map(([name, value]) => `${name}=${value}`);
  const script =
    `cd ${installation.folder}/project && deno task --quiet try ${args}; echo "exit code $?"`;
  return await TmuxTerminal.open({
    command: ["/usr/bin/env", "-i", ...environment, "/bin/sh", "-c", script],
    user,
  });
}

Deno.test({
  name: "deno task try shows the whole way in one terminal, and has no way around the key",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using installation = await Installation.make(user);

    await t.step("y, the password, and the result of id", async () => {
      await using terminal = await trial(installation, user.name, "");
      await terminal.shows("Waiting for your key");
      await terminal.press("y");
      await terminal.shows("password for");
      await terminal.type(user.password);
      await terminal.press("Enter");
      await terminal.shows(/uid=0\(root\)[^]*exit code 0/);
    });

    await t.step("n, and a command of one's own", async () => {
      await using terminal = await trial(installation, user.name, "-- ls -l /root");
      assertMatch(
        await terminal.shows("Waiting for your key"),
        /command {3}\/usr\/bin\/ls -l \/root/,
      );
      await terminal.press("n");
      await terminal.shows(/sudo-proxy: denied\s+exit code 126/);
    });

    await t.step("nothing is left in the runtime folder", async () => {
      assertEquals(await Array.fromAsync(Deno.readDir(installation.runtime)), []);
    });
  },
});
