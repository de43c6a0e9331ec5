/** As many links as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;
/** How many names are looked at: with links, a short path can have tens of thousands. */
const MAX_NAMES = 1000;

/** Where a path leads. */
export interface Walk {
  /**
   * The path with every link and `..` resolved, apart from a link at its very end: there a program
   * may depend on its name, as busybox does.
   */
  readonly path: string;
  /** The same with that link resolved as well. */
  readonly realPath: string;
  /** What is there. */
  readonly info: Deno.FileInfo;
  /** Every folder that is searched, every link, and the file at the end, in order. */
  readonly visited: ReadonlyMap<string, Deno.FileInfo>;
}

/**
 * A path that is not followed: a link on it leads elsewhere than its text says, such as
 * `/proc/PID/root`, or it has too many names.
 */
export class UnfollowedPathError extends Error {}

interface Step {
  readonly path: string;
  readonly info: Deno.FileInfo;
  /** The folder that it is in; `undefined` for `/`. */
  readonly parent: Step | undefined;
}

/**
 * Resolves a path component by component, as the kernel does. Deno's own `realPath` and `stat` do
 * not: under partial grants they remove `..` from the text, also after a link.
 *
 * @param path An absolute path.
 * @throws {Deno.errors.NotFound} If nothing is there; other errors of `Deno.lstat` likewise, such
 * as `NotCapable` below /proc, /sys and /dev.
 * @throws {UnfollowedPathError} If a link on the way does not say where it leads, or there are more
 * than 1000 names on the way.
 */
export async function walk(path: string): Promise<Walk> {
  const root: Step = { path: "/", info: await Deno.lstat("/"), parent: undefined };
  const visited = new Map([[root.path, root.info]]);
  // A stack: the next component is the last element.
  const todo = path.split("/").reverse();
  let at = root;
  let named: string | undefined;
  let [links, names] = [0, 0];
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (!at.info.isDirectory) throw new Deno.errors.NotADirectory(path);
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = at.parent ?? root;
      continue;
    }
    const next = at === root ? `/${name}` : `${at.path}/${name}`;
    if (todo.length === 0) named ??= next;
    if (++names > MAX_NAMES) throw new UnfollowedPathError(path);
    const info = await Deno.lstat(next);
    // A link's owner decides where it leads, even in a sticky folder.
    visited.set(next, info);
    if (!info.isSymlink) {
      at = { path: next, info, parent: at };
      continue;
    }
    if (++links > MAX_LINKS) throw new Deno.errors.FilesystemLoop(path);
    const target = await Deno.readLink(next);
    // Links in proc(5) that the kernel follows without their text have no size of that text.
    if (new TextEncoder().encode(target).length !== info.size) throw new UnfollowedPathError(path);
    if (target.startsWith("/")) at = root;
    todo.push(...target.split("/").reverse());
  }
  return { path: named ?? at.path, realPath: at.path, info: at.info, visited };
}
