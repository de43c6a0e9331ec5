import { assertEquals, assertMatch, assertNoMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "bash");

/** Commands that run a file of the working folder, and the file. */
const COMMANDS: readonly (readonly [file: string, words: readonly string[]])[] = [
  ["x.sh", ["bash", "x.sh", "-c", "id"]],
  ["x.sh", ["bash", "-norc", "x.sh"]],
  ["x.sh", ["bash", "--rcfile", "/etc/profile", "x.sh"]],
  ["x.sh", ["bash", "--rcfile", "x.sh", "-ic", "id"]],
  ["x.sh", ["env", "bash", "x.sh"]],
  ["x.sh", ["nice", "-n", "5", "bash", "./x.sh"]],
  ["x.sh", ["bash", "--", "x.sh"]],
  ["x.sh", ["xargs", "-a", "/etc/hostname", "bash", "x.sh"]],
  ["x.sed", ["sed", "-fx.sed", "/etc/hostname"]],
  ["x.sed", ["sed", "--file=x.sed", "/etc/hostname"]],
];

Deno.test({
  name: "every file that an argument names is noted, and compared before the start",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start({ rows: 40, columns: 120 });
    const { terminal } = daemon;
    const cwd = `${daemon.installation.folder}/work`;
    await Deno.mkdir(cwd);

    for (const [file, words] of COMMANDS) {
      await t.step(words.join(" "), async () => {
        const path = `${cwd}/${file}`;
        await Deno.writeTextFile(path, file === "x.sed" ? "s/a/b/\n" : "echo harmless\n");
        const answer = daemon.send({ pipeline: [words], cwd });
        await terminal.shows("Waiting for your key");
        const prompt = await terminal.screen();
        assertTrue(prompt.includes(`note   ${path} is a file whose content is not shown`), prompt);
        await Deno.writeTextFile(path, "echo hostile # more\n");
        await daemon.answer("y");
        const { status, message } = await answer;
        assertEquals(status, "error");
        assertEquals(
          message,
          `nothing ran: ${path} changed after it was shown. Send the request again to show it as it is now`,
        );
      });
    }

    await t.step("options after the first operand are not called code", async () => {
      const answer = daemon.send({ pipeline: [["bash", "x.sh", "-c", "id"]], cwd });
      assertNoMatch(await terminal.shows("Waiting for your key"), /runs a script/);
      await daemon.answer("n");
      await answer;
    });

    await t.step("what can't be looked at is said to be so", async () => {
      for (const path of [`/proc/self/root${cwd}/x.sh`, "/dev/fd/3"]) {
        const answer = daemon.send({ pipeline: [["bash", path]], cwd });
        const prompt = await terminal.shows("Waiting for your key");
        assertMatch(
          prompt,
          /argument 1 leads where sudo-proxy can't look: a change before it runs goes unnoticed/,
        );
        await daemon.answer("n");
        await answer;
      }
    });

    await t.step("arguments beyond the bound are counted", async () => {
      const answer = daemon.send({ pipeline: [["bash", ...Array(300).fill("-e"), "x.sh"]], cwd });
      await daemon.terminal.shows("RUN AS ROOT");
      const prompt = await terminal.screen();
      assertMatch(
        prompt,
        /45 more arguments were not looked at: a change of files that they name goes unnoticed/,
      );
      await daemon.answer("n");
      await answer;
    });

    await t.step("a log may grow, where the program only prints it", async () => {
      await Deno.writeTextFile(`${cwd}/log`, "one\n");
      const answer = daemon.send({ pipeline: [["cat", "log"], ["tail", "-5"]], cwd });
      await terminal.shows("Waiting for your key");
      await Deno.writeTextFile(`${cwd}/log`, "two\n", { append: true });
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "one\ntwo\n");
    });

    await t.step("but not what is printed to a program that runs it", async () => {
      await Deno.writeTextFile(`${cwd}/x.sh`, "echo harmless\n");
      const answer = daemon.send({ pipeline: [["cat", "x.sh"], ["bash"]], cwd });
      await terminal.shows("Waiting for your key");
      await Deno.writeTextFile(`${cwd}/x.sh`, "echo hostile\n");
      await daemon.answer("y");
      assertMatch(
        defined((await answer).message),
        /nothing ran: .*\/x\.sh changed after it was shown/,
      );
    });

    await t.step("but it must be the same file", async () => {
      const answer = daemon.send({ pipeline: [["cat", "log"]], cwd });
      await terminal.shows("Waiting for your key");
      await Deno.remove(`${cwd}/log`);
      await Deno.symlink("/etc/shadow", `${cwd}/log`);
      await daemon.answer("y");
      assertMatch(
        defined((await answer).message),
        /nothing ran: .*\/log changed after it was shown/,
      );
    });

    await t.step("a file system that does not answer starts nothing later", async () => {
      await Deno.mkdir(`${cwd}/mounted`);
      await Deno.writeTextFile(`${cwd}/mounted/x.sh`, "echo harmless\n");
      const answer = daemon.send({ pipeline: [["bash", "mounted/x.sh"]], cwd });
      await terminal.shows("Waiting for your key");
      const options = "rootmode=40000,user_id=0,group_id=0,allow_other";
      const script = `exec 3<>/dev/fuse; mount -i -t fuse -o "fd=3,${options}" x "$1" && read end`;
      const silent = new Deno.Command("sh", {
        args: ["-c", script, "sh", `${cwd}/mounted`],
        stdin: "piped",
      }).spawn();
      try {
        await eventually(
          "the mount",
          async () => (await execute(["grep", "-q", `${cwd}/mounted `, "/proc/mounts"])).code === 0,
        );
        await daemon.answer("y");
        assertEquals(
          (await answer).message,
          "nothing ran: what was shown could not be looked at again within 5 seconds. " +
            "Send the request again to show it as it is now",
        );
      } finally {
        await silent.stdin.close();
        await silent.status;
        await execute(["umount", "-l", `${cwd}/mounted`]);
      }
    });

    await t.step("a folder in an argument must be the same folder", async () => {
      await Deno.mkdir(`${cwd}/old`);
      await Deno.symlink("old", `${cwd}/target`);
      const answer = daemon.send({ pipeline: [["chmod", "-R", "0777", "target"]], cwd });
      await terminal.shows("Waiting for your key");
      await Deno.remove(`${cwd}/target`);
      await Deno.symlink("/etc", `${cwd}/target`);
      await daemon.answer("y");
      assertMatch(
        defined((await answer).message),
        /nothing ran: .*\/target changed after it was shown/,
      );
    });
  },
});

Deno.test({
  name: "a file that is written through a mapping does not seem to change",
  ignore: lacks("root", "tmux", "python3", "sh"),
  async fn() {
    // The times change again once the system has written the page back, seconds later.
    const folder = await Deno.makeTempDir();
    try {
      await using daemon = await RunningDaemon.start();
      const path = `${folder}/x.sh`;
      await Deno.writeTextFile(path, "echo good\n");
      const script = `import mmap, os, time
with open("x.sh", "r+b") as file: memory = mmap.mmap(file.fileno(), 0)
memory[0] = memory[0]
open("mapped", "w")
while not os.path.exists("go"): time.sleep(0.01)
memory[5:9] = b"evil"
open("written", "w")`;
      const writing = execute([
        "sh",
        "-c",
        'cd "$1" && exec python3 -c "$2"',
        "sh",
        folder,
        script,
      ]);
      const isThere = (name: string) => async () =>
        (await Deno.stat(`${folder}/${name}`).catch(() => undefined)) !== undefined;
      await eventually("the mapping", isThere("mapped"));
      const answer = daemon.send({ pipeline: [["bash", path]] });
      await daemon.terminal.shows("Waiting for your key");
      await Deno.writeTextFile(`${folder}/go`, "");
      await eventually("the write", isThere("written"));
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "evil\n");
      assertEquals((await writing).code, 0);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
