import { eventually, execute, program, succeed } from "./tools.ts";

/** An X display of its own that nobody sees, with a keyboard that tests press. */
export class Display implements AsyncDisposable {
  readonly #server: Deno.ChildProcess;
  /** What `$DISPLAY` is for programs on it. */
  readonly name: string;

  private constructor(server: Deno.ChildProcess, name: string) {
    this.#server = server;
    this.name = name;
  }

  /**
   * Starts Xvfb on a display that is free.
   *
   * @returns The display; disposing of it ends the server, and with it every window.
   */
  static async open(): Promise<Display> {
    const server = new Deno.Command(program("Xvfb"), {
      args: ["-noreset", "-displayfd", "1", "-screen", "0", "1024x768x24", "-nolisten", "tcp"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
    }).spawn();
    const reader = server.stdout.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    while (!text.includes("\n")) {
      const { value, done } = await reader.read();
      if (done) throw new Error("Xvfb ended before it had a display");
      text += value;
    }
    await reader.cancel();
    return new Display(server, `:${text.trim()}`);
  }

  /**
   * Waits for a window.
   *
   * @param title What its title is to be; no letter of it may mean something in a pattern.
   * @returns Its id.
   */
  async window(title: string): Promise<string> {
    return await eventually(`a window with the title "${title}"`, async () => {
      const { stdout } = await this.#xdotool("search", "--onlyvisible", "--name", `^${title}$`);
      const [id, ...others] = stdout.split("\n").filter((line) => line !== "");
      if (others.length > 0) throw new Error(`more than one window has the title "${title}"`);
      return id;
    });
  }

  /** The number of windows that have a title at all. */
  async windows(): Promise<number> {
    const { stdout } = await this.#xdotool("search", "--onlyvisible", "--name", ".");
    return stdout.split("\n").filter((line) => line !== "").length;
  }

  /**
   * Presses a key of the keyboard (the XTEST extension), for the window that has the focus.
   *
   * @param window The window that is given the focus before.
   * @param key The key, as X names it.
   */
  async press(window: string, key: string): Promise<void> {
    await succeed([...this.#words, "windowfocus", "--sync", window]);
    await succeed([...this.#words, "key", key]);
  }

  /**
   * Holds a key down, so that the X server repeats it.
   *
   * @param window The window that is given the focus before.
   * @param key The key, as X names it.
   * @returns What lets the key go when it is disposed of.
   */
  async hold(window: string, key: string): Promise<AsyncDisposable> {
    await succeed([...this.#words, "windowfocus", "--sync", window]);
    await succeed([...this.#words, "keydown", key]);
    return {
      [Symbol.asyncDispose]: async () => void await succeed([...this.#words, "keyup", key]),
    };
  }

  get #words(): string[] {
    return ["/usr/bin/env", `DISPLAY=${this.name}`, program("xdotool")];
  }

  #xdotool(...args: string[]): ReturnType<typeof execute> {
    return execute([...this.#words, ...args]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.kill();
    await this.#server.status;
  }
}
