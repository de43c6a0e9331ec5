import type { Results, RowKey } from "./rows.ts";
import type { BenchDaemon } from "./terminal.ts";

/** What every measurement is given. */
export interface Place {
  /** The folder of everything that is measured. */
  readonly folder: string;
  /** The folder with the programs of the original, where it is installed. */
  readonly originals: string | undefined;
  /** How many runs there are of so many: fewer where the bench only checks. */
  readonly runs: (full: number) => number;
}

/** A place with daemons that run. */
export interface Setting extends Place {
  /** This project's. */
  readonly ours: BenchDaemon;
  /** The original's, where it is installed. */
  readonly original: BenchDaemon | undefined;
}

/** Rows that are measured together, and how. */
export type Groups<Given = Setting> = readonly (readonly [
  rows: readonly RowKey[],
  measure: (given: Given) => Promise<Results>,
])[];
