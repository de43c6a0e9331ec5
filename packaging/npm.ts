/**
 * The package for npm: the bundle and its commands. It depends on the package `deno`, which has the
 * real program in it, and on nothing else.
 *
 * @module
 */
import server from "../server.json" with { type: "json" };
import { DIST, LICENSE, PROJECT, run, SUMMARY, VERSION, writeFile } from "./common.ts";
import { makeProgram } from "./program.ts";

/** The name of the package. */
export const NPM_NAME = "@tarides/sudo-proxy";

const MANIFEST = {
  name: NPM_NAME,
  version: VERSION,
  description: SUMMARY,
  license: LICENSE,
  // The MCP registry looks for this name, to see that both are of the same people.
  mcpName: server.name,
  os: ["linux"],
  cpu: ["x64", "arm64"],
  libc: ["glibc"],
  bin: { "sudo-proxy": "bin/sudo-proxy", "sudo-proxy-mcp": "bin/sudo-proxy-mcp" },
  files: ["bin", "lib"],
  dependencies: { deno: "^2.9" },
};

/** Makes the package, and gives back the path of the tarball. */
export async function makeNpm(output: string): Promise<string> {
  const folder = `${DIST}/packaging/npm`;
  await makeProgram(folder);
  await writeFile(`${folder}/package.json`, `${JSON.stringify(MANIFEST, undefined, 2)}\n`);
  await writeFile(`${folder}/README.md`, await Deno.readTextFile(`${PROJECT}README.md`));
  await Deno.mkdir(output, { recursive: true });
  // npm gives every file the same time and mode.
  const args = ["npm", "pack", "--silent", "--ignore-scripts", `--pack-destination=${output}`];
  return `${output}/${(await run(args, { cwd: folder })).trim()}`;
}
