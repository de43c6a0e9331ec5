/**
 * Makes the programs that are tested in the place of a release's: a bundle, and a file that is
 * compiled from it with an older runtime from PyPI, where pip is there.
 *
 * @module
 */
import { PROJECT } from "../../lib/start.ts";
import {
  bundleToCompile,
  bundleToRun,
  compileArguments,
  COMPILED_ENTRIES,
} from "../../tools/build.ts";

/** Runs a program that has to succeed. */
export async function run(
  [program = "", ...args]: readonly string[],
  env: Record<string, string> = {},
): Promise<void> {
  const { success } = await new Deno.Command(program, { args, env, cwd: PROJECT }).spawn().status;
  if (!success) throw new Error(`${program} ${args[0]} failed`);
}

/** Makes a bundle in a folder, and gives what starts it. */
export async function makeBundle(folder: string, config?: string): Promise<string> {
  await bundleToCompile(folder, config);
  // The daemon that its MCP server opens.
  await bundleToRun(folder, config);
  return `${folder}/main_binary.js`;
}

/**
 * Compiles a bundle with the older runtime, in a folder of its own beside the bundle's.
 *
 * @param bundle What {@linkcode makeBundle} gave.
 * @param tools What {@linkcode standInTools} gave.
 * @returns The compiled file.
 */
export async function compileStandIn(bundle: string, tools: string): Promise<string> {
  const folder = `${bundle.slice(0, bundle.lastIndexOf("/"))}-older`;
  await run(["/usr/bin/env", "cp", "-r", bundle.slice(0, bundle.lastIndexOf("/")), folder]);
  const before = await Deno.readTextFile(`${PROJECT}tests/binary/older_deno.js`);
  for (const entry of COMPILED_ENTRIES) {
    const path = `${folder}/${entry}.js`;
    await Deno.writeTextFile(path, before + await Deno.readTextFile(path));
  }
  const output = `${folder}/sudo-proxy`;
  const env = { DENORT_BIN: `${tools}/denort`, DENO_DIR: `${folder}/deno-dir` };
  await run([`/usr/bin/env`, `${tools}/deno`, ...compileArguments(folder, output)], env);
  return output;
}

/**
 * Fetches the older runtime and its Deno.
 *
 * @returns Their folder; nothing where they can't be had, which a line says.
 * @throws {Error} The same where `CI=true`: there nothing may be left out.
 */
export async function standInTools(): Promise<string | undefined> {
  const isThere = Deno.build.arch === "x86_64" &&
    (await new Deno.Command("/usr/bin/env", {
      args: ["python3", "-m", "pip", "--version"],
      stdout: "null",
      stderr: "null",
    }).output()).success;
  if (!isThere) {
    const message = "the compiled program is left out: it needs x86_64 and the package python3-pip";
    if (Deno.env.get("CI") === "true") throw new Error(message);
    console.error(message);
    return undefined;
  }
  const { success, stdout } = await new Deno.Command("/usr/bin/env", {
    args: ["sh", `${PROJECT}tests/binary/standin.sh`],
    stderr: "inherit",
  }).output();
  if (!success) throw new Error("tests/binary/standin.sh failed");
  return new TextDecoder().decode(stdout).trim();
}
