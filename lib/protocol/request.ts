import * as z from "zod";
import { firstIssue, ProtocolError } from "./errors.ts";
import { MAX_ID_LENGTH } from "./limits.ts";

/** What a request asks for. Only `exec` shows a prompt, and runs a pipeline. */
export type Action = "exec" | "ping" | "stop" | "cancel";

/**
 * A request as it came off the wire: its shape is checked, its contents are not trusted.
 * `docs/reference/wire.md` says what each field means.
 */
export interface Request {
  /** Repeated in answers and events; 1 to 128 characters. */
  readonly id: string;
  /** What is asked for. */
  readonly action: Action;
  /** The stages, each a program and its arguments. */
  readonly pipeline: readonly (readonly string[])[];
  /** Variables that the command gets. */
  readonly env: ReadonlyMap<string, string>;
  /** Whether it runs as root. */
  readonly privileged: boolean;
  /** Whether it may use the user's ssh agent. */
  readonly forwardAgent: boolean;
  /** Why, for the person. */
  readonly reason: string;
  /** The host as the client calls it, for the person. */
  readonly host: string;
  /** Who asks, for the person. */
  readonly session: string;
  /** The client's version. */
  readonly version: string;
  /** When it was sent, as RFC 3339. */
  readonly time: string | undefined;
  /** Whether event lines are sent. */
  readonly stream: boolean;
  /** The folder in which it runs. */
  readonly cwd: string;
  /** What the first stage reads. */
  readonly stdin: Uint8Array | undefined;
  /** After how many milliseconds it is ended. */
  readonly timeoutMs: number | undefined;
  /** The id of the request to cancel. */
  readonly target: string | undefined;
}

const string = z.string({ error: "must be a string" });
const boolean = z.boolean({ error: "must be true or false" });

const REQUEST: z.ZodType<Request> = z.object({
  id: string.min(1, "must be 1 to 128 characters long")
    .max(MAX_ID_LENGTH, "must be 1 to 128 characters long").default(() => crypto.randomUUID()),
  action: z.enum(["exec", "ping", "stop", "cancel"], {
    error: 'must be one of "exec", "ping", "stop", "cancel"',
  }).default("exec"),
  // Checked by hand, since a schema of arrays goes on after the first fault: a line of numbers
  // would block the daemon for as long as it takes to press a key.
  pipeline: z.unknown().transform((value, context) => {
    const fault = pipelineFault(value);
    // Without a fault, every element was looked at.
    if (fault === undefined) return value as readonly (readonly string[])[];
    context.addIssue({ code: "custom", ...fault });
    return z.NEVER;
  }).default([]),
  env: z.custom<Record<string, unknown>>(isPlainObject, {
    error: "must be an object of strings",
    abort: true,
  }).transform((entries, context): ReadonlyMap<string, string> => {
    const env = new Map<string, string>();
    for (const [name, value] of Object.entries(entries)) {
      if (typeof value !== "string") {
        context.addIssue({ code: "custom", path: [name], message: "must be a string" });
        break;
      }
      env.set(name, value);
    }
    return env;
  }).default(() => new Map<string, string>()),
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
}, { error: "must be a JSON object" }).transform(({ forward_agent, timeout_ms, ...rest }) => ({
  ...rest,
  forwardAgent: forward_agent,
  time: rest.time,
  stdin: rest.stdin,
  timeoutMs: timeout_ms,
  target: rest.target,
}));

/** What a client may put into a request; what is left out is left out on the wire. */
export type RequestInput =
  & {
    readonly [K in Exclude<keyof Request, "env" | "stdin" | "time" | "version">]?:
      | Request[K]
      | undefined;
  }
  & {
    readonly env?: Readonly<Record<string, string>> | undefined;
    readonly stdin?: Uint8Array | undefined;
  };

/**
 * Reads one request line, and fills in every default. Unknown fields are ignored. Only the shape is
 * checked: `validateRequest` of `admit/` decides whether the request may be shown.
 *
 * @throws {ProtocolError} If the line is not JSON, or a field has the wrong type.
 */
export function parseRequest(line: string): Request {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new ProtocolError("invalid request: it must be one line of JSON", "", "invalid_line");
  }
  const { data, error } = REQUEST.safeParse(json);
  if (data !== undefined) return data;
  const { path, message } = firstIssue(error);
  if (path.length === 0) {
    throw new ProtocolError(`invalid request: it ${message}`, "", "invalid_line");
  }
  const fault = `invalid request: "${fieldName(path)}" ${message}`;
  throw new ProtocolError(fault, idOf(json), "invalid_request");
}

/** Turns a client's wish into the object that travels on the wire; JSON drops what is undefined. */
export function requestLine(
  input: RequestInput,
  stamp: { readonly id: string; readonly time: string; readonly version: string },
): Record<string, unknown> {
  const { action, forwardAgent, stdin, timeoutMs, env, ...rest } = input;
  return {
    ...rest,
    ...stamp,
    action: action === "exec" ? undefined : action,
    env: env !== undefined && Object.keys(env).length > 0 ? env : undefined,
    forward_agent: forwardAgent,
    stdin: stdin?.toBase64(),
    timeout_ms: timeoutMs,
  };
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The first thing that keeps a value from being a pipeline, and where it is. */
function pipelineFault(
  value: unknown,
): { readonly path: PropertyKey[]; readonly message: string } | undefined {
  if (!Array.isArray(value)) {
    return { path: [], message: "must be an array of stages, each an array of strings" };
  }
  for (const [stage, argv] of value.entries()) {
    if (!Array.isArray(argv)) return { path: [stage], message: "must be an array of strings" };
    const index = argv.findIndex((argument) => typeof argument !== "string");
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
  const id = isPlainObject(json) ? json["id"] : undefined;
  return typeof id === "string" && id.length <= MAX_ID_LENGTH ? id : "";
}
