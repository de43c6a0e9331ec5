/**
 * A host whose certificate is for another name is neither a host with a new key nor one with a
 * revoked key.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { lacks, succeed } from "../rig/tools.ts";

Deno.test({
  name: "a host certificate for another name is told as that, and nobody is told to accept the key",
  ignore: lacks(...REMOTE_NEEDS),
  async fn(t) {
    await using rig = await RemoteRig.make();
    const { server } = rig;
    await succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", `${server.folder}/ca`]);
    const authority = await Deno.readTextFile(`${server.folder}/ca.pub`);
    const sign = async (...args: string[]) => {
      await server.certify(`${server.folder}/ca`, args);
      await server.stop();
      await server.listen();
    };

    await t.step("another name", async () => {
      await sign("-n", "other.example");
      await rig.writeSshFile("known_hosts", `@cert-authority * ${authority}`);
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      const text = await terminal.history();
      assertMatch(text, /web1 shows a host certificate that does not hold for/);
      assertMatch(text, /What ssh says of it: name is not a listed principal\./);
      assertNoMatch(text, /accept-new-host-key|revoked/);
    });

    await t.step("one that is over", async () => {
      await sign("-n", server.address, "-V", "20200101:20200102");
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      assertMatch(await terminal.history(), /What ssh says of it: expired\./);
    });

    await t.step("one that holds is all that is needed", async () => {
      await sign("-n", server.address);
      await using _terminal = await rig.connect();
      assertEquals(await rig.logins(), 2);
    });

    await t.step("a revoked authority is told as revoked", async () => {
      await rig.writeSshFile("known_hosts", `@revoked * ${authority}`);
      await using terminal = await rig.launch();
      assertEquals(await terminal.exitCode(), 1);
      assertMatch(await terminal.history(), /marked as revoked/);
    });
  },
});
