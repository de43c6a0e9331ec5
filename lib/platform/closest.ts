/** How much of a name is compared, in UTF-16 units. */
const MAX_COMPARED = 64;

/** Finds the name that is the fewest edits away; `known` must not be empty. */
export function closest(name: string, known: readonly string[]): string {
  const written = name.slice(0, MAX_COMPARED).toLowerCase();
  return known.reduce((best, next) =>
    distance(written, next) < distance(written, best) ? next : best
  );
}

/** Counts the letters to put in, leave out or replace to make one name of another (Levenshtein). */
export function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split("").entries()) {
    let left = i + 1;
    let diagonal = i;
    row = [
      left,
      ...row.slice(1).map((above, j) => {
        left = Math.min(left + 1, above + 1, diagonal + (letter === b[j] ? 0 : 1));
        diagonal = above;
        return left;
      }),
    ];
  }
  return row.at(-1) ?? 0;
}
