/**
 * The original sudo-proxy, as a black box: its programs are run, and nothing of it is read.
 *
 * @module
 */
import type { Installation } from "../rig/installation.ts";
import { succeed } from "../rig/tools.ts";

/** The crate's version that the tests were written against. */
export const ORIGINAL_VERSION = "1.2.0";

/** The crate's programs that the tests run. */
const PROGRAMS = ["sudo-proxy", "sudo-proxy-mcp", "sudo-request"] as const;

/** One of the crate's programs. */
export type OriginalProgram = (typeof PROGRAMS)[number];

/** Where `.ci/run` puts them. */
function cacheFolder(): string {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  return `${cache}/sudo-proxy-original/bin`;
}

/** The folder with all of the crate's programs: the cache, or one of `PATH`. */
function originalFolder(): string | undefined {
  return [cacheFolder(), ...(Deno.env.get("PATH") ?? "").split(":")].find((folder) =>
    PROGRAMS.every((name) => isFile(`${folder}/${name}`))
  );
}

/**
 * Tells whether tests must be left out, and says what to install.
 *
 * @returns For `Deno.test({ ignore })`.
 * @throws {Error} Where `CI=true`: there nothing may be left out.
 */
export function lacksOriginal(): boolean {
  if (originalFolder() !== undefined) return false;
  const root = cacheFolder().replace(/\/bin$/, "");
  const message = "tests left out: they need the original sudo-proxy; install Rust, then run " +
    `cargo install sudo-proxy --version ${ORIGINAL_VERSION} --locked --root ${root}`;
  if (Deno.env.get("CI") === "true") throw new Error(message);
  Deno.stderr.writeSync(new TextEncoder().encode(`${message}\n`));
  return true;
}

/**
 * Puts the crate's programs where every user can start them.
 *
 * @param installation Its folder takes them.
 * @returns The folder with the programs.
 */
export async function installOriginal(installation: Installation): Promise<string> {
  const from = originalFolder();
  if (from === undefined) throw new Error("the original sudo-proxy is not installed");
  const folder = `${installation.folder}/original`;
  await Deno.mkdir(folder);
  for (const name of PROGRAMS) {
    await succeed(["cp", "-L", `${from}/${name}`, `${folder}/${name}`]);
    await Deno.chmod(`${folder}/${name}`, 0o755);
  }
  return folder;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
