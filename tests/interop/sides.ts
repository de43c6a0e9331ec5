/**
 * Both makes of daemon and all makes of client, behind one face each.
 *
 * @module
 */
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";
import { installOriginal, type OriginalProgram } from "./original.ts";

/** Who made a program. */
export type Make = "ours" | "theirs";

/** One user with both makes of every program. */
export class BothMakes implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: AsyncDisposableStack,
    /** A user with a password, which sudo asks for. */
    readonly user: { readonly name: string; readonly password: string },
    /** This project's programs, the user's home and runtime folder. */
    readonly installation: Installation,
    /** The folder with the crate's programs. */
    readonly original: string,
  ) {
    this.#parts = parts;
  }

  /** Makes the user and installs both; disposing of it removes everything. */
  static async make(): Promise<BothMakes> {
    await using parts = new AsyncDisposableStack();
    // The original's daemon starts the stages of a pipeline without a terminal, where sudo finds no
    // ticket of another type.
    const user = parts.use(await OrdinaryUser.make("Defaults:USER timestamp_type=global"));
    const installation = parts.use(await Installation.make(user));
    const original = await installOriginal(installation);
    return new BothMakes(parts.move(), user, installation, original);
  }

  /**
   * Both makes for a user that is there already.
   *
   * @param user The user.
   * @param installation This project's programs.
   */
  static async of(
    user: { readonly name: string; readonly password: string },
    installation: Installation,
  ): Promise<BothMakes> {
    const original = await installOriginal(installation);
    return new BothMakes(new AsyncDisposableStack(), user, installation, original);
  }

  /** The words that start one of the crate's programs in the user's environment. */
  theirs(
    name: OriginalProgram,
    args: readonly string[] = [],
    env: Readonly<Record<string, string>> = {},
  ): string[] {
    const all = { ...this.installation.env, ...env };
    return [
      "/usr/bin/env",
      "-i",
      ...Object.entries(all).map(([variable, value]) => `${variable}=${value}`),
      `${this.original}/${name}`,
      ...args,
    ];
  }

  /** Words that become the user first. */
  asUser(words: readonly string[]): string[] {
    return ["runuser", "-u", this.user.name, "--", ...words];
  }

  /**
   * Starts a daemon of either make in a terminal, and waits until it listens.
   *
   * @param make Whose.
   * @param env What is added to its environment.
   * @param args What is added to its arguments.
   * @returns The daemon; disposing of it ends it.
   */
  async daemon(
    make: Make,
    env: Record<string, string> = {},
    args: readonly string[] = [],
  ): Promise<Daemon> {
    const command = make === "ours"
      ? this.installation.command("proxy", ["--socket", this.installation.socket, ...args], env)
      : this.theirs("sudo-proxy", ["--verbose", ...args], env);
    await using parts = new AsyncDisposableStack();
    const terminal = parts.use(
      await TmuxTerminal.open({ command, user: this.user.name, columns: 100, rows: 40 }),
    );
    const daemon = new Daemon(make, terminal, this.user.password);
    await daemon.listens();
    parts.move();
    return daemon;
  }

  /**
   * The command line client of either make.
   *
   * @param make Whose.
   * @param host The host whose tunnel is used; this machine if left out.
   */
  requestClient(make: Make, host?: string): Client {
    const { socket, runtime } = this.installation;
    return {
      name: make === "ours" ? "sudo-proxy request" : "sudo-request",
      send: async ({ pipeline, privileged = true, forwardAgent, env }) => {
        const words = pipeline.flatMap((stage, index) => index === 0 ? stage : ["|", ...stage]);
        const options = [
          ...(privileged ? [] : ["--no-privilege"]),
          ...(forwardAgent ? ["--forward-agent"] : []),
          "--reason",
          "to see",
        ];
        const variables = make === "ours"
          ? Object.entries(env ?? {}).flatMap(([name, value]) => ["--env", `${name}=${value}`])
          : [];
        const command = make === "ours"
          ? this.installation.command("request", [
            ...(host === undefined ? [] : ["--host", host]),
            ...options,
            ...variables,
            "--",
            ...words,
          ])
          : this.theirs("sudo-request", [
            "--socket",
            host === undefined ? socket : `${runtime}/sudo-proxy-${host}.sock`,
            ...options,
            ...words,
          ]);
        const { code, stdout, stderr } = await execute(this.asUser(command));
        return { code, text: stdout, about: stderr };
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
  }

  /**
   * The MCP server of either make, with an MCP client at it.
   *
   * @param make Whose.
   * @param host The host that is named in each call; this machine if left out.
   */
  async mcpClient(make: Make, host?: string): Promise<McpClient> {
    const words = make === "ours"
      ? this.installation.command("mcp")
      : this.theirs("sudo-proxy-mcp");
    const session = await McpSession.connect(this.asUser(words));
    const where = host === undefined ? {} : { host };
    return {
      name: `${make === "ours" ? "our" : "their"} MCP server`,
      session,
      send: async ({ pipeline, privileged = true, forwardAgent, env }) => {
        const { text, isError } = await session.call("execute", {
          ...(pipeline.length === 1 ? { argv: pipeline[0] } : { pipeline }),
          ...where,
          description: "to see",
          privileged,
          ...(forwardAgent ? { forward_agent: true } : {}),
          ...(env === undefined ? {} : { env }),
        });
        return { code: isError ? 1 : 0, text, about: text };
      },
      call: (name, args = {}) => session.call(name, { ...where, ...args }),
      [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}

/** What a client is told to ask. */
export interface Ask {
  /** The stages. */
  readonly pipeline: readonly (readonly string[])[];
  /** Whether as root; true if left out. */
  readonly privileged?: boolean;
  /** Whether with the ssh agent. */
  readonly forwardAgent?: boolean;
  /** Variables; the crate's command line client can't send any. */
  readonly env?: Readonly<Record<string, string>>;
}

/** What became of it, as a user of the client sees it. */
export interface Outcome {
  /** The exit code; of an MCP server 1 for an answer that is an error, else 0. */
  readonly code: number;
  /** Standard output, or the text of the answer. */
  readonly text: string;
  /** Standard error, or the text of the answer. */
  readonly about: string;
}

/** A client of either make. */
export interface Client extends AsyncDisposable {
  /** What it is called in the names of test steps. */
  readonly name: string;
  /** Sends one request, and waits for what becomes of it. */
  send(ask: Ask): Promise<Outcome>;
}

/** An MCP server of either make. */
export interface McpClient extends Client {
  /** The MCP client. */
  readonly session: McpSession;
  /** Calls a tool, for the host of this client. */
  call(name: string, args?: Record<string, unknown>): ReturnType<McpSession["call"]>;
}

/** The words on the terminal of each make. */
const WORDS = {
  ours: { listens: "waiting on", prompt: /Waiting for your key/ },
  theirs: { listens: "listening on", prompt: /\[y\/N(\/a)?\] \(60s timeout, default=N\)[^→]*$/ },
} as const;

/** A running daemon of either make, in a terminal. */
export class Daemon implements AsyncDisposable {
  constructor(
    /** Whose. */
    readonly make: Make,
    /** Where it runs, or the launcher of its tunnel. */
    readonly terminal: TmuxTerminal,
    readonly password: string,
  ) {}

  /** Waits until it listens. */
  async listens(timeoutMs = 60_000): Promise<void> {
    await this.terminal.shows(WORDS[this.make].listens, timeoutMs);
  }

  /** Waits until a request is shown and a key counts; gives the screen. */
  async prompts(): Promise<string> {
    return await this.terminal.shows(WORDS[this.make].prompt, 30_000);
  }

  /** Presses a key at the prompt; gives the screen that showed it. */
  async answer(key: string): Promise<string> {
    const screen = await this.prompts();
    await this.terminal.press(key);
    return screen;
  }

  /** Approves what is shown, and gives sudo the password if it asks before `outcome` is there. */
  async approve<T>(outcome: Promise<T>): Promise<T> {
    await this.answer("y");
    let isDone = false;
    void outcome.catch(() => {}).finally(() => isDone = true);
    let isTyped = false;
    while (!isDone) {
      if (!isTyped && /password for \S+:\s*$/.test(await this.terminal.screen())) {
        isTyped = true;
        await this.terminal.type(this.password);
        await this.terminal.press("Enter");
      }
      await Promise.race([outcome.catch(() => {}), pause(50)]);
    }
    return await outcome;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.terminal[Symbol.asyncDispose]();
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
