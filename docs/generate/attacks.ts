import { FINDINGS } from "../assurance/findings.ts";
import { RUNGS } from "../assurance/rungs.ts";
import { type Attack, BOUNDARIES, LETTERS, OTHERS, type Test, TREE } from "../assurance/threats.ts";
import { table } from "./blocks.ts";

function list(tests: readonly Test[]): string {
  return tests.map(({ file, name }) => `\`${file}\`: \`${name}\``).join("; ");
}

function rowOf({ id, attack, defense, tests }: Attack): string[] {
  return [id, attack, defense, list(tests)];
}

/** The boundaries of docs/assurance/threat-model.md, with a column for each letter of STRIDE. */
export function boundaryTable(): string {
  return table(
    ["boundary", "who is beyond it", ...LETTERS],
    ...BOUNDARIES.map((one) => [
      one.boundary,
      one.beyond,
      ...LETTERS.map((letter) => one[letter]?.join(", ") ?? "-"),
    ]),
  );
}

/** The attack tree. */
export function attackTable(): string {
  return table(
    ["node", "attack", "defense", "test"],
    ...TREE.map((node) =>
      "tests" in node
        ? rowOf(node)
        : [node.id, `**${node.attack}**`, node.defense, node.goals.join(", ")]
    ),
  );
}

/** The threats that leave G1 alone. */
export function threatTable(): string {
  return table(["threat", "what happens", "defense", "test"], ...OTHERS.map(rowOf));
}

/** The findings of docs/assurance/security-audit.md. */
export function findingTable(): string {
  return table(
    ["date", "finding", "breaks G1", "fix", "test"],
    ...FINDINGS.map(({ date, finding, breaksG1, fix, test }) => [
      date,
      finding,
      breaksG1 ? "yes" : "no",
      fix,
      list([test]),
    ]),
  );
}

/** The rungs of docs/assurance/roadmap.md. */
export function rungTable(): string {
  return table(
    ["rung", "the mistake that it finds", "where we stand", "command"],
    ...RUNGS.map(({ rung, takesAway, state, task }, at) => [
      `${at + 1}. ${rung}`,
      takesAway,
      state,
      task === undefined ? "" : `\`deno task ${task}\``,
    ]),
  );
}
