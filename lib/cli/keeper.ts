import { systemProgram } from "../paths.ts";

const CSI = "\x1b[";
/**
 * Undoes what a prompt may have left on the terminal: the alternate screen, where it is on, no
 * cursor, marks around what is pasted. Entering first makes leaving safe where it is off: the
 * cursor comes back to where it was.
 */
const LEAVE_PROMPT = `${CSI}?1049h${CSI}?1049l${CSI}?25h${CSI}?2004l${CSI}0m\r${CSI}K`;

/**
 * Keeps the mode of the terminal while ssh has it, and puts it back where ssh could not. Nothing is
 * read meanwhile.
 */
export class TerminalKeeper {
  readonly #stty: string | undefined;
  readonly #mode: string | undefined;

  private constructor(stty: string | undefined, mode: string | undefined) {
    this.#stty = stty;
    this.#mode = mode;
  }

  /** Notes the mode. Without stty (coreutils), it is left to ssh alone. */
  static async keep(): Promise<TerminalKeeper> {
    const stty = systemProgram("stty");
    if (stty === undefined) return new TerminalKeeper(undefined, undefined);
    const { code, stdout } = await new Deno.Command(stty, {
      args: ["-g"],
      clearEnv: true,
      stdin: "inherit",
      stderr: "null",
    }).output();
    const mode = new TextDecoder().decode(stdout).trim();
    return new TerminalKeeper(stty, code === 0 && /^[\w:=-]+$/.test(mode) ? mode : undefined);
  }

  /**
   * Puts the mode back.
   *
   * @param wasCut Whether a prompt may still be on the screen.
   */
  async restore(wasCut = false): Promise<void> {
    if (this.#stty !== undefined && this.#mode !== undefined) {
      const { success } = await new Deno.Command(this.#stty, {
        args: [this.#mode],
        clearEnv: true,
        stdin: "inherit",
        stdout: "null",
        stderr: "null",
      }).output();
      if (!success) return;
    }
    if (wasCut) write(LEAVE_PROMPT);
  }

  /**
   * Asks for a line. What is typed after it is left for whoever reads next.
   *
   * @param question What stands before it.
   * @returns The line; empty at the end of the input.
   */
  async readLine(question: string): Promise<string> {
    write(question);
    const buffer = new Uint8Array(4096);
    const count = await Deno.stdin.read(buffer).catch(() => null);
    return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).trimEnd();
  }
}

function write(text: string): void {
  try {
    Deno.stdout.writeSync(new TextEncoder().encode(text));
  } catch {
    // The terminal is gone.
  }
}
