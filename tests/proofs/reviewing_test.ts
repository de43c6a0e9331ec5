/**
 * Each claim of REVIEWING.md can be falsified: with its change, in a copy of the project, its tests
 * fail, and without any change they pass.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue, at, atLeast, defined } from "../rig/assert.ts";
import { read, ROOT } from "../rig/documents.ts";
import { removeAtTheEnd } from "../rig/leftovers.ts";
import { succeed } from "../rig/tools.ts";

interface Claim {
  readonly title: string;
  /** What is attacked. */
  readonly file: string;
  /** The line that is taken out. */
  readonly before: string;
  /** What stands there instead, with its newlines; nothing if the line is only removed. */
  readonly after: string;
  /** What has to fail. */
  readonly test: string;
}

/** What the tests need of the project. */
const PARTS = ["bench", "docs", "lib", "packaging", "proofs", "skills", "tests", "tools"];

function claims(): Claim[] {
  return read("REVIEWING.md").split(/^(?=### )/m).slice(1).map((text) => {
    const part = text.replace(/^## [^]*/m, "");
    const title = part.slice("### ".length, part.indexOf("\n"));
    const [, diff] = atLeast(2, /^```diff\n([^]*?)^```$/m.exec(part) ?? []);
    const [, test] = atLeast(2, /^```sh\ndeno task test (\S+)\n```$/m.exec(part) ?? []);
    const lines = (sign: string) =>
      diff.split("\n").filter((line) => line.startsWith(sign)).map((line) => line.slice(1));
    assertEquals(lines("-").length, 1, `${title}: one line is changed`);
    const files = [...part.matchAll(/Attack\s+`(lib\/[\w/]+\.ts)`/g)].map(([, file]) => file);
    assertEquals(files.length, 1, `${title}: one file is attacked`);
    return {
      title,
      file: defined(files[0]),
      before: at(lines("-"), 0),
      after: lines("+").map((line) => `${line}\n`).join(""),
      test,
    };
  });
}

/** How many tests passed and failed; not even one did either where they could not be compiled. */
async function runTests(copy: string, tests: readonly string[]): Promise<[number, number, string]> {
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["task", "test", ...tests],
    cwd: copy,
    env: { NO_COLOR: "1" },
  }).output();
  const text = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  const [, passed, failed] = atLeast(3, /^(\d+) passed, (\d+) failed$/m.exec(text) ?? []);
  return [Number(passed), Number(failed), text];
}

Deno.test("the changes of REVIEWING.md are found by the tests that it names", async (t) => {
  const all = claims();
  assertTrue(all.length >= 10, "the search must find the claims");
  all.forEach(({ title }, index) => assertMatch(title, new RegExp(`^${index + 1}\\. `)));

  const copy = await Deno.makeTempDir({ prefix: "sudo-proxy-review-" });
  const forget = await removeAtTheEnd("files", `rm -rf ${copy}`);
  try {
    const files: string[] = [];
    for await (const { name, isFile } of Deno.readDir(ROOT)) {
      if (isFile && !name.startsWith(".")) files.push(name);
    }
    const root = ROOT.pathname;
    await succeed(["cp", "-r", ...[...PARTS, ...files].map((name) => root + name), copy]);

    await t.step("without a change, they all pass", async () => {
      const tests = [...new Set(all.map(({ test }) => test))];
      const [passed, failed, text] = await runTests(copy, tests);
      assertTrue(passed >= tests.length && failed === 0, text);
    });
    for (const { title, file, before, after, test } of all) {
      await t.step(title, async () => {
        const source = await Deno.readTextFile(`${copy}/${file}`);
        const rest = `\n${source}`.split(`\n${before}\n`);
        assertEquals(rest.length, 2, `${file} must have the line once: ${before}`);
        await Deno.writeTextFile(`${copy}/${file}`, rest.join(`\n${after}`).slice(1));
        try {
          const [, failed, text] = await runTests(copy, [test]);
          assertTrue(failed > 0, `nothing failed:\n${text}`);
        } finally {
          await Deno.writeTextFile(`${copy}/${file}`, source);
        }
      });
    }
  } finally {
    await Deno.remove(copy, { recursive: true });
    await forget();
  }
});
