import { GENESIS, hashOf, type Head, linkOf } from "./chain.ts";
import { type Lines, readHead, readSegment, segmentPath, segmentsIn } from "./segments.ts";

/** What is wrong with a trail, and where. */
export interface ChainFault {
  /** The file's name. */
  readonly file: string;
  /** The line in it, from 1. */
  readonly line: number;
  /** What is wrong, as a sentence without a period. */
  readonly what: string;
}

/**
 * Checks lines one after another. After a fault it goes on from the line as it is, so that each
 * fault is found once.
 */
export class ChainChecker {
  #head: Head;
  #records = 0;
  readonly #faults: ChainFault[] = [];
  readonly #onLine: ((head: Head) => void) | undefined;

  /**
   * Begins at a place in the chain.
   *
   * @param from What the first line must be joined to.
   * @param onLine Called with each line's own head.
   */
  constructor(from: Head = GENESIS, onLine?: (head: Head) => void) {
    this.#head = from;
    this.#onLine = onLine;
  }

  /** What the next line must be joined to. */
  get head(): Head {
    return this.#head;
  }

  /** How many records were checked. */
  get records(): number {
    return this.#records;
  }

  /** What was found, in order. */
  get faults(): readonly ChainFault[] {
    return this.#faults;
  }

  /**
   * Checks the next line.
   *
   * @param line The line without its newline.
   * @param file The name of its file, for messages.
   * @param number Its number in the file, from 1.
   */
  take(line: string, file: string, number: number): void {
    const { seq, hash } = this.#head;
    const link = linkOf(line);
    if (link === undefined) {
      this.fault(file, number, `this is no record; it should be record ${seq + 1}`);
      return;
    }
    this.#records++;
    if (link.seq !== seq + 1) {
      this.fault(
        file,
        number,
        link.seq > seq + 1
          ? `${span(seq + 1, link.seq - 1)} missing before record ${link.seq}`
          : `record ${link.seq} stands after record ${seq}`,
      );
    } else if (link.prev !== hash) {
      this.fault(
        file,
        number,
        seq === 0
          ? "record 1 is joined to another record, and nothing may stand before it"
          : `record ${seq} was changed after record ${link.seq} was joined to it`,
      );
    } else if (!isObject(line)) {
      this.fault(file, number, `record ${link.seq} is not JSON`);
    }
    this.#head = { seq: link.seq, hash: hashOf(line) };
    this.#onLine?.(this.#head);
  }

  /**
   * Checks all whole lines of a segment.
   *
   * @param lines The segment as it was read.
   * @param file Its name, for messages.
   */
  takeAll({ whole, isText }: Lines, file: string): void {
    // Whatever was replaced would be taken for the character that stands for it.
    if (!isText) this.fault(file, 1, "it has bytes that are not UTF-8, which no record has");
    whole.forEach((line, at) => this.take(line, file, at + 1));
  }

  /** Notes a fault that is not one of a line. */
  fault(file: string, line: number, what: string): void {
    this.#faults.push({ file, line, what });
  }
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
   * The last record that can't be missing unseen: the one that the file `head` names, or that was
   * kept elsewhere, whichever comes later. Whoever can write that file can set it back.
   */
  readonly certain: number;
  /** What is wrong; empty where the chain holds. */
  readonly faults: readonly ChainFault[];
}

/**
 * Checks a whole trail: every record, the segments, and what the file `head` says.
 *
 * @param folder The trail's folder.
 * @param kept The beginning of a hash that was kept elsewhere: some record must have it.
 * @returns What was found.
 * @throws If a file can't be read.
 */
export function checkTrail(folder: string, kept?: string): TrailReport {
  const segments = segmentsIn(folder);
  const stored = readHead(folder);
  let storedIsThere = typeof stored === "object" && stored.seq === 0;
  let keptSeq: number | undefined;
  const checker = new ChainChecker(GENESIS, ({ seq, hash }) => {
    if (typeof stored === "object" && stored.seq === seq && stored.hash === hash) {
      storedIsThere = true;
    }
    if (kept !== undefined && hash.startsWith(kept)) keptSeq = seq;
  });
  let lastFile = "";
  let lastLine = 0;
  for (const [index, segment] of segments.entries()) {
    const path = segmentPath(folder, segment);
    const file = path.slice(folder.length + 1);
    if (segment !== index + 1 && segment !== segments[index - 1] + 1) {
      checker.fault(file, 1, "the segment before this one is missing");
    }
    const segmentLines = readSegment(path);
    checker.takeAll(segmentLines, file);
    const { whole, torn } = segmentLines;
    if (torn.length > 0) {
      checker.fault(file, whole.length + 1, `the last ${torn.length} bytes are a torn record`);
    }
    [lastFile, lastLine] = [file, whole.length];
  }
  const { head } = checker;
  if (segments.length === 0) {
    checker.fault(folder, 0, "there is no record: no trail was begun here, or it was taken away");
  }
  if (stored === "unreadable") {
    checker.fault("head", 1, "it is not a head, as this program writes it");
  } else if (stored === undefined && segments.length > 0) {
    checker.fault("head", 1, "it is missing, so nobody can tell whether the trail's end is");
  } else if (stored && !storedIsThere) {
    checker.fault(
      lastFile || "head",
      lastLine,
      stored.seq > head.seq
        ? `${span(head.seq + 1, stored.seq)} missing at the end: the head was record ${stored.seq}`
        : `record ${stored.seq} is not the one that the head was: it was changed`,
    );
  }
  if (kept !== undefined && keptSeq === undefined) {
    checker.fault(lastFile || "head", lastLine, `no record has the hash ${kept}, which was kept`);
  }
  return {
    records: checker.records,
    segments: segments.length,
    head,
    certain: Math.max(typeof stored === "object" ? stored.seq : 0, keptSeq ?? 0),
    faults: checker.faults,
  };
}

function span(first: number, last: number): string {
  return first === last ? `record ${first} is` : `records ${first} to ${last} are`;
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
