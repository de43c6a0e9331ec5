import { Buffer } from "node:buffer";
import { Transform } from "node:stream";

/** The longest line of the protocol, in bytes: 10 MiB, as the official SDK has it. */
export const MAX_LINE_BYTES: number = 10 * 1024 * 1024;

const LINE_FEED = 0x0a;

/**
 * Makes a stream that passes whole lines on and drops those that are too long, so that one of them
 * neither fills the memory nor ends the server. What follows the last line feed is dropped too.
 *
 * @param onTooLong Called once for each line that is dropped, before its end is there.
 * @returns The stream: bytes in, whole lines out.
 */
export function lineLimit(onTooLong: () => void): Transform {
  let parts: Uint8Array[] = [];
  let size = 0;
  let isTooLong = false;
  const collect = (bytes: Uint8Array) => {
    size += bytes.length;
    if (size <= MAX_LINE_BYTES) parts.push(bytes);
    else if (!isTooLong) {
      isTooLong = true;
      parts = [];
      onTooLong();
    }
  };
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      let start = 0;
      for (let end; (end = chunk.indexOf(LINE_FEED, start)) >= 0; start = end + 1) {
        collect(chunk.subarray(start, end + 1));
        if (!isTooLong) this.push(Buffer.concat(parts));
        [parts, size, isTooLong] = [[], 0, false];
      }
      collect(chunk.subarray(start));
      done();
    },
  });
}
