import type { Launchers } from "./programs.ts";

/** What {@linkcode descendantsOf} and {@linkcode haveForked} read: `pid`, `ppid` and session. */
const COLUMNS = ["-e", "-o", "pid=,ppid=,sess="];

/**
 * Lists all processes, in a session of its own.
 *
 * @param launchers Where the programs are; without `ps` the list is empty.
 * @returns What `ps -e -o pid=,ppid=,sess=` prints.
 */
export async function processTable({ setsid, ps }: Launchers): Promise<string> {
  if (ps === undefined) return "";
  const { stdout } = await new Deno.Command(setsid, {
    args: [ps, ...COLUMNS],
    clearEnv: true,
    stdin: "null",
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout);
}

/**
 * Tells whether each launcher has a child that has a child: `timeout` starts sudo, and sudo starts
 * the command once it needs no credentials any more.
 *
 * @param table What {@linkcode processTable} gave.
 * @param launchers The ids of the launchers.
 * @returns Whether every command has begun.
 */
export function haveForked(table: string, launchers: readonly number[]): boolean {
  const rows = rowsOf(table);
  const parents = new Set(rows.map(([, parent]) => parent));
  return launchers.every((pid) =>
    rows.some(([child, parent]) => parent === pid && parents.has(child))
  );
}

/**
 * Finds every process of a command: what came from its first processes, and what shares a session
 * with one of those, since a process whose parent has ended belongs to nobody else.
 *
 * @param table What `ps -e -o pid=,ppid=,sess=` prints.
 * @param roots The ids of the command's first processes.
 * @param self A process of our own session, which is never taken along.
 * @returns The ids of all others, without `roots`.
 */
export function descendantsOf(table: string, roots: readonly number[], self: number): number[] {
  const rows = rowsOf(table);
  const children = Map.groupBy(rows, ([, parent]) => parent);
  const sessions = new Map(rows.map(([pid, , session]) => [pid, session]));
  const found = new Set(roots);
  // A set hands out what is added to it while it is walked.
  for (const pid of found) {
    for (const [child] of children.get(pid) ?? []) found.add(child);
  }
  const theirs = new Set([...found].map((pid) => sessions.get(pid)));
  theirs.delete(sessions.get(self));
  theirs.delete(undefined);
  for (const [pid, , session] of rows) if (theirs.has(session)) found.add(pid);
  return [...found].filter((pid) => !roots.includes(pid));
}

function rowsOf(table: string): readonly (readonly number[])[] {
  return table.split("\n").map((line) => line.trim().split(/\s+/).map(Number))
    .filter((row) => row.length === 3 && row.every(Number.isInteger));
}
