/**
 * Prints what the scripts in this folder may do, as flags of Deno: read, write in three folders, and
 * start the programs that make packages.
 *
 * @module
 */
import { systemProgram } from "../lib/platform/paths.ts";
import { COMPILER, DIST, toolFolder } from "./common.ts";

const PROGRAMS = ["dpkg-deb", "git", "gzip", "ln", "minisign", "node", "npm"];

if (import.meta.main) {
  const programs = PROGRAMS.map(systemProgram).filter((path) => path !== undefined);
  console.log([
    "--no-prompt",
    "--allow-read",
    `--allow-write=${DIST},${toolFolder()}`,
    `--allow-run=${
      [Deno.execPath(), ...(COMPILER === undefined ? [] : [COMPILER]), ...programs].join(",")
    }`,
    "--allow-env",
    "--allow-sys=uid",
  ].join(" "));
}
