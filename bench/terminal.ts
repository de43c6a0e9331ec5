import { shellWord } from "../lib/platform/shell_word.ts";
import { hostEnvironment } from "../lib/platform/paths.ts";
import { grantsOf } from "../lib/grants.ts";
import { denoRun } from "../lib/start.ts";
import { cellWidth } from "../lib/view/cells.ts";
import { startFrom } from "./bundle.ts";

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
  /** What the end of a prompt says, behind which a key counts. */
  readonly prompt: string;
  /** When its process was started, by `performance.now()`. */
  readonly startedAt: number;
  readonly #child: Deno.ChildProcess;
  readonly #keys: WritableStreamDefaultWriter<Uint8Array>;
  readonly #reading: Promise<void>;
  #written = "";
  #onWritten: () => void = () => {};

  private constructor(
    socket: string,
    prompt: string,
    child: Deno.ChildProcess,
    startedAt: number,
  ) {
    this.socket = socket;
    this.prompt = prompt;
    this.startedAt = startedAt;
    this.#child = child;
    this.#keys = child.stdin.getWriter();
    this.#reading = this.#read();
  }

  /**
   * Starts a daemon of this project; it may not listen yet.
   *
   * @param folder A private folder for its socket.
   * @param program What starts the program in another form than the sources, or the folder of a
   * bundle.
   */
  static start(folder: string, program?: readonly string[] | string): BenchDaemon {
    const socket = `${folder}/sudo-proxy.sock`;
    const variables = variablesOf(folder);
    const env = hostEnvironment();
    const grants = grantsOf(
      "proxy",
      { ...env, get: (name) => variables[name] ?? env.get(name) },
      socket,
    );
    const words = typeof program === "string"
      ? startFrom(program, Deno.execPath(), grants, "main_proxy")
      : program ?? denoRun(Deno.execPath(), grants, "main_proxy");
    const options = ["--socket", socket, "--prompt-timeout", "600"];
    return BenchDaemon.#open(folder, socket, "Waiting for your key", [...words, ...options]);
  }

  /**
   * Starts a daemon by `start.sh`, as a command does: the grants are computed first.
   *
   * @param folder A private folder for its socket.
   * @param script Which one: of the sources or of a bundle.
   */
  static startByScript(folder: string, script: string): BenchDaemon {
    const socket = `${folder}/sudo-proxy.sock`;
    const words = ["sh", script, Deno.execPath(), "--socket", socket];
    return BenchDaemon.#open(folder, socket, "Waiting for your key", words);
  }

  /**
   * Starts a daemon of the original.
   *
   * @param folder A private folder for its socket.
   * @param program Its program.
   */
  static startOriginal(folder: string, program: string): BenchDaemon {
    const socket = `${folder}/original.sock`;
    return BenchDaemon.#open(folder, socket, "[y/N]", [program, "--socket", socket]);
  }

  static #open(
    folder: string,
    socket: string,
    prompt: string,
    words: readonly string[],
  ): BenchDaemon {
    const script = `stty rows 40 columns 80; exec ${words.map(shellWord).join(" ")}`;
    const path = `${socket}.sh`;
    Deno.writeTextFileSync(path, script);
    const startedAt = performance.now();
    const child = new Deno.Command("socat", {
      args: ["-", `EXEC:sh ${path},pty,setsid,ctty,stderr`],
      env: { ...variablesOf(folder) },
      stdin: "piped",
      stdout: "piped",
    }).spawn();
    return new BenchDaemon(socket, prompt, child, startedAt);
  }

  /** The process of the daemon itself; `exec` leaves it the shell's. */
  async pid(): Promise<number> {
    const { stdout } = await new Deno.Command("pgrep", { args: ["-P", String(this.#child.pid)] })
      .output();
    return Number(new TextDecoder().decode(stdout));
  }

  /** Waits until some words are written on the terminal; then forgets what was written, or not. */
  async shows(words: string, forgets = true): Promise<void> {
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
    if (forgets) this.#written = "";
  }

  /** Presses a key as soon as it counts. Returns when it was pressed, by the clock of the epoch. */
  async answer(key: string): Promise<number> {
    await this.shows(this.prompt);
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
    else await this.#keys.close().catch(() => {});
    // socat ends with the daemon, but half a second after its input, whatever the daemon does then.
    await this.#reading;
    await this.#child.status;
    await this.#keys.close().catch(() => {});
  }
}

/** Records and registries of a measured daemon are not those of the user. */
export function variablesOf(folder: string): Readonly<Record<string, string>> {
  return {
    XDG_RUNTIME_DIR: folder,
    XDG_STATE_HOME: `${folder}/state`,
    XDG_CONFIG_HOME: `${folder}/config`,
    TERM: "xterm-256color",
  };
}
