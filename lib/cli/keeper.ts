import { systemProgram } from "../platform/paths.ts";
import { writeAll } from "../platform/write_all.ts";

const CSI = "\x1b[";
/**
 * Undoes what a prompt may have left on the terminal: the alternate screen, a hidden cursor, marks
 * around pastes. The screen is entered before it is left: if it was off, the cursor still comes
 * back to where it was.
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
    const { success, stdout } = await run(stty, "-g");
    const mode = new TextDecoder().decode(stdout).trim();
    return new TerminalKeeper(stty, success && /^[\w:=-]+$/.test(mode) ? mode : undefined);
  }

  /**
   * Puts the mode back.
   *
   * @param wasCut Whether a prompt may still be on the screen.
   */
  async restore(wasCut = false): Promise<void> {
    if (this.#stty !== undefined && this.#mode !== undefined) {
      if (!(await run(this.#stty, this.#mode)).success) return;
    }
    if (wasCut) write(LEAVE_PROMPT);
  }
}

/** Asks for a line; it is empty at the end of the input. What is typed after it stays unread. */
export async function readLine(question: string): Promise<string> {
  write(question);
  const buffer = new Uint8Array(4096);
  const count = await Deno.stdin.read(buffer).catch(() => null);
  return new TextDecoder().decode(buffer.subarray(0, count ?? 0)).trimEnd();
}

/** Writes to the terminal, which may be gone. */
export function write(text: string, to: Pick<typeof Deno.stdout, "writeSync"> = Deno.stdout): void {
  try {
    writeAll(to, new TextEncoder().encode(text));
  } catch {
    // The terminal is gone.
  }
}

async function run(stty: string, mode: string): Promise<Deno.CommandOutput> {
  const options = { clearEnv: true, stdin: "inherit", stdout: "piped", stderr: "null" } as const;
  return await new Deno.Command(stty, { args: [mode], ...options }).output();
}
