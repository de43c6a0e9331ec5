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

/** How a way to root asks. */
export interface RootOptions {
  /** With `each`, it asks its question whatever it remembers. */
  readonly password: "each" | "cached";
  /** What its words depend on: `TERM` and the language. */
  readonly words: Readonly<Record<string, string>>;
}

/** What asks for a password on the terminal while a command starts. */
export interface Agent {
  /** Resolves when the process runs as root, which is after the question, or can't be seen. */
  passed(pid: number): Promise<void>;
  /** Ends it; the terminal is in its normal mode afterwards. */
  close(): Promise<void>;
}

/** A way to become root. */
export interface RootWay {
  /** What it is called where the person reads it. */
  readonly name: "sudo" | "polkit" | "root";
  /**
   * Whether it would run a command without a question.
   *
   * @param when `now`, with what it remembers; `afresh`, without that; `elsewhere`, in a session
   * without this terminal, as unprivileged commands are started.
   */
  can(when: "now" | "afresh" | "elsewhere"): Promise<boolean>;
  /**
   * Lets it ask its question. The terminal must be in its normal mode, and nobody else may read it
   * until this ends. A way with an agent asks at the start of each command instead.
   *
   * @returns Whether it was content, and whether it keeps what it learned.
   */
  authenticate(): Promise<"kept" | "notKept" | "failed">;
  /**
   * What has to be spawned for a command.
   *
   * @param command The command.
   * @param mayAsk Whether it may ask its question on the terminal, which it then has.
   */
  start(command: RootCommand, mayAsk: boolean): Launch;
  /**
   * Where starting a command asks a question of its own, every time: starts what asks it on the
   * terminal.
   */
  readonly openAgent?: () => Promise<Agent>;
  /** Drops what it remembers. Synchronous, since it is the last thing that the daemon does. */
  forget(): void;
}
