import { denoRun, PROJECT } from "../lib/start.ts";
import { bundleToRun } from "../tools/build.ts";
import { BENCH_FOLDER } from "./grants.ts";

let made: Promise<string> | undefined;

/** Makes the bundle that packages carry, once, and gives its folder. */
export function benchBundle(): Promise<string> {
  return made ??= (async () => {
    const folder = `${BENCH_FOLDER}/bundle`;
    await bundleToRun(folder);
    return folder;
  })();
}

/** The same start as {@linkcode denoRun} gives, from a bundle in place of the sources. */
export function startFrom(bundle: string, ...start: Parameters<typeof denoRun>): string[] {
  const [, , module] = start;
  return denoRun(...start).map((word) =>
    word === `--config=${PROJECT}deno.json`
      ? "--no-config"
      : word === `${PROJECT}${module}.ts`
      ? `${bundle}/${module}.js`
      : word
  );
}
