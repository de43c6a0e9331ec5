import * as z from "zod";
import { type HostEnvironment, MAX_SOCKET_PATH, socketPath } from "../platform/paths.ts";
import { hostFault, isThisMachine, MAX_HOST_LENGTH, withoutUser } from "../remote/names.ts";
import { type HostEntry, isConfirmed } from "../remote/registry.ts";
import { Refusal } from "./answer.ts";

/** This machine in answers and in the registry. */
export const THIS_MACHINE = "localhost";

/** @internal The argument that names a host. */
export const HOST = z.string().max(MAX_HOST_LENGTH).optional();

/** @internal The host that a tool acts on. */
export interface Target {
  /** How answers call it. */
  readonly name: string;
  /** The remote host; `undefined` for this machine. */
  readonly host: string | undefined;
  /** Whether commands there run on this machine, under any account. */
  readonly isLocal: boolean;
  /** The daemon's socket, or the local end of its tunnel that has the host's name. */
  readonly socket: string;
}

/** Finds out which host is meant: this machine if none is named. Returns a fault as a text. */
export function findTarget(env: HostEnvironment, host: string | undefined): Target | string {
  const local = { name: THIS_MACHINE, host: undefined, isLocal: true, socket: socketPath(env) };
  if (host === undefined || host === "") return local;
  const fault = hostFault(host);
  if (fault !== undefined) return `"host" ${fault}`;
  if (isThisMachine(host, ownName())) return local;
  const socket = socketPath(env, host);
  if (socket.length > MAX_SOCKET_PATH) {
    return `"host" is too long: the path of its socket would have more than ${MAX_SOCKET_PATH} bytes`;
  }
  // Another account of this machine is a host of its own, and still this machine.
  return { name: host, host, isLocal: isThisMachine(withoutUser(host), ownName()), socket };
}

/**
 * Finds out which host is meant.
 *
 * @throws {Refusal} If the name can't be one.
 */
export function targetOf(env: HostEnvironment, host: string | undefined): Target {
  const found = findTarget(env, host);
  if (typeof found === "string") throw new Refusal(`Wrong argument: ${found}.`);
  return found;
}

/** What answers have of a host in the registry. */
export const KNOWN_HOST = {
  confirmed: z.boolean().optional().describe("Whether a person confirmed the host"),
  description: z.string().optional(),
  description_by: z.enum(["person", "model"]).optional(),
  os: z.string().optional(),
  os_by: z.enum(["person", "model"]).optional(),
  last_connected: z.string().optional().describe("When a tunnel there came up last"),
};

/** @internal Takes what is for the model out of an entry of the registry. */
export function knownHost(entry: HostEntry): z.output<z.ZodObject<typeof KNOWN_HOST>> {
  return {
    confirmed: isConfirmed(entry),
    description: entry.description,
    description_by: entry.descriptionBy,
    os: entry.os,
    os_by: entry.osBy,
    last_connected: entry.lastConnected,
  };
}

function ownName(): string {
  try {
    return Deno.hostname();
  } catch {
    // Without the grant only the loopback names are known.
    return "";
  }
}
