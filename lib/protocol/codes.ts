/**
 * Why a request failed, for programs. A response with `status: "error"` has one of these in its
 * added field `code`; its `message` is for people and may change.
 */
export const ERROR_CODES = [
  "invalid_line", // The line is no request: it is not JSON, too long, too slow, or cut
  "invalid_request", // A field breaks a rule; the message names both
  "unsupported", // It needs something that this daemon lacks, such as sudo or an ssh agent
  "stale", // The request's time is too far from this machine's
  "id_used", // The id was used before, or is in use
  "busy", // The daemon serves as many requests as it can
  "not_served", // This daemon serves one trial alone
  "not_shown", // The request could not be drawn, so nobody was asked
  "not_recorded", // The audit trail can't be written, so nothing ran
  "not_authenticated", // It was approved, and sudo or polkit did not authenticate the person
  "changed", // Something that was shown has changed since
  "not_started", // The command could not be started
  "run_limit", // It ran too long and was ended
  "cancelled", // Its client cancelled it
  "ended_by_person", // The person at the terminal ended it
  "stopping", // The daemon is stopping
  "unknown_target", // `cancel` names a request that neither waits nor runs
] as const;

/** Why a request failed. */
export type ErrorCode = typeof ERROR_CODES[number];

/** A fault that reaches a client: what it is for programs, and in words. */
export interface Fault {
  /** For programs. */
  readonly code: ErrorCode;
  /** For people: one sentence without a period. */
  readonly message: string;
}
