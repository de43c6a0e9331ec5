import { assertEquals, assertMatch, assertNoMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { lacks, succeed } from "../rig/tools.ts";

const ignore = lacks("root", "tmux");

/**
 * A folder in which `..` after the link `lnk` leads to `far`, as the kernel takes it, and back to
 * the folder itself, as the text reads. What stands in `far` is hostile.
 */
async function makeFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await Deno.realPath(await Deno.makeTempDir());
  await Deno.chmod(path, 0o755);
  await Deno.mkdir(`${path}/far/deep`, { recursive: true });
  await Deno.symlink("far/deep", `${path}/lnk`);
  await Deno.symlink("/usr/bin/true", `${path}/good`);
  await Deno.symlink("/usr/share", `${path}/up`);
  for (
    const [script, says] of [
      [`${path}/x.sh`, "harmless"],
      [`${path}/far/x.sh`, "hostile"],
    ] as const
  ) {
    await Deno.writeTextFile(script, `echo ${says}\n`);
  }
  await Deno.writeTextFile(`${path}/far/good`, "#!/bin/sh\necho hostile\n", { mode: 0o755 });
  return { path, [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }) };
}

Deno.test({
  name:
    "a path with .. after a link leads where the kernel goes, in what is shown, compared and run",
  ignore,
  async fn(t) {
    await using folder = await makeFolder();
    const { path } = folder;
    const cwd = path;
    const PATH = `${path}/lnk/..:/usr/bin:/bin`;
    await using daemon = await RunningDaemon.start({ env: { PATH }, rows: 40, columns: 120 });
    const { terminal } = daemon;

    const lastReceived = async () => {
      const trail = `${daemon.installation.home}/.local/state/sudo-proxy/audit/000001.jsonl`;
      const lines = (await Deno.readTextFile(trail)).trim().split("\n");
      return lines.map((line) => JSON.parse(line)).findLast(({ event }) => event === "received");
    };

    await t.step("a program: its folder is resolved, and this path is shown and run", async () => {
      const answer = daemon.send({ pipeline: [["./lnk/../good"]], cwd });
      const prompt = await terminal.shows("Waiting for your key");
      assertTrue(prompt.includes(`command   ${path}/far/good\n`), prompt);
      assertNoMatch(prompt, /which is/);
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "hostile\n");
      const { program, identity } = (await lastReceived()).stages[0];
      assertEquals([program, identity.real_path], [`${path}/far/good`, `${path}/far/good`]);
    });

    await t.step("a program that is found in PATH", async () => {
      const answer = daemon.send({ pipeline: [["good"]], cwd: "/", privileged: false });
      const prompt = await terminal.shows("Waiting for your key");
      assertTrue(prompt.includes(`command   ${path}/far/good\n`), prompt);
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), "hostile\n");
    });

    await t.step("a program's last link stays: some programs look at their name", async () => {
      const answer = daemon.send({ pipeline: [["./lnk/../../good"]], cwd });
      const prompt = await terminal.shows("Waiting for your key");
      assertMatch(prompt, /command +\S+\/good\n\n +which is +\/usr\/bin\/true\n/);
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
    });

    await t.step("the script that an interpreter is given", async () => {
      const answer = daemon.send({ pipeline: [["sh", "lnk/../x.sh"]], cwd });
      const prompt = await terminal.shows("Waiting for your key");
      assertTrue(prompt.includes(`note   ${path}/far/x.sh is a file whose content`), prompt);
      await Deno.writeTextFile(`${path}/far/x.sh`, "echo changed\n");
      await daemon.answer("y");
      const { status, message } = await answer;
      assertEquals(status, "error");
      assertTrue(defined(message).includes(`nothing ran: ${path}/far/x.sh changed after`), message);
    });

    await t.step("the working folder", async () => {
      const answer = daemon.send({ pipeline: [["pwd"]], cwd: `${path}/lnk/..` });
      const prompt = await terminal.shows("Waiting for your key");
      assertTrue(prompt.includes(`which is   ${path}/far\n`), prompt);
      await daemon.answer("y");
      assertEquals(stdoutOf(await answer), `${path}/far\n`);
      assertEquals((await lastReceived()).cwd_identity.real_path, `${path}/far`);
    });

    await t.step("the note about what rm takes along", async () => {
      const shallow = daemon.send({ pipeline: [["rm", "-r", "up/../lib"]], cwd });
      const prompt = await terminal.shows("Waiting for your key");
      assertTrue(prompt.includes("note   /usr/lib is deleted"), prompt);
      await daemon.answer("n");
      assertEquals((await shallow).status, "denied");
      // As the text reads, this is /usr; the kernel comes to a folder that does not exist.
      const back = "../".repeat(path.split("/").length - 1);
      const deep = daemon.send({ pipeline: [["rm", "-r", `lnk/${back}usr`]], cwd });
      assertNoMatch(await terminal.shows("Waiting for your key"), /is deleted/);
      await daemon.answer("n");
      assertEquals((await deep).status, "denied");
    });

    await t.step("a `..` after what is no folder leads nowhere", async () => {
      for (const word of ["./x.sh/../good", "./good/", "./lnk/../none/../good"]) {
        const { status, message } = await daemon.send({ pipeline: [[word]], cwd });
        assertEquals(status, "error");
        assertMatch(defined(message), /must name a program: .* does not exist/);
      }
    });
  },
});

Deno.test({
  name: "a link that the kernel follows otherwise than its text says is not believed",
  ignore: ignore || lacks("mount", "unshare"),
  async fn() {
    await using daemon = await RunningDaemon.start({ rows: 40, columns: 120 });
    const { folder } = daemon.installation;
    await Deno.mkdir(`${folder}/p`);
    await succeed(["mount", "--bind", "/proc", `${folder}/p`]);
    try {
      const answer = daemon.send({
        pipeline: [["sh", `${folder}/p/${await daemon.pid()}/root/etc/profile`]],
      });
      const prompt = await daemon.terminal.shows("Waiting for your key");
      assertMatch(prompt, /argument 1 leads where sudo-proxy can't look/);
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
    } finally {
      await succeed(["umount", `${folder}/p`]);
    }
  },
});
