import { STATEMENTS } from "../../proofs/statements.ts";
import { MUTANTS } from "../../proofs/tla/mutants.ts";
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

/** The changes of the model, and what finds each. */
export function mutantTable(): string {
  return table(
    ["change of the model", "found by"],
    ...MUTANTS.map(({ what, foundBy }) => [what, foundBy]),
  );
}
