import config from "../../deno.json" with { type: "json" };
import { PROJECT } from "../../lib/start.ts";
import { assertEquals, at } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { execute, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo");

Deno.test({
  name: "the example of the client module runs with the grants that it names, and needs a key",
  ignore,
  async fn() {
    const source = await Deno.readTextFile(`${PROJECT}main_client.ts`);
    const example = at(/^ \* ```ts\n([^]*?)^ \* ```$/m.exec(source), 1).replaceAll(/^ \* ?/gm, "");
    await using daemon = await RunningDaemon.start();
    const { folder, runtime } = daemon.installation;
    await Deno.writeTextFile(`${folder}/example.ts`, example);
    const imports = { ...config.imports, "@tarides/sudo-proxy/client": `${PROJECT}main_client.ts` };
    await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify({ imports }));
    // Without its lock, Deno takes the newest package that it has heard of, which may not be here.
    await Deno.copyFile(`${PROJECT}deno.lock`, `${folder}/deno.lock`);
    const run = (key: string) =>
      Promise.all([
        execute([
          "/usr/bin/env",
          `XDG_RUNTIME_DIR=${runtime}`,
          Deno.execPath(),
          "run",
          "--quiet",
          "--cached-only",
          "--no-prompt",
          `--config=${folder}/deno.json`,
          `--allow-read=${daemon.socket}`,
          `--allow-write=${daemon.socket}`,
          `--allow-net=unix:${daemon.socket}`,
          "--allow-env=XDG_RUNTIME_DIR,TMPDIR",
          "--allow-sys=uid",
          `${folder}/example.ts`,
        ]),
        daemon.answer(key),
      ]);
    const [approved] = await run("y");
    assertEquals(approved, { code: 0, stdout: "0\n", stderr: "" });
    const [denied] = await run("n");
    assertEquals(denied, { code: 0, stdout: "", stderr: "denied\n" });
  },
});
