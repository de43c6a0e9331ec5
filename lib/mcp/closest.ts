/** How much of a name is compared, in UTF-16 units. */
const MAX_COMPARED = 64;

/**
 * Finds the name that takes the fewest letters to be put in, left out or replaced (Levenshtein).
 *
 * @param name What was written.
 * @param known The names that there are, at least one.
 * @returns The closest of them.
 * @internal
 */
export function closest(name: string, known: readonly string[]): string {
  const written = name.slice(0, MAX_COMPARED).toLowerCase();
  return known.reduce((best, next) =>
    distance(written, next) < distance(written, best) ? next : best
  );
}

/**
 * Counts the letters that have to be put in, left out or replaced to make one name of another.
 *
 * @param a One name, in UTF-16 units.
 * @param b The other.
 * @returns Their number; 0 where they are the same.
 * @internal
 */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(
        Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length];
}
