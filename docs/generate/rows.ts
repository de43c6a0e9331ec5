import { type Row, ROWS } from "../../bench/rows.ts";
import { table } from "./blocks.ts";

/** What each row of the bench says. */
export function rowTable(): string {
  const rows: readonly Row[] = Object.values(ROWS);
  return table(
    ["row", "what it says"],
    ...rows.map(({ name, means }) => [`\`${name}\``, means]),
  );
}
