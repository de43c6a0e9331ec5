import { assertEquals, assertMatch, assertNoMatch, atLeast } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name: "a request runs as root after y, and not after n, silence, or the client's leaving",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "3"] });
    const { terminal } = daemon;

    await t.step("y runs it, and its output comes back", async () => {
      const answer = daemon.send({
        pipeline: [["id"]],
        reason: "to see who runs",
        session: "agent 7",
      });
      const prompt = await terminal.shows("RUN AS ROOT");
      assertMatch(prompt, /asked by {3}agent 7/);
      assertMatch(prompt, /reason {3}to see who runs/);
      assertMatch(prompt, /command {3}\/usr\/bin\/id\n/);
      await daemon.answer("y");
      const response = await answer;
      assertEquals(response.status, "ok");
      assertEquals(response.stages, [{ exit_code: 0, stderr: new Uint8Array() }]);
      assertMatch(stdoutOf(response), /^uid=0\(root\)/);
    });

    for (const key of ["n", "Enter", "Escape", "C-c"]) {
      await t.step(`${key} denies it`, async () => {
        const answer = daemon.send({ pipeline: [["id"]] });
        await terminal.shows("RUN AS ROOT");
        await terminal.press(key);
        assertEquals((await answer).status, "denied");
      });
    }

    await t.step("silence ends it with timeout, and y afterwards does nothing", async () => {
      const response = await daemon.send({
        pipeline: [["touch", `${daemon.installation.folder}/late`]],
      });
      assertEquals(response.status, "timeout");
      await terminal.press("y");
      await terminal.shows("no answer");
    });

    await t.step("the request command exits with 124 where nobody answers", async () => {
      const { installation, socket } = daemon;
      const words = installation.command("request", ["--socket", socket, "--", "id"]);
      const { code, stderr } = await execute(words);
      assertEquals(code, 124);
      assertMatch(stderr, /nobody answered the prompt/);
    });

    await t.step(
      "a client that leaves takes the prompt along, and y then runs nothing",
      async () => {
        const client = new AbortController();
        const answer = daemon.send(
          { pipeline: [["touch", `${daemon.installation.folder}/gone`]] },
          { signal: client.signal },
        );
        await terminal.shows("Waiting for your key");
        client.abort(new Error("gone"));
        await answer.catch(() => {});
        await terminal.press("y");
        await terminal.shows("withdrawn");
      },
    );

    await t.step(
      "two requests at once are shown one after the other, each with its own answer",
      async () => {
        const first = daemon.send({ pipeline: [["echo", "first"]] });
        await terminal.shows("echo first");
        const second = daemon.send({ pipeline: [["echo", "second"]] });
        assertNoMatch(await terminal.shows("1 more waits"), /echo second/);
        await daemon.answer("y");
        assertEquals(stdoutOf(await first), "first\n");
        await terminal.shows("echo second");
        await daemon.answer("n");
        assertEquals((await second).status, "denied");
      },
    );

    await t.step("d denies the one that is shown and all that wait", async () => {
      const answers = ["a", "b", "c"].map((word) => daemon.send({ pipeline: [["echo", word]] }));
      await terminal.shows("2 more wait");
      await terminal.press("d");
      assertEquals((await Promise.all(answers)).map(({ status }) => status), [
        "denied",
        "denied",
        "denied",
      ]);
    });

    await t.step("nothing that was not approved has run", async () => {
      for (const name of ["late", "gone"]) {
        assertEquals(await exists(`${daemon.installation.folder}/${name}`), false);
      }
    });

    await t.step("q and y end the daemon, which leaves nothing behind", async () => {
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
      assertEquals(await Array.fromAsync(Deno.readDir(daemon.installation.runtime)), []);
    });
  },
});

Deno.test({
  name: "keys that were typed before the prompt is armed approve nothing",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "2"] });
    await daemon.terminal.type("yyyy");
    const answer = daemon.send({ pipeline: [["id"]] });
    await daemon.terminal.shows("RUN AS ROOT");
    // The next key comes before 500 ms have passed since the one before: the prompt is never armed.
    const until = performance.now() + 1500;
    while (performance.now() < until) await daemon.terminal.press("y");
    assertEquals((await answer).status, "timeout");
  },
});

Deno.test({
  name: "a key that was pressed for one request never decides another one",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;

    await t.step(
      "where the daemon did not run while the key was pressed, and the request before left",
      async () => {
        const first = await Deno.connect({ transport: "unix", path: daemon.socket });
        const line = { time: new Date().toISOString(), pipeline: [["echo", "harmless"]] };
        await first.write(new TextEncoder().encode(`${JSON.stringify(line)}\n`));
        await terminal.shows("Waiting for your key");
        const second = daemon.send({ pipeline: [["echo", "harmful"]] });
        await terminal.shows("1 more waits");
        const goOn = await daemon.freeze();
        // Its client leaves, and the person presses y for what is on the screen still.
        first.close();
        await terminal.press("y");
        await new Promise((resolve) => setTimeout(resolve, 800));
        await goOn();
        await terminal.shows(/command {3}\/usr\/bin\/echo harmful/);
        await daemon.answer("n");
        assertEquals((await second).status, "denied");
      },
    );

    await t.step("where the daemon stood still since the request was drawn", async () => {
      const answer = daemon.send({ pipeline: [["echo", "harmful"]] });
      await terminal.shows(/command {3}\/usr\/bin\/echo harmful/);
      const goOn = await daemon.freeze();
      await terminal.press("y");
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await goOn();
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
    });
  },
});

Deno.test({
  name: "unprivileged commands run as the user, without the terminal, with an exact environment",
  ignore,
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user, args: ["--unattended-eligible"] });
    const { terminal, installation } = daemon;

    await t.step("the environment is the login's and the request's, and nothing else", async () => {
      const answer = daemon.send({
        pipeline: [["env"]],
        privileged: false,
        env: { TZ: "Asia/Tokyo", LC_ALL: "C" },
        cwd: installation.home,
      });
      await terminal.shows(/RUN AS \w+/);
      await daemon.answer("y");
      const { HOME, USER, LOGNAME, SHELL, PATH } = installation.env;
      const expected = { HOME, USER, LOGNAME, SHELL, PATH, TZ: "Asia/Tokyo", LC_ALL: "C" };
      assertEquals(
        stdoutOf(await answer).trim().split("\n").sort(),
        Object.entries(expected).map(([name, value]) => `${name}=${value}`).sort(),
      );
    });

    await t.step("the command can't open the terminal and leads a session of its own", async () => {
      const script = "echo x > /dev/tty || echo no terminal; ps -o sid= -p $$; echo $$; pwd";
      const answer = daemon.send({
        pipeline: [["sh", "-c", script]],
        privileged: false,
        cwd: installation.home,
      });
      await daemon.answer("y");
      const [noTerminal, session, process, folder] = atLeast(
        2,
        stdoutOf(await answer).trim().split("\n"),
      );
      assertEquals(noTerminal, "no terminal");
      assertEquals(session.trim(), process);
      assertEquals(folder, installation.home);
    });

    await t.step(
      "a runs it and all later unprivileged ones, and never a privileged one",
      async () => {
        const first = daemon.send({ pipeline: [["echo", "one"]], privileged: false });
        await terminal.shows("stop asking");
        await daemon.answer("a");
        assertEquals(stdoutOf(await first), "one\n");
        assertEquals(
          stdoutOf(await daemon.send({ pipeline: [["echo", "two"]], privileged: false })),
          "two\n",
        );
        await terminal.shows(/trusted .*echo two/);
        const privileged = daemon.send({ pipeline: [["echo", "three"]] });
        assertNoMatch(await terminal.shows("RUN AS ROOT"), /stop asking/);
        await terminal.press("a");
        await daemon.answer("n");
        assertEquals((await privileged).status, "denied");
      },
    );
  },
});

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
