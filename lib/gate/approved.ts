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

/** A request that a person approved; it runs once its start is recorded. */
export type Approved = ApprovedRequest;

/**
 * An approval whose start stands in the audit trail, on disk. The class itself is not exported, so
 * nothing else can make one.
 */
class RecordedApproval {
  readonly #approved: Approved;

  constructor(maker: symbol, approved: Approved) {
    if (maker !== MAKER) throw new TypeError("Cannot make a record outside the audit trail");
    this.#approved = approved;
  }

  static take(value: unknown): ResolvedRequest {
    if (typeof value !== "object" || value === null || !(#approved in value)) {
      throw new TypeError("Cannot run a request whose start is not recorded");
    }
    return ApprovedRequest.take(value.#approved);
  }
}

/** The only thing that `run/` accepts. */
export type Recorded = RecordedApproval;

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
 * Says that the start of an approved request is on disk. Imported by `audit/trail.ts` alone; a test
 * holds that.
 *
 * @param approved What the approval machine made.
 * @returns What `run/` accepts.
 */
export function recorded(approved: Approved): Recorded {
  return new RecordedApproval(MAKER, approved);
}

/**
 * Uses an approval up.
 *
 * @param recorded What the audit trail made of an approval.
 * @returns The request that may run, once.
 * @throws {TypeError} If it is not a recorded approval, or the approval was used before.
 */
export function takeRecorded(recorded: Recorded): ResolvedRequest {
  return RecordedApproval.take(recorded);
}
