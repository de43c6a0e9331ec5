import {
  type Implementation,
  InitializeRequestSchema,
  LATEST_PROTOCOL_VERSION,
  Protocol,
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
    this.setRequestHandler(InitializeRequestSchema, ({ params }) => {
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
