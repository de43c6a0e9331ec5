import { ProtocolError } from "./errors.ts";
import { MAX_ID_LENGTH } from "./limits.ts";

/**
 * What a request asks for. `exec` runs a pipeline; the others are control actions and show no
 * prompt.
 */
export type Action = "exec" | "ping" | "stop" | "cancel";

const ACTIONS: readonly Action[] = ["exec", "ping", "stop", "cancel"];

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

/** Why a value can't be taken, and where in it. */
class Fault {
  constructor(readonly rule: string, readonly path: readonly (string | number)[] = []) {}
}

/** Turns a value of JSON into a field's value, or says why not. */
type Reader<T> = (value: unknown) => T | Fault;

const readText: Reader<string> = (value) =>
  typeof value === "string" ? value : new Fault("must be a string");

const readFlag: Reader<boolean> = (value) =>
  typeof value === "boolean" ? value : new Fault("must be true or false");

const readId: Reader<string> = (value) => {
  const id = readText(value);
  return id instanceof Fault || (id.length >= 1 && id.length <= MAX_ID_LENGTH)
    ? id
    : new Fault("must be 1 to 128 characters long");
};

const readAction: Reader<Action> = (value) =>
  ACTIONS.find((action) => action === value) ??
    new Fault(`must be one of ${ACTIONS.map((action) => `"${action}"`).join(", ")}`);

/** Stops at the first fault: a line may have a hundred thousand of them. */
const readPipeline: Reader<readonly (readonly string[])[]> = (value) => {
  if (!Array.isArray(value)) {
    return new Fault("must be an array of stages, each an array of strings");
  }
  for (const [stage, words] of value.entries()) {
    if (!Array.isArray(words)) return new Fault("must be an array of strings", [stage]);
    const index = words.findIndex((word) => typeof word !== "string");
    if (index >= 0) return new Fault("must be a string", [stage, index]);
  }
  return value;
};

const readEnvironment: Reader<ReadonlyMap<string, string>> = (value) => {
  if (!isPlainObject(value)) return new Fault("must be an object of strings");
  const env = new Map<string, string>();
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string") return new Fault("must be a string", [name]);
    env.set(name, text);
  }
  return env;
};

const readBase64: Reader<Uint8Array<ArrayBuffer>> = (value) => {
  const text = readText(value);
  if (text instanceof Fault) return text;
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return new Fault("must be base64");
  }
};

const readMilliseconds: Reader<number> = (value) =>
  Number.isSafeInteger(value)
    ? value as number
    : new Fault("must be a whole number of milliseconds");

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
  if (!isPlainObject(json)) throw new ProtocolError("invalid request: it must be a JSON object");
  const fields = json;
  const read = <T, Else>(name: string, reader: Reader<T>, otherwise: Else): T | Else => {
    if (!Object.hasOwn(fields, name)) return otherwise;
    const value = reader(fields[name]);
    if (!(value instanceof Fault)) return value;
    const field = fieldName([name, ...value.path]);
    throw new ProtocolError(`invalid request: "${field}" ${value.rule}`, idOf(fields));
  };
  return {
    id: read("id", readId, undefined) ?? crypto.randomUUID(),
    action: read("action", readAction, "exec"),
    pipeline: read("pipeline", readPipeline, []),
    env: read("env", readEnvironment, new Map<string, string>()),
    privileged: read("privileged", readFlag, true),
    forwardAgent: read("forward_agent", readFlag, false),
    reason: read("reason", readText, ""),
    host: read("host", readText, ""),
    session: read("session", readText, ""),
    version: read("version", readText, ""),
    time: read("time", readText, undefined),
    stream: read("stream", readFlag, false),
    cwd: read("cwd", readText, "/"),
    stdin: read("stdin", readBase64, undefined),
    timeoutMs: read("timeout_ms", readMilliseconds, undefined),
    target: read("target", readText, undefined),
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

/** `["pipeline", 0, 1]` becomes `pipeline[0][1]`; names from the request are cut and escaped. */
function fieldName(path: readonly (string | number)[]): string {
  return path.map((part, index) => {
    if (typeof part === "number") return `[${part}]`;
    const name = JSON.stringify(part.slice(0, 64)).slice(1, -1);
    return index === 0 ? name : `.${name}`;
  }).join("");
}

function idOf({ id }: Readonly<Record<string, unknown>>): string {
  return typeof id === "string" && id.length <= MAX_ID_LENGTH ? id : "";
}
