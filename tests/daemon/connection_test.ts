/**
 * Connections over a real socket, to the real daemon and machine: whoever leaves gives back what the
 * connection took.
 *
 * @module
 */
import { acceptConnections } from "../../lib/daemon/connection.ts";
import { claimSocket } from "../../lib/daemon/socket.ts";
import { MAX_IN_FLIGHT, MAX_LONG_IN_FLIGHT } from "../../lib/protocol/limits.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { takeSlot } from "../rig/slots.ts";
import { eventually } from "../rig/tools.ts";
import { RawConnection, wireLine } from "../rig/wire.ts";
import { RecordedDaemon } from "./recorded.ts";

const TIME = "2025-10-09T08:53:21Z";
const exec = (argument: string) =>
  wireLine({ pipeline: [["/usr/bin/true", argument]], stream: true, time: TIME });

Deno.test({
  name: "whoever leaves in line takes back the request, and gives back the place and the buffer",
  // A released socket leaves its listener open, with its accept().
  sanitizeOps: false,
  sanitizeResources: false,
  async fn() {
    const folder = await takeSlot();
    const path = `${folder}/run/sudo-proxy.sock`;
    const socket = await claimSocket(path, Deno.uid() ?? 0);
    const it = new RecordedDaemon();
    void acceptConnections(socket, it.daemon);
    try {
      const rounds = MAX_IN_FLIGHT / MAX_LONG_IN_FLIGHT + 1;
      for (let round = 0; round < rounds; round++) {
        const connections = await Promise.all(
          Array.from({ length: MAX_LONG_IN_FLIGHT }, () => RawConnection.open(path)),
        );
        const answers = await Promise.all(connections.map(async (connection) => {
          await connection.send(exec("x".repeat(100_000)));
          return (await connection.next())?.["event"];
        }));
        assertTrue(answers.every((event) => event !== undefined), `in round ${round}: ${answers}`);
        using tooLong = await RawConnection.open(path);
        await tooLong.send(exec("x".repeat(1_000_000)));
        assertEquals((await tooLong.response()).code, "busy");
        assertTrue(it.log.includes("record rejected "), "its refusal is recorded");
        for (const connection of connections) connection[Symbol.dispose]();
        await eventually("an empty queue", () => it.daemon.waiting === 0);
      }
    } finally {
      socket.release();
      await Deno.remove(folder, { recursive: true });
    }
  },
});
