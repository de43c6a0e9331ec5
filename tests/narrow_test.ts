/**
 * What is baked into a compiled program, and how it is compiled; `tests/binary/` runs it.
 *
 * @module
 */
import { ENTRY_POINTS, grantsOf } from "../lib/grants.ts";
import { systemFault } from "../lib/guard.ts";
import { bakedFlags, excessOf } from "../lib/narrow.ts";
import { compileArguments } from "../tools/build.ts";
import { assertEquals, assertMatch, assertTrue } from "./rig/assert.ts";

const ROOT = new URL("../", import.meta.url);
const read = (path: string) => Deno.readTextFileSync(new URL(path, ROOT));

Deno.test("what is baked into the binary has the grants of every entry point", () => {
  const flags = bakedFlags();
  const listed = (kind: string) =>
    flags.find((flag) => flag.startsWith(`--allow-${kind}=`))?.split("=")[1]?.split(",") ?? [];
  const variables: Record<string, string> = { HOME: "/home/anna", TMUX: "x", DISPLAY: ":0" };
  const env = { get: (name: string) => variables[name], uid: 1000 };
  for (const entry of ENTRY_POINTS) {
    const { run, env: names, sys } = grantsOf(entry, env, "/run/user/1000/sudo-proxy.sock");
    for (const [kind, wanted] of Object.entries({ run, env: names, sys })) {
      const missing = wanted.filter((item) => !listed(kind).includes(item));
      assertEquals(missing, [], `${entry}: ${kind}`);
    }
  }
});

Deno.test("paths are baked in as /, since a bare flag can't be narrowed, and nothing is fetched", () => {
  const flags = bakedFlags();
  for (const flag of ["--allow-read=/", "--allow-write=/", "--no-prompt", "--cached-only"]) {
    assertTrue(flags.includes(flag), flag);
  }
  for (const kind of ["all", "read", "write", "run", "env", "sys", "ffi", "import"]) {
    assertTrue(!flags.includes(`--allow-${kind}`), kind);
  }
});

Deno.test("every command that compiles has --no-code-cache", () => {
  assertTrue(compileArguments("/bundle", "/output").includes("--no-code-cache"));
  assertEquals([...read("tools/build.ts").matchAll(/"compile"/g)].length, 1);
  // Nothing else compiles.
  const files = ["deno.json", ".ci/run", ".github/workflows/release.yml", "packaging/release.ts"]
    .concat(["run.ts", "standin.ts", "standin.sh"].map((name) => `tests/binary/${name}`));
  for (const file of files) {
    assertEquals([...read(file).matchAll(/\bdeno compile\b|["' ]compile["' ]/g)], [], file);
  }
});

Deno.test("what is left over is named", () => {
  const nothing = { read: [], write: [], net: [], run: [], env: [], sys: [] };
  // The tests themselves may do nearly everything.
  const excess = excessOf(nothing);
  for (const name of ["read", "write /", "env HOME", "sys hostname"]) {
    assertTrue(excess.includes(name), `${name}: ${excess.join(", ")}`);
  }
});

Deno.test("on a system that it does not know, the program ends with one line", () => {
  assertEquals(systemFault({ os: "linux", arch: "x86_64" }), undefined);
  assertEquals(systemFault({ os: "linux", arch: "aarch64" }), undefined);
  for (
    const build of [{ os: "darwin", arch: "aarch64" }, { os: "freebsd", arch: "x86_64" }] as const
  ) {
    const line = systemFault(build);
    assertMatch(line ?? "", /^it needs Linux on x86_64 or aarch64, and this is \w+ on \w+$/);
  }
});
