/**
 * Measures how much of the pure rooms their own tests run through, prints it by room, and fails
 * where it is less than before. Ends as a suite of tests does: with what failed, and its numbers.
 *
 * @module
 */
import { printSummary } from "./rig/summary.ts";

/** The rooms without input or output. */
const ROOMS = ["admit", "decide", "session", "view"];
/** What every run reached. Only a larger number may come here. */
const LEAST = { lines: 99.8, branches: 99.2 };
/**
 * Two go through a million code points, or through shells, and cover nothing else. The third walks
 * at random: what it alone runs through would be missed in some runs.
 */
const LEFT_OUT = [
  "tests/session/model_test.ts",
  "tests/view/code_points_test.ts",
  "tests/view/shells_test.ts",
];

/** Why no test runs through a branch: its file, its line, and the reason. */
const EXPLAINED: readonly (readonly [file: string, line: string, reason: string])[] = [
  [
    "lib/decide/keys.ts",
    'return text > " " ? text : bindingOf(burst)?.name ?? text;',
    "asked of keys that decide, and each of these has a binding",
  ],
  [
    "lib/session/authentication.ts",
    "if (!job) return;",
    "the caller has just found the job",
  ],
  [
    "lib/session/facts.ts",
    'if (phase.kind !== "prompting" || phase.prompt.request.id !== id) return {};',
    "for a request that is decided without a prompt of its own, which has no screen",
  ],
  ["lib/view/cells.ts", "return text;", "the loop ends before: the text was too wide"],
  ["lib/view/cells.ts", "}", "the same"],
  [
    "lib/view/layout.ts",
    "if ((starts[paragraphs.count] ?? 0) <= first) continue;",
    "the index is within the array",
  ],
  ["lib/view/layout.ts", "let at = starts[index] ?? 0;", "the index is within the array"],
  [
    "lib/view/layout.ts",
    "if ((starts[middle] ?? 0) <= line) low = middle;",
    "the index is within the array",
  ],
  [
    "lib/view/picture.ts",
    "return asciiText(text.replace(/[·┊…]/g, (mark) => ASCII_MARKS.get(mark) ?? mark));",
    "each mark of the pattern is in the table",
  ],
  [
    "lib/view/prompt_lines.ts",
    "const write = new FieldWriter(view.ascii ?? false);",
    "the pictures always say it",
  ],
  [
    "lib/view/visible.ts",
    "const code = character.codePointAt(0) ?? 0;",
    "a character has a code point",
  ],
];

interface Counts {
  lines: number;
  linesHit: number;
  branches: number;
  branchesHit: number;
}

/** What Deno printed; where it failed, nothing more is measured. */
async function deno(args: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: [...args] })
    .output();
  const decoder = new TextDecoder();
  if (!success) {
    console.error(decoder.decode(stdout), decoder.decode(stderr));
    Deno.exit(1);
  }
  return decoder.decode(stdout);
}

/** Adds up a report in the format of lcov, by room. */
function countsOf(report: string): ReadonlyMap<string, Counts> {
  const rooms = new Map<string, Counts>();
  for (const file of report.split("end_of_record")) {
    const room = /^SF:.*\/lib\/(\w+)\//m.exec(file)?.[1];
    if (room === undefined) continue;
    const sum = (name: string) => Number(new RegExp(`^${name}:(\\d+)`, "m").exec(file)?.[1] ?? 0);
    const before = rooms.get(room) ?? { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
    rooms.set(room, {
      lines: before.lines + sum("LF"),
      linesHit: before.linesHit + sum("LH"),
      branches: before.branches + sum("BRF"),
      branchesHit: before.branchesHit + sum("BRH"),
    });
  }
  return rooms;
}

/** The places that no test ran through, as file and line of the source. */
function missedIn(report: string): (readonly [file: string, line: string])[] {
  return report.split("end_of_record").flatMap((record) => {
    const path = /^SF:(.*)$/m.exec(record)?.[1];
    if (path === undefined) return [];
    const source = Deno.readTextFileSync(path).split("\n");
    const numbers = [
      ...record.matchAll(/^BRDA:(\d+),\d+,\d+,(?:0|-)$/gm),
      ...record.matchAll(/^DA:(\d+),0$/gm),
    ].map(([, number]) => Number(number));
    return [...new Set(numbers)].map((number) =>
      [path.replace(/^.*\/lib\//, "lib/"), source[number - 1]?.trim() ?? ""] as const
    );
  });
}

/** In percent, with one digit, never rounded up. */
function percent(part: number, whole: number): number {
  return Math.floor(1000 * part / whole) / 10;
}

if (import.meta.main) {
  const begin = performance.now();
  const folder = await Deno.makeTempDir({ prefix: "sudo-proxy-coverage-" });
  try {
    const tests = ROOMS.map((room) => `tests/${room}`);
    await deno([
      "test",
      "--quiet",
      "--cached-only",
      "--no-check",
      "--parallel",
      "--allow-all",
      `--coverage=${folder}`,
      `--ignore=${LEFT_OUT.join(",")}`,
      ...tests,
    ]);
    const include = `--include=/lib/(${ROOMS.join("|")})/`;
    const report = await deno(["coverage", "--lcov", include, folder]);
    const counts = countsOf(report);
    const all = { lines: 0, linesHit: 0, branches: 0, branchesHit: 0 };
    for (const [room, { lines, linesHit, branches, branchesHit }] of counts) {
      all.lines += lines;
      all.linesHit += linesHit;
      all.branches += branches;
      all.branchesHit += branchesHit;
      const [of, ofBranches] = [percent(linesHit, lines), percent(branchesHit, branches)];
      console.log(`${room.padEnd(8)} lines ${of} %, branches ${ofBranches} %`);
    }
    const lines = percent(all.linesHit, all.lines);
    const branches = percent(all.branchesHit, all.branches);
    console.log(`all      lines ${lines} %, branches ${branches} %`);
    const failures: string[] = [];
    if (lines < LEAST.lines || branches < LEAST.branches) {
      failures.push(`It was ${LEAST.lines} % of lines and ${LEAST.branches} % of branches.`);
    }
    const same = ([file, line]: readonly string[]) => ([one, other]: readonly string[]) =>
      file === one && line === other;
    for (const place of missedIn(report)) {
      if (EXPLAINED.some(same(place))) continue;
      failures.push(`${place[0]}: no test runs through: ${place[1]}`);
    }
    const failed = failures.length;
    printSummary({ passed: failed === 0 ? 1 : 0, failed, failures }, begin);
    if (failed > 0) Deno.exitCode = 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
