import { ping } from "../lib/protocol/client.ts";
import type { Runs } from "./rows.ts";

/** 2^20 bytes. */
export const MIB: number = 1024 * 1024;

/** Runs a program to its end; gives what it wrote, and how long it took in milliseconds. */
export async function bare(
  name: string,
  ...args: string[]
): Promise<{ readonly text: string; readonly ms: number }> {
  const startedAt = performance.now();
  const { stdout, success, stderr } = await new Deno.Command(name, { args, stdin: "null" })
    .output();
  const ms = performance.now() - startedAt;
  if (!success) throw new Error(`${name} ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  return { text: new TextDecoder().decode(stdout), ms };
}

/** Measures so many times, one run after the other. */
export async function repeat(runs: number, run: () => Promise<number>): Promise<number[]> {
  const numbers: number[] = [];
  for (let index = 0; index < runs; index++) numbers.push(await run());
  return numbers;
}

/** How long something takes, in milliseconds. */
export async function timed(run: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await run();
  return performance.now() - startedAt;
}

/** What is measured in turns; a side that is left out has no runs. */
export type Sides = { readonly [side in keyof Runs]: (() => Promise<number>) | undefined };

/** Measures each side so many times, in turns: what disturbs the machine disturbs all of them. */
export async function inTurns(runs: number, { ours, beside, original }: Sides): Promise<Runs> {
  const all = {
    ours: new Array<number>(),
    beside: new Array<number>(),
    original: new Array<number>(),
  };
  for (let run = 0; run < runs; run++) {
    if (ours) all.ours.push(await ours());
    if (beside) all.beside.push(await beside());
    if (original) all.original.push(await original());
  }
  return all;
}

/** Waits until a daemon answers. */
export async function answers(socket: string): Promise<void> {
  while (!await ping(socket).then(() => true, () => false)) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
