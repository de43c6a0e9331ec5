import { claimSocket } from "../../lib/daemon/socket.ts";
import { assertEquals, assertRejects, at, defined } from "../rig/assert.ts";
import { lastingSockets, takeSlot } from "../rig/slots.ts";

Deno.test({
  name: "claimSocket() makes a socket for its user alone, in a folder for its user alone",
  // A released socket leaves its listener open.
  sanitizeResources: false,
  async fn() {
    const above = await takeSlot();
    const folder = `${above}/run`;
    const path = at(lastingSockets(above), 0);
    const uid = Deno.uid() ?? 0;
    const modeOf = async (name: string) =>
      (defined((await Deno.lstat(name)).mode) & 0o777).toString(8);
    try {
      const socket = await claimSocket(path, uid);
      assertEquals([await modeOf(folder), await modeOf(path)], ["700", "600"]);
      socket.release();
      await Deno.chmod(folder, 0o710);
      await assertRejects(claimSocket(path, uid), /open to other users/);
      await Deno.chmod(folder, 0o700);
      await assertRejects(claimSocket(path, uid + 1), /belongs to the user with the id/);
    } finally {
      await Deno.remove(above, { recursive: true });
    }
  },
});
