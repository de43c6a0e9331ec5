import * as z from "zod";
import { firstIssue } from "../protocol/errors.ts";
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

/**
 * The server's side of the protocol, on the SDK's own implementation of requests, answers, progress
 * and cancellation. The SDK's class `Server` adds the questions that a server can ask its client.
 * We ask none, and for their answers it loads a JSON schema compiler, which takes about a fifth of
 * each start.
 *
 * @internal
 */
export class ProtocolServer extends Protocol<ServerRequest, ServerNotification, ServerResult> {
  /** The name and version of the client, once it has said them. */
  client: Implementation | undefined;
  /** The version of the protocol that was agreed on, a date; `""` before that. */
  version = "";
  /** How many requests are being answered. */
  underWay = 0;

  /** Makes a server that answers `initialize` and `ping`. */
  constructor(serverInfo: Implementation, capabilities: ServerCapabilities, instructions: string) {
    super();
    this.answer(InitializeRequestSchema, ({ params: { clientInfo, protocolVersion } }) => {
      this.client = clientInfo;
      this.version = SUPPORTED_PROTOCOL_VERSIONS.includes(protocolVersion)
        ? protocolVersion
        : LATEST_PROTOCOL_VERSION;
      return { protocolVersion: this.version, capabilities, serverInfo, instructions };
    });
  }

  /**
   * Sets the handler for a kind of request. Parameters of another shape are a protocol error; the
   * SDK alone would call them an internal error, with a dump of its schema library.
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
    this.setRequestHandler(ofAnyShape, async (request, extra) => {
      const { success, data, error } = schema.safeParse(request);
      if (!success) {
        const { path, message } = firstIssue(error);
        throw new McpError(ErrorCode.InvalidParams, `Wrong "${path.join(".")}": ${message}`);
      }
      this.underWay++;
      try {
        return await handler(data, extra);
      } finally {
        this.underWay--;
      }
    });
  }

  // We ask nothing of a client, and serve only what our capabilities say.

  protected override assertCapabilityForMethod(): void {}
  protected override assertNotificationCapability(): void {}
  protected override assertRequestHandlerCapability(): void {}
  protected override assertTaskCapability(): void {}
  protected override assertTaskHandlerCapability(): void {}
}
