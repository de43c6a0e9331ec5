/**
 * Two hosts on one machine: network namespaces with a link between them that is cut and restored.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { stdoutOf } from "../rig/daemon.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { NetworkLink } from "../rig/link.ts";
import { probe } from "../../lib/mcp/probe.ts";
import { lacks } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS, "ip");

Deno.test({
  name: "a link that is cut: what waited never runs, and nothing runs twice after it is restored",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const link = parts.use(await NetworkLink.make());
    const rig = parts.use(
      await RemoteRig.make({
        namespace: link.here,
        // Both sides look for each other every second, so that the test need not wait for long.
        configuration: ["ServerAliveInterval 1", "ServerAliveCountMax 2"],
        server: {
          address: link.addressThere,
          namespace: link.there,
          lines: ["ClientAliveInterval 1", "ClientAliveCountMax 2"],
        },
      }),
    );
    const home = `/home/${rig.remote.name}`;
    const lines = async (path: string) =>
      (await Deno.readTextFile(path).catch(() => "")).split("\n").length - 1;
    /** Writes a line for each time that it runs. */
    const mark = (name: string) => ({
      pipeline: [["sh", "-c", `echo ran >> ${home}/${name}`]],
      privileged: false,
    });

    await t.step("a short cut is no end: the same prompt can be answered afterwards", async () => {
      await using terminal = await rig.connect();
      const running = rig.send(mark("short"));
      await terminal.shows("Waiting for your key", 30_000);
      await link.cut();
      await link.restore();
      await answer(terminal, "y");
      assertEquals((await running).status, "ok");
      assertEquals(await lines(`${home}/short`), 1);
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
    });

    await t.step(
      "cut while one is shown and one is queued: neither runs, whatever is pressed",
      async () => {
        await using terminal = await rig.connect();
        const shown = rig.send(mark("shown")).catch((error) => String(error));
        await terminal.shows("Waiting for your key", 30_000);
        const queued = rig.send(mark("queued")).catch((error) => String(error));
        await terminal.shows("1 more", 30_000);
        await link.cut();
        const { kind } = await probe({
          name: "web1",
          host: "web1",
          isLocal: false,
          socket: rig.socket,
        });
        assertTrue(kind !== "answers", "a dead tunnel must not pass for a live one");
        await terminal.press("y");
        await terminal.shows("The connection to web1 is lost", 60_000);
        assertEquals(await terminal.exitCode(), 1);
        assertMatch(String(await shown), /went away|closed the connection/);
        assertMatch(String(await queued), /went away|closed the connection/);
        await rig.leftNothing();
        await rig.endsThere();
        await link.restore();
        await using again = await rig.connect();
        // What came before the cut is gone for good: the next key meets the next request.
        const next = rig.send(mark("next"));
        await answer(again, "y");
        assertEquals((await next).status, "ok");
        assertEquals(
          [
            await lines(`${home}/shown`),
            await lines(`${home}/queued`),
            await lines(`${home}/next`),
          ],
          [0, 0, 1],
        );
        await rig.send({ action: "stop" });
        assertEquals(await again.exitCode(), 0);
      },
    );

    await t.step(
      "a host that is not there says so at once or in the time that ssh was given",
      async () => {
        await link.cut();
        await rig.writeSshFile("config", rig.alias("web1") + "Host *\n  ConnectTimeout 2\n");
        await using terminal = await rig.launch();
        await terminal.shows("web1 does not answer at", 60_000);
        assertEquals(await terminal.exitCode(), 1);
        await rig.leftNothing();
        await link.restore();
        await rig.writeSshFile("config", rig.alias("web1"));
      },
    );

    await t.step("after it is restored, requests run as before", async () => {
      await using terminal = await rig.connect();
      const running = rig.send({ pipeline: [["id", "-un"]], privileged: false });
      await answer(terminal, "y");
      assertEquals(stdoutOf(await running), `${rig.remote.name}\n`);
      assertNoMatch(await terminal.screen(), /lost/);
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
      await rig.leftNothing();
    });
  },
});
