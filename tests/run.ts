/**
 * Runs tests: most files side by side, since they wait more than they compute, and then, one by
 * one, those that must have the machine to themselves. Without arguments these are all but the
 * suites that have tasks of their own; arguments are paths. Prints the slowest files, what failed
 * and why, and how many tests passed.
 *
 * @module
 */
import { testFlags } from "./rig/grants.ts";
import { removeAtTheEnd } from "./rig/leftovers.ts";
import { printSummary } from "./rig/summary.ts";

/** How many files run at the same time. */
const JOBS = 10;
/** How many of the slowest files are named. */
const SLOWEST = 10;
/** Suites with tasks of their own, and what each may reach on the network. */
const OTHER_SUITES: Readonly<Record<string, readonly string[]>> = {
  "tests/interop": [],
  "tests/proofs": [],
  // It says what to test.
  "tests/binary": [],
  // The registry that serves the published module.
  "tests/packages": ["127.0.0.1"],
  // The model that the clients talk to.
  "tests/clients": ["127.0.0.1"],
};
/**
 * Files that measure time or memory; or need the moment at which a lock or a socket is closed, which
 * a process that another file starts may hold until its exec.
 */
const ALONE = [
  "tests/audit/trail_test.ts",
  "tests/audit/writers_test.ts",
  "tests/protocol/client_test.ts",
  "tests/security/flood_test.ts",
  "tests/security/fuzz_test.ts",
  "tests/view/large_prompt_test.ts",
];

/** What a run of `deno test` came to. */
interface Result {
  readonly success: boolean;
  readonly passed: number;
  readonly failed: number;
  /** Each test or step that failed, with its error. */
  readonly failures: readonly string[];
  /** Seconds of each file. */
  readonly files: ReadonlyMap<string, number>;
}

async function runTests(
  net: readonly string[],
  args: readonly string[],
): Promise<Result> {
  const report = await Deno.makeTempFile({ prefix: "sudo-proxy-tests-" });
  const forget = await removeAtTheEnd("files", `rm -f ${report}`);
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--cached-only", ...testFlags(net), `--junit-path=${report}`, ...args],
      env: { DENO_JOBS: String(JOBS) },
    }).spawn().status;
    return { success, ...readReport(await Deno.readTextFile(report)) };
  } finally {
    await Deno.remove(report);
    await forget();
  }
}

/** Reads a report in the format of JUnit, as Deno writes it: steps have a name with ` > `. */
function readReport(xml: string): Omit<Result, "success"> {
  const files = new Map<string, number>();
  let passed = 0;
  let failed = 0;
  const failures: string[] = [];
  for (
    const [, attributes = "", rest, error = ""] of xml.matchAll(
      /<testcase ([^>]*)>\s*(<failure|<error|<skipped|<\/testcase)(?: message="([^"]*))?/g,
    )
  ) {
    const attribute = (name: string) => new RegExp(`\\b${name}="([^"]*)"`).exec(attributes)?.[1];
    if (rest === "<failure" || rest === "<error") {
      const name = `${attribute("classname")} => ${attribute("name")}`;
      failures.push(unescaped(`${name}\n${error}`).replaceAll(/\s*\n/g, "\n    "));
    }
    if (attribute("name")?.includes(" &gt; ")) continue;
    const file = attribute("classname") ?? "";
    files.set(file, (files.get(file) ?? 0) + Number(attribute("time")));
    if (rest === "</testcase") passed += 1;
    else if (rest !== "<skipped") failed += 1;
  }
  return { files, passed, failed, failures };
}

/** The text that an attribute in XML stands for. */
function unescaped(text: string): string {
  const letters: Record<string, string> = { lt: "<", gt: ">", quot: '"', apos: "'", amp: "&" };
  return text.replaceAll(/&(\w+);/g, (all, name) => letters[name] ?? all);
}

if (import.meta.main) {
  const wanted = Deno.args.length > 0 ? Deno.args : ["tests"];
  const isWanted = (file: string) => wanted.some((path) => file.startsWith(path));
  const alone = ALONE.filter(isWanted);
  const isOther = (suite: string) => !wanted.some((path) => path.startsWith(suite));
  const suites = Object.keys(OTHER_SUITES).filter(isOther);
  const ignored = `--ignore=${[...ALONE, ...suites].join(",")}`;
  const net = wanted.flatMap((path) => OTHER_SUITES[path] ?? []);
  const begin = performance.now();
  const results: Result[] = [];
  const together = wanted.filter((path) => !ALONE.includes(path));
  if (together.length > 0) {
    results.push(await runTests(net, ["--parallel", ignored, ...together]));
  }
  if (alone.length > 0) results.push(await runTests(net, alone));

  console.log("\nThe slowest files:");
  const slowest = results.flatMap(({ files }) => [...files])
    .sort(([, one], [, other]) => other - one).slice(0, SLOWEST);
  for (const [file, seconds] of slowest) {
    console.log(`${seconds.toFixed(1).padStart(7)} s  ${file}`);
  }
  const sum = (key: "passed" | "failed") =>
    results.reduce((total, result) => total + result[key], 0);
  const failures = results.flatMap((result) => result.failures);
  printSummary({ passed: sum("passed"), failed: sum("failed"), failures }, begin);
  if (results.some(({ success }) => !success)) Deno.exit(1);
}
