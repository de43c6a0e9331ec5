import type { ErrorCode } from "./codes.ts";

/** Why a request or an answer cannot be taken; the message names the field and the rule. */
export class ProtocolError extends Error {
  /** The id of the request that the error is about, or `""` if none could be read. */
  readonly id: string;
  /** What the error is for programs; `undefined` if there is no code for it. */
  readonly code: ErrorCode | undefined;

  /** Makes an error; the message is one sentence without a period. */
  constructor(message: string, id = "", code?: ErrorCode) {
    super(message);
    this.name = new.target.name;
    this.id = id;
    this.code = code;
  }
}

/** The daemon serves as many requests as it can; the line was not read to its end. */
export class BusyError extends ProtocolError {
  /** Makes an error with the code `busy`. */
  constructor(message: string) {
    super(message, "", "busy");
  }
}

/** The connection ended before the response, so nobody knows what became of the request. */
export class ConnectionLostError extends ProtocolError {
}

/** The first thing that a schema found: where it is, and the rule that it breaks. */
export function firstIssue(
  { issues }: { readonly issues: readonly { path: readonly PropertyKey[]; message: string }[] },
): { readonly path: readonly PropertyKey[]; readonly message: string } {
  return issues[0] ?? { path: [], message: "has the wrong shape" };
}
