import { type Measured, type Results, type Row, type RowKey, ROWS } from "./rows.ts";
import { at, defined } from "../tests/rig/assert.ts";

/** By how much a ratio may be over its aim in {@linkcode excesses}: a third. */
const LENIENCE = 4 / 3;

/** The table of what was measured, in the columns of docs/performance.md. */
export function table(results: Results): string {
  const cells = entries(results).map(([{ name, unit, aim, beside }, found]) => {
    const ratio = found.median / (found.beside ?? NaN);
    const aimWords = aim === undefined
      ? ""
      : "below" in aim
      ? `< ${aim.below} ${unit}`
      : `< ${aim.times} x`;
    return [
      name,
      `${number(found.median)} ${unit}`,
      `${number(found.least)} to ${number(found.most)}`,
      found.beside === undefined
        ? ""
        : `${beside}: ${number(found.beside)} (${ratio.toFixed(2)} x)`,
      found.original === undefined
        ? ""
        : `${number(found.original)} (${(found.median / found.original).toFixed(2)} x)`,
      aimWords,
    ];
  });
  return aligned([["what", "median", "from to", "beside", "original", "aim"], ...cells]);
}

/** The table of the ratios that are checked. */
export function checkTable(results: Results): string {
  const cells = entries(results).flatMap(([row, found]) => {
    const ratio = ratioOf(row, found);
    if (ratio === undefined) return [];
    return [[row.name, defined(row.beside), `${ratio.is.toFixed(2)} x`, `< ${ratio.aim} x`]];
  });
  return aligned([["what", "beside", "ratio", "aim"], ...cells]);
}

/** The rows whose ratio is too far over its aim, each with a sentence that says by how much. */
export function excesses(results: Results): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, measured] of Object.entries(results)) {
    const row: Row = ROWS[key as RowKey];
    const ratio = ratioOf(row, measured);
    if (ratio === undefined || ratio.is <= ratio.aim * LENIENCE) continue;
    const is = `${ratio.is.toFixed(2)} times ${row.beside}`;
    found.set(key, `${row.name}: ${is}, more than a third over the aim of ${ratio.aim}`);
  }
  return found;
}

/** The least of the runs against the least of what stands beside it: what disturbs only adds. */
function ratioOf({ aim }: Row, { least, besideLeast }: Measured) {
  if (aim === undefined || !("times" in aim) || besideLeast === undefined) return undefined;
  return { is: least / besideLeast, aim: aim.times };
}

function entries(results: Results): [row: Row, found: Measured][] {
  return Object.entries(results).map(([key, found]) => [ROWS[key as RowKey], found]);
}

function number(value: number): string {
  return value < 10 ? value.toFixed(2) : value.toFixed(0);
}

function aligned(rows: readonly (readonly string[])[]): string {
  const widths = at(rows, 0).map((_, column) =>
    Math.max(...rows.map((row) => defined(row[column]).length))
  );
  return rows.map((row) =>
    row.map((cell, column) => cell.padEnd(defined(widths[column]))).join("  ").trimEnd()
  )
    .join("\n");
}
