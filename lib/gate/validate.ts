import {
  MAX_ENV_ENTRIES,
  MAX_STAGE_WORDS,
  MAX_STAGES,
  MAX_TIMEOUT_MS,
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
 * @param arrival When it came; waiting in line never makes it stale.
 * @param memory The ids that were accepted before; this one is added to it.
 * @returns The checked request, or the fault: a sentence that names the field and the rule.
 */
export function validateRequest(
  request: Request,
  arrival: Arrival,
  memory: ReplayMemory,
): { readonly request: ValidatedRequest } | { readonly fault: string } {
  let fault: string | undefined;
  for (const check of CHECKS) {
    fault = check(request);
    if (fault !== undefined) return { fault: `invalid request: ${fault}` };
  }
  const stdin = decodeText(request.stdin);
  if (stdin.fault !== undefined) return { fault: `invalid request: "stdin" ${stdin.fault}` };

  if (request.time === undefined) {
    return { fault: 'invalid request: "time" must be there, as ISO 8601 in UTC' };
  }
  const sentAt = parseTime(request.time);
  if (sentAt === undefined) {
    return {
      fault: 'invalid request: "time" must be ISO 8601 in UTC, such as 2026-01-31T12:00:00Z',
    };
  }
  fault = freshnessFault(sentAt, arrival.wallNow);
  if (fault !== undefined) return { fault: `stale request: "time" ${fault}` };
  fault = memory.admit(request.id, sentAt, arrival.now);
  if (fault !== undefined) return { fault: `refused request: ${fault}` };

  const { time: _, ...fields } = request;
  return {
    request: validatedRequest({
      ...fields,
      pipeline: request.pipeline.map((stage) => [...stage]),
      env: [...request.env],
      stdin: stdin.text,
    }),
  };
}

/** Each returns the rule that the request breaks, with the field in front. */
const CHECKS: readonly ((request: Request) => string | undefined)[] = [
  checkTexts,
  checkPipeline,
  checkEnvironment,
  checkOptions,
];

function checkTexts(request: Request): string | undefined {
  for (const field of ["id", "reason", "host", "session", "version", "cwd", "target"] as const) {
    const fault = textFault(request[field] ?? "");
    if (fault !== undefined) return `"${field}" ${fault}`;
  }
  for (const [name, value] of request.env) {
    if (textFault(name) !== undefined) return `a name in "env" ${textFault(name)}`;
    if (textFault(value) !== undefined) return `"env.${name}" ${textFault(value)}`;
  }
  for (const [stage, words] of request.pipeline.entries()) {
    for (const [index, word] of words.entries()) {
      // A program's name has no use for tabs and newlines; its arguments may be scripts.
      const fault = textFault(word, index === 0 ? "line" : "script");
      if (fault !== undefined) return `"pipeline[${stage}][${index}]" ${fault}`;
    }
  }
  return undefined;
}

function checkPipeline({ action, pipeline }: Request): string | undefined {
  if (action !== "exec") {
    return pipeline.length > 0 ? `"pipeline" must be empty for the action "${action}"` : undefined;
  }
  if (pipeline.length === 0) return '"pipeline" must have at least 1 stage';
  if (pipeline.length > MAX_STAGES) return `"pipeline" must have at most ${MAX_STAGES} stages`;
  for (const [index, words] of pipeline.entries()) {
    const field = `"pipeline[${index}]"`;
    if (words.length === 0) return `${field} must name a program`;
    if (words[0] === "") return `${field} must name a program, not an empty string`;
    if (words.length > MAX_STAGE_WORDS) {
      return `${field} must have at most ${MAX_STAGE_WORDS} words, and has ${words.length}`;
    }
  }
  return undefined;
}

function checkEnvironment({ env }: Request): string | undefined {
  if (env.size > MAX_ENV_ENTRIES) return `"env" must have at most ${MAX_ENV_ENTRIES} entries`;
  for (const name of env.keys()) {
    if (!isAllowedVariable(name)) return `"env.${name}" must be one of ${ALLOWED_ENVIRONMENT}`;
  }
  return undefined;
}

function checkOptions(request: Request): string | undefined {
  const { action, cwd, forwardAgent, privileged, target, timeoutMs } = request;
  if (!cwd.startsWith("/")) return '"cwd" must be an absolute path';
  if (forwardAgent && privileged) return '"forward_agent" must be false where "privileged" is true';
  if (timeoutMs !== undefined && !(timeoutMs >= MIN_TIMEOUT_MS && timeoutMs <= MAX_TIMEOUT_MS)) {
    return `"timeout_ms" must be ${MIN_TIMEOUT_MS} to ${MAX_TIMEOUT_MS}`;
  }
  if (action === "cancel" && !target) return '"target" must name the request to cancel';
  return undefined;
}

/** Standard input is shown to the person, so it must be text like everything else. */
function decodeText(
  bytes: Uint8Array | undefined,
): { readonly text: string | undefined; readonly fault?: string } {
  if (bytes === undefined) return { text: undefined };
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    return { text, fault: textFault(text, "script") };
  } catch {
    return { text: undefined, fault: "must be UTF-8 text, since a person has to read it" };
  }
}
