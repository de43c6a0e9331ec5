import type { FileIdentity } from "../gate/request.ts";
import { type Walk, walk } from "./walk.ts";

/** What has to be as it was shown: all of a file, or only which file or folder it is. */
export type Comparison = "content" | "identity";

/**
 * What tells a file from every other, and its contents from any that it had or will have.
 *
 * @param found Where a path leads.
 * @returns Its identity.
 */
export function identityOf({ realPath, info }: Walk): FileIdentity {
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
 * Tells whether a path still leads to what was shown.
 *
 * @param path An absolute path.
 * @param shown The identity at that time.
 * @param compared What must be as it was.
 * @returns Whether it is.
 */
export async function isUnchanged(
  path: string,
  shown: FileIdentity,
  compared: Comparison,
): Promise<boolean> {
  try {
    const found = identityOf(await walk(path));
    return COMPARED_FIELDS[compared].every((key) => found[key] === shown[key]);
  } catch {
    return false;
  }
}

const COMPARED_FIELDS: Readonly<Record<Comparison, readonly (keyof FileIdentity)[]>> = {
  content: ["realPath", "dev", "ino", "size", "mtimeMs", "ctimeMs"],
  identity: ["realPath", "dev", "ino"],
};
