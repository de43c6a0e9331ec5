import { folderOf } from "../platform/paths.ts";
import { type Endpoint, ping, type Pong, UnreachableError } from "../protocol/client.ts";
import { ConnectionLostError, ProtocolError } from "../protocol/errors.ts";
import { FEATURES } from "../protocol/features.ts";
import { wireTime } from "../protocol/time.ts";
import { parseVersion } from "../remote/facts.ts";
import { isConfirmed, readRegistry, registryPath, updateHost } from "../remote/registry.ts";
import { requireSame, slotOf } from "../remote/slots.ts";
import { Refusal } from "./answer.ts";
import type { Target } from "./target.ts";
import { messageOf, NO_DAEMON } from "./text.ts";
import type { ToolCall } from "./tool.ts";

/** How long a daemon may take to answer, in milliseconds. */
const PROBE_TIMEOUT_MS = 3000;

/** @internal A daemon that answers, and where to reach it. */
export interface Daemon {
  readonly kind: "answers";
  readonly pong: Pong;
  readonly endpoint: Endpoint;
}

/** Why there is no daemon. */
export interface NoDaemon {
  /**
   * `missing`: no socket, one that nobody listens at, or no tunnel. `closed`: a tunnel without a
   * daemon at its other end. `silent`: a stopped daemon, or a tunnel whose network is gone. `busy`:
   * a daemon that serves as many requests as it can.
   */
  readonly kind: "missing" | "closed" | "silent" | "busy" | "faulty";
  /** Says so to the model, and what it can do. */
  readonly advice: string;
}

/**
 * Finds out within 3 s whether a daemon answers.
 *
 * @throws The signal's reason, if it was aborted.
 */
export async function probe(target: Target, signal?: AbortSignal): Promise<Daemon | NoDaemon> {
  const none = (kind: NoDaemon["kind"], why: keyof typeof NO_DAEMON = kind, fault = "") => ({
    kind,
    advice: NO_DAEMON[why](target, fault),
  });
  const endpoint = endpointOf(target);
  if (endpoint === undefined) return none("missing");
  const timeout = AbortSignal.timeout(PROBE_TIMEOUT_MS);
  try {
    const either = AbortSignal.any(signal === undefined ? [timeout] : [timeout, signal]);
    const { version, features, waiting } = await ping(endpoint.socketPath, either, endpoint.check);
    // Free text of a host would pass for words of this tool.
    const pong = {
      version: parseVersion(version),
      features: FEATURES.filter((feature) => features.includes(feature)),
      waiting,
    };
    return { kind: "answers", pong, endpoint };
  } catch (error) {
    signal?.throwIfAborted();
    if (timeout.aborted) return none("silent");
    if (error instanceof UnreachableError && isGone(error)) return none("missing");
    if (error instanceof ConnectionLostError) return none("closed");
    const code = error instanceof ProtocolError ? error.code : undefined;
    if (code === "busy") return none("busy");
    return none("faulty", code === "stale" ? "stale" : "faulty", messageOf(error));
  }
}

/**
 * Finds the daemon that a request is for, and notes its version.
 *
 * @throws {Refusal} If none answers.
 */
export async function requireDaemon(target: Target, call: ToolCall): Promise<Daemon> {
  const state = await probe(target, call.signal);
  if (state.kind !== "answers") throw new Refusal(state.advice, { host: target.name });
  void noteAnswers([{ target, state }], call);
  return state;
}

/**
 * Notes in the registry which daemons answered, with their versions. It adds no host, and skips
 * hosts that only a model added: an answer must not count as a person's confirmation.
 */
export async function noteAnswers(
  found: readonly { readonly target: Target; readonly state: Daemon | NoDaemon }[],
  { env, log }: ToolCall,
): Promise<void> {
  const path = registryPath(env);
  const { hosts } = readRegistry(path);
  for (const { target: { host }, state } of found) {
    const entry = host === undefined ? undefined : hosts.get(host);
    if (!path || !host || !entry || !isConfirmed(entry) || state.kind !== "answers") continue;
    const version = parseVersion(state.pong.version);
    try {
      const facts = version === "" ? {} : { version };
      await updateHost(path, host, { lastConnected: wireTime(), ...facts });
    } catch (error) {
      log.warning("the answer of {host} was not noted: {error}", { host, error: String(error) });
    }
  }
}

/** For a host, the socket of the slot that its launcher has at this moment. */
function endpointOf({ host, socket }: Target): Endpoint | undefined {
  if (host === undefined) return { socketPath: socket };
  const slot = slotOf(folderOf(socket), host);
  return slot && { socketPath: slot.socket, check: () => requireSame(slot) };
}

/** Without a cause, the slot of the host was given up meanwhile. */
function isGone({ cause }: UnreachableError): boolean {
  return cause === undefined || cause instanceof Deno.errors.NotFound ||
    cause instanceof Deno.errors.ConnectionRefused;
}
