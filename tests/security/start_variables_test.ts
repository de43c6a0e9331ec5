/**
 * Variables that make Deno load code, open a debugger or use the network, whatever is granted. Some
 * editors set NODE_OPTIONS in the terminals that they open.
 *
 * @module
 */
import { UNSET_VARIABLES } from "../../lib/guard.ts";
import { ENTRY_POINTS } from "../../lib/grants.ts";
import { assertEquals, assertMatch, assertNoMatch } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { execute, lacks } from "../rig/tools.ts";

/** A file that Deno loads before the program, and the variables that a hostile start has. */
async function trap(): Promise<{ folder: string; env: Record<string, string> }> {
  const folder = await Deno.makeTempDir();
  await Deno.chmod(folder, 0o755);
  await Deno.writeTextFile(`${folder}/trap.cjs`, 'console.error("the trap was loaded");');
  return {
    folder,
    env: { NODE_OPTIONS: `--require ${folder}/trap.cjs`, OTEL_DENO: "true" },
  };
}

Deno.test({
  name: "the environment of a start loads no code into the daemon",
  ignore: lacks("tmux", "grep"),
  async fn() {
    const { folder, env } = await trap();
    try {
      await using daemon = await RunningDaemon.start({ env });
      assertNoMatch(await daemon.terminal.history(), /trap/);
      const pid = await daemon.pid();
      for (const name of UNSET_VARIABLES) {
        const { code } = await execute(["grep", "-qz", `^${name}=`, `/proc/${pid}/environ`]);
        assertEquals(code, 1, name);
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test("the environment loads no code into what computes the grants", async () => {
  const { folder, env } = await trap();
  try {
    await using installation = await Installation.make();
    const { stderr } = await execute([
      ...["env", "-i", ...Object.entries({ ...installation.env, ...env }).map((p) => p.join("="))],
      ...["sh", `${installation.folder}/project/lib/start.sh`, `${installation.folder}/deno`],
      "--version",
    ]);
    assertEquals(stderr, "");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("a plain deno run loads what NODE_OPTIONS says", async () => {
  const { folder, env } = await trap();
  try {
    await Deno.writeTextFile(`${folder}/plain.ts`, "");
    const words = ["env", ...Object.entries(env).map((pair) => pair.join("="))];
    const { stderr } = await execute([
      ...words,
      ...[Deno.execPath(), "run", "--no-config", "--no-prompt", `${folder}/plain.ts`],
    ]);
    assertMatch(stderr, /the trap was loaded/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("no entry point starts with a variable that does what no grant allows", async (t) => {
  await using installation = await Installation.make();
  for (const entry of ENTRY_POINTS) {
    if (entry === "host") continue;
    for (const name of UNSET_VARIABLES) {
      // Both change nothing.
      const value = { NODE_OPTIONS: "--no-warnings", OTEL_DENO: "false" }[name] ?? "";
      await t.step(`${entry}, ${name}`, async () => {
        const words = installation.command(entry, ["--help"], { [name]: value })
          .filter((word) => word !== `--unset=${name}`);
        const { code, stdout, stderr } = await execute(words);
        assertEquals([code, stdout], [1, ""]);
        assertMatch(
          stderr,
          new RegExp(`^sudo-proxy: Cannot start: it must not be started with ${name} set\\. `),
        );
      });
    }
  }
});
