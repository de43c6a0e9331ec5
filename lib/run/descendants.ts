/**
 * Finds every process that came from some processes.
 *
 * @param table What `ps -e -o pid=,ppid=` prints.
 * @param roots Process ids.
 * @returns The ids of their descendants, without themselves.
 */
export function descendantsOf(table: string, roots: readonly number[]): number[] {
  const children = new Map<number, number[]>();
  for (const line of table.split("\n")) {
    const [pid, parent] = line.trim().split(/\s+/).map(Number);
    if (Number.isInteger(pid) && Number.isInteger(parent)) {
      children.set(parent, [...children.get(parent) ?? [], pid]);
    }
  }
  const found = new Set<number>();
  const todo = [...roots];
  for (let pid = todo.pop(); pid !== undefined; pid = todo.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (!found.has(child)) todo.push(child);
      found.add(child);
    }
  }
  return [...found];
}
