import { surroundings } from "../lib/paths.ts";
import { grantsOf } from "../lib/permissions.ts";
import { denoRun, PROJECT } from "../lib/start.ts";
import { cellWidth } from "../lib/terminal/cells.ts";

/** What the daemon asks: whether the terminal has drawn, and in which column its cursor is. */
// deno-lint-ignore no-control-regex -- they are control sequences
const QUESTIONS = /\x1b\[([56])n/g;
const PATIENCE_MS = 20_000;

/**
 * A daemon, the real program with its own grants, in a pseudoterminal whose other side is the
 * bench: what tmux would add is not measured. socat makes the terminal.
 */
export class BenchDaemon implements AsyncDisposable {
  /** Where it listens. */
  readonly socket: string;
  /** When its process was started, by `performance.now()`. */
  readonly startedAt: number;
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #written = "";
  #onWritten: () => void = () => {};

  private constructor(socket: string, child: Deno.ChildProcess, startedAt: number) {
    this.socket = socket;
    this.startedAt = startedAt;
    this.#child = child;
    this.#keys = child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /**
   * Starts a daemon; it may not listen yet.
   *
   * @param folder A private folder for its socket.
   */
  static start(folder: string): BenchDaemon {
    const socket = `${folder}/sudo-proxy.sock`;
    // Its records are not those of the user.
    const env: Readonly<Record<string, string>> = {
      XDG_RUNTIME_DIR: folder,
      XDG_STATE_HOME: `${folder}/state`,
      TERM: "xterm-256color",
    };
    const here = surroundings();
    const grants = grantsOf(
      "proxy",
      { ...here, env: (name) => env[name] ?? here.env(name) },
      socket,
    );
    const words = [
      ...denoRun(Deno.execPath(), grants, `${PROJECT}main_proxy.ts`),
      ...["--socket", socket, "--prompt-timeout", "600"],
    ];
    const script = `stty rows 40 columns 80; exec ${
      words.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(" ")
    }`;
    Deno.writeTextFileSync(`${folder}/start.sh`, script);
    const startedAt = performance.now();
    const child = new Deno.Command("socat", {
      args: ["-", `EXEC:sh ${folder}/start.sh,pty,setsid,ctty,stderr`],
      env,
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new BenchDaemon(socket, child, startedAt);
  }

  /** The process of the daemon itself; `exec` leaves it the shell's. */
  async pid(): Promise<number> {
    const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(this.#child.pid)] })
      .output();
    return Number(new TextDecoder().decode(stdout));
  }

  /** Waits until some words are written on the terminal; then forgets all that was written. */
  async shows(words: string): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    while (!this.#written.includes(words)) {
      if (performance.now() > deadline) {
        throw new Error(
          `"${words}" was not written; these were the last:\n${this.#written.slice(-2000)}`,
        );
      }
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, 100);
        this.#onWritten = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    this.#written = "";
  }

  /** Presses a key as soon as it counts. Returns when it was pressed, by the clock of the epoch. */
  async answer(key: string): Promise<number> {
    await this.shows("Waiting for your key");
    const pressedAt = performance.timeOrigin + performance.now();
    await this.#keys.write(new TextEncoder().encode(key));
    return pressedAt;
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    for await (const bytes of this.#child.stdout) {
      const text = decoder.decode(bytes, { stream: true });
      for (const question of text.matchAll(QUESTIONS)) {
        const row = text.slice(text.lastIndexOf("\r", question.index) + 1, question.index);
        const answer = question[1] === "5" ? "\x1b[0n" : `\x1b[1;${cellWidth(row) + 1}R`;
        // A daemon that ends asks once more, and hears no answer.
        await this.#keys.write(new TextEncoder().encode(answer)).catch(() => {});
      }
      this.#written += text;
      this.#onWritten();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const pid = await this.pid();
    if (pid > 0) await new Deno.Command("kill", { args: ["-TERM", String(pid)] }).output();
    await this.#keys.close().catch(() => {});
    await this.#reading;
    await this.#child.status;
  }
}
