import { infoOf } from "./exists.ts";

/**
 * Replaces a file as a whole: after a crash the old or the new one is there.
 *
 * @param next Where the new version is written first, in the same folder.
 * @param check Called last; if it throws, the old file stays.
 */
export function replaceFile(
  path: string,
  next: string,
  text: string,
  mode: number,
  check: () => void = () => {},
): void {
  writeNew(next, text, mode);
  try {
    check();
    Deno.renameSync(next, path);
  } catch (error) {
    Deno.removeSync(next);
    throw error;
  }
}

/** Writes a file to disk in place of whatever has its name; a link of that name is not followed. */
export function writeNew(path: string, text: string, mode: number): void {
  if (infoOf(path) !== undefined) Deno.removeSync(path);
  using file = Deno.openSync(path, { createNew: true, write: true, mode });
  let bytes = new TextEncoder().encode(text);
  while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
  file.syncSync();
  // The mask of the process may have taken bits away.
  Deno.chmodSync(path, mode);
}
