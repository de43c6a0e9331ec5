/** What is at a path, links not followed; `undefined` if nothing is. Any other fault is thrown. */
export function infoOf(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Whether nothing is at a path. Without the right to look, something counts as being there. */
export function isMissing(path: string): boolean {
  try {
    return infoOf(path) === undefined;
  } catch {
    return false;
  }
}

/** Whether a path leads to something that can be looked at. */
export function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}
