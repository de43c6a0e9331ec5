import { McpSession } from "./mcp.ts";
import { HOST, type RemoteRig } from "./remote.ts";
import { TmuxTerminal } from "./tmux.ts";
import { eventually, program } from "./tools.ts";

/** A person's tmux, with an MCP server that opens its windows there. */
export class Desk {
  private constructor(
    /** The two sides. */
    readonly rig: RemoteRig,
    /** The person's terminal. */
    readonly terminal: TmuxTerminal,
    /** The client that the model uses. */
    readonly mcp: McpSession,
    /** The socket of the person's tmux. */
    readonly server: string,
  ) {}

  /** Opens a terminal for the local user, and starts the server there; both go with `parts`. */
  static async open(parts: AsyncDisposableStack, rig: RemoteRig): Promise<Desk> {
    const terminal = parts.use(
      await TmuxTerminal.open({ user: rig.local.name, env: rig.here.env }),
    );
    const env = { TMUX: await terminal.environment() };
    const asLocal = [program("runuser"), "-u", rig.local.name, "--"];
    const mcp = parts.use(await McpSession.start(rig.here, env, asLocal));
    return new Desk(rig, terminal, mcp, env.TMUX.replace(/,.*/s, ""));
  }

  /** Waits until the window of a host shows something. */
  async shows(pattern: RegExp, host = HOST): Promise<string> {
    let screen = "";
    try {
      return await eventually(`${pattern} in the window of ${host}`, async () => {
        screen = await this.terminal.screen(`:sudo-proxy ${host}`).catch(() => "");
        return pattern.test(screen) ? screen : undefined;
      }, 60_000);
    } catch (error) {
      throw new Error(`${error instanceof Error ? error.message : error}; it shows:\n${screen}`);
    }
  }

  /** Presses keys in the window of a host. */
  async press(keys: readonly string[], host = HOST): Promise<void> {
    await this.#tmux("send-keys", "-t", `:sudo-proxy ${host}`, ...keys);
  }

  /** Lets the server see the launcher before it ends: no person answers as fast as this test. */
  async serverLooks(): Promise<void> {
    const until = performance.now() + 150;
    while (performance.now() < until) await this.mcp.call("status");
  }

  /** Here, windows stay when their command has ended; two of one name would be ambiguous. */
  async closeWindow(): Promise<void> {
    await this.#tmux("kill-window", "-t", `:sudo-proxy ${HOST}`);
  }

  async #tmux(...words: string[]): Promise<void> {
    await this.rig.asLocal(["tmux", "-S", this.server, ...words]);
  }
}
