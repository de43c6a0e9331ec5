/**
 * The chain of the audit trail: each record is a line of JSON that ends with the hash of the line
 * before it. What is hashed is the line itself, so there is no second form in which it would have
 * to be written alike.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { asciiJson } from "../gate/text.ts";

/** The place in the chain that the next record is joined to. */
export interface Head {
  /** The number of the last record; 0 where there is none. */
  readonly seq: number;
  /** The SHA-256 of the last record's line, without its newline, in 64 hex digits. */
  readonly hash: string;
}

/** Where a chain begins. */
export const GENESIS: Head = { seq: 0, hash: "0".repeat(64) };

const SEQ = /^\{"seq":(\d{1,15}),/;
const PREV = /,"prev":"([0-9a-f]{64})"\}$/;

/**
 * Writes a record as the next line of a chain, in printable ASCII.
 *
 * @param head What it is joined to.
 * @param fields Its fields, without `seq` and `prev`; values that JSON can hold.
 * @returns The line without its newline, and the head that it becomes.
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
 * @param line A line without its newline.
 * @returns Its number and the hash that it was joined to, or `undefined` where it is no record.
 */
export function linkOf(line: string): { readonly seq: number; readonly prev: string } | undefined {
  const [seq, prev] = [SEQ.exec(line), PREV.exec(line.slice(-80))];
  return seq && prev ? { seq: Number(seq[1]), prev: prev[1] } : undefined;
}

/**
 * The hash of a line or of any other bytes.
 *
 * @param data Text is hashed as UTF-8.
 * @returns SHA-256 in 64 hex digits.
 */
export function hashOf(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}

/**
 * Writes a head so that it can be read back and compared by eye.
 *
 * @param head Which one.
 * @returns Such as `record 12, sha256 9f86…`, with all 64 digits.
 */
export function headWords({ seq, hash }: Head): string {
  return `record ${seq}, sha256 ${hash}`;
}
