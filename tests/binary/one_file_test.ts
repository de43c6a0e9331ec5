/**
 * One compiled file is all that a host needs, and all that is needed here: it copies itself there,
 * is the launcher and the client here, and the daemon there. The model's side is not here, since
 * the stand-in's runtime loses requests of the MCP server through a tunnel; for the sources,
 * tests/e2e/host_mcp_test.ts has it.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { BarePath } from "../rig/bare_path.ts";
import { HOST, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { execute, lacks } from "../rig/tools.ts";
import { passwordKeys } from "./password.ts";

const IS_COMPILED = !Deno.env.get("SUDO_PROXY_BINARY")?.endsWith(".js");

Deno.test({
  name: "one file, copied to a bare account, shows there what is asked here, and runs it as root",
  ignore: lacks(...REMOTE_NEEDS) || !IS_COMPILED,
  async fn(t) {
    await using bare = await BarePath.make();
    await using rig = await RemoteRig.make({ server: { env: { PATH: bare.path } } });
    const { here, there, local, remote } = rig;
    // Nothing of sudo-proxy and no Deno is left there.
    await Deno.remove(`/home/${remote.name}/.local`, { recursive: true });
    for (const name of ["deno", "deno-dir", "project", "sudo-proxy"]) {
      await Deno.remove(`${there.folder}/${name}`, { recursive: true });
    }
    const call = (...args: Parameters<typeof here.command>) =>
      execute(["runuser", "-u", local.name, "--", ...here.command(...args)]);

    await t.step("the file copies itself", async () => {
      const { code, stderr } = await call("install", [HOST, "--yes"]);
      assertEquals(code, 0, stderr);
      assertEquals(
        await Deno.readFile(rig.program),
        await Deno.readFile(`${here.folder}/sudo-proxy`),
      );
    });

    await using terminal = await rig.connect();
    const ask = () => call("request", ["--host", HOST, "--", "id"]);
    const prompt = () => terminal.shows(/RUN AS ROOT +on [^]*Waiting for your key/, 30_000);

    await t.step("n runs nothing", async () => {
      const denied = ask();
      await terminal.pressAt(await prompt(), "n");
      const { code, stdout, stderr } = await denied;
      assertEquals([code, stdout], [126, ""]);
      assertMatch(stderr, /denied/);
    });

    await t.step("y and the password of the account there run it as root", async () => {
      const running = ask();
      await terminal.pressAt(await prompt(), "y");
      await terminal.shows(/password for/);
      for await (const keys of passwordKeys(remote.password)) await terminal.press(...keys);
      const { code, stdout, stderr } = await running;
      assertEquals(code, 0, stderr);
      assertMatch(stdout, /^uid=0\(root\)/);
    });

    await t.step("q and q end both sides", async () => {
      await terminal.press("q");
      await terminal.shows("Press q again to quit");
      await terminal.press("q");
      assertEquals(await terminal.exitCode(), 0);
      await rig.endsThere();
    });
  },
});
