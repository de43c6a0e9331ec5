import { decode, startOfCharacter } from "./excerpt.ts";
import type { KeptOutput } from "./outputs.ts";

/**
 * The largest part of an output that is read at once, in bytes. The official client takes lines of
 * 10 MiB, and JSON may write a byte with six.
 */
export const MAX_PART_BYTES: number = 1.5 * 1024 * 1024;

/** A piece of a stream. */
export interface OutputPiece {
  /** The name of its stream. */
  readonly name: string;
  /** What the command wrote. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Whether its whole stream is UTF-8; then it has whole characters only. */
  readonly isText: boolean;
}

/**
 * Divides an output into parts that a client can read, in order.
 *
 * @param output The output.
 * @returns Parts of a bounded size; one at least.
 */
export function partsOf(output: KeptOutput): OutputPiece[][] {
  const parts: OutputPiece[][] = [[]];
  let room = MAX_PART_BYTES;
  for (const { name, bytes } of output.streams) {
    const isText = decode(bytes, false) !== undefined;
    let start = 0;
    while (start < bytes.length) {
      let end = Math.min(bytes.length, start + room);
      if (isText && end < bytes.length) end = startOfCharacter(bytes, end, -1);
      if (end > start) {
        parts.at(-1)!.push({ name, bytes: bytes.subarray(start, end), isText });
        room -= end - start;
        start = end;
      }
      if (start < bytes.length) {
        parts.push([]);
        room = MAX_PART_BYTES;
      }
    }
  }
  return parts;
}
