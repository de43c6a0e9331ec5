import { outputOf } from "./launch.ts";
import type { Starter } from "./pipeline.ts";
import type { HelperPrograms } from "./programs.ts";

/** Lists all processes, in a session of its own; nothing if `ps` is missing. */
export async function processTable({ setsid, ps }: HelperPrograms): Promise<string> {
  if (ps === undefined) return "";
  return (await outputOf(setsid, ps, "-e", "-o", "pid=,ppid=,sess=")).stdout;
}

/**
 * Tells whether each starter has as many children that have children as it has stages: it starts
 * sudo, and sudo starts the command once it needs no credentials any more.
 *
 * @param table What {@linkcode processTable} gave.
 */
export function haveForked(table: string, starters: readonly Starter[]): boolean {
  return starters.every(({ pid, stages }) => {
    const forked = childrenOf(table, pid).filter((child) => childrenOf(table, child).length > 0);
    return forked.length >= stages;
  });
}

/** The ids of a process's children, by what {@linkcode processTable} gave. */
export function childrenOf(table: string, parent: number): number[] {
  return rowsOf(table).filter((row) => row.parent === parent).map(({ pid }) => pid);
}

/**
 * Finds every process of a command: the descendants of its first processes, and every process in a
 * session with one of these. The second rule finds processes whose parent has ended.
 *
 * @param table What {@linkcode processTable} gave.
 * @param roots The ids of the command's first processes.
 * @param self A process of our own session; that session is never searched.
 * @returns The ids of all others, without `roots`.
 */
export function descendantsOf(table: string, roots: readonly number[], self: number): number[] {
  const rows = rowsOf(table);
  const children = Map.groupBy(rows, ({ parent }) => parent);
  const sessions = new Map(rows.map(({ pid, session }) => [pid, session]));
  const found = new Set(roots);
  // The loop also visits what is added to the set meanwhile.
  for (const id of found) for (const { pid } of children.get(id) ?? []) found.add(pid);
  const theirs = new Set([...found].map((pid) => sessions.get(pid)));
  theirs.delete(sessions.get(self));
  for (const { pid, session } of rows) if (theirs.has(session)) found.add(pid);
  return [...found].filter((pid) => !roots.includes(pid));
}

function rowsOf(table: string) {
  return [...table.matchAll(/^ *(\d+) +(\d+) +(\d+) *$/gm)].map(([, pid, parent, session]) => ({
    pid: Number(pid),
    parent: Number(parent),
    session: Number(session),
  }));
}
