import * as z from "zod";
import { Base64Decoder } from "./base64.ts";
import { ERROR_CODES, type ErrorCode } from "./codes.ts";
import { firstIssue, ProtocolError } from "./errors.ts";
import { MAX_STAGES } from "./limits.ts";
import { isSignalName } from "./signals.ts";

/** How one stage of a pipeline ended; `docs/reference/wire.md` says what each field means. */
export interface StageResult {
  /** 128 + N for a stage that signal N ended. */
  readonly exit_code: number;
  /** The name of the signal that ended it. */
  readonly signal?: string;
  /** Standard error; base64 on the wire. */
  readonly stderr: Uint8Array;
  /** Stands only where something was cut. */
  readonly stderr_truncated?: true;
}

/** The last line of every connection. */
export interface Response {
  /** The id of the request; `""` if it could not be read. */
  readonly id: string;
  /** What became of the request. */
  readonly status: "ok" | "denied" | "timeout" | "error";
  /** What went wrong, what the person typed, or `pong`. */
  readonly message?: string;
  /** What went wrong, for programs. A newer daemon may have codes that this client does not know. */
  readonly code?: ErrorCode | undefined;
  /** How each stage ended, in order. */
  readonly stages?: readonly StageResult[];
  /** Standard output of the last stage; base64 on the wire. */
  readonly stdout?: Uint8Array;
  /** Stands only where something was cut. */
  readonly stdout_truncated?: true;
  /** What the daemon understands beyond sudo-proxy 1.1. */
  readonly features?: readonly string[];
  /** How many requests wait for the person. */
  readonly waiting?: number;
  /** The version of the daemon. */
  readonly version?: string;
}

/** An event line, sent only if the request asked for it. */
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
    | { readonly event: "approved" | "started" }
    | {
      readonly event: "output";
      /** The index of the stage, from 0. */
      readonly stage: number;
      readonly stream: "stdout" | "stderr";
      /** What the stage wrote; base64 on the wire. */
      readonly data: Uint8Array;
    }
  );

/** How many features a daemon may name. */
const MAX_FEATURES = 1000;

/** Strings of base64, unless they were decoded while they came. */
const bytes = z.preprocess(
  (value) => typeof value === "string" ? decoded(value) : value,
  z.instanceof(Uint8Array, { error: "must be base64" }),
);
const truncated = z.literal(true).exactOptional();

const RESPONSE: z.ZodType<Response> = z.object({
  id: z.string(),
  status: z.enum(["ok", "denied", "timeout", "error"]),
  message: z.string().exactOptional(),
  code: z.enum(ERROR_CODES).optional().catch(undefined),
  stages: z.array(z.object({
    exit_code: z.number().int(),
    signal: z.string().refine(isSignalName).exactOptional(),
    stderr: bytes,
    stderr_truncated: truncated,
  })).max(MAX_STAGES, `must have at most ${MAX_STAGES} stages`).exactOptional(),
  stdout: bytes.exactOptional(),
  stdout_truncated: truncated,
  features: z.array(z.string()).max(MAX_FEATURES, `must have at most ${MAX_FEATURES} features`)
    .exactOptional(),
  waiting: z.number().int().nonnegative().exactOptional(),
  version: z.string().exactOptional(),
});

const PROGRESS_EVENT: z.ZodType<ProgressEvent> = z.discriminatedUnion("event", [
  z.object({ id: z.string(), event: z.literal("queued"), position: z.number().int() }),
  z.object({
    id: z.string(),
    event: z.literal("shown"),
    timeout_ms: z.number().int().nonnegative().exactOptional(),
  }),
  z.object({ id: z.string(), event: z.enum(["approved", "started"]) }),
  z.object({
    id: z.string(),
    event: z.literal("output"),
    stage: z.number().int(),
    stream: z.enum(["stdout", "stderr"]),
    data: bytes,
  }),
]);

function decoded(text: string): Uint8Array | undefined {
  const decoder = new Base64Decoder();
  decoder.add(new TextEncoder().encode(text));
  return decoder.end();
}

/** What a line says. */
export type Answer = { readonly response: Response } | { readonly event: ProgressEvent };

/**
 * Reads one line that a daemon sent.
 *
 * @param outputOf Finds what was decoded before, by the string that stands for it.
 * @returns The response, or the event, or `undefined` for an event that this client does not know.
 * @throws {ProtocolError} If the line is neither.
 */
export function parseAnswer(
  line: string,
  outputOf?: (mark: string) => Base64Decoder | undefined,
): Answer | undefined {
  let json: unknown;
  try {
    // Without a function that sees each value, JSON is read in half the time.
    json = JSON.parse(
      line,
      outputOf && ((_, value) => {
        const output = typeof value === "string" ? outputOf(value) : undefined;
        return output === undefined ? value : output.end() ?? null;
      }),
    );
  } catch {
    throw new ProtocolError("invalid answer: it must be one line of JSON");
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    throw new ProtocolError("invalid answer: it must be a JSON object");
  }
  if (!("status" in json) && !("event" in json)) {
    throw new ProtocolError('invalid answer: it must have "status" or "event"');
  }
  const result = "status" in json ? RESPONSE.safeParse(json) : PROGRESS_EVENT.safeParse(json);
  if (result.success) {
    return "status" in result.data ? { response: result.data } : { event: result.data };
  }
  const { path, message } = firstIssue(result.error);
  if (path[0] === "event") return undefined;
  throw new ProtocolError(`invalid answer: "${path.join(".")}" ${message}`);
}
