/**
 * What is measured, in the order of the table. `docs/performance.md` has the words from here.
 *
 * @module
 */
import { at } from "../tests/rig/assert.ts";

/** A row of the table. */
export interface Row {
  /** Its name, which is what docs/performance.md calls it. */
  readonly name: string;
  /** What it says; docs/performance.md has it. */
  readonly means: string;
  /** The unit of its numbers. */
  readonly unit: "ms" | "MB";
  /**
   * What it should be below, in the same unit, or as a multiple of `beside`; `--check` looks at the
   * multiples.
   */
  readonly aim?: { readonly below: number } | { readonly times: number };
  /** What stands beside it: the same work without the daemon, or what it is compared with. */
  readonly beside?: string;
}

/** Every row, by the key that `deno task bench KEY...` takes and the JSON has. */
export const ROWS = {
  pingMedian: {
    name: "ping, p50",
    means: "a connection, a request and its answer, 3000 times in turn",
    unit: "ms",
    aim: { times: 2.5 },
    beside: "bare echo",
  },
  pingWorst: {
    name: "ping, p99",
    means: "the p99 of each hundred of them, and the median of these",
    unit: "ms",
  },
  pingsMedian: {
    name: "ping, 32 at once, p50",
    means: "the same from 32 clients at once, which share one core",
    unit: "ms",
  },
  pingsWorst: { name: "ping, 32 at once, p99", means: "the p99 of these, as above", unit: "ms" },
  promptDrawn: {
    name: "request to prompt drawn",
    means: "from sending a request to the last byte of its prompt",
    unit: "ms",
  },
  rootStarted: {
    name: "key to root's command started",
    means: "from the key until the command looks at the clock, through `timeout 0 sudo -n`",
    unit: "ms",
    aim: { times: 1.3 },
    beside: "sudo -n",
  },
  rootEnded: {
    name: "key to the answer of root's true",
    means: "from the key to the answer, for a root command that does nothing",
    unit: "ms",
    beside: "sudo -n true",
  },
  sudoAsked: {
    name: "sudo -n -v, asked before each command of a user",
    means: "whether sudo would ask; a daemon that is not root adds this to the rows above",
    unit: "ms",
  },
  trueEnded: {
    name: "key to the answer of an unprivileged true",
    means: "from the key to the answer, for a command that does nothing",
    unit: "ms",
    beside: "setsid true",
  },
  outputEnded: {
    name: "key to the answer with 16 MiB of output",
    means: "the most output that is kept: read, sent as base64, and read by the client",
    unit: "ms",
    aim: { below: 250 },
    beside: "setsid head",
  },
  stages2: {
    name: "128 MiB through 2 stages",
    means: "from the key to the answer of `head` and `wc`",
    unit: "ms",
    aim: { times: 1.2 },
    beside: "sh",
  },
  stages8: {
    name: "128 MiB through 8 stages",
    means: "the same with 6 `cat` in between",
    unit: "ms",
    aim: { times: 1.2 },
    beside: "sh",
  },
  stages16: {
    name: "128 MiB through 16 stages",
    means: "the same with 14 `cat` in between",
    unit: "ms",
    aim: { times: 1.2 },
    beside: "sh",
  },
  longestStall: {
    name: "longest stall of the daemon's loop",
    means:
      "the longest wait of a ping while `true`, 16 MiB of output and 64 MiB through 4 stages run; beside it, while nothing runs",
    unit: "ms",
    aim: { below: 20 },
    beside: "idle",
  },
  drawStall: {
    name: "longest stall while a request of 1 MiB is drawn",
    means: "the same while a request of nearly 1 MiB is read, checked and drawn",
    unit: "ms",
    aim: { below: 20 },
    beside: "idle",
  },
  daemonReady: {
    name: "daemon, start to first answer",
    means: "from the start of a package's bundle to the first answer to `ping`",
    unit: "ms",
    aim: { below: 85 },
    beside: "empty module",
  },
  installedReady: {
    name: "daemon, start to first answer, with its grants computed",
    means: "the same by its `start.sh`, which computes the grants first",
    unit: "ms",
    beside: "empty module",
  },
  sourcesReady: {
    name: "daemon, start to first answer, from the sources",
    means: "the same by `lib/start.sh`, in a checkout",
    unit: "ms",
    beside: "empty module",
  },
  mcpReady: {
    name: "MCP server, start to tools/list",
    means: "what an MCP client waits for, as `bench/mcp_start.ts` measures it",
    unit: "ms",
    aim: { below: 70 },
    beside: "empty module",
  },
  clientEnded: {
    name: "small client, start to its end where nothing listens",
    means: "`sudo-proxy request`, without computing its grants",
    unit: "ms",
    aim: { below: 55 },
    beside: "empty module",
  },
  idleMemory: {
    name: "daemon, resident when idle",
    means: "after the start",
    unit: "MB",
    aim: { below: 58 },
  },
  workMemory: {
    name: "daemon, most resident in the rows from ping to stages",
    means: "the peak of the daemon that these rows share",
    unit: "MB",
  },
  outputMemory: {
    name: "daemon, most resident above idle while 16 MiB pass",
    means: "the peak of three such commands in turn, less what was resident before",
    unit: "MB",
    aim: { times: 2.2 },
    beside: "the output",
  },
  clientMemory: {
    name: "small client, most resident above waiting while it prints 16 MiB",
    means: "the peak of `sudo-proxy request`, less what was resident at the prompt",
    unit: "MB",
    aim: { times: 2.2 },
    beside: "the output",
  },
  serverMemory: {
    name: "MCP server, most resident above waiting for 16 MiB",
    means: "the same for a call of `execute`, which gives the model a part of it",
    unit: "MB",
    aim: { times: 2.2 },
    beside: "the output",
  },
  floodMemory: {
    name: "daemon, resident after a flood of connections",
    means: "after 2560 connections from 128 clients, half of them with lines of 1 MiB",
    unit: "MB",
  },
  queueMemory: {
    name: "daemon, most resident while 10,000 requests are taken back",
    means: "32 clients ask, wait until they are in the queue, and leave",
    unit: "MB",
    aim: { below: 120 },
  },
  auditRecord: {
    name: "audit trail, one record on disk",
    means: "writing a record, until it is on disk (`fdatasync`)",
    unit: "ms",
  },
  auditList: {
    name: "audit list, the last 20 of a million records",
    means: "`sudo-proxy audit list`, from start to end",
    unit: "ms",
  },
  auditSearch: {
    name: "audit list --text, through a million records",
    means: "a search that has to read all records",
    unit: "ms",
  },
  auditVerify: {
    name: "audit verify, a million records",
    means: "the whole chain, hash by hash",
    unit: "ms",
  },
} as const satisfies Readonly<Record<string, Row>>;

/** The key of a row. */
export type RowKey = keyof typeof ROWS;

/** What came out for some rows. */
export type Results = Partial<Record<RowKey, Measured>>;

/** The runs of a row. */
export interface Runs {
  /** Each run of this project; at least one. */
  readonly ours: readonly number[];
  /** Each run of what stands beside it. */
  readonly beside?: readonly number[];
  /** Each run of the original. */
  readonly original?: readonly number[];
}

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
  /** The median of what stands beside it. */
  readonly beside?: number;
  /** The least of what stands beside it. */
  readonly besideLeast?: number;
  /** The median of the original. */
  readonly original?: number;
}

/** Sums runs up. */
export function measured({ ours, beside = [], original = [] }: Runs): Measured {
  return {
    median: quantile(ours, 0.5),
    least: quantile(ours, 0),
    most: quantile(ours, 1),
    runs: ours.length,
    ...(beside.length > 0
      ? { beside: quantile(beside, 0.5), besideLeast: quantile(beside, 0) }
      : {}),
    ...(original.length > 0 ? { original: quantile(original, 0.5) } : {}),
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
  return at(sorted, Math.min(sorted.length - 1, Math.floor(share * sorted.length)));
}
