import {
  assertEquals,
  assertMatch,
  assertNoMatch,
  assertTrue,
  at,
  defined,
} from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Polkit } from "../rig/polkit.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "dbus-daemon", "dbus-send", "pkexec", "pkttyagent", "pkcheck");
const RULE = "/etc/polkit-1/rules.d/50-pkexec-cache.rules";

/** Types the password once polkit asks for it. */
async function giveCredentials({ terminal }: RunningDaemon, password: string, what: string) {
  await terminal.shows(new RegExp(`needed to run .${what}'[^]*Password: *\\n*$`));
  await terminal.type(password);
  await terminal.press("Enter");
}

function stderrOf(response: Awaited<ReturnType<RunningDaemon["send"]>>): string {
  return new TextDecoder().decode(at(response.stages, 0).stderr);
}

Deno.test({
  name: "with --pkexec polkit asks for the password after the key, and root runs what was shown",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make("none");
    await using _polkit = await Polkit.start(user);
    await using daemon = await RunningDaemon.start({
      user,
      args: ["--pkexec", "--unattended-eligible"],
      env: { TMUX: "" },
    });
    const { terminal } = daemon;

    await t.step("the start says that polkit asks, and why the key a is not there", async () => {
      await terminal.shows("polkit asks its question for each privileged command");
      await terminal.shows("--unattended-eligible has no effect: polkit may remember you");
    });

    await t.step("the key, then the password: the command runs as root", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await daemon.answer("y");
      await terminal.shows("polkit asks for your password to run what you approved");
      await giveCredentials(daemon, user.password, "/usr/bin/id");
      assertEquals(stdoutOf(await answer), "root\n");
    });

    await t.step("a wrong password runs nothing", async () => {
      const flag = `${daemon.installation.home}/wrong`;
      const answer = daemon.send({ pipeline: [["touch", flag]] });
      await daemon.answer("y");
      await giveCredentials(daemon, "nonsense", "/usr/bin/touch");
      const response = await answer;
      assertEquals(at(response.stages, 0).exit_code, 127);
      assertMatch(stderrOf(response), /Not authorized/);
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
    });

    await t.step("Ctrl+C at the question runs nothing, and the daemon goes on", async () => {
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await daemon.answer("y");
      await terminal.shows(/Password: *\n*$/);
      await terminal.press("C-c");
      const { stages } = await answer;
      assertTrue([126, 127].includes(at(stages, 0).exit_code ?? 0));
    });

    await t.step("a key that denies asks for no password", async () => {
      const answer = daemon.send({ pipeline: [["id", "-gn"]] });
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
      assertNoMatch(await terminal.screen(), /denied[^]*polkit asks/);
    });

    await t.step("a request that is cancelled while polkit asks runs nothing", async () => {
      const flag = `${daemon.installation.home}/left`;
      const id = crypto.randomUUID();
      const answer = daemon.send({ id, pipeline: [["touch", flag]] });
      await daemon.answer("y");
      await terminal.shows(/Password: *\n*$/);
      assertEquals((await daemon.send({ action: "cancel", target: id })).status, "ok");
      assertMatch((await answer).message ?? "", /cancelled and ended/);
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
    });

    await t.step("a privileged pipeline is refused before anybody is asked", async () => {
      const response = await daemon.send({ pipeline: [["id"], ["cat"]] });
      assertMatch(response.message ?? "", /"pipeline" must have one stage .* polkit/);
    });

    await t.step("variables, folder, mask and signals are those of a login", async () => {
      const script = 'echo "$LANG-$TZ-$HOME-$(pwd)-$(umask)"; grep SigBlk /proc/self/status';
      const answer = daemon.send({
        pipeline: [["sh", "-c", script]],
        env: { LANG: "a b", TZ: "x=y" },
        cwd: "/usr",
      });
      await daemon.answer("y");
      await giveCredentials(daemon, user.password, "/usr/bin/env");
      assertEquals(
        stdoutOf(await answer),
        "a b-x=y-/root-/usr-0022\nSigBlk:\t0000000000000000\n",
      );
    });

    await t.step("the exit code is the command's", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", "echo out; exit 3"]] });
      await daemon.answer("y");
      await giveCredentials(daemon, user.password, "/usr/bin/sh");
      const response = await answer;
      assertEquals([stdoutOf(response), at(response.stages, 0).exit_code], ["out\n", 3]);
    });

    await t.step("while it runs prompts are shown, and ending it takes the password", async () => {
      const answer = daemon.send({ pipeline: [["sleep", "612"]] });
      await daemon.answer("y");
      await giveCredentials(daemon, user.password, "/usr/bin/sleep");
      const second = daemon.send({ pipeline: [["echo", "meanwhile"]] });
      await daemon.answer("n");
      assertEquals((await second).status, "denied");
      await terminal.shows(/running \d+ s.*\[k\]/);
      await terminal.press("k");
      await terminal.shows(/Press k again/);
      await terminal.press("k");
      await terminal.shows("polkit asks for your password to end the command");
      await giveCredentials(daemon, user.password, "/usr/bin/kill");
      assertMatch((await answer).message ?? "", /person at the terminal ended the command/);
    });

    await t.step("one that does not end by itself is killed after a second password", async () => {
      const answer = daemon.send({
        pipeline: [["sh", "-c", "trap '' TERM; sleep 613; sleep 614"]],
      });
      await daemon.answer("y");
      await giveCredentials(daemon, user.password, "/usr/bin/sh");
      await terminal.shows(/running \d+ s.*\[k\]/);
      await terminal.press("k");
      await terminal.shows(/Press k again/);
      await terminal.press("k");
      await giveCredentials(daemon, user.password, "/usr/bin/kill");
      await eventually(
        "the second question",
        async () => (await execute(["pgrep", "-f", "^/usr/bin/pkexec .*kill -s KILL"])).code === 0,
      );
      await giveCredentials(daemon, user.password, "/usr/bin/kill");
      assertEquals(at((await answer).stages, 0).signal, "SIGKILL");
    });

    await t.step("the end leaves no agent and no raw terminal", async () => {
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      // The shell around the daemon ends with the code of an earlier Ctrl+C.
      await terminal.exitCode();
      await terminal.shows("sudo-proxy · ended");
      assertTrue((await execute(["pgrep", "-u", user.name, "-x", "pkttyagent"])).code !== 0);
    });
  },
});

Deno.test({
  name: "pkexec-cache shows, writes and removes the rule through the daemon, and polkit heeds it",
  ignore: ignore || await Deno.stat(RULE).then(() => true, () => false),
  async fn(t) {
    await using user = await OrdinaryUser.make("none");
    await using polkit = await Polkit.start(user);
    await using rule = {
      [Symbol.asyncDispose]: () => Deno.remove(RULE).catch(() => {}),
    };
    void rule;
    await using daemon = await RunningDaemon.start({
      user,
      args: ["--pkexec"],
      columns: 110,
      rows: 50,
    });
    const { installation, terminal } = daemon;
    const cache = (...args: string[]) =>
      execute(["runuser", "-u", user.name, "--", ...installation.command("pkexec-cache", args)]);
    const approve = async (what: string) => {
      await daemon.answer("y");
      await giveCredentials(daemon, user.password, what);
    };

    await t.step("without the rule it says so", async () => {
      const shown = cache();
      await approve("/usr/bin/cat");
      const { code, stdout } = await shown;
      assertEquals(code, 1);
      assertMatch(stdout, /not installed/);
    });

    await t.step(
      "--create shows the file, and writes nothing where the person denies",
      async () => {
        const created = cache("--create");
        await daemon.answer("n");
        const { code, stdout } = await created;
        assertEquals(code, 126);
        assertMatch(stdout, /addRule[^]*AUTH_ADMIN_KEEP/);
        assertEquals(await Deno.stat(RULE).then(() => true, () => false), false);
      },
    );

    await t.step("with the key and the password the file is what was shown", async () => {
      const created = cache("--create");
      const prompt = await terminal.shows("Waiting for your key");
      assertMatch(prompt, new RegExp(`install -m 644[^]*"${user.name}"[^]*AUTH_ADMIN_KEEP`));
      await approve("/usr/bin/install");
      const { code, stdout } = await created;
      assertEquals(code, 0);
      const text = await Deno.readTextFile(RULE);
      assertTrue(stdout.includes(text), stdout);
      assertTrue(text.includes(`subject.user == "${user.name}"`));
      assertEquals(defined((await Deno.stat(RULE)).mode) & 0o777, 0o644);
      const shown = cache();
      await approve("/usr/bin/cat");
      assertMatch((await shown).stdout, /The rule is installed/);
    });

    await t.step("the rule makes polkit ask once for all programs", async () => {
      // Tests run in no login session, so without what the rule says about one.
      const text = await Deno.readTextFile(RULE);
      const anywhere = text.replace(
        / &&\n *subject.active == true &&\n *subject.local == true/,
        "",
      );
      assertTrue(anywhere !== text);
      await polkit.addRule("49", anywhere);
      const flag = `${installation.home}/remembered`;
      await eventually("polkit to read the rule", async () => {
        const { stdout } = await execute([
          "runuser",
          "-u",
          user.name,
          "--",
          "/usr/bin/pkcheck",
          "--process",
          await daemon.pid(),
          "--action-id",
          "org.freedesktop.policykit.exec",
        ]);
        return stdout.includes("retains_authorization") || undefined;
      });
      const first = daemon.send({ pipeline: [["id", "-un"]] });
      await approve("/usr/bin/id");
      assertEquals(stdoutOf(await first), "root\n");
      const second = daemon.send({ pipeline: [["touch", flag]] });
      await daemon.answer("y");
      assertEquals(at((await second).stages, 0).exit_code, 0);
      assertEquals((await Deno.stat(flag)).uid, 0);
    });

    await t.step("a daemon that is started then says so", async () => {
      await using second = await RunningDaemon.start({ user, args: ["--pkexec"] });
      await second.terminal.shows("a rule lets polkit remember you");
    });

    await t.step("--delete removes it", async () => {
      const deleted = cache("--delete");
      // polkit remembers: the keys are all.
      await daemon.answer("y");
      await terminal.shows(/rm -- \/etc/);
      await daemon.answer("y");
      const { code, stdout } = await deleted;
      assertEquals(code, 0, stdout);
      assertMatch(stdout, /The rule is removed/);
      assertEquals(await Deno.stat(RULE).then(() => true, () => false), false);
    });
  },
});
