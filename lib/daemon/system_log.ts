import { type Head, headText } from "../audit/write/chain.ts";
import { within } from "../platform/deadline.ts";
import { systemProgram } from "../platform/paths.ts";

/** How long the last heads may take on their way, in milliseconds. */
const CLOSE_MS = 1000;

/**
 * Sends heads of the audit trail to the system log, which this user can't rewrite. One logger(1)
 * runs as long as the daemon: each line that it reads becomes an entry of its own.
 */
export class SystemLog {
  /** Resolves if the system log can't be reached any more. */
  readonly broken: Promise<void>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #child: Deno.ChildProcess;

  private constructor(child: Deno.ChildProcess) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    this.broken = new Promise((resolve) => {
      this.#writer.closed.catch(() => resolve());
      child.status.then(({ success }) => success || resolve());
    });
  }

  /**
   * Starts logger(1), with setsid and so without the terminal.
   *
   * @throws {Error} If there is no logger(1).
   */
  static open(setsid: string): SystemLog {
    const logger = systemProgram("logger");
    if (logger === undefined) {
      throw new Error("Cannot find logger in the system folders: install bsdutils or util-linux");
    }
    const args = [logger, "--tag=sudo-proxy", "--priority=authpriv.notice", "--socket-errors=on"];
    const child = new Deno.Command(setsid, {
      args,
      clearEnv: true,
      cwd: "/",
      stdin: "piped",
      stdout: "null",
      stderr: "null",
    }).spawn();
    return new SystemLog(child);
  }

  /** Sends the head of the audit trail that is on disk. */
  send(head: Head): void {
    const line = `audit trail: ${headText(head)}\n`;
    // `broken` reports a broken pipe.
    this.#writer.write(new TextEncoder().encode(line)).catch(() => {});
  }

  /** Waits a moment for the last heads to get through, and ends logger(1). */
  async close(): Promise<void> {
    await within(CLOSE_MS, this.#writer.close().catch(() => {}).then(() => this.#child.status));
  }
}
