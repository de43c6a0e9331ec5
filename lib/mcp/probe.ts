import { type Endpoint, ping, type Pong, UnreachableError } from "../protocol/client.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { endpointOf, type Place } from "./place.ts";

/** How long a daemon may take to answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 3000;

/** What was found at a socket. */
export type DaemonState =
  /** A daemon, and where to reach it. */
  | { readonly kind: "answers"; readonly pong: Pong; readonly endpoint: Endpoint }
  /** No socket, or one that nobody listens at; no tunnel to the host. */
  | { readonly kind: "missing" }
  /** Something took the connection, and closed it: a tunnel without a daemon at its other end. */
  | { readonly kind: "closed" }
  /**
   * Something took the connection, and says nothing: a tunnel whose network is gone, or a stopped
   * daemon.
   */
  | { readonly kind: "silent" }
  /** A daemon that serves as many requests as it can. */
  | { readonly kind: "busy" }
  /** Anything else. */
  | { readonly kind: "faulty"; readonly why: string };

/**
 * Finds out whether a daemon answers, within 3 s.
 *
 * @param place Where.
 * @param signal Ends the wait.
 * @returns What is there.
 * @throws The signal's reason, if it was aborted.
 */
export async function probe(place: Place, signal?: AbortSignal): Promise<DaemonState> {
  const endpoint = endpointOf(place);
  if (endpoint === undefined) return { kind: "missing" };
  const patience = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const both = signal === undefined ? patience : AbortSignal.any([patience, signal]);
    const pong = await ping(endpoint.socketPath, both, endpoint.check);
    return { kind: "answers", pong, endpoint };
  } catch (error) {
    signal?.throwIfAborted();
    if (patience.aborted) return { kind: "silent" };
    if (error instanceof UnreachableError) return unreachable(error);
    const why = error instanceof Error ? error.message : String(error);
    if (error instanceof ProtocolError && why.startsWith("server busy")) return { kind: "busy" };
    if (error instanceof ProtocolError && /closed the connection|went away/.test(why)) {
      return { kind: "closed" };
    }
    return { kind: "faulty", why };
  }
}

/**
 * Says in a sentence or two why no request can be sent, and what the model can do about it.
 *
 * @param state What was found.
 * @param place Where.
 * @returns Words for the model.
 */
export function adviceFor(
  state: Exclude<DaemonState, { kind: "answers" }>,
  { name, host, socket }: Place,
): string {
  const start = host === undefined ? "start_server" : `start_server with host "${host}"`;
  switch (state.kind) {
    case "missing":
      return host === undefined
        ? "No approval terminal is open. Call start_server, then try again."
        : `No tunnel to ${name} is open. Call ${start} to open one, then try again.`;
    case "closed":
      return `The tunnel to ${name} is open, and no daemon answers at its other end. Ask the ` +
        `person to close its window; then call ${start}.`;
    case "silent":
      return host === undefined
        ? "The daemon did not answer in time. Ask the person to look at its terminal: it may " +
          "be stopped (fg continues it)."
        : `The tunnel to ${name} did not answer in time: the connection may be lost. Ask the ` +
          `person to look at its window (Enter ~ . ends a dead connection); then call ${start}.`;
    case "busy":
      return `The daemon on ${name} serves as many requests as it can. Wait until the person has ` +
        "answered some, then try again.";
    case "faulty":
      if (state.why.startsWith("stale request")) {
        return `The clocks of this machine and ${name} differ: ${state.why}. Ask the person to set ` +
          "them; until then no request is taken there.";
      }
      return `What listens at ${socket} can't be used: ${state.why}. Tell the person.`;
  }
}

function unreachable(error: UnreachableError): DaemonState {
  const { cause } = error;
  // Without a cause, the slot of the host was given up meanwhile.
  const isGone = cause === undefined || cause instanceof Deno.errors.NotFound ||
    cause instanceof Deno.errors.ConnectionRefused;
  return isGone ? { kind: "missing" } : { kind: "faulty", why: error.message };
}
