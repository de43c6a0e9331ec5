/**
 * A link that is cut while a command runs on the other side.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { NetworkLink } from "../rig/link.ts";
import { answer, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, execute, lacks } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS, "ip");

Deno.test({
  name: "a command that runs while the link is cut goes on to its end, once",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const link = parts.use(await NetworkLink.make());
    const rig = parts.use(
      await RemoteRig.make({
        namespace: link.here,
        configuration: ["ServerAliveInterval 1", "ServerAliveCountMax 2"],
        server: {
          address: link.addressThere,
          namespace: link.there,
        },
      }),
    );
    const home = `/home/${rig.remote.name}`;
    for (const privileged of [false, true]) {
      await t.step(privileged ? "as root" : "as the user", async () => {
        const name = privileged ? "root" : "user";
        const path = (part: string) => `${home}/${name}-${part}`;
        const [begun, go, done] = [path("begun"), path("go"), path("done")];
        const script =
          `touch ${begun}; until [ -e ${go} ]; do sleep 0.1; done; echo done >> ${done}`;
        await using terminal = await rig.connect();
        const running = rig.send({ pipeline: [["sh", "-c", script]], privileged })
          .catch((error) => String(error));
        await answer(terminal, "y");
        if (privileged) {
          await terminal.shows("password for");
          await terminal.type(rig.remote.password);
          await terminal.press("Enter");
        }
        await eventually("the command to run", () => Deno.stat(begun).catch(() => undefined));
        await using _cable = { [Symbol.asyncDispose]: () => link.restore() };
        await link.cut();
        await terminal.shows("The connection to web1 is lost", 60_000);
        assertEquals(await terminal.exitCode(), 1);
        assertMatch(String(await running), /went away|closed the connection/);
        // What the daemon writes now tells sshd that nobody is there any more.
        await link.restore();
        await eventually(
          "sshd to notice",
          async () => (await execute(["pgrep", "-u", rig.remote.name, "-x", "sshd"])).code !== 0,
        );
        await Deno.writeTextFile(go, "");
        await eventually(
          "the command's end",
          () => Deno.readTextFile(done).catch(() => undefined),
        );
        await rig.endsThere();
        {
          await using again = await rig.connect();
          assertEquals((await rig.send({ action: "stop" })).status, "ok");
          assertEquals(await again.exitCode(), 0);
        }
        assertEquals(await Deno.readTextFile(done), "done\n");
        // Its end is in the audit trail there, before the end of the daemon that lost its terminal.
        const trail = `${home}/.local/state/sudo-proxy/audit/000001.jsonl`;
        const records = (await Deno.readTextFile(trail)).split("\n").slice(0, -1)
          .map((line) => JSON.parse(line));
        const stopped = records.findLast(({ event, why }) =>
          event === "daemon_stopped" && why === "hangup"
        );
        const own = records.filter(({ daemon }) => daemon === stopped.daemon);
        assertEquals(own.map(({ event }) => event).slice(-2), ["ended", "daemon_stopped"]);
        assertEquals(own.at(-2).ran, true);
      });
    }
  },
});
