/**
 * Holds docs/assurance/ to the project: each test and command that it names is there, and runs in CI.
 *
 * @module
 */
import config from "../deno.json" with { type: "json" };
import { ASSUMPTIONS, GOALS } from "../docs/assurance/case.ts";
import { FINDINGS } from "../docs/assurance/findings.ts";
import { RUNGS } from "../docs/assurance/rungs.ts";
import { BOUNDARIES, LETTERS, OTHERS, type Test, TREE } from "../docs/assurance/threats.ts";
import { PROMISES } from "../docs/generate/promises.ts";
import { STATEMENTS } from "../proofs/statements.ts";
import { assertEquals, assertMatch, assertTrue, at } from "./rig/assert.ts";
import { assertTest, read, ROOT, rows, section } from "./rig/documents.ts";

const ATTACKS = TREE.flatMap((node) => "tests" in node ? [node] : []);
const LEAVES = GOALS.flatMap(({ shownBy }) => shownBy);

/** The tasks that `.ci/run` starts. */
const IN_CI = new Set(
  [...read(".ci/run").matchAll(/^(?!\s*#).*?\bdeno(?:@[\d.]+)? task (?:--quiet )?([\w:]+)/gm)]
    .map((match) => at(match, 1)),
);

function assertInCi(task: string): void {
  assertTrue(Object.hasOwn(config.tasks, task), `there is no task ${task}`);
  assertTrue(IN_CI.has(task), `CI does not run deno task ${task}`);
}

/** Asserts that CI runs a file of tests: suites with a task of their own by it. */
function assertFileInCi(file: string): void {
  const suite = `test:${file.split("/")[1]}`;
  assertInCi(Object.hasOwn(config.tasks, suite) ? suite : "test");
}

/** Asserts that there is such a test, in a file that CI runs. */
function assertTestInCi(file: string, test: string): void {
  assertTest(file, test);
  assertFileInCi(file);
}

/** Asserts that there is at least one test, and that CI runs each. */
function assertTestsInCi(of: string, tests: readonly Test[]): void {
  assertTrue(tests.length > 0, `${of} has no test`);
  for (const { file, name } of tests) assertTestInCi(file, name);
}

/** The rows of the table below a heading, without its head. */
function table(text: string, heading: string): string[][] {
  return rows(section(text, heading)).slice(2);
}

/** The assumptions that a text names. */
function assumptionsIn(text: string): string[] {
  return text.match(/\bA\d+\b/g) ?? [];
}

Deno.test("each leaf of the assurance case names a test or a command of CI, or an assumption", () => {
  assertTrue(LEAVES.length > 40, "the search must find the leaves");
  for (const leaf of LEAVES) {
    if ("file" in leaf) assertTestInCi(leaf.file, leaf.test);
    else if ("task" in leaf) assertInCi(leaf.task);
    else assertTrue(Object.hasOwn(ASSUMPTIONS, leaf.assumes), leaf.assumes);
  }
});

Deno.test("no leaf of the assurance case stands below a goal twice, and no evidence below two", () => {
  for (const { claim, shownBy } of GOALS) {
    assertTrue(shownBy.some((leaf) => !("assumes" in leaf)), `${claim}: nothing shows it`);
    assertEquals(new Set(shownBy.map((leaf) => JSON.stringify(leaf))).size, shownBy.length, claim);
  }
  const evidence = LEAVES.flatMap((leaf) =>
    "file" in leaf ? [`${leaf.file} ${leaf.test}`] : "task" in leaf ? [leaf.task] : []
  );
  assertEquals(evidence.filter((one, index) => evidence.indexOf(one) !== index), []);
});

Deno.test("each assumption is listed once, and something rests on it", () => {
  const ids = Object.keys(ASSUMPTIONS);
  const listed = table(read("docs/assurance/assurance-case.md"), "## What is assumed");
  assertEquals(listed.map(([id]) => id), ids);
  const texts = listed.map(([, text]) => text);
  assertEquals(new Set(texts).size, ids.length, "two assumptions say the same");
  const used = new Set(LEAVES.flatMap((leaf) => "assumes" in leaf ? [leaf.assumes] : []));
  assertEquals([...used].sort(), ids.toSorted());
});

Deno.test("each node of the attack tree has a place, a defense and its tests", () => {
  const ids = TREE.map(({ id }) => id);
  assertTrue(ids.length > 30, "the search must find the nodes");
  assertEquals(ids, ids.toSorted((a, b) => Number(a) - Number(b)));
  assertEquals(new Set(ids).size, ids.length);
  for (const node of TREE) {
    const { id, attack, defense } = node;
    assertTrue(attack !== "" && defense !== "", id);
    for (const name of assumptionsIn(defense)) assertTrue(Object.hasOwn(ASSUMPTIONS, name), name);
    const isInner = ids.some((other) => other.startsWith(`${id}.`)) || id === "0";
    assertEquals("goals" in node, isInner, id);
    if ("tests" in node) {
      assertTrue(ids.includes(at(id.split("."), 0)), `${id} has no parent`);
      assertTestsInCi(id, node.tests);
      continue;
    }
    assertTrue(node.goals.length > 0, `${id} has no goal`);
    for (const goal of node.goals) {
      assertMatch(goal, /^G1(\.[1-9])?$/);
      assertTrue(Number(goal.split(".")[1] ?? 1) <= GOALS.length, `${id}: ${goal}`);
    }
  }
});

Deno.test("each threat stands at a boundary, and each boundary names threats that there are", () => {
  for (const { id, attack, defense, tests } of OTHERS) {
    assertTrue(attack !== "" && defense !== "", id);
    for (const name of assumptionsIn(defense)) assertTrue(Object.hasOwn(ASSUMPTIONS, name), name);
    assertTestsInCi(id, tests);
  }
  const there = [...ATTACKS, ...OTHERS].map(({ id }) => id);
  assertEquals(new Set(there).size, there.length);
  const named = BOUNDARIES.flatMap((one) => LETTERS.flatMap((letter) => one[letter] ?? []));
  assertEquals([...new Set(named)].sort(), there.toSorted());
});

Deno.test("each finding of the security audit has a date, a fix and its test", () => {
  assertTrue(FINDINGS.length > 30, "the search must find the findings");
  for (const { date, finding, fix, test } of FINDINGS) {
    assertEquals(new Date(date).toISOString().slice(0, 10), date);
    assertTrue(finding !== "" && fix !== "", finding);
    assertTestsInCi(finding, [test]);
  }
  const dates = FINDINGS.map(({ date }) => date);
  assertEquals(dates, dates.toSorted());
});

Deno.test("each statement of proofs/README.md names files of tests that CI runs", () => {
  assertTrue(STATEMENTS.length > 20, "the search must find the statements");
  for (const { statement, how, files } of STATEMENTS) {
    assertTrue(statement !== "" && how !== "" && files.length > 0, statement);
    for (const file of files) {
      assertTrue(Deno.statSync(new URL(`tests/${file}_test.ts`, ROOT)).isFile, file);
      assertFileInCi(`tests/${file}_test.ts`);
    }
  }
});

Deno.test("each rung of the roadmap has a command of CI, or says that it is not there", () => {
  for (const { rung, takesAway, state, task } of RUNGS) {
    assertTrue(takesAway !== "", rung);
    assertEquals(task === undefined, /^not (?:there|planned)/.test(state), rung);
    if (task !== undefined) assertInCi(task);
  }
  assertTrue(RUNGS.length > 8, "the search must find the rungs");
});

Deno.test("no test stands twice in the threat model and docs/security/tests.md, nor in the case", () => {
  const named = (file: string, test: string) => `\`${file}\`: \`${test}\``;
  const promised = Object.entries(PROMISES).flatMap(([file, tests]) =>
    tests.map(([, test]) => named(file, test))
  );
  const attacks = [...ATTACKS, ...OTHERS].flatMap(({ tests }) =>
    tests.map(({ file, name }) => named(file, name))
  );
  const shown = LEAVES.flatMap((leaf) => "file" in leaf ? [named(leaf.file, leaf.test)] : []);
  assertTrue(attacks.length > 40 && promised.length > 80, "the search must find the tests");
  const elsewhere = [...attacks, ...shown];
  assertEquals(promised.filter((test) => elsewhere.includes(test)), []);
  for (const list of [attacks, promised]) {
    assertEquals(list.filter((test, index) => list.indexOf(test) !== index), []);
  }
});
