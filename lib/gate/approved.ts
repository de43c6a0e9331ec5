import type { ResolvedRequest } from "./request.ts";

/**
 * What an approval rests on: a key for this very request, or the trust that an earlier key granted.
 */
export type ApprovalBasis = "key" | "trust";

// Known to this file and, through `approve`, to the approval machine alone.
const MAKER = Symbol("approval");

/**
 * A request that a person approved. The class itself is not exported, so nothing else can make one.
 */
class ApprovedRequest {
  readonly #request: ResolvedRequest;
  readonly #basis: ApprovalBasis;
  #taken = false;

  constructor(maker: symbol, request: ResolvedRequest, basis: ApprovalBasis) {
    // An instance gives access to its constructor at run time; the symbol closes that way.
    if (maker !== MAKER) {
      throw new TypeError("Cannot make an approval outside the approval machine");
    }
    this.#request = request;
    this.#basis = basis;
  }

  get request(): ResolvedRequest {
    return this.#request;
  }

  get basis(): ApprovalBasis {
    return this.#basis;
  }

  static take(value: unknown): ResolvedRequest {
    if (typeof value !== "object" || value === null || !(#taken in value)) {
      throw new TypeError("Cannot run a request without an approval");
    }
    if (value.#taken) throw new TypeError("Cannot run an approved request a second time");
    value.#taken = true;
    return value.#request;
  }
}

/** The only thing that `run/` accepts. */
export type Approved = ApprovedRequest;

/**
 * Approves a request. Imported by `approval.ts` alone; a test holds that.
 *
 * @param request The request that was on the screen, or that falls under the trust.
 * @param basis What the approval rests on.
 * @returns The approval, good for one run.
 */
export function approve(request: ResolvedRequest, basis: ApprovalBasis): Approved {
  return new ApprovedRequest(MAKER, request, basis);
}

/**
 * Uses an approval up.
 *
 * @param approved What the approval machine made.
 * @returns The request that may run, once.
 * @throws {TypeError} If it is not an approval, or was used before.
 */
export function takeApproved(approved: Approved): ResolvedRequest {
  return ApprovedRequest.take(approved);
}
