/**
 * Compares the real machine with the model within one bound, quickly, and says where they differ:
 *
 *   deno task compare [FILE]
 *
 * With a file, the transitions of the model are taken from it, or written to it where it is not
 * there yet. So a machine that was changed on purpose can be compared without TLC.
 *
 * @module
 */
import {
  firstDifference,
  lineOf,
  modelTransition,
  realTransitions,
} from "../../tests/proofs/comparison.ts";
import type { Transitions } from "../../tests/proofs/comparison.ts";
import { type Bound, configurationOf, QUICK } from "./bounds.ts";
import { findTlc, runTlc, type TlcRun } from "./tlc.ts";

/** The transitions of the model, as TLC prints them. */
export async function modelTransitions(bound: Bound): Promise<Transitions> {
  const tlc = findTlc();
  if (typeof tlc === "string") throw new Error(tlc);
  const run = await runTlc(tlc, configurationOf(bound, true));
  if (run.fault !== undefined) throw new Error(`${run.fault}\n${run.trace}`);
  return printedBy(run, bound);
}

/** The transitions that a run of TLC printed. */
export function printedBy({ printed, states }: TlcRun, { requests }: Bound): Transitions {
  const lines = printed.map((line) => lineOf(modelTransition(line), requests > 1));
  return { lines: new Set(lines), states };
}

async function kept(file: string): Promise<Transitions> {
  try {
    const lines = (await Deno.readTextFile(file)).split("\n");
    return { lines: new Set(lines), states: 0 };
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const model = await modelTransitions(QUICK);
  await Deno.writeTextFile(file, [...model.lines].join("\n"));
  return model;
}

if (import.meta.main) {
  const [file] = Deno.args;
  const model = file === undefined ? await modelTransitions(QUICK) : await kept(file);
  let difference: string | undefined;
  try {
    difference = firstDifference(realTransitions(QUICK), model);
  } catch (error) {
    difference = `The machine fails: ${error instanceof Error ? error.message : error}`;
  }
  console.log(difference ?? `equal: ${model.lines.size} transitions`);
  if (difference !== undefined) Deno.exit(1);
}
