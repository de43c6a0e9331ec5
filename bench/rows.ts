/**
 * What is measured, in the order of the table. `docs/performance.md` explains these rows by name.
 *
 * @module
 */

/** A row of the table. */
export interface Row {
  /** Its name, which is what docs/performance.md calls it. */
  readonly name: string;
  /** The unit of its numbers. */
  readonly unit: "ms" | "MB" | "MB/s";
  /** What it should be below, in the same unit, or as a multiple of `beside`. */
  readonly aim?: { readonly below: number } | { readonly times: number };
  /** What stands beside it: the same work without the daemon. */
  readonly beside?: string;
}

/** Every row, by the key that it has in the JSON. */
export const ROWS = {
  pingMedian: { name: "ping, p50", unit: "ms", aim: { below: 0.5 } },
  pingWorst: { name: "ping, p99", unit: "ms" },
  pingsMedian: { name: "ping, 32 at once, p50", unit: "ms" },
  pingsWorst: { name: "ping, 32 at once, p99", unit: "ms" },
  promptDrawn: { name: "request to prompt drawn", unit: "ms" },
  rootStarted: {
    name: "key to root's command started",
    unit: "ms",
    aim: { times: 1.3 },
    beside: "sudo -n",
  },
  sudoAsked: { name: "sudo -n -v, asked before each command of a user", unit: "ms" },
  trueEnded: {
    name: "key to the answer of an unprivileged true",
    unit: "ms",
    beside: "setsid true",
  },
  outputEnded: {
    name: "key to the answer with 16 MiB of output",
    unit: "ms",
    aim: { below: 250 },
    beside: "setsid head",
  },
  pipeline: { name: "throughput of 16 stages", unit: "MB/s", beside: "sh" },
  daemonReady: { name: "daemon, start to answering", unit: "ms", aim: { below: 120 } },
  mcpReady: { name: "MCP server, start to tools/list", unit: "ms" },
  idleMemory: { name: "daemon, resident when idle", unit: "MB", aim: { below: 65 } },
  floodMemory: { name: "daemon, resident after a flood", unit: "MB" },
  outputMemory: { name: "daemon, most resident while 16 MiB pass", unit: "MB" },
  auditRecord: { name: "audit trail, one record on disk", unit: "ms" },
  auditList: { name: "audit list, the last 20 of a million records", unit: "ms" },
  auditSearch: { name: "audit list --text, through a million records", unit: "ms" },
  auditVerify: { name: "audit verify, a million records", unit: "ms" },
} as const satisfies Readonly<Record<string, Row>>;

/** The key of a row. */
export type RowKey = keyof typeof ROWS;

/** What came out for a row: the median of its runs, their extremes, and what stands beside it. */
export interface Measured {
  /** The median. */
  readonly median: number;
  /** The least of all runs. */
  readonly least: number;
  /** The most of all runs. */
  readonly most: number;
  /** How many runs there were. */
  readonly runs: number;
  /** The median of the same work without the daemon. */
  readonly beside?: number;
}

/**
 * Sums runs up.
 *
 * @param runs Each run's number; at least one.
 * @param beside The runs of what stands beside it.
 * @returns What is written down.
 */
export function measured(runs: readonly number[], beside?: readonly number[]): Measured {
  return {
    median: quantile(runs, 0.5),
    least: quantile(runs, 0),
    most: quantile(runs, 1),
    runs: runs.length,
    ...(beside ? { beside: quantile(beside, 0.5) } : {}),
  };
}

/**
 * A quantile of some numbers, the nearest that is one of them.
 *
 * @param numbers At least one.
 * @param share Such as 0.99.
 * @returns One of them.
 */
export function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}
