import { folderOf } from "../paths.ts";

/** As many links as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

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
  readonly places: ReadonlyMap<string, Deno.FileInfo>;
}

/** What leads to another place than its text says, such as `/proc/PID/root`. */
export class UnreadableLinkError extends Error {}

/**
 * Resolves a path component by component, as the kernel does. Deno's own `realPath` and `stat` do
 * not: under partial grants they remove `..` from the text, also after a link.
 *
 * @param path An absolute path.
 * @returns Where it leads.
 * @throws {Deno.errors.NotFound} If nothing is there; other errors of `Deno.lstat` likewise, such
 * as `NotCapable` below /proc, /sys and /dev.
 * @throws {UnreadableLinkError} If a link on the way does not say where it leads.
 */
export async function walk(path: string): Promise<Walk> {
  const places = new Map([["/", await Deno.lstat("/")]]);
  // A stack: the next component is the last element.
  const todo = path.split("/").reverse();
  let at = "/";
  let info = places.get(at)!;
  let parentAndName: string | undefined;
  let links = 0;
  for (let name = todo.pop(); name !== undefined; name = todo.pop()) {
    if (!info.isDirectory) throw new Deno.errors.NotADirectory(path);
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = folderOf(at);
      info = places.get(at)!;
      continue;
    }
    const next = at === "/" ? `/${name}` : `${at}/${name}`;
    if (todo.length === 0) parentAndName ??= next;
    const found = await Deno.lstat(next);
    // Whose a link is decides where it leads, also in a sticky folder.
    places.set(next, found);
    if (!found.isSymlink) {
      [at, info] = [next, found];
      continue;
    }
    if (++links > MAX_LINKS) throw new Deno.errors.FilesystemLoop(path);
    const target = await Deno.readLink(next);
    // Links in proc(5) that the kernel follows without their text have no size of that text.
    if (new TextEncoder().encode(target).length !== found.size) throw new UnreadableLinkError(path);
    if (target.startsWith("/")) [at, info] = ["/", places.get("/")!];
    todo.push(...target.split("/").reverse());
  }
  return { path: parentAndName ?? at, realPath: at, info, places };
}
