/**
 * The only file that can make an approval. There are two ways: a key on an armed prompt, and the
 * grant of an earlier key `a`. Both are checked here.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import { keyOf } from "./keys.ts";
import { isArmed, type Prompt } from "./prompt.ts";

// Known to this file alone: an instance gives access to its constructor at run time.
const MAKER = Symbol("decide");

/** A request that a person approved, good for one run. The class is not exported. */
class ApprovedRequest {
  readonly #request: ResolvedRequest;
  readonly #basis: "key" | "trust";
  #isTaken = false;

  constructor(maker: symbol, request: ResolvedRequest, basis: "key" | "trust") {
    if (maker !== MAKER) throw new TypeError("Cannot make an approval without a key");
    this.#request = request;
    this.#basis = basis;
  }

  /** What was approved. */
  get request(): ResolvedRequest {
    return this.#request;
  }

  /** What the approval rests on: a key for this very request, or what an earlier key granted. */
  get basis(): "key" | "trust" {
    return this.#basis;
  }

  static take(value: unknown): ResolvedRequest {
    if (typeof value !== "object" || value === null || !(#isTaken in value)) {
      throw new TypeError("Cannot run a request without an approval");
    }
    if (value.#isTaken) throw new TypeError("Cannot run an approved request a second time");
    value.#isTaken = true;
    return value.#request;
  }
}

/** What the key `a` granted: unprivileged commands run without a question. Not exported either. */
class Grant {
  readonly #isGranted = true;

  constructor(maker: symbol) {
    if (maker !== MAKER) throw new TypeError("Cannot grant anything without a key");
  }

  static covers(grant: unknown, { asRoot, forwardAgent }: ResolvedRequest): boolean {
    // The agent gives access to other machines, and the person was not asked about that.
    return typeof grant === "object" && grant !== null && #isGranted in grant && !asRoot &&
      !forwardAgent;
  }
}

/** A request that a person approved; it runs once its start is recorded. */
export type Approved = ApprovedRequest;

/** What the person granted with `a`. */
export type SessionGrant = Grant;

/** One read from the terminal, at a prompt. */
export interface Press {
  /** The bytes. */
  readonly burst: Uint8Array;
  /** Whether any of them was pasted. */
  readonly isPasted: boolean;
  /** Monotonic milliseconds. */
  readonly now: number;
  /** Whether the key `a` exists. */
  readonly mayTrust: boolean;
}

/**
 * Approves the request on the screen if the read is one key on an armed prompt: `y`, or `a` for an
 * unprivileged request.
 *
 * @returns The approval, and with `a` the grant; `undefined` if the key approves nothing.
 */
export function approveByKey(
  prompt: Prompt,
  { burst, isPasted, now, mayTrust }: Press,
): { readonly approved: Approved; readonly grant: SessionGrant | undefined } | undefined {
  if (isPasted || burst.length !== 1 || !isArmed(prompt, now)) return undefined;
  const { request } = prompt;
  const key = keyOf(burst, "prompt");
  const isTrust = key === "trust" && mayTrust && !request.asRoot;
  if (key !== "approve" && !isTrust) return undefined;
  const approved = new ApprovedRequest(MAKER, request, "key");
  return { approved, grant: isTrust ? new Grant(MAKER) : undefined };
}

/**
 * Whether a grant covers a request. It never covers one that root runs or that may use the agent.
 */
export function isCovered(grant: SessionGrant | undefined, request: ResolvedRequest): boolean {
  return Grant.covers(grant, request);
}

/** Approves what a grant covers, without a key of its own. */
export function approveByGrant(
  grant: SessionGrant | undefined,
  request: ResolvedRequest,
): Approved | undefined {
  if (!Grant.covers(grant, request)) return undefined;
  return new ApprovedRequest(MAKER, request, "trust");
}

/**
 * Uses an approval up. Only the maker of `Recorded` calls this; a test checks that.
 *
 * @throws {TypeError} If it is no approval, or was used before.
 */
export function takeApproved(approved: Approved): ResolvedRequest {
  return ApprovedRequest.take(approved);
}
