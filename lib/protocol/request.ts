import { z } from "zod";
import { ProtocolError } from "./errors.ts";
import { MAX_ID_LENGTH } from "./limits.ts";

/**
 * What a request asks for. `exec` runs a pipeline; the others are control actions and show no
 * prompt.
 */
export type Action = "exec" | "ping" | "stop" | "cancel";

/** A request as it came off the wire: its shape is checked, its contents are not trusted. */
export interface Request {
  /** Names the request, 1 to 128 characters; never accepted twice. */
  readonly id: string;
  /** What is asked for. */
  readonly action: Action;
  /** The stages, each a program and its arguments; empty for control actions. */
  readonly pipeline: readonly (readonly string[])[];
  /** Environment entries in the order in which they were sent. */
  readonly env: ReadonlyMap<string, string>;
  /** Whether the pipeline is to run as root. */
  readonly privileged: boolean;
  /** Whether an unprivileged command may use the daemon's own ssh agent. */
  readonly forwardAgent: boolean;
  /** Why, in the asker's words. */
  readonly reason: string;
  /** The host that the request claims to be for. */
  readonly host: string;
  /** Who asks. */
  readonly session: string;
  /** The version of the client. */
  readonly version: string;
  /**
   * When the request was made, ISO 8601 in UTC; `undefined` where it was left out, which is an
   * error later.
   */
  readonly time: string | undefined;
  /** Whether event lines are wanted before the response. */
  readonly stream: boolean;
  /** The working directory. */
  readonly cwd: string;
  /** Input of the first stage, or `undefined` for none. */
  readonly stdin: Uint8Array<ArrayBuffer> | undefined;
  /** The limit on the run itself in milliseconds, approval not counted. */
  readonly timeoutMs: number | undefined;
  /** The id that `cancel` is about. */
  readonly target: string | undefined;
}

const string = z.string({ error: "must be a string" });
const boolean = z.boolean({ error: "must be true or false" });

const schema = z.object({
  id: string.min(1, "must be 1 to 128 characters long")
    .max(MAX_ID_LENGTH, "must be 1 to 128 characters long").optional(),
  action: z.enum(["exec", "ping", "stop", "cancel"], {
    error: 'must be one of "exec", "ping", "stop", "cancel"',
  }).default("exec"),
  // By hand, since a schema of arrays goes on after the first fault: a line of numbers would keep
  // the daemon busy for as long as it takes to press a key.
  pipeline: z.unknown().transform((value, context): readonly (readonly string[])[] => {
    const fault = pipelineFault(value);
    if (fault === undefined) return value as readonly (readonly string[])[];
    context.addIssue({ code: "custom", ...fault });
    return z.NEVER;
  }).optional(),
  env: z.custom<Record<string, unknown>>(isPlainObject, {
    error: "must be an object of strings",
    abort: true,
  }).transform((entries, context) => {
    const env = new Map<string, string>();
    for (const [name, value] of Object.entries(entries)) {
      if (typeof value === "string") {
        env.set(name, value);
        continue;
      }
      context.addIssue({ code: "custom", path: [name], message: "must be a string" });
      break;
    }
    return env;
  }).optional(),
  privileged: boolean.default(true),
  forward_agent: boolean.default(false),
  reason: string.default(""),
  host: string.default(""),
  session: string.default(""),
  version: string.default(""),
  time: string.optional(),
  stream: boolean.default(false),
  cwd: string.default("/"),
  stdin: string.transform((text, context) => {
    try {
      return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
    } catch {
      context.addIssue({ code: "custom", message: "must be base64" });
      return z.NEVER;
    }
  }).optional(),
  timeout_ms: z.number({ error: "must be a whole number of milliseconds" })
    .int("must be a whole number of milliseconds").optional(),
  target: string.optional(),
}, { error: "must be a JSON object" });

/**
 * Reads one request line.
 *
 * Unknown fields are ignored, as the protocol has it. Only the shape is checked here:
 * `validateRequest` of the gate decides whether the request may be shown.
 *
 * @param line One JSON object.
 * @returns The request with every default filled in.
 * @throws {ProtocolError} If the line is not JSON, or a field has the wrong type; the message names
 * it.
 */
export function parseRequest(line: string): Request {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new ProtocolError("invalid request: it must be one line of JSON");
  }
  const result = schema.safeParse(json);
  if (!result.success) {
    const { path, message } = result.error.issues[0];
    const field = path.length > 0 ? `"${fieldName(path)}"` : "it";
    throw new ProtocolError(`invalid request: ${field} ${message}`, idOf(json));
  }
  const { id, env, forward_agent, timeout_ms, ...rest } = result.data;
  return {
    ...rest,
    pipeline: rest.pipeline ?? [],
    id: id ?? crypto.randomUUID(),
    env: env ?? new Map<string, string>(),
    forwardAgent: forward_agent,
    stdin: rest.stdin,
    time: rest.time,
    timeoutMs: timeout_ms,
    target: rest.target,
  };
}

/** What a client may put into a request; everything left out is left out on the wire. */
export interface RequestInput {
  /** Names the request; a fresh UUID v4 if left out. */
  readonly id?: string;
  /** What is asked for; `exec` if left out. */
  readonly action?: Action;
  /** The stages, each a program and its arguments. */
  readonly pipeline?: readonly (readonly string[])[];
  /** Environment entries. */
  readonly env?: Readonly<Record<string, string>>;
  /** Whether to run as root; true if left out. */
  readonly privileged?: boolean;
  /** Whether an unprivileged command may use the daemon's ssh agent. */
  readonly forwardAgent?: boolean;
  /** Why, shown to the person. */
  readonly reason?: string;
  /** The host that the request is for, shown to the person. */
  readonly host?: string;
  /** Who asks, shown to the person. */
  readonly session?: string;
  /** Added: whether event lines are wanted. */
  readonly stream?: boolean;
  /** Added: an absolute path. */
  readonly cwd?: string;
  /** Added: input of the first stage. */
  readonly stdin?: Uint8Array;
  /** Added: limit on the run in milliseconds. */
  readonly timeoutMs?: number;
  /** Added: the id that `cancel` is about. */
  readonly target?: string;
}

/**
 * Turns a client's wish into the object that travels on the wire.
 *
 * @param input What is asked for.
 * @param stamp The id, the time in ISO 8601 UTC and the client version that go with it.
 * @returns An object for one JSON line, without the fields that were left out.
 */
export function requestLine(
  input: RequestInput,
  stamp: { readonly id: string; readonly time: string; readonly version: string },
): Record<string, unknown> {
  const { action, forwardAgent, stdin, timeoutMs, env, ...rest } = input;
  return {
    ...rest,
    ...stamp,
    ...(action !== undefined && action !== "exec" ? { action } : {}),
    ...(env !== undefined && Object.keys(env).length > 0 ? { env } : {}),
    ...(forwardAgent !== undefined ? { forward_agent: forwardAgent } : {}),
    ...(stdin !== undefined ? { stdin: stdin.toBase64() } : {}),
    ...(timeoutMs !== undefined ? { timeout_ms: timeoutMs } : {}),
  };
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first thing that keeps a value from being a pipeline, and where it is. */
function pipelineFault(
  value: unknown,
): { readonly path: PropertyKey[]; readonly message: string } | undefined {
  if (!Array.isArray(value)) {
    return { path: [], message: "must be an array of stages, each an array of strings" };
  }
  for (const [stage, words] of value.entries()) {
    if (!Array.isArray(words)) return { path: [stage], message: "must be an array of strings" };
    const index = words.findIndex((word) => typeof word !== "string");
    if (index >= 0) return { path: [stage, index], message: "must be a string" };
  }
  return undefined;
}

/** `["pipeline", 0, 1]` becomes `pipeline[0][1]`; names from the request are cut and escaped. */
function fieldName(path: readonly PropertyKey[]): string {
  return path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    const name = JSON.stringify(String(part).slice(0, 64)).slice(1, -1);
    return index === 0 ? name : `.${name}`;
  }).join("");
}

function idOf(json: unknown): string {
  if (!isPlainObject(json) || typeof json.id !== "string") return "";
  return json.id.length <= MAX_ID_LENGTH ? json.id : "";
}
