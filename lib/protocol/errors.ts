/** The daemon serves as many requests as it can; the line was not read to its end. */
export class BusyError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "BusyError";
}

/** Why a request or a response cannot be taken; the message names the field and the rule. */
export class ProtocolError extends Error {
  /** The name under which the error is printed. */
  override readonly name = "ProtocolError";
  /** The id of the request that the error is about, or `""` where none could be read. */
  readonly id: string;

  /**
   * Makes an error.
   *
   * @param message The field and the rule that it breaks, in one sentence without a period.
   * @param id The id of the request, if it was readable.
   */
  constructor(message: string, id = "") {
    super(message);
    this.id = id;
  }
}
