import { removeAtTheEnd } from "./leftovers.ts";
import { eventually, execute, succeed } from "./tools.ts";

/** A real terminal: a tmux server of its own with one window. */
export class TmuxTerminal implements AsyncDisposable {
  readonly #name = `sudo-proxy-test-${crypto.randomUUID().slice(0, 8)}`;
  readonly #prefix: readonly string[];
  readonly #user: string | undefined;
  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(user: string | undefined, env: Readonly<Record<string, string>>) {
    this.#user = user;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
    this.#prefix = [
      ...(user === undefined ? [] : ["runuser", "-u", user, "--"]),
      ...(variables.length === 0 ? [] : ["env", ...variables]),
    ];
  }

  /**
   * Opens a terminal.
   *
   * @param options The command that runs in it (a shell if left out), its size, and the user that
   * it belongs to, and variables for what it starts.
   * @returns The terminal; disposing of it ends its tmux server.
   */
  static async open(
    options: {
      readonly command?: readonly string[];
      readonly columns?: number;
      readonly rows?: number;
      readonly user?: string;
      readonly env?: Readonly<Record<string, string>>;
    } = {},
  ): Promise<TmuxTerminal> {
    const { command = ["/bin/sh"], columns = 80, rows = 24, user, env = {} } = options;
    const terminal = new TmuxTerminal(user, env);
    const as = user === undefined ? "" : `runuser -u ${user} -- `;
    terminal.#forget = await removeAtTheEnd(
      "process",
      `${as}tmux -L ${terminal.#name} kill-server; rm -f ${terminal.#socket}`,
    );
    // The window stays when its command ends, so that its last words can be read.
    await terminal.#tmux(
      "-f",
      "/dev/null",
      "new-session",
      "-d",
      "-x",
      String(columns),
      "-y",
      String(rows),
      "--",
      "sleep",
      "infinity",
    );
    await terminal.#tmux("set-option", "-g", "remain-on-exit", "on");
    await terminal.#tmux("respawn-pane", "-k", "--", ...command);
    return terminal;
  }

  /** What a person runs to see this terminal in another one. */
  get attachment(): readonly string[] {
    return [...this.#prefix, "tmux", "-L", this.#name, "attach"];
  }

  /** What `$TMUX` is inside. */
  async environment(): Promise<string> {
    return (await this.#tmux("display-message", "-p", "#{socket_path},#{pid},0")).trim();
  }

  /** Whether a program asked for reports of the mouse. */
  async reportsMouse(): Promise<boolean> {
    return (await this.#tmux("display-message", "-p", "#{mouse_any_flag}")).trim() === "1";
  }

  /** Types keys as tmux names them: `y`, `Enter`, `C-c`. Each name is one key. */
  async press(...keys: string[]): Promise<void> {
    await this.#tmux("send-keys", "--", ...keys);
  }

  /** Types a text, letter by letter. */
  async type(text: string): Promise<void> {
    await this.#tmux("send-keys", "-l", "--", text);
  }

  /**
   * Presses a key at a prompt, and waits until something else is there: what is pressed next is
   * never meant for a prompt that this key has answered.
   *
   * @param prompt The screen with the prompt.
   * @param key As tmux names it.
   */
  async pressAt(prompt: string, key: string): Promise<void> {
    await this.press(key);
    // Its time runs.
    const timeless = (screen: string) => screen.replaceAll(/\d+/g, "");
    await eventually(
      `${key} to count at\n${prompt}\n`,
      async () => timeless(await this.screen()) !== timeless(prompt),
    );
  }

  /** What is on the screen of a window, without styling. */
  async screen(window = ":"): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-t", window);
  }

  /** What is on the screen and what scrolled away. */
  async history(): Promise<string> {
    return await this.#tmux("capture-pane", "-p", "-J", "-S", "-1000");
  }

  /**
   * Keeps every byte that is written on the terminal from now on. The history knows nothing of what
   * a program drew on the alternate screen.
   *
   * @param path A file for the bytes.
   */
  async record(path: string): Promise<void> {
    await Deno.writeFile(path, new Uint8Array());
    await this.#tmux("pipe-pane", `exec cat >> ${path}`);
  }

  /** Changes the size of the window. */
  async resize(columns: number, rows: number): Promise<void> {
    await this.#tmux("resize-window", "-x", String(columns), "-y", String(rows));
  }

  /** Changes the size of the window and presses a key in the same moment. */
  async resizeAndPress(columns: number, rows: number, key: string): Promise<void> {
    const size = ["-x", String(columns), "-y", String(rows)];
    await this.#tmux("resize-window", ...size, ";", "send-keys", "--", key);
  }

  /** The process that runs in the window. */
  async pid(): Promise<number> {
    return Number(await this.#tmux("display-message", "-p", "#{pane_pid}"));
  }

  /**
   * The exit code of the command in the window, once it has ended; 128 + N where the signal N ended
   * it.
   */
  async exitCode(): Promise<number> {
    return await eventually("the end of the command in the terminal", async () => {
      const text = await this.#tmux(
        "display-message",
        "-p",
        "#{pane_dead} #{pane_dead_status} #{pane_dead_signal}",
      );
      const [dead, status, signal] = text.trimEnd().split(" ");
      if (dead !== "1") return undefined;
      if (signal) return 128 + Number(signal);
      if (status) return Number(status);
      // tmux 3.3 now and then sleeps through the end of a child; the end of another one wakes it.
      await this.#tmux("run-shell", "true");
      return undefined;
    });
  }

  /**
   * Waits until the screen shows something.
   *
   * @param pattern What to look for.
   * @param timeoutMs How long to wait, in milliseconds.
   * @returns The screen.
   */
  async shows(pattern: RegExp | string, timeoutMs?: number): Promise<string> {
    // tmux may not have read yet what was written before the call.
    await this.#tmux("display-message", "-p", "");
    let screen = "";
    const there = () =>
      typeof pattern === "string" ? screen.includes(pattern) : pattern.test(screen);
    try {
      return await eventually(`${pattern} on the terminal`, async () => {
        screen = await this.screen();
        return there() ? screen : undefined;
      }, timeoutMs);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${screen}`);
    }
  }

  /** Ends the terminal under what runs in it. */
  async hangUp(): Promise<void> {
    await this.#tmux("kill-server");
  }

  /** Where tmux has the socket of the server; what is a user's goes with the user. */
  get #socket(): string {
    return `/tmp/tmux-${Deno.uid()}/${this.#name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const tmux = [...this.#prefix, "tmux", "-L", this.#name];
    const { stdout } = await execute([...tmux, "list-panes", "-a", "-F", "#{pane_pid}"]);
    await execute([...tmux, "kill-server"]);
    // Some versions leave it there.
    await execute(["rm", "-f", this.#socket]);
    // What ran in it ends in its own time, and may still write where others are about to tidy up.
    for (const session of stdout.split("\n").filter((line) => line !== "")) {
      await eventually(
        "the end of what ran in the terminal",
        async () => (await execute(["pgrep", "-s", session])).code !== 0,
      );
    }
    await this.#forget();
  }

  async #tmux(...words: string[]): Promise<string> {
    return await succeed([...this.#prefix, "tmux", "-L", this.#name, ...words]);
  }
}
