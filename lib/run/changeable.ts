import type { Changeable } from "../gate/request.ts";
import type { Walk } from "./walk.ts";

const STICKY = 0o1000;
const GROUP_WRITE = 0o020;
const OTHER_WRITE = 0o002;

/**
 * Tells whether someone other than root could change what a path leads to: the file, a link on the
 * way, or a folder above any of them.
 *
 * @param walk Where the path leads.
 * @param ownUid The user that runs the daemon.
 * @returns The place and the reason in words, or `undefined` where only root can.
 */
export function changeableBy({ places }: Walk, ownUid: number): Changeable | undefined {
  for (const [place, info] of places) {
    const reason = writableReason(info, ownUid);
    if (reason !== undefined) return { place, who: reason };
  }
  return undefined;
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
  if ((mode & GROUP_WRITE) === 0) return undefined;
  // With an access list, these bits are its mask: no entry can write without them (acl(5)).
  return `can be written by the group with the id ${info.gid}, or by whom an access list names`;
}
