// @ts-types="@modelcontextprotocol/sdk/client/index"
import { Client } from "@modelcontextprotocol/sdk/client/index.js";
// @ts-types="@modelcontextprotocol/sdk/client/stdio"
import { StdioClientTransport } from "@modelcontextprotocol/sdk/client/stdio.js";
import type { Installation } from "./installation.ts";
import { atLeast } from "./assert.ts";

/** A tool's answer, as far as tests look at it. */
export interface ToolAnswer {
  /** The texts that the model reads, joined by line breaks. */
  readonly text: string;
  /** The same as data. */
  // deno-lint-ignore no-explicit-any
  readonly data: any;
  /** Whether the tool says that it failed. */
  readonly isError: boolean;
}

/** The official MCP client, connected to our server over stdio. */
export class McpSession implements AsyncDisposable {
  /** The client itself. */
  readonly client: Client;

  private constructor(client: Client) {
    this.client = client;
  }

  /**
   * Starts the server with its own grants and connects to it.
   *
   * @param installation Where the program is.
   * @param env What is added to the user's environment, such as `TMUX`.
   * @param under The words of a program that starts it, such as another user's.
   * @returns The session; disposing of it ends the server.
   */
  static async start(
    installation: Installation,
    env: Record<string, string> = {},
    under: readonly string[] = [],
  ): Promise<McpSession> {
    return await McpSession.connect([...under, ...installation.command("mcp", [], env)]);
  }

  /**
   * Starts a server and connects to it.
   *
   * @param words A program and its arguments.
   * @param info How the client calls itself.
   * @returns The session; disposing of it ends the server.
   */
  static async connect(
    words: readonly string[],
    info: { readonly name: string; readonly version: string } = {
      name: "test-client",
      version: "1.2.3",
    },
  ): Promise<McpSession> {
    const [command, ...args] = atLeast(1, words);
    const client = new Client(info);
    await client.connect(new StdioClientTransport({ command, args, env: {}, stderr: "inherit" }));
    return new McpSession(client);
  }

  /** Calls a tool. */
  async call(
    name: string,
    args: Record<string, unknown> = {},
    signal?: AbortSignal,
  ): Promise<ToolAnswer> {
    const result = await this.client.callTool({ name, arguments: args }, undefined, {
      timeout: 120_000,
      ...(signal ? { signal } : {}),
    });
    const content = result.content as { type: string; text?: string }[];
    return {
      text: content.flatMap(({ text }) => text === undefined ? [] : [text]).join("\n"),
      data: result.structuredContent,
      isError: result.isError === true,
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.close();
  }
}
