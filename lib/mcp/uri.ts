/** The resource with the known hosts. */
export const HOSTS_URI = "sudo-proxy://hosts";

const OUTPUT_PREFIX = "sudo-proxy://output/";

/** The form of the outputs' addresses (RFC 6570). */
export const OUTPUT_TEMPLATE: string = `${OUTPUT_PREFIX}{id}`;

/** The form of the addresses of further parts (RFC 6570). */
export const PART_TEMPLATE: string = `${OUTPUT_PREFIX}{id}/{part}`;

/**
 * The address of an output, or of one of its parts.
 *
 * @param id The id of the request.
 * @param part The number of the part, from 1; the first needs no number.
 * @returns The address.
 */
export function outputUri(id: string, part = 1): string {
  return `${OUTPUT_PREFIX}${id}${part === 1 ? "" : `/${part}`}`;
}

/** The id and the part in the address of an output, or `undefined` where it is none. */
export function outputIn(uri: string): { readonly id: string; readonly part: number } | undefined {
  if (!uri.startsWith(OUTPUT_PREFIX)) return undefined;
  const [, id, part] = /^([^/]+)(?:\/([1-9][0-9]*))?$/.exec(uri.slice(OUTPUT_PREFIX.length)) ?? [];
  return id === undefined ? undefined : { id, part: Number(part ?? 1) };
}
