import { socketPath, type Surroundings } from "../paths.ts";
import { readRegistry, registryPath } from "../remote/registry.ts";
import { decode } from "./excerpt.ts";
import { knownHost } from "./known_host.ts";
import type { KeptOutput, OutputStore } from "./outputs.ts";
import { partsOf } from "./parts.ts";
import { THIS_MACHINE } from "./place.ts";
import { HOSTS_URI, outputIn, outputUri } from "./uri.ts";

const TEXT = "text/plain; charset=utf-8";
const BINARY = "application/octet-stream";

/** A row of `resources/list`. */
export type ResourceListing = {
  /** Its address. */
  uri: string;
  /** Its name. */
  name: string;
  /** Its name for people. */
  title: string;
  /** What it is. */
  description: string;
  /** Its type. */
  mimeType: string;
  /** Its size in bytes. */
  size: number;
};

/** A part of a resource that is read. */
export type ResourceContents =
  & { uri: string; mimeType: string }
  & (
    | { text: string }
    | { blob: string }
  );

/**
 * Lists the resources: the hosts, and the outputs of this session that did not fit into an answer,
 * the newest first.
 *
 * @param here The surroundings.
 * @param outputs The outputs.
 * @returns The rows of `resources/list`.
 */
export function listResources(here: Surroundings, outputs: OutputStore): ResourceListing[] {
  const hosts: ResourceListing = {
    uri: HOSTS_URI,
    name: "hosts",
    title: "Known hosts",
    description: "This machine and the known hosts, as JSON; what models wrote of them is marked",
    mimeType: "application/json",
    size: new TextEncoder().encode(hostsText(here)).length,
  };
  const kept = outputs.all().reverse().flatMap(listParts);
  return [hosts, ...kept];
}

/**
 * Reads a resource.
 *
 * @param uri Its address.
 * @param here The surroundings.
 * @param outputs The outputs.
 * @returns Its parts; of an output one a stream, text where it is UTF-8 and base64 where it isn't.
 * `undefined` where there is no such resource.
 */
export function readResource(
  uri: string,
  here: Surroundings,
  outputs: OutputStore,
): ResourceContents[] | undefined {
  if (uri === HOSTS_URI) return [{ uri, mimeType: "application/json", text: hostsText(here) }];
  const address = outputIn(uri);
  const output = address && outputs.find(address.id);
  return output && partsOf(output)[address.part - 1]?.map(({ name, bytes, isText }, index) => {
    // The first piece has the address that was asked for: some clients look for it.
    const piece = index === 0 ? uri : `${uri}#${name}`;
    return isText
      ? { uri: piece, mimeType: TEXT, text: decode(bytes, false) ?? "" }
      : { uri: piece, mimeType: BINARY, blob: bytes.toBase64() };
  });
}

/**
 * Lists the parts of an output.
 *
 * @param output The output.
 * @returns A row of `resources/list` for each part; one at least.
 */
export function listParts({ id, title, streams }: KeptOutput): ResourceListing[] {
  const parts = partsOf({ id, title, streams });
  const description = streams.map(({ name, bytes }) => `${name}: ${bytes.length} bytes`).join(", ");
  return parts.map((pieces, index) => ({
    uri: outputUri(id, index + 1),
    name: `output-${id}${index === 0 ? "" : `-${index + 1}`}`,
    title: `Output of ${title}`,
    description: parts.length === 1
      ? description
      : `${description}; part ${index + 1} of ${parts.length}`,
    mimeType: pieces.every(({ isText }) => isText) ? TEXT : BINARY,
    size: pieces.reduce((sum, { bytes }) => sum + bytes.length, 0),
  }));
}

function hostsText(here: Surroundings): string {
  const { hosts, fault } = readRegistry(registryPath(here));
  const { [THIS_MACHINE]: ownEntry = {}, ...others } = Object.fromEntries(hosts);
  const remote = Object.entries(others).map(([name, entry]) => ({
    name,
    ...knownHost(entry),
    socket: socketPath(here, name),
  }));
  return JSON.stringify(
    {
      hosts: [
        { name: THIS_MACHINE, ...knownHost(ownEntry), confirmed: true, socket: socketPath(here) },
        ...remote,
      ],
      ...(fault === undefined ? {} : { fault }),
    },
    null,
    2,
  );
}
