import type { Hash } from "node:crypto";
import { infoOf } from "../../platform/exists.ts";
import { checkLine, GENESIS, hashOf, type Head, isSameHead } from "./chain.ts";
import { BrokenTrailError } from "./errors.ts";
import { type Lines, linesIn, readSegment, segmentName, segmentPath } from "./segments.ts";

/** The last segment as this process left it. */
export interface Left {
  /** Its number. */
  readonly segment: number;
  /** Its size in bytes. */
  readonly size: number;
  /** The hash of all its bytes. */
  readonly digest: Hash;
  /** Shows whether it was changed. */
  readonly stamp: string;
  /** Its last record. */
  readonly head: Head;
  /** What the file `head` said. */
  readonly stored: Head;
}

/**
 * Checks everything written since this process left the trail, or the last segment if the process
 * has just begun: each line, and that the known heads are among them.
 *
 * @param left What this process left.
 * @param folder The trail's folder.
 * @param last Its last segment.
 * @param bytes All bytes of that segment.
 * @param stored What the file `head` says.
 * @returns The last record.
 * @throws {BrokenTrailError} If anything is wrong.
 */
export function checkSince(
  left: Left | undefined,
  folder: string,
  last: number,
  bytes: Uint8Array<ArrayBuffer>,
  stored: Head,
): Head {
  const head = left?.segment === last ? checkAdded(left, bytes, stored) : undefined;
  return head ?? checkSegments(left, folder, last, stored);
}

/** The size of a segment's file, and a stamp that differs if the file is changed later. */
export function stampOf(folder: string, segment: number): Pick<Left, "size" | "stamp"> {
  const info = infoOf(segmentPath(folder, segment));
  if (info === undefined) throw new BrokenTrailError(`segment ${segment} is missing`);
  const { ino, size, mtime, ctime } = info;
  // A program can set mtime but not ctime, which Deno gives in whole seconds.
  return { size, stamp: [ino, size, mtime?.getTime(), ctime?.getTime()].join(" ") };
}

/**
 * Checks only what others have added, if everything that this process left is still there.
 * Otherwise daemons that take turns would reread every record for each one that they write.
 *
 * @returns The head, or `undefined` if a full check has to find what is wrong.
 */
function checkAdded(left: Left, bytes: Uint8Array<ArrayBuffer>, stored: Head): Head | undefined {
  const { size } = left;
  if (bytes.length < size) return undefined;
  if (hashOf(bytes.subarray(0, size)) !== left.digest.copy().digest("hex")) return undefined;
  const { whole, isText } = linesIn(bytes.subarray(size));
  let { head } = left;
  let isStoredThere = isSameHead(stored, left.stored);
  for (const line of whole) {
    const next = checkLine(head, line);
    if (next.fault !== undefined) return undefined;
    head = next.head;
    isStoredThere ||= isSameHead(stored, head);
  }
  return isText && isStoredThere ? head : undefined;
}

function checkSegments(left: Left | undefined, folder: string, last: number, stored: Head): Head {
  const first = left?.segment ?? last;
  let head = first === 1 ? GENESIS : lastRecord(folder, first - 1);
  let wanted = [...(left === undefined ? [] : [left.head]), stored]
    .filter(({ seq }) => seq > head.seq);
  for (let segment = first; segment <= last; segment++) {
    const { whole, isText, torn } = read(folder, segment);
    const broken = (line: number, what: string) =>
      new BrokenTrailError(`${segmentName(segment)} line ${line}: ${what}`);
    // Invalid bytes were replaced, and would pass for the replacement character itself.
    if (!isText) throw broken(1, "it has bytes that are not UTF-8, which no record has");
    for (const [at, line] of whole.entries()) {
      const next = checkLine(head, line);
      if (next.fault !== undefined) throw broken(at + 1, next.fault);
      head = next.head;
      wanted = wanted.filter((one) => !isSameHead(one, next.head));
    }
    if (segment < last && torn.length > 0) throw broken(whole.length + 1, "torn");
  }
  const [lost] = wanted;
  if (lost === undefined) return head;
  throw new BrokenTrailError(`it has no record ${lost.seq} with the hash that was the head`);
}

function lastRecord(folder: string, segment: number): Head {
  const line = read(folder, segment).whole.at(-1);
  if (line === undefined) throw new BrokenTrailError(`segment ${segment} is empty`);
  return checkLine(GENESIS, line).head;
}

function read(folder: string, segment: number): Lines {
  stampOf(folder, segment);
  return readSegment(segmentPath(folder, segment));
}
