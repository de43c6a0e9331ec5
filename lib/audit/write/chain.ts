/**
 * The chain of the audit trail: each record is a line of JSON that ends with the hash of the line
 * before it. The line itself is hashed, so no other form of the record has to be reproduced
 * exactly.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { asciiJson } from "../../admit/text.ts";

/** The place in the chain that the next record is joined to. */
export interface Head {
  /** The number of the last record; 0 if there is none. */
  readonly seq: number;
  /** The SHA-256 of the last record's line, without its newline, in 64 hex digits. */
  readonly hash: string;
}

/** Where a chain begins. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) };

const SEQ = /^\{"seq":(\d{1,15}),/;
const PREV = /,"prev":"([0-9a-f]{64})"\}$/;

/**
 * Writes a record, without its fields `seq` and `prev`, as the next line of a chain.
 *
 * @returns The line in printable ASCII, without its newline, and the head that it becomes.
 */
export function sealRecord(
  head: Head,
  fields: Readonly<Record<string, unknown>>,
): { readonly line: string; readonly head: Head } {
  const seq = head.seq + 1;
  const line = asciiJson({ seq, ...fields, prev: head.hash });
  return { line, head: { seq, hash: hashOf(line) } };
}

/**
 * Reads the two fields that join a line to the one before it. Both stand at fixed places, so that
 * a line need not be parsed to be checked.
 *
 * @returns The line's number and the hash that it was joined to; `undefined` if it is no record.
 */
export function linkOf(line: string): { readonly seq: number; readonly prev: string } | undefined {
  const [seq, prev] = [SEQ.exec(line)?.[1], PREV.exec(line.slice(-80))?.[1]];
  return seq !== undefined && prev !== undefined ? { seq: Number(seq), prev } : undefined;
}

/**
 * Checks the next line of a chain.
 *
 * @returns The line's own head, also after a fault, so that each fault is found once; and what is
 * wrong, as a sentence without a period.
 */
export function checkLine(
  head: Head,
  line: string,
): { readonly head: Head; readonly fault: string | undefined } {
  const link = linkOf(line);
  if (link === undefined) {
    return { head, fault: `this is no record; it should be record ${head.seq + 1}` };
  }
  return { head: { seq: link.seq, hash: hashOf(line) }, fault: linkFault(head, link, line) };
}

function linkFault(
  { seq, hash }: Head,
  link: { readonly seq: number; readonly prev: string },
  line: string,
): string | undefined {
  if (link.seq > seq + 1) return `${span(seq + 1, link.seq - 1)} missing before record ${link.seq}`;
  if (link.seq !== seq + 1) return `record ${link.seq} stands after record ${seq}`;
  if (link.prev !== hash) {
    return seq === 0
      ? "record 1 is joined to another record, and nothing may stand before it"
      : `record ${seq} was changed after record ${link.seq} was joined to it`;
  }
  return isObject(line) ? undefined : `record ${link.seq} is not JSON`;
}

/** The SHA-256 of bytes, or of a text as UTF-8, in 64 hex digits. */
export function hashOf(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/** Whether two heads are the same record. */
export function isSameHead(a: Head, b: Head): boolean {
  return a.seq === b.seq && a.hash === b.hash;
}

/** A head for people, such as `record 12, sha256 9f86…`, with all 64 digits. */
export function headText({ seq, hash }: Head): string {
  return `record ${seq}, sha256 ${hash}`;
}

/** Such as `records 3 to 4 are`. */
export function span(first: number, last: number): string {
  return first === last ? `record ${first} is` : `records ${first} to ${last} are`;
}

function isObject(line: string): boolean {
  try {
    return typeof JSON.parse(line) === "object";
  } catch {
    return false;
  }
}
