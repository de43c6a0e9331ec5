import { sendRequest } from "../lib/protocol/client.ts";
import type { Groups, Setting } from "./groups.ts";
import { measured } from "./rows.ts";
import type { BenchDaemon } from "./terminal.ts";
import { MIB, repeat } from "./tools.ts";
import { wireLine } from "../tests/rig/wire.ts";

/** A little less than a request may have. */
const SCRIPT = new TextEncoder().encode("echo some line of a script\n".repeat(27_000));

/** How long the daemon's loop does nothing else. */
export const STALL_GROUPS: Groups = [
  [["longestStall"], async (setting) => ({
    longestStall: await measureStalls(setting, async ({ ours }) => {
      const pipelines = [
        [["true"]],
        [["head", "-c", String(16 * MIB), "/dev/zero"]],
        [["head", "-c", String(64 * MIB), "/dev/zero"], ["cat"], ["cat"], ["wc", "-c"]],
      ];
      for (const pipeline of pipelines) await askUnheard(ours, pipeline);
    }),
  })],
  [["drawStall"], async (setting) => ({
    drawStall: await measureStalls(setting, async ({ ours }) => {
      const gone = new AbortController();
      const answer = sendRequest({ pipeline: [["sh"]], stdin: SCRIPT }, {
        socketPath: ours.socket,
        leave: gone.signal,
      });
      // An answer before the prompt is a refusal.
      await Promise.race([
        ours.shows("\x1b[5n"),
        answer.then(({ message }) => {
          throw new Error(message);
        }),
      ]);
      gone.abort();
      await answer.catch(() => {});
    }),
  })],
];

/** Asks, presses the key and reads the answer, unseen: decoding it would take the time of pings. */
async function askUnheard(daemon: BenchDaemon, pipeline: string[][]): Promise<void> {
  using conn = await Deno.connect({ transport: "unix", path: daemon.socket });
  await conn.write(new TextEncoder().encode(wireLine({ pipeline, privileged: false })));
  const read = async () => {
    const buffer = new Uint8Array(256 * 1024);
    const begin = new TextDecoder().decode(buffer.slice(0, await conn.read(buffer) ?? 0));
    while (await conn.read(buffer) !== null);
    return begin;
  };
  const reading = read();
  await daemon.answer("y");
  const begin = await reading;
  if (!begin.includes('"status":"ok"')) throw new Error(begin);
}

/**
 * The longest that a ping waited while something was done, beside the longest while nothing was: what
 * the machine itself does. Pings come from a thread of their own.
 */
async function measureStalls(setting: Setting, work: (setting: Setting) => Promise<void>) {
  const worker = new Worker(new URL("./stall_worker.ts", import.meta.url), { type: "module" });
  const take = () =>
    new Promise<number>((resolve) => {
      worker.addEventListener("message", ({ data }) => resolve(data), { once: true });
      worker.postMessage("take");
    });
  const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    worker.postMessage(setting.ours.socket);
    await wait(500);
    const beside: number[] = [];
    const ours = await repeat(setting.runs(9), async () => {
      await take();
      await wait(500);
      beside.push(await take());
      await work(setting);
      return await take();
    });
    return measured({ ours, beside });
  } finally {
    worker.terminate();
  }
}
