/** A command that root is to run. */
export interface RootCommand {
  /** The program, an absolute path. */
  readonly program: string;
  /** Its arguments. */
  readonly args: readonly string[];
  /** Variables for it alone. */
  readonly env: readonly (readonly [name: string, value: string])[];
}

/** What is spawned. */
export interface Launch {
  /** The program, an absolute path, and its arguments. */
  readonly words: readonly string[];
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A way to become root. */
export interface RootWay {
  /** What it is called where the person reads it. */
  readonly name: "sudo" | "root";
  /**
   * Whether it would run a command without a question.
   *
   * @param when `now`, with what it remembers; `afresh`, without that; `elsewhere`, in a session
   * without this terminal, as unprivileged commands are started.
   */
  can(when: "now" | "afresh" | "elsewhere"): Promise<boolean>;
  /**
   * Lets it ask its question. The terminal must be in its normal mode, and nobody else may read it
   * until this ends.
   *
   * @param env What its words depend on: `TERM` and the language.
   * @returns Whether it was content, and whether it keeps what it learned.
   */
  authenticate(env: Readonly<Record<string, string>>): Promise<"kept" | "notKept" | "failed">;
  /**
   * What has to be spawned for a command.
   *
   * @param command The command.
   * @param mayAsk Whether it may ask its question on the terminal, which it then has.
   */
  start(command: RootCommand, mayAsk: boolean): Launch;
  /** Drops what it remembers. Synchronous, since it is the last thing that the daemon does. */
  forget(): void;
}
