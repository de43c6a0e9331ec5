/** What a client passed on to the model as a tool's answer. */
export interface ToolResult {
  /** The text that the model would read. */
  readonly text: string;
  /** Whether the client said that the call failed; `undefined` where its protocol can't say it. */
  readonly isError: boolean | undefined;
}

/** The call that the model makes. */
export interface ToolCall {
  /** The tool's own name. */
  readonly name: string;
  /** Its arguments. */
  readonly args: Readonly<Record<string, unknown>>;
}

type Json = Readonly<Record<string, unknown>>;

/**
 * A model on loopback that calls one tool and reads the answer. It speaks the Messages API of
 * Anthropic and the Responses API of OpenAI, as far as clients need them for that.
 */
export class StubModel implements AsyncDisposable {
  /** What clients asked, in order; for the message of a test that fails. */
  readonly requests: Json[] = [];
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #call: ToolCall;
  readonly #result = Promise.withResolvers<ToolResult>();

  private constructor(call: ToolCall) {
    this.#call = call;
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#answer(request),
    );
  }

  /**
   * Starts a model.
   *
   * @param call The call that it makes.
   * @returns The model; disposing of it ends its server.
   */
  static start(call: ToolCall): StubModel {
    return new StubModel(call);
  }

  /** Where it listens, without a path. */
  get url(): string {
    return `http://127.0.0.1:${this.#server.addr.port}`;
  }

  /** What the client passed on; comes when it has. */
  get result(): Promise<ToolResult> {
    return this.#result.promise;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (request.method !== "POST") return Response.json({ data: [], models: [] });
    const body: Json = await request.json();
    this.requests.push({ pathname, ...body });
    if (pathname.endsWith("/count_tokens")) return Response.json({ input_tokens: 1 });
    if (pathname.endsWith("/messages")) return stream(this.#anthropic(body));
    if (pathname.endsWith("/responses")) return stream(this.#openai(body));
    return Response.json({ error: { message: "not here" } }, { status: 404 });
  }

  #anthropic({ messages, tools }: Json): Json[] {
    const blocks = listOf(messages).flatMap(({ content }) => listOf(content));
    const result = blocks.find(({ type }) => type === "tool_result");
    if (result) {
      this.#result.resolve({
        text: textOf(result["content"]),
        isError: result["is_error"] === true,
      });
    }
    const tool = toolNamed(listOf(tools), this.#call.name);
    const block = result || !tool
      ? { start: { type: "text", text: "" }, delta: { type: "text_delta", text: "done" } }
      : {
        start: { type: "tool_use", id: "toolu_1", name: tool["name"], input: {} },
        delta: { type: "input_json_delta", partial_json: JSON.stringify(this.#call.args) },
      };
    const usage = { input_tokens: 1, output_tokens: 1 };
    const message = { id: "msg_1", type: "message", role: "assistant", model: "stub", content: [] };
    return [
      { type: "message_start", message: { ...message, stop_reason: null, usage } },
      { type: "content_block_start", index: 0, content_block: block.start },
      { type: "content_block_delta", index: 0, delta: block.delta },
      { type: "content_block_stop", index: 0 },
      {
        type: "message_delta",
        delta: { stop_reason: result || !tool ? "end_turn" : "tool_use", stop_sequence: null },
        usage,
      },
      { type: "message_stop" },
    ];
  }

  #openai({ input, tools }: Json): Json[] {
    const result = listOf(input).find(({ type }) => type === "function_call_output");
    if (result) this.#result.resolve({ text: textOf(result["output"]), isError: undefined });
    const tool = toolNamed(listOf(tools), this.#call.name);
    const item: Json = result || !tool
      ? {
        type: "message",
        role: "assistant",
        id: "item_1",
        content: [{ type: "output_text", text: "done" }],
      }
      : {
        type: "function_call",
        id: "item_1",
        call_id: "call_1",
        ...tool,
        arguments: JSON.stringify(this.#call.args),
      };
    const usage = { input_tokens: 1, output_tokens: 1, total_tokens: 2 };
    return [
      { type: "response.created", response: { id: "resp_1" } },
      { type: "response.output_item.done", output_index: 0, item },
      { type: "response.completed", response: { id: "resp_1", output: [item], usage } },
    ];
  }
}

/** Finds our tool, whatever the client puts in front of its name. */
function toolNamed(tools: readonly Json[], name: string): Json | undefined {
  for (const tool of tools) {
    if (typeof tool["name"] === "string" && tool["name"].endsWith(`__${name}`)) {
      return { name: tool["name"] };
    }
    // Codex puts the tools of a server into a namespace.
    const inner = listOf(tool["tools"]).find((part) => part["name"] === name);
    if (tool["type"] === "namespace" && inner) return { namespace: tool["name"], name };
  }
  return undefined;
}

function listOf(value: unknown): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "object" && item) : [];
}

function textOf(content: unknown): string {
  if (typeof content === "string") return content;
  return listOf(content).map(({ text }) => String(text ?? "")).join("\n");
}

function stream(events: readonly Json[]): Response {
  const text = events.map((event) => `event: ${event["type"]}\ndata: ${JSON.stringify(event)}\n\n`);
  return new Response(text.join(""), { headers: { "content-type": "text/event-stream" } });
}
