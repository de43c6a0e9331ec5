import { assertEquals, assertMatch, assertNoMatch, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name: "while sudo asks, keys are sudo's alone and no prompt is shown",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make("Defaults:USER passwd_tries=3");
    await using daemon = await RunningDaemon.start({ user, args: ["--password", "each"] });
    const { terminal } = daemon;

    /** Approves A, lets B arrive while sudo asks, and gives both answers. */
    const race = async (mark: string) => {
      const first = daemon.send({ pipeline: [["echo", `A${mark}`]] });
      await daemon.answer("y");
      await terminal.shows(/password for/);
      const second = daemon.send({ pipeline: [["echo", `B${mark}`]], stream: true });
      // The daemon has it, in line behind A.
      await daemon.send({ action: "ping" });
      return { first, second };
    };
    const denyB = async (second: ReturnType<RunningDaemon["send"]>) => {
      await terminal.shows(/command {3}\/usr\/bin\/echo B/);
      await daemon.answer("n");
      assertEquals((await second).status, "denied");
    };

    await t.step(
      "the letters of the password reach sudo whole, and B is shown only afterwards",
      async () => {
        const { first, second } = await race("1");
        for (const letter of user.password) {
          await terminal.type(letter);
          assertNoMatch(await terminal.screen(), /echo B1/);
        }
        await terminal.press("Enter");
        assertEquals(stdoutOf(await first), "A1\n");
        await denyB(second);
      },
    );

    await t.step("the same with a wrong password before the right one", async () => {
      const { first, second } = await race("2");
      await terminal.type("yyyyyyyy");
      await terminal.press("Enter");
      assertNoMatch(await terminal.shows(/try again/), /echo B2/);
      await terminal.type(user.password);
      await terminal.press("Enter");
      assertEquals(stdoutOf(await first), "A2\n");
      await denyB(second);
    });

    await t.step("three wrong ones end A with an error, and nothing of it runs", async () => {
      const { first, second } = await race("3");
      for (let tries = 1; tries <= 3; tries++) {
        await terminal.type("yy");
        await terminal.press("Enter");
        if (tries < 3) {
          await eventually("the next question", async () => {
            const questions = (await terminal.screen()).match(/Sorry, try again/g) ?? [];
            return questions.length >= tries || undefined;
          });
        }
      }
      const response = await first;
      assertEquals(response.status, "error");
      assertMatch(defined(response.message), /sudo did not authenticate/);
      await denyB(second);
    });

    await t.step("Ctrl+C at the password ends A alone", async () => {
      const { first, second } = await race("4");
      await terminal.press("C-c");
      assertMatch(defined((await first).message), /sudo did not authenticate/);
      await denyB(second);
    });

    await t.step("a client that leaves while sudo asks takes its request back", async () => {
      const client = new AbortController();
      const flag = `${daemon.installation.home}/left`;
      const answer = daemon.send({ pipeline: [["touch", flag]] }, { signal: client.signal });
      await daemon.answer("y");
      await terminal.shows(/password for/);
      client.abort(new Error("left"));
      await answer.catch(() => {});
      await terminal.type(user.password);
      await terminal.press("Enter");
      await terminal.shows("withdrawn");
      const next = daemon.send({ pipeline: [["echo", "next"]] });
      await daemon.answer("n");
      await next;
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
    });
  },
});

Deno.test({
  name:
    "with --password each a program that presses y in this terminal runs nothing without the password",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({
      user,
      args: ["--opened-by-agent"],
      env: { TMUX: "/tmp/a-tmux-socket,1,0" },
    });
    const { terminal } = daemon;

    await t.step(
      "it is the default in a terminal that can be driven and that an agent opened, and is said so",
      async () => {
        await terminal.shows("Other programs of yours can press keys here (tmux)");
        await terminal.shows("So sudo asks its question for each privileged command");
      },
    );

    await t.step("y alone brings up sudo's question, every time", async () => {
      for (const word of ["one", "two"]) {
        const answer = daemon.send({ pipeline: [["echo", word]] });
        // This is the attacker: send-keys from a second process.
        await daemon.answer("y");
        await terminal.shows(/password for/);
        await terminal.type(user.password);
        await terminal.press("Enter");
        assertEquals(stdoutOf(await answer), `${word}\n`);
        await terminal.shows(new RegExp(`ended.*echo ${word}`));
      }
    });

    await t.step("guessed passwords run nothing", async () => {
      const answer = daemon.send({ pipeline: [["echo", "guess"]] });
      await daemon.answer("y");
      await terminal.shows(/password for/);
      await terminal.press("C-c");
      assertEquals((await answer).status, "error");
    });
  },
});

Deno.test({
  name: "the start says how much a key proves",
  ignore,
  async fn(t) {
    await t.step("with NOPASSWD, that the key is all there is", async () => {
      await using user = await OrdinaryUser.make(
        "USER ALL=(ALL) NOPASSWD: ALL\nDefaults:USER verifypw=any",
      );
      await using daemon = await RunningDaemon.start({ user });
      await daemon.terminal.shows("sudo asks you nothing (NOPASSWD): your key is all there is");
      const answer = daemon.send({ pipeline: [["id", "-un"]] });
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "root\n");
    });

    await t.step(
      "and where only the rule that counts says NOPASSWD, as on cloud machines, no password is asked",
      async () => {
        await using user = await OrdinaryUser.make("USER ALL=(ALL) NOPASSWD: ALL");
        await using daemon = await RunningDaemon.start({ user });
        const answer = daemon.send({ pipeline: [["id", "-un"]] });
        await daemon.answer("y");
        assertEquals(stdoutOf(await answer), "root\n");
      },
    );

    await t.step("in tmux, that others can press keys, and what to do", async () => {
      await using user = await OrdinaryUser.make();
      await using daemon = await RunningDaemon.start({
        user,
        env: { TMUX: "/tmp/a-tmux-socket,1,0" },
      });
      await daemon.terminal.shows("With --password each, sudo asks its question");
    });

    await t.step(
      "sudo's own memory serves where the password is cached, and is dropped at the end",
      async () => {
        await using user = await OrdinaryUser.make();
        await using daemon = await RunningDaemon.start({ user });
        assertNoMatch(await daemon.terminal.screen(), /press keys here/);
        const answer = daemon.send({ pipeline: [["id", "-un"]] });
        await daemon.answer("y");
        await daemon.terminal.shows(/password for/);
        await daemon.terminal.type(user.password);
        await daemon.terminal.press("Enter");
        await answer;
        const records = () =>
          execute([
            "sh",
            "-c",
            `strings -a /run/sudo/ts/${user.name} 2>/dev/null; wc -c < /run/sudo/ts/${user.name}`,
          ]);
        assertEquals((await records()).code, 0);
        await daemon.terminal.press("q");
        await daemon.terminal.shows("Press q again to quit");
        await daemon.terminal.press("q");
        assertEquals(await daemon.terminal.exitCode(), 0);
      },
    );
  },
});
