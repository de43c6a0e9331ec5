/**
 * Makes the programs that `deno task test:binary` tests, and runs the tests with each:
 *
 * - the bundle under `deno run` with the flags that a binary has baked in;
 * - `SUDO_PROXY_BINARY`, a compiled file; without it, a stand-in that is compiled with an older
 *   runtime from PyPI, where pip is there.
 *
 * @module
 */
import { PROJECT } from "../../lib/start.ts";
import { compileArguments } from "../../tools/build.ts";
import { compileStandIn, makeBundle, run, standInTools } from "./standin.ts";

/** The end-to-end tests of the main job, which run with each as well. */
const MAIN_JOB = ["approval", "mcp", "install", "doctor"];
/**
 * Those that type a password at a question: the stand-in's runtime loses the first line there, so
 * tests/binary/program_test.ts has what it does of these.
 */
const WITH_PASSWORD = ["password", "host", "pkexec"];
const ALL = [...MAIN_JOB, ...WITH_PASSWORD];

/** The files to run with these end-to-end tests, or those that the command line names. */
function filesWith(names: readonly string[]): readonly string[] {
  if (Deno.args.length > 0) return Deno.args;
  return ["tests/binary", ...names.map((name) => `tests/e2e/${name}_test.ts`)];
}

/** One thing to test: the program, and the same with the probe in it. */
interface Subject {
  readonly name: string;
  readonly program: string;
  readonly probe: string;
  readonly files: readonly string[];
  readonly env?: Record<string, string>;
}

const folder = await Deno.makeTempDir({ prefix: "sudo-proxy-binary-" });

/** A configuration that exchanges main_proxy.ts and main_mcp.ts for the probe. */
async function probeConfig(): Promise<string> {
  const { imports } = JSON.parse(await Deno.readTextFile(`${PROJECT}deno.json`));
  for (const file of ["main_proxy.ts", "main_mcp.ts"]) {
    imports[`file://${PROJECT}${file}`] = `file://${PROJECT}tests/binary/probe.ts`;
  }
  await Deno.copyFile(`${PROJECT}deno.lock`, `${folder}/deno.lock`);
  const config = `${folder}/deno.json`;
  await Deno.writeTextFile(config, JSON.stringify({ imports, nodeModulesDir: "none" }));
  return config;
}

/** What to test. */
async function* subjects(): AsyncGenerator<Subject> {
  const program = await makeBundle(`${folder}/bundle`);
  const probe = await makeBundle(`${folder}/probe`, await probeConfig());
  yield { name: "the bundle", program, probe, files: filesWith(ALL) };
  const given = Deno.env.get("SUDO_PROXY_BINARY");
  if (given !== undefined) {
    const files = filesWith(ALL);
    const compiled = `${folder}/probe-compiled`;
    const isMade = await run([Deno.execPath(), ...compileArguments(`${folder}/probe`, compiled)])
      .then(() => true, () => false);
    if (!isMade) {
      console.error("nothing is tried from inside the file: the probe can't be compiled");
    }
    const program = await Deno.realPath(given);
    yield { name: given, program, probe: isMade ? compiled : probe, files };
    return;
  }
  const tools = await standInTools();
  if (tools === undefined) return;
  yield {
    name: "the stand-in",
    program: await compileStandIn(program, tools),
    probe: await compileStandIn(probe, tools),
    files: filesWith(MAIN_JOB),
    env: { SUDO_PROXY_STANDIN: "1" },
  };
}

/** Runs the tests with one of these, and gives how many passed and failed. */
async function test({ name, program, probe, files, env }: Subject): Promise<[number, number]> {
  console.log(`\nTesting ${name}`);
  const grants = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--quiet", "--no-prompt", "--cached-only", "--allow-read", "--allow-sys"],
      `${PROJECT}tests/rig/grants.ts`,
    ],
  }).output();
  const flags = new TextDecoder().decode(grants.stdout).trim().split(" ");
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--cached-only", ...flags, "tests/run.ts", ...files],
    cwd: PROJECT,
    env: { ...env, SUDO_PROXY_BINARY: program, SUDO_PROXY_PROBE: probe },
    stdout: "piped",
  }).spawn();
  let text = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    await Deno.stdout.write(new TextEncoder().encode(chunk));
  }
  const { success } = await child.status;
  const [, passed = 0, failed = 0] = /^(\d+) passed, (\d+) failed$/m.exec(text) ?? [];
  return [Number(passed), Math.max(Number(failed), success ? 0 : 1)];
}

if (import.meta.main) {
  await Deno.chmod(folder, 0o755);
  let [passed, failed] = [0, 0];
  try {
    for await (const subject of subjects()) {
      const [more, faults] = await test(subject);
      passed += more;
      failed += faults;
    }
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  console.log(`${passed} passed, ${failed} failed`);
  if (failed > 0) Deno.exit(1);
}
