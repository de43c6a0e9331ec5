import { LineReader } from "../../lib/protocol/framing.ts";
import { takeSlot } from "../rig/slots.ts";

/** One connection to a {@linkcode ScriptedDaemon}, after its request was read. */
export interface ScriptedConnection {
  /** What was asked. */
  readonly request: Readonly<Record<string, unknown>>;
  /** Resolves when the client has closed its side. */
  readonly gone: Promise<void>;
  /** Sends one line of JSON. */
  say(value: unknown): Promise<void>;
  /** Sends bytes as they are. */
  sayBytes(bytes: string | Uint8Array): Promise<void>;
}

/**
 * A real Unix socket on which a script answers in place of a daemon: for daemons that are older,
 * broken or stuck, which this project has no program for. A connection is closed when its script
 * ends.
 */
export class ScriptedDaemon implements AsyncDisposable {
  /** The requests of all connections, in order of arrival. */
  readonly requests: Record<string, unknown>[] = [];
  readonly #folder: string;
  readonly #listener: Deno.UnixListener;
  readonly #connections = new Set<Deno.UnixConn>();
  readonly #served: Promise<void>;

  private constructor(
    folder: string,
    listener: Deno.UnixListener,
    script: (connection: ScriptedConnection) => Promise<void>,
  ) {
    this.#folder = folder;
    this.#listener = listener;
    this.#served = this.#serve(script);
  }

  /**
   * Starts to listen.
   *
   * @param script What happens on each connection.
   * @returns The daemon; disposing of it closes every connection and removes its socket.
   */
  static async listen(
    script: (connection: ScriptedConnection) => Promise<void>,
  ): Promise<ScriptedDaemon> {
    const folder = await takeSlot();
    await Deno.mkdir(`${folder}/run`, { mode: 0o700 });
    const listener = Deno.listen({ transport: "unix", path: socketIn(folder) });
    return new ScriptedDaemon(folder, listener, script);
  }

  /** Where it listens. */
  get socket(): string {
    return socketIn(this.#folder);
  }

  /** The actions of all connections; what names none is `exec`. */
  get actions(): unknown[] {
    return this.requests.map(({ action }) => action ?? "exec");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.#connections.forEach(close);
    await this.#served;
    await Deno.remove(this.#folder, { recursive: true });
  }

  async #serve(script: (connection: ScriptedConnection) => Promise<void>): Promise<void> {
    const scripts: Promise<void>[] = [];
    try {
      for await (const conn of this.#listener) {
        this.#connections.add(conn);
        scripts.push(
          this.#answer(conn, script).finally(() => {
            this.#connections.delete(conn);
            close(conn);
          }),
        );
      }
    } finally {
      await Promise.all(scripts);
    }
  }

  async #answer(
    conn: Deno.UnixConn,
    script: (connection: ScriptedConnection) => Promise<void>,
  ): Promise<void> {
    try {
      const line = await new LineReader(conn, Infinity).next();
      if (line === null) return;
      const request = JSON.parse(line);
      this.requests.push(request);
      const sayBytes = async (bytes: string | Uint8Array) => {
        let rest = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
        while (rest.length > 0) rest = rest.subarray(await conn.write(rest));
      };
      await script({
        request,
        gone: endOf(conn),
        say: (value) => sayBytes(JSON.stringify(value) + "\n"),
        sayBytes,
      });
    } catch {
      // The client went away, or the test is over: what came of it is asserted there.
    }
  }
}

function socketIn(folder: string): string {
  return `${folder}/run/sudo-proxy.sock`;
}

async function endOf(conn: Deno.UnixConn): Promise<void> {
  const scratch = new Uint8Array(1024);
  try {
    while (await conn.read(scratch) !== null);
  } catch {
    // A connection that breaks has ended.
  }
}

function close(conn: Deno.UnixConn): void {
  try {
    conn.close();
  } catch {
    // The test closed it first.
  }
}
