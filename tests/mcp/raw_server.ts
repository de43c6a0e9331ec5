import { LineReader } from "../../lib/protocol/framing.ts";
import { atLeast } from "../rig/assert.ts";

/** The MCP server as a process, spoken to by lines: for what the official client never sends. */
export class RawServer implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #lines: LineReader;
  /** All that it wrote to standard error, once it has ended. */
  readonly stderr: Promise<string>;

  /**
   * Starts it.
   *
   * @param command A program and its arguments.
   * @param cwd The folder that it is started in.
   */
  constructor(command: readonly string[], cwd = "/") {
    const [program, ...args] = atLeast(1, command);
    this.#child = new Deno.Command(program, {
      args,
      cwd,
      stdin: "piped",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#writer = this.#child.stdin.getWriter();
    const reader = this.#child.stdout.getReader({ mode: "byob" });
    this.#lines = new LineReader({
      async read(buffer) {
        const { value } = await reader.read(new Uint8Array(buffer.length));
        if (value === undefined || value.length === 0) return null;
        buffer.set(value);
        return value.length;
      },
    }, 64 * 1024 * 1024);
    this.stderr = new Response(this.#child.stderr).text();
  }

  /** Sends a text as it is. */
  async write(text: string): Promise<void> {
    await this.#writer.write(new TextEncoder().encode(text));
  }

  /** Sends a message. */
  async send(message: Record<string, unknown>): Promise<void> {
    await this.write(`${JSON.stringify({ jsonrpc: "2.0", ...message })}\n`);
  }

  /** The next line of standard output as JSON, or `null` at its end. */
  // deno-lint-ignore no-explicit-any
  async next(): Promise<any> {
    const line = await this.#lines.next();
    return line === null ? null : JSON.parse(line);
  }

  /** Says hello, and gives the answer back. */
  // deno-lint-ignore no-explicit-any
  async initialize(protocolVersion = "2025-11-25"): Promise<any> {
    const clientInfo = { name: "raw", version: "1" };
    await this.send({
      id: 1,
      method: "initialize",
      params: { protocolVersion, capabilities: {}, clientInfo },
    });
    const answer = await this.next();
    await this.send({ method: "notifications/initialized" });
    return answer;
  }

  /**
   * Ends its standard input and waits for its end.
   *
   * @returns The exit code, and how long it took in milliseconds.
   */
  async end(): Promise<{ readonly code: number; readonly ms: number }> {
    const startedAt = performance.now();
    await this.#writer.close();
    const { code } = await this.#child.status;
    return { code, ms: performance.now() - startedAt };
  }

  /** The id of the process. */
  get pid(): string {
    return String(this.#child.pid);
  }

  /** How the process ended. */
  get status(): Promise<Deno.CommandStatus> {
    return this.#child.status;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
    await this.#writer.close().catch(() => {});
    while (await this.#lines.next().catch(() => null) !== null);
    await this.stderr;
  }
}
