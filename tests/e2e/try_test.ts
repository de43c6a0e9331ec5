import { assertEquals, assertMatch, defined } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name:
    "without XDG_RUNTIME_DIR daemon and clients meet in a private folder under the temporary directory",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using installation = await Installation.make(user);
    const env = { XDG_RUNTIME_DIR: "", TMPDIR: installation.home };
    const folder = `${installation.home}/sudo-proxy-${user.uid}`;
    const words = [
      "runuser",
      "-u",
      user.name,
      "--",
      ...installation.command("request", ["--no-privilege", "id", "-un"], env),
    ];
    const request = () => execute(words);

    await t.step("the daemon makes it, and the request command finds it", async () => {
      await using terminal = await TmuxTerminal.open({
        command: installation.command("proxy", [], env),
        user: user.name,
      });
      await terminal.shows(new RegExp(`waiting on\\s+${folder}`));
      assertEquals(defined((await Deno.lstat(folder)).mode) & 0o777, 0o700);
      const answer = request();
      await terminal.shows("Waiting for your key");
      await terminal.press("y");
      assertEquals((await answer).stdout, `${user.name}\n`);
    });

    await t.step("a folder of that name that is someone else's is refused", async () => {
      await Deno.chown(folder, 0, 0);
      const { code, stderr } = await request();
      assertEquals(code, 125);
      assertMatch(stderr, /Cannot use the folder .*: it belongs to the user with the id 0/);
    });
  },
});

/** `deno task try` as a person types it, in a home of its own. */
async function trial(
  installation: Installation,
  user: string,
  args: string,
): Promise<TmuxTerminal> {
  const environment = Object.entries({
    ...installation.env,
    PATH: `${installation.folder}:${installation.env["PATH"]}`,
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
      const screen = await terminal.history();
      assertEquals(screen.match(/uid=0\(root\)/g)?.length, 1);
      assertMatch(screen, /sudo-proxy: this was a trial\. Next: deno task setup\nexit code 0/);
    });

    await t.step("n, and a command of one's own", async () => {
      await using terminal = await trial(installation, user.name, "-- ls -l /root");
      assertMatch(
        await terminal.shows("Waiting for your key"),
        /command {3}\/usr\/bin\/ls -l \/root/,
      );
      await terminal.press("n");
      await terminal.shows(
        /sudo-proxy: denied\s+sudo-proxy: this was a trial\. Next: deno task setup\s+exit code 126/,
      );
    });

    await t.step("Ctrl+C denies it, and at sudo's question gives it up", async () => {
      {
        await using terminal = await trial(installation, user.name, "");
        await terminal.shows("Waiting for your key");
        await terminal.press("C-c");
        await terminal.shows(/sudo-proxy: denied[^]*exit code 126/);
      }
      await using terminal = await trial(installation, user.name, "");
      await terminal.shows("Waiting for your key");
      await terminal.press("y");
      await terminal.shows("password for");
      await terminal.press("C-c");
      await terminal.shows(/not authenticate the person: nothing ran/);
    });

    await t.step("nothing is left in the runtime folder", async () => {
      assertEquals(await Array.fromAsync(Deno.readDir(installation.runtime)), []);
    });
  },
});
