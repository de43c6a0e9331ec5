import { assertEquals, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { execute, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "setfacl", "useradd");

Deno.test({
  name: "an access list that lets another user write gives a note, on a file and on a folder",
  ignore,
  async fn() {
    // Not below a temporary folder: the file has to be root's on the whole way.
    const folder = await Deno.makeTempDir({ dir: "/usr/local" });
    await using cleanUp = new AsyncDisposableStack();
    cleanUp.defer(() => Deno.remove(folder, { recursive: true }));
    const user = cleanUp.use(await OrdinaryUser.make("none"));
    await Deno.chmod(folder, 0o755);
    const tool = `${folder}/tool`;
    await Deno.writeTextFile(tool, "#!/bin/sh\n");
    await Deno.chmod(tool, 0o755);
    const daemon = cleanUp.use(await RunningDaemon.start({ columns: 120 }));

    const prompt = async (words: string[]) => {
      const answer = daemon.send({ pipeline: [words] });
      const screen = await daemon.terminal.shows("Waiting for your key");
      await daemon.answer("n");
      assertEquals((await answer).status, "denied");
      return screen;
    };

    assertNoMatch(await prompt([tool]), /note/);
    for (const place of [tool, folder]) {
      const set = await execute(["setfacl", "-m", `u:${user.name}:rwx`, place]);
      if (set.code !== 0) return console.log(`left out, no access lists here: ${set.stderr}`);
      const words = `${place} can be written by the group with the id 0, or by whom an access list`;
      assertTrue((await prompt([tool])).includes(`note   ${words}`), place);
      assertTrue((await prompt(["sh", tool])).includes(`note   ${words}`), place);
      assertEquals((await execute(["setfacl", "-b", place])).code, 0);
    }
    assertNoMatch(await prompt([tool]), /note/);
  },
});
