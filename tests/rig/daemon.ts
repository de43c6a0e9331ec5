import { type SendOptions, sendRequest } from "../../lib/protocol/client.ts";
import type { RequestInput } from "../../lib/protocol/request.ts";
import type { Response } from "../../lib/protocol/response.ts";
import { Installation } from "./installation.ts";
import { TmuxTerminal } from "./tmux.ts";
import { eventually, succeed } from "./tools.ts";

/** A running daemon: the real program with its own grants, in a real terminal. */
export class RunningDaemon implements AsyncDisposable {
  /** Where it is installed. */
  readonly installation: Installation;
  /** The terminal that it runs in. */
  readonly terminal: TmuxTerminal;

  private constructor(installation: Installation, terminal: TmuxTerminal) {
    this.installation = installation;
    this.terminal = terminal;
  }

  /**
   * Starts a daemon and waits until it listens.
   *
   * @param options Its arguments, environment, user and window size.
   * @returns The daemon; disposing of it ends it and removes its installation.
   */
  static async start(
    options: {
      readonly args?: readonly string[];
      readonly env?: Record<string, string>;
      readonly user?: { readonly uid: number; readonly name: string };
      readonly columns?: number;
      readonly rows?: number;
    } = {},
  ): Promise<RunningDaemon> {
    const { args = [], env, user, columns, rows } = options;
    // What does not come up is not left behind.
    await using parts = new AsyncDisposableStack();
    const installation = parts.use(await Installation.make(user));
    const entry = args.includes("--pkexec") ? "pkexec" : "proxy";
    const command = installation.command(entry, ["--socket", installation.socket, ...args], env);
    const terminal = parts.use(
      await TmuxTerminal.open({
        // tmux wakes a process of its own that is stopped; under a shell it is the shell's.
        command: ["/bin/sh", "-c", '"$@"; exit $?', "sh", ...command],
        ...(user ? { user: user.name } : {}),
        ...(columns ? { columns } : {}),
        ...(rows ? { rows } : {}),
      }),
    );
    await terminal.shows("waiting on");
    parts.move();
    return new RunningDaemon(installation, terminal);
  }

  /** The daemon's process. */
  async pid(): Promise<string> {
    return (await succeed(["pgrep", "-P", String(await this.terminal.pid())])).trim();
  }

  /** Stops the daemon's process, as SIGSTOP does; the function that it gives lets it go on. */
  async freeze(): Promise<() => Promise<void>> {
    const pid = await this.pid();
    await succeed(["kill", "-STOP", pid]);
    return async () => void await succeed(["kill", "-CONT", pid]);
  }

  /** The daemon's socket. */
  get socket(): string {
    return this.installation.socket;
  }

  /** Sends a request with the real client. */
  send(input: RequestInput, options: Omit<SendOptions, "socketPath"> = {}): Promise<Response> {
    return sendRequest(input, { socketPath: this.socket, ...options });
  }

  /** Reads the request to its end, waits until the prompt is armed, and presses a key. */
  async answer(key: string): Promise<void> {
    await this.terminal.pressAt(await this.readToTheEnd(), key);
  }

  /**
   * Reads the request to its end, page by page, and waits until the prompt is armed.
   *
   * @returns The screen, then.
   */
  async readToTheEnd(): Promise<string> {
    const { terminal } = this;
    while (true) {
      const screen = await terminal.shows(/Waiting for your key|y counts after the end/);
      if (screen.includes("Waiting for your key")) return screen;
      await terminal.press("Space");
      await eventually(
        "the next page",
        async () => await terminal.screen() !== screen || undefined,
      );
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
    await this.installation[Symbol.asyncDispose]();
  }
}

/** The text of a response's standard output. */
export function stdoutOf(response: Response): string {
  return new TextDecoder().decode(response.stdout);
}
