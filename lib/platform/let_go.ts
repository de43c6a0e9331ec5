/**
 * Frees the memory of bytes that nobody needs any more, with all of their buffer: V8 collects large
 * buffers late, so a stream of them would pile up.
 */
export function letGo({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0);
}
