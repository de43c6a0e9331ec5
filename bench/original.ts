/** The programs of the original sudo-proxy that are measured. */
const PROGRAMS = ["sudo-proxy", "sudo-proxy-mcp", "sudo-request"];

/**
 * Finds the original sudo-proxy, which is run as a black box: `cargo install sudo-proxy` in `PATH`,
 * or where the tests keep it.
 *
 * @returns The folder with its programs.
 */
export function findOriginal(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME") ?? `${Deno.env.get("HOME")}/.cache`;
  const folders = [
    `${cache}/sudo-proxy-original/bin`,
    ...(Deno.env.get("PATH") ?? "").split(":"),
  ];
  // The command that our setup installs is a script, and no program has this one beside it.
  return folders.find((folder) => PROGRAMS.every((name) => isFile(`${folder}/${name}`)));
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}
