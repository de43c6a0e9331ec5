import { z } from "zod";
import {
  ErrorCode,
  type Implementation,
  InitializeRequestSchema,
  LATEST_PROTOCOL_VERSION,
  McpError,
  Protocol,
  type RequestHandlerExtra,
  type ServerCapabilities,
  type ServerNotification,
  type ServerRequest,
  type ServerResult,
  SUPPORTED_PROTOCOL_VERSIONS,
} from "./sdk.ts";

/** What a server says of itself in its answer to `initialize`. */
export interface ServerIdentity {
  /** Its name and version. */
  readonly info: {
    readonly name: string;
    readonly title: string;
    readonly description: string;
    readonly version: string;
    readonly icons: { src: string; mimeType: string; sizes: string[] }[];
  };
  /** What it can do. */
  readonly capabilities: Record<string, unknown>;
  /** How to work with it. */
  readonly instructions: string;
}

/**
 * The server's side of the protocol, on the SDK's own implementation of requests, answers, progress
 * and cancellation. The SDK's class `Server` is that and the questions which a server can ask its
 * client; we ask none, and it loads a JSON schema compiler for their answers, which costs every
 * start about a fifth of its time.
 *
 * @internal
 */
export class ProtocolServer extends Protocol<ServerRequest, ServerNotification, ServerResult> {
  #client: Implementation | undefined;
  #version = "";

  /**
   * Makes a server that answers `initialize` and `ping`.
   *
   * @param identity What it says of itself.
   */
  constructor({ info, capabilities, instructions }: ServerIdentity) {
    super();
    this.answer(InitializeRequestSchema, ({ params }) => {
      this.#client = params.clientInfo;
      const isKnown = SUPPORTED_PROTOCOL_VERSIONS.includes(params.protocolVersion);
      this.#version = isKnown ? params.protocolVersion : LATEST_PROTOCOL_VERSION;
      return {
        protocolVersion: this.#version,
        capabilities: capabilities as ServerCapabilities,
        serverInfo: info,
        instructions,
      };
    });
  }

  /** The name and version of the client, once it has said them. */
  get client(): { readonly name: string; readonly version: string } | undefined {
    return this.#client;
  }

  /** The version of the protocol that was agreed on, a date; `""` before that. */
  get version(): string {
    return this.#version;
  }

  /**
   * Says what answers a kind of request. Parameters of another shape are a protocol error; the SDK
   * alone would call them an internal error, with a dump of its schema library.
   *
   * @param schema The shape of the request.
   * @param handler Gives the result, or throws a `McpError`.
   */
  answer<Schema extends z.ZodObject<{ method: z.ZodLiteral<string> }>>(
    schema: Schema,
    handler: (
      request: z.output<Schema>,
      extra: RequestHandlerExtra<ServerRequest, ServerNotification>,
    ) => ServerResult | Promise<ServerResult>,
  ): void {
    const ofAnyShape = z.looseObject({ method: schema.shape.method });
    this.setRequestHandler(ofAnyShape, (request, extra) => {
      const parsed = schema.safeParse(request);
      if (parsed.success) return handler(parsed.data, extra);
      const [{ path, message }] = parsed.error.issues;
      throw new McpError(ErrorCode.InvalidParams, `Wrong "${path.join(".")}": ${message}`);
    });
  }

  /** Tells the client that the list of resources has changed. */
  async sendResourceListChanged(): Promise<void> {
    await this.notification({ method: "notifications/resources/list_changed" });
  }

  // We ask nothing of a client, and serve only what our capabilities say.

  protected assertCapabilityForMethod(): void {}
  protected assertNotificationCapability(): void {}
  protected assertRequestHandlerCapability(): void {}
  protected assertTaskCapability(): void {}
  protected assertTaskHandlerCapability(): void {}
}
