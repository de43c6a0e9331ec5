/** A stream as it stands in an answer. */
export interface Excerpt {
  /**
   * The text; of a long one its start and its end, with a line between that says what is missing.
   * Empty for what is no text.
   */
  readonly text: string;
  /** How many bytes of the stream the text has. */
  readonly shownBytes: number;
  /** Whether the stream is UTF-8. */
  readonly isText: boolean;
}

/**
 * Shares a budget out among streams: each gets what it needs, as long as that is no more than an
 * equal part of what is left.
 *
 * @param sizes What each stream needs, in bytes.
 * @param budget What there is, in bytes.
 * @returns What each gets.
 */
export function shareOut(sizes: readonly number[], budget: number): number[] {
  const shares = sizes.map(() => 0);
  const smallestFirst = sizes.map((_, index) => index).sort((a, b) => sizes[a] - sizes[b]);
  let left = budget;
  smallestFirst.forEach((index, position) => {
    shares[index] = Math.min(sizes[index], Math.floor(left / (sizes.length - position)));
    left -= shares[index];
  });
  return shares;
}

/**
 * Decodes a stream, and cuts it in the middle if it is too long: how something began and how it
 * ended tell more than the rest.
 *
 * @param bytes The stream.
 * @param maxBytes How much of it may be shown.
 * @param isCut Whether its end is missing, maybe within a character.
 * @param marker What tells our line about the gap from lines of the stream.
 * @returns What to show.
 */
export function excerptOf(
  bytes: Uint8Array,
  maxBytes: number,
  isCut: boolean,
  marker: string,
): Excerpt {
  const whole = decode(bytes, isCut);
  if (whole === undefined) return { text: "", shownBytes: 0, isText: false };
  if (bytes.length <= maxBytes) return { text: whole, shownBytes: bytes.length, isText: true };
  const head = bytes.subarray(0, startOfCharacter(bytes, Math.ceil(maxBytes / 2), -1));
  const tail = bytes.subarray(
    startOfCharacter(bytes, bytes.length - Math.floor(maxBytes / 2), 1),
  );
  const left = bytes.length - head.length - tail.length;
  const gap = `[… ${left} of ${bytes.length} bytes are left out · ${marker}]`;
  const text = [decodeLossy(head), gap, decodeLossy(tail)].join("\n");
  return { text, shownBytes: head.length + tail.length, isText: true };
}

/**
 * Decodes UTF-8 strictly.
 *
 * @param bytes What to decode.
 * @param isCut Whether the end may be within a character.
 * @returns The text, or `undefined` if it is none.
 */
export function decode(bytes: Uint8Array, isCut: boolean): string | undefined {
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
    return decoder.decode(bytes, { stream: isCut });
  } catch {
    return undefined;
  }
}

function decodeLossy(bytes: Uint8Array): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
}

/**
 * The nearest place where a character starts: continuation bytes are `10xxxxxx`.
 *
 * @param bytes UTF-8.
 * @param index Where to look first.
 * @param step Which way to look on.
 * @returns An index up to the length of the bytes.
 */
export function startOfCharacter(bytes: Uint8Array, index: number, step: 1 | -1): number {
  while (index > 0 && index < bytes.length && (bytes[index] & 0xc0) === 0x80) index += step;
  return index;
}
