/** How much is looked at, at a time: the text of all of it would take more memory than its bytes. */
const PIECE_BYTES = 64 * 1024;

/** A stream as it stands in an answer. */
export interface Excerpt {
  /** The text; of a long one the start and the end. Empty for what is no text. */
  readonly text: string;
  /** How many bytes of the stream the text has. */
  readonly shownBytes: number;
  /** Whether the stream is UTF-8. */
  readonly isText: boolean;
}

/** Finds the most bytes that each stream may have, so that all of them keep to a budget. */
export function fairShare(sizes: readonly number[], budget: number): number {
  let left = budget;
  let streams = sizes.length;
  for (const size of sizes.toSorted((a, b) => a - b)) {
    if (size * streams > left) return Math.floor(left / streams);
    left -= size;
    streams--;
  }
  return Infinity;
}

/**
 * Decodes a stream, and cuts it in the middle if it is too long: how something began and how it
 * ended tell more than the rest.
 *
 * @param bytes The stream.
 * @param maxBytes How much of it may be shown.
 * @param isCut Whether its end is missing, maybe within a character.
 * @param marker Tells our line about the gap from lines of the stream.
 */
export function excerptOf(
  bytes: Uint8Array,
  maxBytes: number,
  isCut: boolean,
  marker: string,
): Excerpt {
  if (!isUtf8(bytes, isCut)) return { text: "", shownBytes: 0, isText: false };
  const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
  if (bytes.length <= maxBytes) {
    const text = decoder.decode(bytes, { stream: isCut });
    return { text, shownBytes: bytes.length, isText: true };
  }
  const head = bytes.subarray(0, startOfCharacter(bytes, Math.ceil(maxBytes / 2), -1));
  const tail = bytes.subarray(startOfCharacter(bytes, bytes.length - Math.floor(maxBytes / 2), 1));
  const shownBytes = head.length + tail.length;
  const left = bytes.length - shownBytes;
  const gap = `[… ${left} of ${bytes.length} bytes are left out · ${marker}]`;
  const text = `${decoder.decode(head)}\n${gap}\n${decoder.decode(tail)}`;
  return { text, shownBytes, isText: true };
}

/** Whether bytes are UTF-8; the end of what was cut may be within a character. */
export function isUtf8(bytes: Uint8Array, isCut: boolean): boolean {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
      decoder.decode(bytes.subarray(at, at + PIECE_BYTES), { stream: true });
    }
    if (!isCut) decoder.decode();
    return true;
  } catch {
    return false;
  }
}

/** Finds the nearest start of a character of UTF-8: continuation bytes are `10xxxxxx`. */
export function startOfCharacter(bytes: Uint8Array, index: number, step: 1 | -1): number {
  while (index > 0 && ((bytes[index] ?? 0) & 0xc0) === 0x80) index += step;
  return index;
}
