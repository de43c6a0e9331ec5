/**
 * What a request can be, as far as the machine looks at it, and how a daemon can be set up.
 *
 * @module
 */
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { resolvedRequest, validatedRequest } from "../../lib/admit/request.ts";
import type { SessionConfig } from "../../lib/session/state.ts";
import { defined } from "../rig/assert.ts";

/** What differs between requests. */
export interface Shape {
  readonly privileged: boolean;
  readonly asRoot: boolean;
  readonly forwardAgent: boolean;
  readonly stages: number;
  readonly limit: boolean;
  readonly stream: boolean;
}

/** The letter of a shape. */
export type ShapeName = "P" | "L" | "Q" | "U" | "V" | "A" | "R";

function shape(more: Partial<Shape> = {}): Shape {
  return {
    privileged: false,
    asRoot: more.privileged ?? false,
    forwardAgent: false,
    stages: 1,
    limit: false,
    stream: false,
    ...more,
  };
}

/** Every shape, by a letter. */
export const SHAPES: Readonly<Record<ShapeName, Shape>> = {
  P: shape({ privileged: true }),
  L: shape({ privileged: true, limit: true }),
  Q: shape({ privileged: true, stages: 2 }),
  U: shape(),
  V: shape({ limit: true, stream: true }),
  A: shape({ forwardAgent: true }),
  // The daemon is root: asked for without root, run by root.
  R: shape({ asRoot: true }),
};

/** The run limit of a shape that has one, in milliseconds. */
export const LIMIT_MS = 1000;
/** The ids of requests; each names one request at a time. */
export const SLOTS = ["a", "b", "c"] as const;

const requests = new Map<string, ResolvedRequest>();
const identity = { realPath: "/x", dev: 1, ino: 1, size: 1, mtimeMs: 0, ctimeMs: 0 };

/** The one request of a slot and a shape. */
export function requestOf(slot: string, name: ShapeName): ResolvedRequest {
  const known = requests.get(slot + name);
  if (known) return known;
  const { privileged, asRoot, forwardAgent, stages, limit, stream } = SHAPES[name];
  const pipeline = Array.from({ length: stages }, () => ["/usr/bin/true"]);
  const made = resolvedRequest(
    validatedRequest({
      id: slot,
      action: "exec",
      pipeline,
      env: [],
      privileged,
      forwardAgent,
      reason: name,
      host: "",
      session: "",
      version: "",
      stream,
      cwd: "/",
      stdin: undefined,
      timeoutMs: limit ? LIMIT_MS : undefined,
      target: undefined,
    }),
    pipeline.map(([program = ""]) => ({
      program,
      identity,
      args: [],
      changeable: undefined,
      named: [],
      unseen: [],
      unlooked: 0,
    })),
    { asRoot, cwdIdentity: identity, cwdChangeable: undefined },
  );
  requests.set(slot + name, made);
  return made;
}

/** The slot and the shape of a request, as two letters. */
export function nameOf({ id, reason }: ResolvedRequest): string {
  return id + reason;
}

/** The request that two letters name. */
export function requestNamed(name: string): ResolvedRequest {
  return defined(requests.get(name.slice(0, 2)), `no request ${name}`);
}

/** The set-ups of a daemon that differ for the machine. */
export const SETUPS = {
  "sudo, cached, a": setup("sudo", "cached", true),
  "sudo, cached": setup("sudo", "cached", false),
  "sudo, each, a": setup("sudo", "each", true),
  "sudo, each": setup("sudo", "each", false),
  polkit: setup("polkit", "each", false),
  root: setup("none", "cached", false),
} as const;

function setup(
  authentication: SessionConfig["authentication"],
  password: SessionConfig["password"],
  mayTrust: boolean,
): SessionConfig {
  return {
    promptTimeoutMs: 60_000,
    authentication,
    password,
    mayTrust,
    onlyId: undefined,
  };
}

for (const slot of SLOTS) {
  // Safe: the keys of that very record.
  for (const name of Object.keys(SHAPES) as ShapeName[]) requestOf(slot, name);
}
