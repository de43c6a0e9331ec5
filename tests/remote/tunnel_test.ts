/**
 * How the launcher tells a daemon that is there from one that is not: an ssh that does nothing, and
 * a real socket where it would have made the local end.
 *
 * @module
 */
import type { SshEnd, StartSsh } from "../../lib/remote/process.ts";
import { openTunnel, type TunnelEnd } from "../../lib/remote/tunnel.ts";
import { type ScriptedConnection, ScriptedDaemon } from "../protocol/scripted_daemon.ts";
import { assertEquals } from "../rig/assert.ts";

const END: SshEnd = { code: 0, signal: null, output: "", stderr: "" };

/** An ssh that stays until it is ended, or until the daemon has answered. */
async function tunnelTo(
  script: (connection: ScriptedConnection) => Promise<void>,
  stderr = "",
): Promise<TunnelEnd & { readonly up: unknown }> {
  await using daemon = await ScriptedDaemon.listen(script);
  const { promise: ended, resolve } = Promise.withResolvers<SshEnd>();
  const start: StartSsh = () => ({
    ended,
    stderr: () => stderr,
    end: () => resolve({ ...END, signal: "SIGTERM", stderr }),
  });
  let up: unknown;
  const end = await openTunnel(start, [], [daemon.socket], 1500, {
    onLine: () => {},
    onOpen: () => {},
    onUp: ({ version }, fault) => {
      up = { version, fault };
      resolve(END);
    },
  });
  return { ...end, up };
}

Deno.test("a daemon that needs a moment to start is waited for", async () => {
  let connections = 0;
  const { wasUp, failure, up } = await tunnelTo(async ({ request, say }) => {
    if (++connections < 3) return;
    await say({ id: request["id"], status: "ok", message: "pong", version: "1.1.0" });
  });
  assertEquals([wasUp, failure, up], [true, undefined, { version: "1.1.0", fault: undefined }]);
  assertEquals(connections, 3);
});

Deno.test("a daemon that refuses the question is there, and what it says is kept", async () => {
  const message = 'it says "closed the connection" and "went away"';
  const { wasUp, failure, up } = await tunnelTo(async ({ request, say }) => {
    await say({ id: request["id"], status: "error", message });
  });
  assertEquals([wasUp, failure, up], [true, undefined, { version: "", fault: message }]);
});

Deno.test("a tunnel with nobody at its other end is closed, and the server's refusal is named", async () => {
  const silent = () => Promise.resolve();
  const { wasUp, wasOpen, failure } = await tunnelTo(silent);
  assertEquals([wasUp, wasOpen, failure], [false, true, "no answer"]);
  const refused = await tunnelTo(silent, "open failed: administratively prohibited: open failed");
  assertEquals(refused.failure, "forwarding refused");
});
