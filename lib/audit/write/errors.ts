/** The trail can't be written; the message is the end of a sentence about it. */
export class AuditError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "AuditError";
}

/** The chain itself is wrong, so that only a new trail can be written. */
export class BrokenTrailError extends AuditError {
  /** Makes an error that says what is wrong. */
  constructor(what: string) {
    super(`is broken: ${what}`);
  }
}
