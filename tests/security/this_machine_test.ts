/**
 * This machine is no remote host, whatever it is called: the first question to a host compares its
 * boot id, its name and the user's id with our own.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { lacks } from "../rig/tools.ts";

const NAMES = ["0", "2130706433", "0x7f000001", "::ffff:127.0.0.1", "127.1", "other-name"];

Deno.test({
  name: "this machine by another name is no remote host, from the registry either",
  ignore: lacks(...REMOTE_NEEDS),
  async fn(t) {
    await using rig = await RemoteRig.make();
    const { local, server } = rig;
    // The person's own account, behind every name.
    await server.authorize(local.name, await rig.readSshFile("id_ed25519.pub"));
    await rig.writeSshFile(
      "config",
      [
        `Host web1\n  User ${rig.remote.name}`,
        `Host *\n  Port ${server.port}\n  HostKeyAlias [127.0.0.1]:${server.port}`,
        "Host other-name web1\n  HostName 127.0.0.1\n",
      ].join("\n"),
    );
    const isRefused = async (host: string) => {
      await using terminal = await rig.launch([], { host });
      assertEquals(await terminal.exitCode() === 0, false);
      assertMatch(await terminal.history(), /it is this machine, and this\s+account/);
      await rig.leftNothing(host);
    };
    for (const host of NAMES) await t.step(host, () => isRefused(host));

    await t.step("a registry that knows the account already changes nothing", async () => {
      const uid = String(local.uid);
      await Deno.mkdir(rig.registry.slice(0, rig.registry.lastIndexOf("/")), { recursive: true });
      await Deno.writeTextFile(rig.registry, JSON.stringify({ schema: 3, hosts: { 0: { uid } } }));
      const before = await rig.logins();
      await isRefused("0");
      assertEquals(await rig.logins(), before + 1);
    });

    await t.step("another account of this machine is a remote host", async () => {
      await using _terminal = await rig.connect();
    });
  },
});
