import { type Head, headWords } from "../audit/chain.ts";
import { systemProgram } from "../paths.ts";

/** How long the last heads may take on their way, in milliseconds. */
const CLOSE_MS = 1000;

/**
 * Sends heads of the audit trail to the system log, which this user can't rewrite. One logger(1)
 * runs as long as the daemon: each line that it reads becomes an entry of its own.
 */
export class SystemLog {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #child: Deno.ChildProcess;
  #isBroken = false;

  private constructor(child: Deno.ChildProcess, onFault: (words: string) => void) {
    this.#child = child;
    this.#writer = child.stdin.getWriter();
    const complain = () => {
      if (this.#isBroken) return;
      this.#isBroken = true;
      onFault("the system log takes no more heads of the audit trail");
    };
    this.#writer.closed.catch(complain);
    child.status.then(({ success }) => success || complain());
  }

  /**
   * Starts logger(1).
   *
   * @param setsid Starts it without the terminal.
   * @param onFault Told once if the system log can't be reached.
   * @returns The log.
   * @throws {Error} If there is no logger(1).
   */
  static open(setsid: string, onFault: (words: string) => void): SystemLog {
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
    return new SystemLog(child, onFault);
  }

  /**
   * Sends a head.
   *
   * @param head The last record that is on disk.
   */
  send(head: Head): void {
    if (this.#isBroken) return;
    const line = `audit trail: ${headWords(head)}\n`;
    // A pipe that broke is told by `closed`.
    this.#writer.write(new TextEncoder().encode(line)).catch(() => {});
  }

  /** Lets the last heads through, for a moment, and ends logger(1). */
  async close(): Promise<void> {
    const ended = this.#writer.close().catch(() => {}).then(() => this.#child.status);
    let timer: ReturnType<typeof setTimeout> | undefined;
    const tooLong = new Promise<void>((resolve) => timer = setTimeout(resolve, CLOSE_MS));
    await Promise.race([ended, tooLong]);
    clearTimeout(timer);
  }
}
