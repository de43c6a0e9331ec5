import type { FileIdentity, NamedPath } from "../admit/request.ts";
import { type Walk, walk } from "./walk.ts";

/** What must be unchanged: a file's content, too, or only which file or folder it is. */
export type Comparison = NamedPath["compared"];

/** Identifies a file and its present content. */
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

const COMPARED_FIELDS: Readonly<Record<Comparison, readonly (keyof FileIdentity)[]>> = {
  content: ["realPath", "dev", "ino", "size", "mtimeMs", "ctimeMs"],
  identity: ["realPath", "dev", "ino"],
};

/** Tells whether an absolute path still leads to what was shown. */
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
