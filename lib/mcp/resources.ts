/**
 * The resources of a session: the hosts, and the outputs that are too long for an answer, or no text.
 *
 * @module
 */
import { type HostEnvironment, socketPath } from "../platform/paths.ts";
import { type HostEntry, readRegistry, registryPath } from "../remote/registry.ts";
import { isUtf8, startOfCharacter } from "./excerpt.ts";
import type { ReadResourceResult, Resource } from "./sdk.ts";
import { knownHost, THIS_MACHINE } from "./target.ts";

/** How much output is kept for a session, in bytes. */
export const MAX_KEPT_BYTES = 64 * 1024 * 1024;
/** How many outputs are kept for a session. */
export const MAX_KEPT_OUTPUTS = 32;
/**
 * The largest part of an output that is read at once, in bytes. The official client takes lines of
 * 10 MiB, and JSON may write a byte with six.
 */
export const MAX_PART_BYTES: number = 1.5 * 1024 * 1024;

/** A byte order mark stays. */
const UTF8 = new TextDecoder("utf-8", { ignoreBOM: true });

const HOSTS_URI = "sudo-proxy://hosts";
const OUTPUT_URI = "sudo-proxy://output/";
const JSON_TYPE = "application/json";
const TEXT_TYPE = "text/plain; charset=utf-8";
const BINARY_TYPE = "application/octet-stream";

/** The forms of the outputs' addresses (RFC 6570). */
export const RESOURCE_TEMPLATES = [{
  uriTemplate: `${OUTPUT_URI}{id}`,
  name: "output",
  title: "Output of a command",
  description: "The output of a command whose answer was cut, by the request's id",
}, {
  uriTemplate: `${OUTPUT_URI}{id}/{part}`,
  name: "output-part",
  title: "Further parts of a very long output",
  description: "Part 2 and so on of an output that is too long to be read at once",
}];

/** @internal What a command wrote into one stream. */
export interface OutputStream {
  /** `stdout`, or `stderr` with the number of its stage. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** @internal What a command wrote. */
export interface KeptOutput {
  /** The id of its request. */
  readonly id: string;
  /** What ran, for people. */
  readonly title: string;
  /** Those that are not empty. */
  readonly streams: readonly OutputStream[];
}

/** A piece of a stream; whole characters if its stream is text. */
export interface OutputPiece extends OutputStream {
  /** Whether the whole stream is UTF-8. */
  readonly isText: boolean;
}

/** Keeps outputs in a bounded memory: the oldest make room. */
export class OutputStore {
  readonly #outputs = new Map<string, KeptOutput>();

  /** Makes an empty store that tells when an output came or went. */
  constructor(readonly onChanged: () => void) {}

  /** Keeps an output; returns false if it is too large for that. */
  keep(output: KeptOutput): boolean {
    if (sizeOf(output.streams) > MAX_KEPT_BYTES) return false;
    this.#outputs.set(output.id, output);
    for (const id of this.#outputs.keys()) {
      const size = sizeOf(this.all().flatMap(({ streams }) => streams));
      if (size <= MAX_KEPT_BYTES && this.#outputs.size <= MAX_KEPT_OUTPUTS) break;
      this.#outputs.delete(id);
    }
    this.onChanged();
    return true;
  }

  /** Finds an output by the id of its request. */
  find(id: string): KeptOutput | undefined {
    return this.#outputs.get(id);
  }

  /** All that is kept, the oldest first. */
  all(): KeptOutput[] {
    return [...this.#outputs.values()];
  }
}

/** The address of an output, or of one of its parts from 2 on. */
export function outputUri(id: string, part = 1): string {
  return `${OUTPUT_URI}${id}${part === 1 ? "" : `/${part}`}`;
}

/** Divides an output into parts that a client can read, one at least. */
export function partsOf({ streams }: Pick<KeptOutput, "streams">): OutputPiece[][] {
  let part: OutputPiece[] = [];
  const parts = [part];
  let room = MAX_PART_BYTES;
  for (const { name, bytes } of streams) {
    const isText = isUtf8(bytes, false);
    for (let start = 0; start < bytes.length;) {
      const limit = Math.min(bytes.length, start + room);
      const end = isText ? startOfCharacter(bytes, limit, -1) : limit;
      if (end > start) part.push({ name, bytes: bytes.subarray(start, end), isText });
      room -= end - start;
      start = end;
      if (start < bytes.length) {
        parts.push(part = []);
        room = MAX_PART_BYTES;
      }
    }
  }
  return parts;
}

/** @internal Lists the parts of an output, one at least. */
export function listParts({ id, title, streams }: KeptOutput): Resource[] {
  const sizes = streams.map(({ name, bytes }) => `${name}: ${bytes.length} bytes`).join(", ");
  return partsOf({ streams }).map((pieces, index, { length }) => ({
    uri: outputUri(id, index + 1),
    name: `output-${id}${index === 0 ? "" : `-${index + 1}`}`,
    title: `Output of ${title}`,
    description: length === 1 ? sizes : `${sizes}; part ${index + 1} of ${length}`,
    mimeType: pieces.every(({ isText }) => isText) ? TEXT_TYPE : BINARY_TYPE,
    size: sizeOf(pieces),
  }));
}

/** @internal Lists the resources: the hosts, and the outputs of this session, the newest first. */
export function listResources(env: HostEnvironment, outputs: OutputStore): Resource[] {
  return [{
    uri: HOSTS_URI,
    name: "hosts",
    title: "Known hosts",
    description: "This machine and the known hosts, as JSON; what models wrote of them is marked",
    mimeType: JSON_TYPE,
    size: new TextEncoder().encode(hostsText(env)).length,
  }, ...outputs.all().reverse().flatMap(listParts)];
}

/** @internal Reads a resource, of an output one piece a stream; `undefined` if there is none. */
export function readResource(
  uri: string,
  env: HostEnvironment,
  outputs: OutputStore,
): ReadResourceResult["contents"] | undefined {
  if (uri === HOSTS_URI) return [{ uri, mimeType: JSON_TYPE, text: hostsText(env) }];
  if (!uri.startsWith(OUTPUT_URI)) return undefined;
  const [, id = "", part = "1"] =
    /^([^/]+)(?:\/([1-9][0-9]*))?$/.exec(uri.slice(OUTPUT_URI.length)) ?? [];
  const output = outputs.find(id);
  return output && partsOf(output)[Number(part) - 1]?.map(({ name, bytes, isText }, index) => {
    // The first piece has the address that was asked for: some clients look for it.
    const piece = index === 0 ? uri : `${uri}#${name}`;
    return isText
      ? { uri: piece, mimeType: TEXT_TYPE, text: UTF8.decode(bytes) }
      : { uri: piece, mimeType: BINARY_TYPE, blob: bytes.toBase64() };
  });
}

function hostsText(env: HostEnvironment): string {
  const { hosts, fault } = readRegistry(registryPath(env));
  const row = (name: string, entry: HostEntry, socket: string) => ({
    name,
    ...knownHost(entry),
    socket,
  });
  const own = row(THIS_MACHINE, hosts.get(THIS_MACHINE) ?? {}, socketPath(env));
  const others = [...hosts].filter(([name]) => name !== THIS_MACHINE)
    .map(([name, entry]) => row(name, entry, socketPath(env, name)));
  return JSON.stringify({ hosts: [{ ...own, confirmed: true }, ...others], fault }, null, 2);
}

function sizeOf(streams: readonly OutputStream[]): number {
  return streams.reduce((sum, { bytes }) => sum + bytes.length, 0);
}
