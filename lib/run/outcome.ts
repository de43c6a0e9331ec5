import type { Fault } from "../protocol/codes.ts";
import type { Response } from "../protocol/response.ts";

/** What was captured of a stream. */
export interface Captured {
  /** Its start, up to the limit. */
  readonly bytes: Uint8Array;
  /** The SHA-256 of these bytes, in 64 hex digits. */
  readonly sha256: string;
  /** Whether it was cut at the limit. */
  readonly isTruncated: boolean;
}

/** How one stage ended. */
export interface StageOutcome {
  /** The exit code; 128 + N for a stage that signal N ended. */
  readonly exitCode: number;
  /** The signal that ended it, such as `SIGTERM`. */
  readonly signal: string | undefined;
  /** Its standard error. */
  readonly stderr: Captured;
}

/** How an approved command ended. */
export interface Outcome {
  /** One entry a stage. */
  readonly stages: readonly StageOutcome[];
  /** The standard output of the last stage. */
  readonly stdout: Captured;
  /** From the start of the first stage to the end of the last, in milliseconds. */
  readonly durationMs: number;
}

/** What `run` gives back: an outcome, or why not all of it ran. */
export type RunEnd =
  | { readonly kind: "finished"; readonly outcome: Outcome }
  | ({
    readonly kind: "refused";
    /** Whether its first stages ran, as far as they came; left out if nothing did. */
    readonly ran?: boolean;
  } & Fault);

/** Frees the memory of the outputs now; the collector would be slower than the next outputs. */
export function freeOutputs(
  { stages = [], stdout }: Pick<Response, "stages" | "stdout">,
): void {
  for (const bytes of [stdout, ...stages.map(({ stderr }) => stderr)]) {
    if (bytes?.buffer instanceof ArrayBuffer && bytes.buffer.resizable) bytes.buffer.resize(0);
  }
}

/**
 * Turns an outcome into the part of a response that carries it.
 *
 * @param outcome How the command ended.
 * @returns The fields `stages`, `stdout` and their truncation marks.
 */
export function outcomeFields(
  outcome: Outcome,
): Pick<Response, "stages" | "stdout" | "stdout_truncated"> {
  return {
    stages: outcome.stages.map((stage) => ({
      exit_code: stage.exitCode,
      ...(stage.signal !== undefined ? { signal: stage.signal } : {}),
      stderr: stage.stderr.bytes,
      ...(stage.stderr.isTruncated ? { stderr_truncated: true as const } : {}),
    })),
    stdout: outcome.stdout.bytes,
    ...(outcome.stdout.isTruncated ? { stdout_truncated: true as const } : {}),
  };
}
