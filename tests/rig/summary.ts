/**
 * The end of what a suite prints: what failed, how long it took, and the numbers, in the form in
 * which `.ci/run` reads them.
 *
 * @param begin the moment at which the suite began, of `performance.now()`
 */
export function printSummary(
  { passed, failed, failures }: {
    readonly passed: number;
    readonly failed: number;
    readonly failures: readonly string[];
  },
  begin: number,
): void {
  if (failures.length > 0) console.log("\nFailures:");
  for (const failure of failures) console.log(`  ${failure}`);
  console.log(`\nAll of it took ${Math.round((performance.now() - begin) / 1000)} s.`);
  console.log(`${passed} passed, ${failed} failed`);
}
