import type { FileIdentity } from "../gate/request.ts";

/**
 * Looks up which file a path leads to.
 *
 * @param path An absolute path; links are followed.
 * @returns What tells this file from every other.
 * @throws {Deno.errors.NotFound} If nothing is there; other errors of `Deno.stat` likewise.
 */
export async function identify(path: string): Promise<FileIdentity> {
  const realPath = await Deno.realPath(path);
  const info = await Deno.stat(realPath);
  return {
    realPath,
    dev: info.dev,
    ino: info.ino ?? 0,
    size: info.size,
    mtimeMs: info.mtime?.getTime() ?? 0,
    ctimeMs: info.ctime?.getTime() ?? 0,
  };
}

/**
 * Tells whether a path still leads to the file that was shown, with the contents that it had.
 *
 * @param path The path that was shown.
 * @param shown The identity at that time.
 * @returns Whether nothing changed.
 */
export async function isUnchangedFile(path: string, shown: FileIdentity): Promise<boolean> {
  try {
    const found = await identify(path);
    return (Object.keys(shown) as (keyof FileIdentity)[]).every((key) => found[key] === shown[key]);
  } catch {
    return false;
  }
}

/**
 * Tells whether a path still leads to the folder that was shown; what is in the folder may change.
 *
 * @param path The path that was shown.
 * @param shown The identity at that time.
 * @returns Whether it is the same folder.
 */
export async function isSameFolder(path: string, shown: FileIdentity): Promise<boolean> {
  try {
    const { realPath, dev, ino } = await identify(path);
    return realPath === shown.realPath && dev === shown.dev && ino === shown.ino;
  } catch {
    return false;
  }
}
