import type { LaunchSpec, RootLaunch } from "../launch.ts";

/** How a way to root asks. */
export interface RootOptions {
  /** With `each`, it asks its question even if it remembers the person. */
  readonly password: "each" | "cached";
  /** What the wording of its question depends on: `TERM` and the language. */
  readonly locale: Readonly<Record<string, string>>;
}

/** What asks for a password on the terminal while a command starts. */
export interface Agent {
  /** Resolves when the process runs as root, so the question is over, or can't be seen. */
  passed(pid: number): Promise<void>;
  /** Ends it; the terminal is in its normal mode afterwards. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** A way to become root. */
export interface RootWay {
  /** What it is called where the person reads it. */
  readonly name: "sudo" | "polkit" | "root";
  /** Whether it would run a command without a question; with `afresh`, if it remembered nothing. */
  can(when: "now" | "afresh"): Promise<boolean>;
  /**
   * Whether a supervisor can start its commands, so that no other program of the account can write
   * into what they read; without one, it could.
   */
  readonly isSupervised: boolean;
  /**
   * Whether what it remembers counts beyond this terminal, so that any process of the user could
   * become root; false if it remembers nothing.
   */
  shares(): Promise<boolean>;
  /**
   * Lets it ask its question, on a terminal in its normal mode that nobody else reads. A way with
   * an agent asks at the start of each command instead. `notKept` if it does not keep the
   * credentials.
   */
  authenticate(): Promise<"kept" | "notKept" | "failed">;
  /**
   * What has to be spawned so that root runs a command.
   *
   * @param command The command; its environment is added to what root has.
   * @param mayAsk Whether it may ask its question on the terminal, which it then has.
   */
  launch(command: LaunchSpec, mayAsk: boolean): RootLaunch;
  /** Starts the program that asks on the terminal; only for a way that asks at each start. */
  readonly openAgent?: () => Promise<Agent>;
  /** Drops what it remembers. Synchronous, since it is the last thing that the daemon does. */
  forget(): void;
}
