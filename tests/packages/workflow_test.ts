/**
 * The workflow that makes a release, which can't run here: two linters read it, and what it promises
 * is looked up in it.
 *
 * @module
 */
import { parse } from "yaml";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { execute, type Execution, succeed } from "../rig/tools.ts";
import { BuildFolder } from "./newcomer.ts";

const ROOT = new URL("../../", import.meta.url).pathname;
const WORKFLOW = `${ROOT}.github/workflows/release.yml`;
const hasPip = Deno.build.arch === "x86_64" &&
  (await execute(["env", "python3", "-m", "pip", "--version"])).code === 0;
if (!hasPip) console.error("no linter reads the workflow: that needs x86_64 and python3-pip");

/** Each linter, and a fault that it has to find. */
const LINTERS:
  readonly (readonly [name: string, args: readonly string[], change: RegExp, to: string])[] = [
    [
      "zizmor",
      ["--offline", "--no-progress", "--quiet", "--min-severity=medium"],
      /@[0-9a-f]{40}/,
      "@v4",
    ],
    ["actionlint", ["-no-color"], /needs: compare/, "needs: comparison"],
  ];

Deno.test({
  name: "zizmor and actionlint find nothing in the workflow, and would",
  ignore: !hasPip,
  async fn(t) {
    await using folder = await BuildFolder.make();
    const tools = (await succeed(["sh", `${ROOT}tests/packages/linters.sh`])).trim();
    for (const [name, args, change, to] of LINTERS) {
      const isThere = await Deno.lstat(`${tools}/${name}`).then(() => true, () => false);
      if (!isThere) console.error(`${name} is left out: it needs Go`);
      const lint = (path: string): Promise<Execution> =>
        execute(["env", "-C", folder.path, `${tools}/${name}`, ...args, path]);
      await t.step({
        name,
        ignore: !isThere,
        async fn() {
          const { code, stdout, stderr } = await lint(WORKFLOW);
          assertEquals(code, 0, `${stdout}${stderr}`);
          const text = await Deno.readTextFile(WORKFLOW);
          await Deno.mkdir(`${folder.path}/.github/workflows`, { recursive: true });
          const broken = `${folder.path}/.github/workflows/broken.yml`;
          await Deno.writeTextFile(broken, text.replace(change, to));
          assertTrue((await lint(broken)).code !== 0, `${name} finds no fault`);
        },
      });
    }
  },
});

Deno.test("the workflow builds twice, compares, starts each machine's program, and only then drafts", async () => {
  const { jobs, permissions } = parse(await Deno.readTextFile(WORKFLOW));
  const commands = (job: string): string =>
    jobs[job].steps.map(({ run = "" }: { run?: string }) => run).join("\n");
  assertEquals(permissions, {});
  assertEquals(jobs.build.strategy.matrix.copy.length, 2);
  assertMatch(commands("build"), /deno@\$\(cat packaging\/deno-version\)/);
  // Both runtimes are given, so the release refuses to be made without a hash of each.
  for (const option of ["x64", "arm64"]) {
    assertMatch(commands("build"), new RegExp(`deno task release [^]*--denort-${option}=`));
  }
  assertTrue(!commands("build").includes("--pins"));
  assertEquals([jobs.compare.needs, jobs.smoke.needs, jobs.publish.needs], [
    "build",
    "compare",
    "smoke",
  ]);
  assertMatch(commands("compare"), /diff --recursive --brief first second/);
  const machines = jobs.smoke.strategy.matrix.include.map(({ machine }: { machine: string }) =>
    machine
  );
  assertEquals([...new Set(machines)].sort(), ["aarch64", "x86_64"]);
  for (const what of ["$binary", "tgz", "dpkg --install", "mcpb"]) {
    assertTrue(commands("smoke").includes(what), what);
  }
  assertMatch(commands("publish"), /gh release create .*--draft/);
  assertEquals(jobs.publish.steps[1].with, { "subject-checksums": "release/SHA256SUMS" });
});
