/**
 * Which files `sudo-proxy setup` touches. The grants of the program are made of the same names.
 *
 * @module
 */
import { commandFolder } from "../installed.ts";
import { CLIENTS, type Places } from "./clients.ts";

/** The two programs that are installed. */
export const COMMANDS = ["sudo-proxy", "sudo-proxy-mcp"] as const;

/** The name of an installed program. */
export type CommandName = typeof COMMANDS[number];

/** Where a new version is written before it takes its place. */
export function newOf(path: string): string {
  return `${path}.sudo-proxy-new`;
}

/** Where a configuration file is kept as it was before the first change. */
export function copyOf(path: string): string {
  return `${path}.before-sudo-proxy`;
}

/**
 * The file that a path leads to. Configuration may be a link into a folder of dotfiles: the link
 * stays, and the file behind it changes.
 *
 * @param path The path.
 * @returns The file; the path itself where nothing is there.
 */
export function behindLinks(path: string): string {
  try {
    return Deno.realPathSync(path);
  } catch {
    return path;
  }
}

/**
 * The paths that may be written.
 *
 * @param places Where clients keep their files.
 * @returns Absolute paths; the folder of the commands is among them where it has to be made.
 */
export function setupFiles(places: Places): string[] {
  const folder = commandFolder(places.home);
  const commands = COMMANDS.map((name) => `${folder}/${name}`);
  const configuration = CLIENTS.map(({ file }) => file(places));
  return [
    ...new Set([
      ...(isMissing(folder) ? [folder] : []),
      ...commands.flatMap((path) => [path, newOf(path)]),
      ...configuration.flatMap((path) => {
        const target = behindLinks(path);
        return [target, newOf(target), copyOf(path)];
      }),
    ]),
  ];
}

function isMissing(folder: string): boolean {
  try {
    Deno.statSync(folder);
    return false;
  } catch (error) {
    return error instanceof Deno.errors.NotFound;
  }
}
