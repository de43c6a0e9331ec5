import type { Fault } from "../protocol/codes.ts";
import {
  MAX_ENV_ENTRIES,
  MAX_STAGE_WORDS,
  MAX_STAGES,
  MAX_TIMEOUT_MS,
  MAX_WORD_BYTES,
  MIN_TIMEOUT_MS,
} from "../protocol/limits.ts";
import type { Request } from "../protocol/request.ts";
import { ALLOWED_ENVIRONMENT, isAllowedVariable } from "./environment.ts";
import { freshnessFault, parseTime } from "./freshness.ts";
import type { ReplayMemory } from "./replay.ts";
import { type ValidatedRequest, validatedRequest } from "./request.ts";
import { textFault } from "./text.ts";

/** When a request arrived. */
export interface Arrival {
  /** This machine's time in milliseconds of the epoch. */
  readonly wallNow: number;
  /** Monotonic time in milliseconds. */
  readonly now: number;
}

/**
 * Checks everything about a request that can be checked without looking at the machine. The id is
 * remembered only if all else holds, so a request that was refused for its contents can be sent
 * again, corrected.
 *
 * @param request The request as it came off the wire.
 * @param arrival When it came; waiting in the queue never makes it stale.
 * @param memory The ids that were accepted before; this one is added to it.
 * @returns The checked request, or a fault that names the field and the rule.
 */
export function validateRequest(
  request: Request,
  arrival: Arrival,
  memory: ReplayMemory,
): { readonly request: ValidatedRequest } | { readonly fault: Fault } {
  const { time, stdin, ...fields } = request;
  const input = decodeText(stdin);
  const sentAt = parseTime(time ?? "");
  const broken = textsRule(request) ?? pipelineRule(request) ?? environmentRule(request) ??
    optionsRule(request) ?? input.rule;
  if (broken !== undefined) return invalid(broken);
  if (sentAt === undefined) {
    return invalid(
      time === undefined
        ? '"time" must be there, as ISO 8601 in UTC'
        : '"time" must be ISO 8601 in UTC, such as 2026-01-31T12:00:00Z',
    );
  }
  const stale = freshnessFault(sentAt, arrival.wallNow);
  if (stale !== undefined) {
    return { fault: { code: "stale", message: `stale request: "time" ${stale}` } };
  }
  const fault = memory.admit(request.id, sentAt, arrival.now);
  if (fault !== undefined) return { fault };
  return {
    request: validatedRequest({
      ...fields,
      pipeline: request.pipeline.map((stage) => [...stage]),
      env: [...request.env],
      stdin: input.text,
    }),
  };
}

/** A fault of a request; `rule` begins with the field that breaks it. */
export function invalid(rule: string): { readonly fault: Fault } {
  return { fault: { code: "invalid_request", message: `invalid request: ${rule}` } };
}

// Each of these returns the rule that the request breaks, with the field in front.

function textsRule(request: Request): string | undefined {
  for (const field of ["id", "reason", "host", "session", "version", "cwd", "target"] as const) {
    const fault = textFault(request[field] ?? "");
    if (fault !== undefined) return `"${field}" ${fault}`;
  }
  for (const [name, value] of request.env) {
    if (textFault(name) !== undefined) return `a name in "env" ${textFault(name)}`;
    if (textFault(value) !== undefined) return `"env.${name}" ${textFault(value)}`;
  }
  for (const [stage, argv] of request.pipeline.entries()) {
    for (const [index, text] of argv.entries()) {
      // A program's name has no use for tabs and newlines; its arguments may be scripts.
      const fault = textFault(text, index === 0 ? "line" : "script");
      if (fault !== undefined) return `"pipeline[${stage}][${index}]" ${fault}`;
    }
  }
  return undefined;
}

function pipelineRule({ action, pipeline }: Request): string | undefined {
  if (action !== "exec") {
    return pipeline.length > 0 ? `"pipeline" must be empty for the action "${action}"` : undefined;
  }
  if (pipeline.length === 0) return '"pipeline" must have at least 1 stage';
  if (pipeline.length > MAX_STAGES) return `"pipeline" must have at most ${MAX_STAGES} stages`;
  for (const [index, argv] of pipeline.entries()) {
    const field = `"pipeline[${index}]"`;
    if (argv.length === 0) return `${field} must name a program`;
    if (argv[0] === "") return `${field} must name a program, not an empty string`;
    if (argv.length > MAX_STAGE_WORDS) {
      return `${field} must have at most ${MAX_STAGE_WORDS} words, and has ${argv.length}`;
    }
    const long = argv.findIndex(isTooLong);
    if (long >= 0) return `"pipeline[${index}][${long}]" ${LONG_RULE}`;
  }
  return undefined;
}

function environmentRule({ env }: Request): string | undefined {
  if (env.size > MAX_ENV_ENTRIES) return `"env" must have at most ${MAX_ENV_ENTRIES} entries`;
  for (const [name, value] of env) {
    if (!isAllowedVariable(name)) return `"env.${name}" must be one of ${ALLOWED_ENVIRONMENT}`;
    if (isTooLong(`${name}=${value}`)) return `"env.${name}" and its name ${LONG_RULE}`;
  }
  return undefined;
}

function optionsRule(request: Request): string | undefined {
  const { action, cwd, forwardAgent, privileged, target, timeoutMs } = request;
  if (!cwd.startsWith("/")) return '"cwd" must be an absolute path';
  if (forwardAgent && privileged) return '"forward_agent" must be false where "privileged" is true';
  if (timeoutMs !== undefined && !(timeoutMs >= MIN_TIMEOUT_MS && timeoutMs <= MAX_TIMEOUT_MS)) {
    return `"timeout_ms" must be ${MIN_TIMEOUT_MS} to ${MAX_TIMEOUT_MS}`;
  }
  if (action === "cancel" && !target) return '"target" must name the request to cancel';
  return undefined;
}

const LONG_RULE = `must have at most ${MAX_WORD_BYTES} bytes as UTF-8`;

function isTooLong(word: string): boolean {
  // A UTF-16 unit takes three bytes at most.
  return word.length > MAX_WORD_BYTES / 3 &&
    new TextEncoder().encode(word).length > MAX_WORD_BYTES;
}

/** Standard input is shown to the person, so it must be text like everything else. */
function decodeText(
  bytes: Uint8Array | undefined,
): { readonly text: string | undefined; readonly rule: string | undefined } {
  if (bytes === undefined) return { text: undefined, rule: undefined };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    const fault = textFault(text, "script");
    return { text, rule: fault && `"stdin" ${fault}` };
  } catch {
    const rule = '"stdin" must be UTF-8 text, since a person has to read it';
    return { text: undefined, rule };
  }
}
