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
  const rows = table.split("\n").map((line) => line.trim().split(/\s+/).map(Number))
    .filter((row) => row.length === 3 && row.every(Number.isInteger));
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
