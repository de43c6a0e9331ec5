import { z } from "zod";
import { isSignalName } from "./signals.ts";
import { ProtocolError } from "./errors.ts";

/** How one stage of a pipeline ended. */
export interface StageResult {
  /** The exit code; 128 + N for a stage that signal N ended. */
  readonly exit_code: number;
  /** Added: the signal that ended the stage, such as `SIGTERM`. */
  readonly signal?: string;
  /** Standard error, base64. */
  readonly stderr: string;
  /** Stands only where standard error was cut. */
  readonly stderr_truncated?: true;
}

/** The last line of every connection. */
export interface Response {
  /** The id of the request; `""` where it could not be read. */
  readonly id: string;
  /** How the request ended. */
  readonly status: "ok" | "denied" | "timeout" | "error";
  /** What went wrong, what the person typed, or `pong`. */
  readonly message?: string;
  /** One entry a stage. */
  readonly stages?: readonly StageResult[];
  /** Standard output of the last stage, base64. */
  readonly stdout?: string;
  /** Stands only where standard output was cut. */
  readonly stdout_truncated?: true;
  /** Added: what the daemon understands beyond sudo-proxy 1.1; in the answer to `ping`. */
  readonly features?: readonly string[];
  /** Added: how many requests wait for the person; in the answer to `ping`. */
  readonly waiting?: number;
  /** The version of the daemon. */
  readonly version?: string;
}

/** An added event line, sent only where the request asked for it. */
export type ProgressEvent =
  & {
    /** The id of the request. */
    readonly id: string;
  }
  & (
    | { readonly event: "queued"; readonly position: number }
    | {
      readonly event: "shown";
      /** How long the person has for an answer from now on, in milliseconds. */
      readonly timeout_ms?: number;
    }
    | { readonly event: "approved" }
    | { readonly event: "started" }
    | {
      readonly event: "output";
      /** The index of the stage, from 0. */
      readonly stage: number;
      readonly stream: "stdout" | "stderr";
      /** The bytes, base64. */
      readonly data: string;
    }
  );

const responseSchema = z.object({
  id: z.string(),
  status: z.enum(["ok", "denied", "timeout", "error"]),
  message: z.string().optional(),
  stages: z.array(z.object({
    exit_code: z.number().int(),
    signal: z.string().refine(isSignalName).optional(),
    stderr: z.string(),
    stderr_truncated: z.literal(true).optional(),
  })).optional(),
  stdout: z.string().optional(),
  stdout_truncated: z.literal(true).optional(),
  features: z.array(z.string()).optional(),
  waiting: z.number().int().nonnegative().optional(),
  version: z.string().optional(),
});

const eventSchema = z.discriminatedUnion("event", [
  z.object({ id: z.string(), event: z.literal("queued"), position: z.number().int() }),
  z.object({
    id: z.string(),
    event: z.literal("shown"),
    timeout_ms: z.number().int().nonnegative().optional(),
  }),
  z.object({ id: z.string(), event: z.literal("approved") }),
  z.object({ id: z.string(), event: z.literal("started") }),
  z.object({
    id: z.string(),
    event: z.literal("output"),
    stage: z.number().int(),
    stream: z.enum(["stdout", "stderr"]),
    data: z.string(),
  }),
]);

/**
 * Reads one line that a daemon sent. The first line with `status` is the response; a line with an
 * event that this client does not know is passed over.
 *
 * @param line One JSON object.
 * @returns The response, or the event, or `undefined` for an unknown event.
 * @throws {ProtocolError} If the line is neither.
 */
export function parseAnswer(
  line: string,
): { response: Response } | { event: ProgressEvent } | undefined {
  let json: unknown;
  try {
    json = JSON.parse(line);
  } catch {
    throw new ProtocolError("invalid answer: it must be one line of JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ProtocolError("invalid answer: it must be a JSON object");
  }
  if ("status" in json) {
    const result = responseSchema.safeParse(json);
    if (result.success) return { response: result.data };
    throw invalidAnswer(result.error);
  }
  if (!("event" in json)) {
    throw new ProtocolError('invalid answer: it must have "status" or "event"');
  }
  const result = eventSchema.safeParse(json);
  if (result.success) return { event: result.data };
  if (result.error.issues[0].path[0] === "event") return undefined;
  throw invalidAnswer(result.error);
}

function invalidAnswer(error: z.ZodError): ProtocolError {
  const { path, message } = error.issues[0];
  return new ProtocolError(`invalid answer: "${path.join(".")}" ${message}`);
}
