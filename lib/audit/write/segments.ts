/**
 * The files of the audit trail: numbered segments, the head beside them, and two locks.
 *
 * @module
 */
import type { Head } from "./chain.ts";

/** A segment that has grown to this many bytes is followed by another one. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;
const SEGMENT_NAME = /^(\d{6,})\.jsonl$/;

/** The name of a segment's file. */
export function segmentName(segment: number): string {
  return `${String(segment).padStart(6, "0")}.jsonl`;
}

/** The file of a segment. */
export function segmentPath(folder: string, segment: number): string {
  return `${folder}/${segmentName(segment)}`;
}

/** The file that says where the trail ended, so that a missing end is noticed. */
export function headPath(folder: string): string {
  return `${folder}/head`;
}

/** The file whose lock lets one daemon at a time append. */
export function trailLockPath(folder: string): string {
  return `${folder}/lock`;
}

/** The file whose lock belongs to the daemon that appends next. */
export function trailQueuePath(folder: string): string {
  return `${folder}/queue`;
}

/** The numbers of the segments that are there, in order; none if there is no folder. */
export function segmentsIn(folder: string): number[] {
  try {
    return [...Deno.readDirSync(folder)]
      .map(({ name }) => Number(SEGMENT_NAME.exec(name)?.[1]))
      .filter((number) => !Number.isNaN(number))
      .sort((a, b) => a - b);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return [];
    throw error;
  }
}

/** The lines of a segment. */
export interface Lines {
  /** The lines that end with a newline, without it. */
  readonly whole: readonly string[];
  /** Whether they are UTF-8; invalid bytes were replaced. */
  readonly isText: boolean;
  /** The bytes after the last newline: a record that was torn, or nothing. */
  readonly torn: Uint8Array<ArrayBuffer>;
}

/** Reads the lines of a segment's file. */
export function readSegment(path: string): Lines {
  return linesIn(Deno.readFileSync(path));
}

/** Divides the bytes of a segment into lines, from the beginning of any line. */
export function linesIn(bytes: Uint8Array<ArrayBuffer>): Lines {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const whole = bytes.subarray(0, end);
  const decode = (fatal: boolean) =>
    new TextDecoder("utf-8", { ignoreBOM: true, fatal }).decode(whole).split("\n").slice(0, -1);
  const torn = bytes.slice(end);
  try {
    return { whole: decode(true), isText: true, torn };
  } catch {
    return { whole: decode(false), isText: false, torn };
  }
}

/** What the file `head` holds: a line of constant length, so that it can be written over. */
export function headLine({ seq, hash }: Head): string {
  return `${String(seq).padStart(15)} ${hash}\n`;
}

/** Reads the file `head`; `undefined` if there is none. */
export function readHead(folder: string): Head | undefined | "unreadable" {
  let text: string;
  try {
    text = Deno.readTextFileSync(headPath(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const [, seq, hash] = /^ {0,14}(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text) ?? [];
  return hash === undefined ? "unreadable" : { seq: Number(seq), hash };
}
