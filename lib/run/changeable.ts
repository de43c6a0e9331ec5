import type { Changeable } from "../admit/request.ts";
import type { Walk } from "./walk.ts";

const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;

/**
 * Finds who, other than root, could change what a path leads to: the file, a link on the way, or a
 * folder above any of them.
 *
 * @param found Where the path leads.
 * @param ownUid The user that runs the daemon.
 * @returns The first of these that someone could change, or `undefined` if only root can.
 */
export function changeableBy({ visited }: Walk, ownUid: number): Changeable | undefined {
  for (const [path, info] of visited) {
    const who = writerOf(info, ownUid);
    if (who !== undefined) return { path, who };
  }
  return undefined;
}

function writerOf(info: Deno.FileInfo, ownUid: number): string | undefined {
  if (info.uid !== 0) {
    return info.uid === ownUid ? "belongs to you" : `belongs to the user with the id ${info.uid}`;
  }
  // The mode of a link means nothing (symlink(7)).
  const mode = info.isSymlink ? 0 : info.mode ?? 0;
  // In a sticky folder such as /tmp others can add files, and can't replace root's.
  if (info.isDirectory && (mode & STICKY) !== 0) return undefined;
  if ((mode & OTHER_WRITE) !== 0) return "can be written by everybody";
  if ((mode & GROUP_WRITE) === 0) return undefined;
  // With an access list, these bits are its mask: no entry can write without them (acl(5)).
  return `can be written by the group with the id ${info.gid}, or by whom an access list names`;
}
