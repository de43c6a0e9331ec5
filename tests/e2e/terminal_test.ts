import {
  assertEquals,
  assertMatch,
  assertNoMatch,
  assertTrue,
  at,
  defined,
} from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name: "a request longer than the screen is read to its end before y counts",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start({ columns: 80, rows: 24 });
    const { terminal } = daemon;
    const script = Array.from({ length: 60 }, (_, line) => `echo line ${line + 1}`).join("\n");

    await t.step("y before the end does nothing; after the end it runs", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", script]] });
      await terminal.shows("y counts after the end");
      await terminal.press("y");
      assertMatch(await terminal.screen(), /y counts after the end/);
      await daemon.answer("y");
      assertMatch(stdoutOf(await answer), /^line 1\n[^]*line 60\n$/);
    });

    await t.step("another size of the window draws anew and begins anew", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", script]] });
      await terminal.shows("y counts after the end");
      await daemon.readToTheEnd();
      await terminal.resize(60, 20);
      await terminal.shows("y counts after the end");
      await terminal.press("y");
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
      await terminal.resize(80, 24);
    });

    await t.step("a key in the moment of the change finds nothing armed", async () => {
      const flag = `${daemon.installation.folder}/resized`;
      const answer = daemon.send({ pipeline: [["sh", "-c", `touch ${flag}\n${script}`]] });
      await terminal.shows("y counts after the end");
      await daemon.readToTheEnd();
      await terminal.resizeAndPress(60, 20, "y");
      await terminal.shows("y counts after the end");
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
      assertEquals(await Deno.stat(flag).then(() => true, () => false), false);
      await terminal.resize(80, 24);
    });

    await t.step(
      "40x12 shows command, keys and seconds; a smaller window approves nothing",
      async () => {
        await terminal.resize(40, 12);
        const answer = daemon.send({ pipeline: [["id"]] });
        await terminal.shows("Waiting for your key");
        const screen = await terminal.screen();
        assertMatch(screen, /\/usr\/bin\/id/);
        assertMatch(screen, /\[y\] run it/);
        assertMatch(screen, /\d+ s left/);
        await terminal.resize(39, 12);
        await terminal.shows(/too\s+small/);
        await terminal.press("y");
        assertMatch(await terminal.screen(), /too\s+small/);
        await terminal.resize(80, 24);
        await daemon.answer("y");
        assertMatch(stdoutOf(await answer), /uid=0/);
      },
    );
  },
});

Deno.test({
  name: "the person sees what runs, what came out, and can end it",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { terminal } = daemon;

    await t.step("k offers to end a running command, and k again ends it", async () => {
      const answer = daemon.send({ pipeline: [["sh", "-c", "echo begun; sleep 306"]] });
      await daemon.answer("y");
      await terminal.shows(/running \d+ s · just started · \[k\] end/);
      await terminal.press("k");
      await terminal.shows("End it? Press k again");
      await terminal.press("x");
      await terminal.shows("Cancelled");
      await terminal.press("k");
      await eventually(
        "the question",
        async () => ((await terminal.screen()).match(/End it\?/g)?.length ?? 0) >= 2,
      );
      await terminal.press("k");
      const response = await answer;
      assertMatch(defined(response.message), /the person at the terminal ended the command/);
      assertEquals(stdoutOf(response), "begun\n");
    });

    await t.step("the first lines of the output stand in the history, escaped", async () => {
      const nasty = "\\033[2J\\033[Hfake prompt\\r\\n\\007two\\nthree\\nfour\\nfive\\nsix\\n";
      const answer = daemon.send({ pipeline: [["printf", nasty]] });
      await daemon.answer("y");
      await answer;
      const screen = await terminal.shows("┊ five");
      assertMatch(screen, /┊ \\x1b\[2J\\x1b\[Hfake prompt\\r/);
      assertNoMatch(screen, /six/);
      assertMatch(screen, /Cancelled/, "what stood there before is still there");
    });

    await t.step(
      "? explains the keys, at a prompt and between prompts, and approves nothing",
      async () => {
        await terminal.press("?");
        await terminal.shows("between requests: quit");
        const answer = daemon.send({ pipeline: [["id"]] });
        await terminal.shows("Waiting for your key");
        await terminal.press("?");
        await terminal.shows("run exactly what is shown");
        await terminal.press("y");
        await terminal.shows("/usr/bin/id");
        await daemon.answer("n");
        assertEquals((await answer).status, "denied");
      },
    );

    await t.step("notes stand next to the command", async () => {
      const notes: [string[][], RegExp][] = [
        [[["sh", "-c", "echo hi"]], /note {3}runs a script given as argument 2/],
        [[["rm", "-rf", "/etc"]], /note {3}\/etc is deleted, and everything below it/],
        [
          [["tee", "/etc/sudoers.d/x"]],
          /note {3}argument 1 names a file that decides who may become root/,
        ],
        [[["dd", "if=/dev/zero", "of=/dev/sda"]], /note {3}argument 2 names a disk/],
      ];
      for (const [pipeline, pattern] of notes) {
        const answer = daemon.send({ pipeline });
        await terminal.shows(pattern);
        await terminal.press("n");
        assertEquals((await answer).status, "denied");
      }
      const home = daemon.send({ pipeline: [["id"]], env: { HOME: "/tmp" } });
      await terminal.shows(/note {3}HOME is set/);
      await terminal.press("n");
      await home;
    });

    await t.step("a pasted y is no key, in one read or in several", async () => {
      const answer = daemon.send({ pipeline: [["id"]] });
      await terminal.shows("Waiting for your key");
      await terminal.type("\x1b[200~y\x1b[201~");
      await terminal.shows("Waiting for your key");
      await terminal.type("\x1b[200~");
      await eventually("a pause as long as the arming", () => pause(600));
      await terminal.type("y");
      await eventually("a pause as long as the arming", () => pause(600));
      await terminal.type("\x1b[201~");
      assertTrue((await terminal.screen()).includes("/usr/bin/id"));
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
    });
  },
});

Deno.test({
  name:
    "a waiting request rings the bell, sets the title, and with --notify tells the desktop, in constant words",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start({ args: ["--notify", "777"] });
    const raw = `${daemon.installation.folder}/raw`;
    await daemon.terminal.record(raw);
    const answer = daemon.send({ pipeline: [["echo", "SECRET"]], reason: "SECRET" });
    await daemon.answer("n");
    await answer;
    const bytes = await Deno.readTextFile(raw);
    assertTrue(bytes.includes(`\x1b]2;sudo-proxy ${Deno.hostname()}: a request waits\x1b\\`));
    assertTrue(bytes.includes("\x07\x1b]777;notify;sudo-proxy;a request waits\x07"));
    for (const sequence of bytes.split("\x1b]").slice(1)) {
      assertNoMatch(at(at(sequence.split("\x07"), 0).split("\x1b"), 0), /SECRET/);
    }
  },
});

/** Real time is what this is about: a key that comes later than the arming takes. */
async function pause(ms: number): Promise<boolean> {
  await new Promise((resolve) => setTimeout(resolve, ms));
  return true;
}
