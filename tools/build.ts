/**
 * Builds the program for any account: a bundle in dist/bundle, and from it the one file
 * dist/sudo-proxy. `--bundle` stops after the bundle; `--deno=PATH` compiles with another Deno.
 *
 * @module
 */
import { bakedFlags } from "../lib/narrow.ts";
import { PROJECT, V8_FLAGS } from "../lib/start.ts";

const DIST = `${PROJECT}dist`;
const BUNDLE = `${DIST}/bundle`;

/** What a compiled file starts, and the thread that it makes. */
export const COMPILED_ENTRIES = ["main_binary", "main_worker"] as const;
/** What the bundle of a package starts with exact permissions. */
const PACKAGE_ENTRIES = ["main_proxy", "main_mcp"] as const;

/** What Deno puts into each bundle, for packages that want `require` for modules of Node. */
const REQUIRE =
  /import\{createRequire as (\w+)\} from "node:module";var (\w+)=\1\(import\.meta\.url\);/;

/** What Commander loads for subcommands that are programs of their own; we have none. */
const RARE = /import ([\w$]+) from"(node:(?:child_process|fs|path))";/g;

function bundleArguments(
  entries: readonly string[],
  folder: string,
  config: string,
  ...options: string[]
): string[] {
  const modules = entries.map((name) => `${PROJECT}${name}.ts`);
  const common = [`--config=${config}`, "--quiet", "--platform=deno", "--minify"];
  return ["bundle", ...common, ...options, `--outdir=${folder}`, ...modules];
}

/** Makes a bundle whose entries share files. */
async function bundle(
  entries: readonly string[],
  folder: string,
  config = `${PROJECT}deno.json`,
): Promise<void> {
  await runDeno(Deno.execPath(), bundleArguments(entries, folder, config, "--code-splitting"));
  for await (const { name } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    const text = await Deno.readTextFile(path);
    // Loading `node:module` takes 5 ms at each start, and the others 5 MB.
    const quick = text.replace(REQUIRE, "var $2=(name)=>process.getBuiltinModule(name);")
      .replace(RARE, "const $1=new Proxy({},{get:(_,key)=>process.getBuiltinModule('$2')[key]});");
    if (quick !== text) await Deno.writeTextFile(path, quick);
  }
}

/** Makes the bundle that is compiled. */
export async function bundleToCompile(folder: string, config?: string): Promise<void> {
  await bundle(COMPILED_ENTRIES, folder, config);
}

/**
 * Makes the bundle of a package: `start.sh` computes the permissions by `main_permissions.js`, and
 * starts one of the other two with them.
 */
export async function bundleToRun(folder: string, config?: string): Promise<void> {
  await bundle(PACKAGE_ENTRIES, folder, config);
  // It is small, and loads quicker by itself.
  await runDeno(
    Deno.execPath(),
    bundleArguments(["main_permissions"], folder, config ?? `${PROJECT}deno.json`),
  );
  await Deno.copyFile(`${PROJECT}lib/start.sh`, `${folder}/start.sh`);
}

/**
 * The arguments of Deno that compile a bundle. Without `--no-code-cache`, the program would run
 * whatever anybody has put at `$TMPDIR/deno-compile-sudo-proxy.cache`.
 */
export function compileArguments(bundle: string, output: string): string[] {
  return [
    "compile",
    "--quiet",
    "--no-check",
    "--no-config",
    "--no-code-cache",
    V8_FLAGS,
    ...bakedFlags(),
    `--include=${bundle}/main_worker.js`,
    `--output=${output}`,
    `${bundle}/main_binary.js`,
  ];
}

async function runDeno(deno: string, args: readonly string[]): Promise<void> {
  const { success } = await new Deno.Command(deno, { args: [...args] }).spawn().status;
  if (!success) throw new Error(`${deno} ${args[0]} failed`);
}

if (import.meta.main) {
  const deno = Deno.args.find((arg) => arg.startsWith("--deno="))?.slice("--deno=".length);
  await Deno.remove(DIST, { recursive: true }).catch(() => {});
  await bundleToCompile(BUNDLE);
  if (!Deno.args.includes("--bundle")) {
    await runDeno(deno ?? Deno.execPath(), compileArguments(BUNDLE, `${DIST}/sudo-proxy`));
    await Deno.symlink("sudo-proxy", `${DIST}/sudo-proxy-mcp`);
  }
}
