/**
 * Holds the model of proofs/tla to the machine that runs: within each bound both have the same
 * transitions, and what the model promises holds in every state. The numbers are exact, so that no
 * bound shrinks unnoticed.
 *
 * @module
 */
import { mutantTable } from "../../docs/generate/proofs.ts";
import { BOUNDS, configurationOf, LIVE_BOUNDS, QUICK } from "../../proofs/tla/bounds.ts";
import { modelTransitions } from "../../proofs/tla/compare.ts";
import { MUTANTS } from "../../proofs/tla/mutants.ts";
import { readModule, runTlc } from "../../proofs/tla/tlc.ts";
import { assertEquals, assertTrue, defined } from "../rig/assert.ts";
import { report } from "../rig/soak.ts";
import { foundTlc } from "./found_tlc.ts";
import { firstDifference, realTransitions, type Transitions } from "./comparison.ts";

const tlc = foundTlc();
const ignore = tlc === undefined;

for (const [name, { states, transitions, ...bound }] of Object.entries(BOUNDS)) {
  Deno.test({ name: `the model is the machine: ${name}`, ignore }, async () => {
    // TLC runs beside.
    const printed = modelTransitions(bound);
    const real = realTransitions(bound);
    const model = await printed;
    report(name, {
      "states of the machine": real.states,
      "of the model": model.states,
      transitions: real.lines.size,
    });
    const difference = firstDifference(real, model);
    assertTrue(difference === undefined, difference);
    assertEquals({ states: model.states, transitions: real.lines.size }, { states, transitions });
  });
}

for (const [name, bound] of Object.entries(LIVE_BOUNDS)) {
  Deno.test({ name: `what is owed comes in the end: ${name}`, ignore }, async () => {
    const { fault, trace, states } = await runTlc(defined(tlc), configurationOf(bound, false));
    report(name, { states });
    assertEquals(fault, undefined, trace);
    assertTrue(states > 100);
  });
}

Deno.test(
  { name: "a transition that only one of both has is found and told", ignore },
  async () => {
    const model = await modelTransitions({ ...QUICK, keys: "y n", faults: false });
    const [line] = model.lines;
    const without = (lines: ReadonlySet<string>): Transitions => ({
      lines: new Set([...lines].filter((other) => other !== line)),
      states: 0,
    });
    assertEquals(firstDifference(model, model), undefined);
    assertTrue(firstDifference(model, without(model.lines))?.includes("only the machine does"));
    assertTrue(firstDifference(without(model.lines), model)?.includes("only the model does"));
  },
);

Deno.test("each mutant of the model changes it, and the table has them all", () => {
  const model = readModule("Approval");
  for (const { what, edit: [from] } of MUTANTS) {
    assertEquals(model.split(from).length, 2, `${what}: it must be in the model once`);
  }
  const readme = Deno.readTextFileSync(new URL("../../proofs/README.md", import.meta.url));
  assertTrue(readme.includes(mutantTable()), "proofs/README.md has another table");
});
