import type { Changeable } from "../gate/request.ts";
import { folderOf } from "../paths.ts";

const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;
/** As many links as Linux follows (path_resolution(7)). */
const MAX_LINKS = 40;

/**
 * Tells whether someone other than root could change what a path leads to: the file, a link on the
 * way, or a folder above any of them.
 *
 * @param path An absolute path to a program.
 * @param ownUid The user that runs the daemon.
 * @returns The place and the reason in words, or `undefined` where only root can.
 */
export async function changeableBy(path: string, ownUid: number): Promise<Changeable | undefined> {
  for (const place of await placesOnTheWay(path)) {
    const reason = writableReason(await Deno.lstat(place), ownUid);
    if (reason !== undefined) return { place, who: reason };
  }
  return undefined;
}

/**
 * Every folder that is searched and the file at the end, in order, with links followed one by one.
 */
async function placesOnTheWay(path: string): Promise<Set<string>> {
  const places = new Set(["/"]);
  const todo = path.split("/");
  let at = "";
  let links = 0;
  while (todo.length > 0) {
    const name = todo.shift()!;
    if (name === "" || name === ".") continue;
    if (name === "..") {
      at = at === "" ? "" : folderOf(at).replace(/^\/$/, "");
      continue;
    }
    const next = `${at}/${name}`;
    if (!(await Deno.lstat(next)).isSymlink) {
      at = next;
      places.add(at);
      continue;
    }
    // Whose the link is decides where it leads, also in a sticky folder.
    places.add(next);
    if (++links > MAX_LINKS) throw new Deno.errors.FilesystemLoop(path);
    const target = await Deno.readLink(next);
    if (target.startsWith("/")) at = "";
    todo.unshift(...target.split("/"));
  }
  return places;
}

function writableReason(info: Deno.FileInfo, ownUid: number): string | undefined {
  // The mode of a link means nothing (symlink(7)).
  const mode = info.isSymlink ? 0 : info.mode ?? 0;
  if (info.uid !== 0) {
    return info.uid === ownUid ? "belongs to you" : `belongs to the user with the id ${info.uid}`;
  }
  // In a sticky folder such as /tmp others can add files, and can't replace root's.
  if (info.isDirectory && (mode & STICKY) !== 0) return undefined;
  if ((mode & OTHER_WRITE) !== 0) return "can be written by everybody";
  if ((mode & GROUP_WRITE) !== 0 && info.gid !== 0) {
    return `can be written by the group with the id ${info.gid}`;
  }
  return undefined;
}
