/**
 * A thread that asks a daemon for a sign of life all the time, and keeps the longest that it waited:
 * so long the daemon's loop did nothing else. It is told a socket, then `take` for each number.
 *
 * @module
 */
import { writeLine } from "../lib/protocol/framing.ts";

/** Of the worker's scope, whose types would clash with those of a window. */
declare function postMessage(message: number): void;

const PAUSE_MS = 1;
let longest = 0;

async function ask(path: string): Promise<void> {
  const conn = await Deno.connect({ transport: "unix", path });
  const stamp = { id: crypto.randomUUID(), time: new Date().toISOString() };
  await writeLine(conn, { ...stamp, action: "ping" });
  await conn.read(new Uint8Array(4096));
  conn.close();
}

async function askAlways(path: string): Promise<never> {
  while (true) {
    const startedAt = performance.now();
    await ask(path);
    longest = Math.max(longest, performance.now() - startedAt);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

globalThis.addEventListener("message", (event) => {
  const { data } = event as MessageEvent<string>;
  if (data !== "take") return void askAlways(data).catch(() => {});
  postMessage(longest);
  longest = 0;
});
