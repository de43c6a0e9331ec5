import { STATEMENTS } from "../../proofs/statements.ts";
import { type Change, MUTANTS } from "../../proofs/tla/mutants.ts";
import { REPLAY_MUTANTS } from "../../proofs/tla/replay.ts";
import { TRAIL_MUTANTS } from "../../proofs/tla/trail.ts";
import { table } from "./blocks.ts";

/** What is proven about the real code, for proofs/README.md. */
export function statementTable(): string {
  return table(
    ["statement", "how", "where"],
    ...STATEMENTS.map(({ statement, how, files }) => [
      statement,
      how,
      files.map((file) => `\`tests/${file}_test.ts\``).join(", "),
    ]),
  );
}

/** The changes of the model of the machine, and what finds each. */
export function mutantTable(): string {
  return tableOf("change of the model", MUTANTS);
}

/** The changes of the two other models, and what finds each. */
export function otherMutantTable(): string {
  return tableOf("change of Replay.tla or Trail.tla", [...REPLAY_MUTANTS, ...TRAIL_MUTANTS]);
}

function tableOf(
  title: string,
  changes: readonly (Change & { readonly foundBy: string })[],
): string {
  return table([title, "found by"], ...changes.map(({ what, foundBy }) => [what, foundBy]));
}
