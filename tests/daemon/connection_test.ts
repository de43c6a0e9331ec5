/**
 * Connections over a real socket, to the real daemon and machine: whoever leaves gives back what the
 * connection took.
 *
 * @module
 */
import { acceptConnections } from "../../lib/daemon/connection.ts";
import { claimSocket } from "../../lib/daemon/socket.ts";
import { MAX_IN_FLIGHT, MAX_LONG_IN_FLIGHT } from "../../lib/protocol/limits.ts";
import { assertEquals, assertTrue, at } from "../rig/assert.ts";
import { lastingSockets, takeSlot } from "../rig/slots.ts";
import { eventually, execute } from "../rig/tools.ts";
import { RawConnection, wireLine } from "../rig/wire.ts";
import { RecordedDaemon } from "./recorded.ts";

const TIME = "2025-10-09T08:53:21Z";
const exec = (argument: string) =>
  wireLine({ pipeline: [["/usr/bin/true", argument]], stream: true, time: TIME });

let tests = 0;

/** A test with a daemon that listens. */
function testOfSocket(
  name: string,
  run: (path: string, it: RecordedDaemon) => Promise<void>,
): void {
  // The first is another file's.
  const number = ++tests;
  Deno.test({
    name,
    // A released socket leaves its listener open, with its accept().
    sanitizeOps: false,
    sanitizeResources: false,
    async fn() {
      const folder = await takeSlot();
      const path = at(lastingSockets(folder), number);
      const socket = await claimSocket(path, Deno.uid() ?? 0);
      const it = new RecordedDaemon();
      void acceptConnections(socket, it.daemon);
      try {
        await run(path, it);
      } finally {
        socket.release();
        await Deno.remove(folder, { recursive: true });
      }
    },
  });
}

/** How many sockets have a path: the daemon's alone (proc_pid_net(5)). */
async function socketsAt(path: string): Promise<number> {
  return Number((await execute(["grep", "-c", ` ${path}$`, "/proc/net/unix"])).stdout);
}

testOfSocket(
  "whoever leaves in line takes back the request, and gives back the place and the buffer",
  async (path, it) => {
    const rounds = MAX_IN_FLIGHT / MAX_LONG_IN_FLIGHT + 1;
    const before = await socketsAt(path);
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
      assertTrue(await tooLong.send(exec("x".repeat(1_000_000))), "all of its line is taken");
      assertEquals((await tooLong.response()).code, "busy");
      assertTrue(it.log.includes("record rejected "), "its refusal is recorded");
      for (const connection of connections) connection[Symbol.dispose]();
      await eventually("an empty queue", () => it.daemon.waiting === 0);
      // A buffer is given back with its connection, once the last line to that was lost.
      await eventually("their ends closed", async () => await socketsAt(path) === before);
    }
  },
);

testOfSocket("one connection too many is told so, after all of its line", async (path) => {
  const connections = await Promise.all(
    Array.from({ length: MAX_IN_FLIGHT }, () => RawConnection.open(path)),
  );
  for (const connection of connections) await connection.send(exec("x"));
  for (const connection of connections) assertTrue(await connection.next() !== null);
  using tooMany = await RawConnection.open(path);
  assertTrue(await tooMany.send(exec("x".repeat(1_000_000))), "all of its line is taken");
  assertEquals((await tooMany.response()).code, "busy");
  for (const connection of connections) connection[Symbol.dispose]();
});

testOfSocket("whoever leaves gives back the socket", async (path, it) => {
  const before = await socketsAt(path);
  const connection = await RawConnection.open(path);
  await connection.send(exec("x"));
  assertTrue(await connection.next() !== null);
  assertEquals(await socketsAt(path), before + 1);
  connection[Symbol.dispose]();
  await eventually("an empty queue", () => it.daemon.waiting === 0);
  await eventually("its end closed", async () => await socketsAt(path) === before);
});

testOfSocket(
  "whoever leaves while the programs are looked up has asked nothing",
  async (path, it) => {
    const before = await socketsAt(path);
    const lookup = Promise.withResolvers<void>();
    it.lookup = lookup.promise;
    const connection = await RawConnection.open(path);
    await connection.send(exec("x"));
    await eventually("the lookup", () => it.log.some((line) => line.startsWith("looks up")));
    connection[Symbol.dispose]();
    // The daemon reads the end of the one before the line of the other.
    using other = await RawConnection.open(path);
    await other.send(wireLine({ action: "ping", time: TIME }));
    assertEquals((await other.response()).status, "ok");
    lookup.resolve();
    await eventually("its end closed", async () => await socketsAt(path) === before);
    assertEquals(it.log.filter((line) => line.startsWith("record")), []);
    assertEquals(it.daemon.waiting, 0);
  },
);
