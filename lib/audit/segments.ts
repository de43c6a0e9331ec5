/**
 * The files of the audit trail: numbered segments, the head beside them, and a lock.
 *
 * @module
 */
import type { Head } from "./chain.ts";

/** A segment that has grown to this many bytes is followed by another one. */
export const SEGMENT_BYTES = 4 * 1024 * 1024;

const NEWLINE = 0x0a;
const SEGMENT_NAME = /^(\d{6,})\.jsonl$/;

/** The file of a segment. */
export function segmentPath(folder: string, segment: number): string {
  return `${folder}/${String(segment).padStart(6, "0")}.jsonl`;
}

/** The file that says how far the trail had come, so that a missing end is found. */
export function headPath(folder: string): string {
  return `${folder}/head`;
}

/** The file whose lock lets one daemon at a time append. */
export function trailLockPath(folder: string): string {
  return `${folder}/lock`;
}

/** The file whose lock the next daemon has that is to append. */
export function trailQueuePath(folder: string): string {
  return `${folder}/queue`;
}

/**
 * The numbers of the segments that are there, in order.
 *
 * @param folder The trail's folder.
 * @returns None where there is no folder.
 */
export function segmentsIn(folder: string): number[] {
  try {
    return [...Deno.readDirSync(folder)]
      .map(({ name }) => SEGMENT_NAME.exec(name)?.[1])
      .filter((number) => number !== undefined)
      .map(Number)
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
  /** Whether they are UTF-8; what is not was replaced. */
  readonly isText: boolean;
  /** What stands after the last newline: the bytes of a record that was torn, or none. */
  readonly torn: Uint8Array<ArrayBuffer>;
}

/**
 * Reads a segment.
 *
 * @param path Its file.
 * @returns Its lines.
 */
export function readSegment(path: string): Lines {
  return linesIn(Deno.readFileSync(path));
}

/**
 * Divides the bytes of a segment into lines.
 *
 * @param bytes The segment, from the beginning of any line.
 * @returns Its lines.
 */
export function linesIn(bytes: Uint8Array<ArrayBuffer>): Lines {
  const end = bytes.lastIndexOf(NEWLINE) + 1;
  const whole = bytes.subarray(0, end);
  const lines = (text: string) => text.split("\n").slice(0, -1);
  const torn = bytes.slice(end);
  try {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
    return { whole: lines(decoder.decode(whole)), isText: true, torn };
  } catch {
    const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
    return { whole: lines(decoder.decode(whole)), isText: false, torn };
  }
}

/**
 * Writes the head as the file `head` holds it.
 *
 * @returns A line of constant length, so that writing over it needs no truncation.
 */
export function headLine({ seq, hash }: Head): string {
  return `${String(seq).padStart(15)} ${hash}\n`;
}

/**
 * Reads the file `head`.
 *
 * @param folder The trail's folder.
 * @returns The head, `undefined` where there is none, or `"unreadable"`.
 */
export function readHead(folder: string): Head | undefined | "unreadable" {
  let text: string;
  try {
    text = Deno.readTextFileSync(headPath(folder));
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  const parts = /^ {0,14}(\d{1,15}) ([0-9a-f]{64})\n$/.exec(text);
  return parts ? { seq: Number(parts[1]), hash: parts[2] } : "unreadable";
}
