/** The key `a`: who is offered it, and how long it counts. */
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

/** Sends an unprivileged request, presses `a` once it is armed, and sees that nothing came of it. */
async function expectNoTrust(daemon: RunningDaemon): Promise<void> {
  const answer = daemon.send({ pipeline: [["echo", "one"]], privileged: false });
  const screen = await daemon.terminal.shows("Waiting for your key");
  assertNoMatch(screen, /stop asking|\[a\]/);
  await daemon.terminal.press("a");
  // Two keys in one burst count as none.
  await daemon.terminal.shows("counts in a moment");
  await daemon.answer("n");
  assertEquals((await answer).status, "denied");
}

Deno.test({
  name: "the key a exists only with --unattended-eligible, and its grant ends with the daemon",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    for (const args of [[], ["--confirm-unprivileged"], ["--no-confirm-unprivileged"]]) {
      await t.step(`without it: ${args.join(" ") || "no option"}`, async () => {
        await using daemon = await RunningDaemon.start({ user, args });
        await expectNoTrust(daemon);
        await daemon.terminal.press("?");
        assertNoMatch(await daemon.terminal.shows("Pasted keys never count"), /^ *a |stop asking/m);
        if (args[0]?.startsWith("--no")) {
          assertMatch(await daemon.terminal.screen(), /--no-confirm-unprivileged has no effect/);
        }
      });
    }

    await t.step("with it, the grant is nowhere but in the memory of this daemon", async () => {
      await using daemon = await RunningDaemon.start({ user, args: ["--unattended-eligible"] });
      const { installation, terminal } = daemon;
      const state = `${installation.home}/.local/state/sudo-proxy`;
      const first = daemon.send({ pipeline: [["echo", "one"]], privileged: false });
      await terminal.shows("stop asking");
      await daemon.answer("a");
      assertEquals(stdoutOf(await first), "one\n");
      const second = await daemon.send({ pipeline: [["echo", "two"]], privileged: false });
      assertEquals(stdoutOf(second), "two\n");
      assertMatch(await terminal.shows("echo two"), /trusted {3}\S*\/echo two/);
      const files = await Array.fromAsync(Deno.readDir(state), ({ name }) => name);
      assertEquals(files, ["audit"]);

      await terminal.press("q");
      await terminal.shows("Quit?");
      await terminal.press("q");
      await terminal.exitCode();
      // What an earlier version stored is no grant either.
      const stored = { unprivileged: true, since: new Date().toISOString() };
      await Deno.writeTextFile(`${state}/trust.json`, JSON.stringify(stored));
      await using next = await TmuxTerminal.open({
        command: installation.command("proxy", [
          "--socket",
          installation.socket,
          "--unattended-eligible",
        ]),
        user: user.name,
      });
      await next.shows("audit trail: record");
      const third = daemon.send({ pipeline: [["echo", "three"]], privileged: false });
      await next.shows("Waiting for your key");
      await next.press("n");
      assertEquals((await third).status, "denied");
    });
  },
});

Deno.test({
  name: "where the daemon is root, or sudo asks nothing, --unattended-eligible has no effect",
  ignore,
  async fn(t) {
    const args = ["--unattended-eligible"];
    await t.step("root's daemon says of unprivileged commands that root runs them", async () => {
      await using daemon = await RunningDaemon.start({ args });
      await daemon.terminal.shows("--unattended-eligible has no effect");
      await expectNoTrust(daemon);
    });

    await t.step("with NOPASSWD an unprivileged command could become root by itself", async () => {
      await using user = await OrdinaryUser.make("USER ALL=(ALL) NOPASSWD: ALL");
      await using daemon = await RunningDaemon.start({ user, args });
      await daemon.terminal.shows("--unattended-eligible has no effect");
      await expectNoTrust(daemon);
    });
  },
});

Deno.test("the MCP server never starts a daemon that has the key a", async () => {
  for (const folder of ["../../lib/mcp/", "../../lib/mcp/tools/"]) {
    const url = new URL(folder, import.meta.url);
    for await (const { name, isFile } of Deno.readDir(url)) {
      if (isFile) assertNoMatch(await Deno.readTextFile(new URL(name, url)), /unattended/, name);
    }
  }
});
