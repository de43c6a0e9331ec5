import { lockPath, tunnelSockets } from "../../lib/platform/paths.ts";
import { ping, UnreachableError } from "../../lib/protocol/client.ts";
import { requireSame, slotNote, slotOf } from "../../lib/remote/slots.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";

Deno.test("nothing is sent on a connection whose slot has gone to another host meanwhile", async () => {
  await using installation = await Installation.make();
  const [socket = ""] = tunnelSockets(installation.runtime);
  const lock = lockPath(socket);
  await Deno.writeTextFile(lock, slotNote("web1"));
  const slot = slotOf(installation.runtime, "web1");
  assertTrue(slot !== undefined);
  requireSame(slot);
  // The next launcher, between the look at the note and the connection.
  for (const note of [slotNote("host0"), slotNote("web1"), ""]) {
    await Deno.writeTextFile(lock, note);
    using listener = Deno.listen({ transport: "unix", path: socket });
    const received = (async () => {
      using connection = await listener.accept();
      return await connection.read(new Uint8Array(10));
    })();
    const error = await ping(socket, undefined, () => requireSame(slot)).catch((error) => error);
    assertTrue(error instanceof UnreachableError);
    assertMatch(error.message, /the tunnel to web1 is closed/);
    assertEquals(await received, null);
    await Deno.remove(socket).catch(() => {});
  }
});

Deno.test("what is no note of a launcher names no slot", async () => {
  await using installation = await Installation.make();
  const [first = "", second = ""] = tunnelSockets(installation.runtime);
  await Deno.writeTextFile(lockPath(first), "\nweb1\n");
  await Deno.mkdir(lockPath(second));
  assertEquals(slotOf(installation.runtime, "web1"), undefined);
  assertEquals(slotOf(installation.runtime, ""), undefined);
});
