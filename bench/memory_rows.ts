import { ping } from "../lib/protocol/client.ts";
import { LineReader, writeLine } from "../lib/protocol/framing.ts";
import { MAX_IN_FLIGHT, MAX_RESPONSE_LINE_BYTES } from "../lib/protocol/limits.ts";
import { askFor } from "./answers.ts";
import type { Groups, Place } from "./groups.ts";
import { measured, type Results } from "./rows.ts";
import { BenchDaemon } from "./terminal.ts";
import { answers, inTurns, MIB, repeat } from "./tools.ts";
import { memoryOf } from "./memory.ts";

const OUTPUT_BYTES = 16 * MIB;
const TAKEN_BACK = 10_000;

/** What work leaves in memory; each row has daemons of its own. */
export const MEMORY_GROUPS: Groups<Place> = [
  [["outputMemory"], measureOutput],
  [["floodMemory"], async ({ folder }) => ({
    floodMemory: measured({ ours: await repeat(3, () => floodOnce(folder)) }),
  })],
  [["queueMemory"], async ({ folder, originals }) => ({
    queueMemory: measured(
      await inTurns(1, {
        ours: () => takeBack(BenchDaemon.start(folder)),
        beside: undefined,
        original: originals === undefined
          ? undefined
          : () => takeBack(BenchDaemon.startOriginal(folder, `${originals}/sudo-proxy`)),
      }),
    ),
  })],
];

async function measureOutput({ folder, originals, runs }: Place): Promise<Results> {
  const pass = (make: () => BenchDaemon) => async () => {
    await using daemon = make();
    await answers(daemon.socket);
    const pid = await daemon.pid();
    const before = await memoryOf(pid, "VmRSS");
    const pipeline = [["head", "-c", String(OUTPUT_BYTES), "/dev/zero"]];
    for (let run = 0; run < 3; run++) await askFor(daemon, { pipeline, privileged: false });
    return await memoryOf(pid, "VmHWM") - before;
  };
  const all = await inTurns(runs(3), {
    ours: pass(() => BenchDaemon.start(folder)),
    beside: () => Promise.resolve(OUTPUT_BYTES / 1e6),
    original: originals === undefined
      ? undefined
      : pass(() => BenchDaemon.startOriginal(folder, `${originals}/sudo-proxy`)),
  });
  return { outputMemory: measured(all) };
}

/** Connections from 128 clients at once, half of them with a line of 1 MiB that never ends. */
async function floodOnce(folder: string): Promise<number> {
  await using daemon = BenchDaemon.start(folder);
  const { socket } = daemon;
  await answers(socket);
  const line = new Uint8Array(MIB).fill(0x61);
  await Promise.all(
    Array.from({ length: 128 }, async () => {
      for (let round = 0; round < 20; round++) {
        using conn = await Deno.connect({ transport: "unix", path: socket });
        const talk = round % 2 === 0 ? conn.write(line) : ping(socket);
        await talk.catch(() => {});
      }
    }),
  );
  await answers(socket);
  return await memoryOf(await daemon.pid(), "VmRSS");
}

/** Requests that are in line, and whose clients leave then, half as many at once as may wait. */
async function takeBack(running: BenchDaemon): Promise<number> {
  await using daemon = running;
  const { socket: path } = daemon;
  await answers(path);
  const isOurs = path.endsWith("/sudo-proxy.sock");
  let started = 0;
  const client = async () => {
    while (started++ < TAKEN_BACK) {
      using conn = await Deno.connect({ transport: "unix", path });
      const stamp = { id: crypto.randomUUID(), time: new Date().toISOString() };
      const request = { ...stamp, pipeline: [["true"]], reason: "one of many", stream: true };
      if (isOurs) {
        await writeLine(conn, request);
        await new LineReader(conn, MAX_RESPONSE_LINE_BYTES).next();
      } else {
        // The original says nothing of its line, and closes a connection that finds it full.
        await writeLine(conn, request).catch(() => {});
      }
    }
  };
  await Promise.all(Array.from({ length: MAX_IN_FLIGHT / 2 }, client));
  await answers(path);
  return await memoryOf(await daemon.pid(), "VmHWM");
}
