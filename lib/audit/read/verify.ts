import { checkLine, GENESIS, type Head, isSameHead, span } from "../write/chain.ts";
import { readHead, readSegment, segmentName, segmentPath, segmentsIn } from "../write/segments.ts";

/** How many faults are listed: a file of newlines alone would have millions. */
const MAX_FAULTS = 1000;

/** What is wrong with a trail, and where. */
export interface TrailFault {
  /** The file's name. */
  readonly file: string;
  /** The line in it, from 1. */
  readonly line: number;
  /** What is wrong, as a sentence without a period. */
  readonly what: string;
}

/** What {@linkcode checkTrail} found. */
export interface TrailReport {
  /** How many records there are. */
  readonly records: number;
  /** How many segments they are in. */
  readonly segments: number;
  /** The last record. */
  readonly head: Head;
  /**
   * The last record whose loss would be noticed: the one that the file `head` names, or the one
   * that was kept elsewhere, whichever comes later. Anyone who can write that file can set it back.
   */
  readonly certain: number;
  /** What is wrong, the first 1000 of it; empty if the chain holds. */
  readonly faults: readonly TrailFault[];
}

/**
 * Checks a whole trail: every record, the segments, and what the file `head` says.
 *
 * @param folder The trail's folder.
 * @param kept The beginning of a hash that was kept elsewhere: some record must have it.
 * @throws If a file can't be read.
 */
export function checkTrail(folder: string, kept?: string): TrailReport {
  const faults: TrailFault[] = [];
  const fault = (file: string, line: number, what: string) => {
    if (faults.length < MAX_FAULTS) faults.push({ file, line, what });
    else if (faults.length === MAX_FAULTS) faults.push({ file, line, what: "more is wrong" });
  };
  const segments = segmentsIn(folder);
  const stored = readHead(folder);
  const wanted = typeof stored === "object" ? stored : undefined;
  let isWantedThere = wanted?.seq === 0;
  let keptSeq: number | undefined;
  let head = GENESIS;
  let records = 0;
  let [lastFile, lastLine] = ["head", 0];
  for (const [index, segment] of segments.entries()) {
    const file = segmentName(segment);
    if (segment !== (segments[index - 1] ?? 0) + 1) {
      fault(file, 1, "the segment before this one is missing");
    }
    const { whole, isText, torn } = readSegment(segmentPath(folder, segment));
    // Invalid bytes were replaced, and would pass for the replacement character itself.
    if (!isText) fault(file, 1, "it has bytes that are not UTF-8, which no record has");
    for (const [at, line] of whole.entries()) {
      const next = checkLine(head, line);
      if (next.fault !== undefined) fault(file, at + 1, next.fault);
      if (next.head === head) continue;
      head = next.head;
      records++;
      isWantedThere ||= wanted !== undefined && isSameHead(wanted, head);
      if (kept !== undefined && head.hash.startsWith(kept)) keptSeq = head.seq;
    }
    if (torn.length > 0) {
      fault(file, whole.length + 1, `the last ${torn.length} bytes are a torn record`);
    }
    [lastFile, lastLine] = [file, whole.length];
  }
  if (segments.length === 0) {
    fault(folder, 0, "there is no record: no trail was begun here, or it was taken away");
  }
  if (stored === "unreadable") {
    fault("head", 1, "it is not a head, as this program writes it");
  } else if (stored === undefined && segments.length > 0) {
    fault("head", 1, "it is missing, so nobody can tell whether the trail's end is");
  } else if (wanted !== undefined && !isWantedThere) {
    fault(
      lastFile,
      lastLine,
      wanted.seq > head.seq
        ? `${span(head.seq + 1, wanted.seq)} missing at the end: the head was record ${wanted.seq}`
        : `record ${wanted.seq} is not the one that the head was: it was changed`,
    );
  }
  if (kept !== undefined && keptSeq === undefined) {
    fault(lastFile, lastLine, `no record has the hash ${kept}, which was kept`);
  }
  const certain = Math.max(wanted?.seq ?? 0, keptSeq ?? 0);
  return { records, segments: segments.length, head, certain, faults };
}
