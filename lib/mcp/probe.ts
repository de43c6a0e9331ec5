import { ping, type Pong, UnreachableError } from "../protocol/client.ts";
import { ProtocolError } from "../protocol/errors.ts";
import { grantAdvice, missingSocketFlags, type Place } from "./place.ts";

/** How long a daemon may take to answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 3000;

/** What was found at a socket. */
export type DaemonState =
  /** A daemon. */
  | { readonly kind: "answers"; readonly pong: Pong }
  /** No socket, or one that nobody listens at. */
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
  /** This server may not use the socket. */
  | { readonly kind: "ungranted"; readonly flags: readonly string[] }
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
  const flags = missingSocketFlags(place.socket);
  if (flags.length > 0) return { kind: "ungranted", flags };
  const patience = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const both = signal === undefined ? patience : AbortSignal.any([patience, signal]);
    return { kind: "answers", pong: await ping(place.socket, both) };
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
    case "ungranted":
      return `This MCP server was started without the right to use the socket of ${name}. Ask ` +
        `the person to ${grantAdvice(host, state.flags)}.`;
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
  const isGone = cause instanceof Deno.errors.NotFound ||
    cause instanceof Deno.errors.ConnectionRefused;
  return isGone ? { kind: "missing" } : { kind: "faulty", why: error.message };
}
