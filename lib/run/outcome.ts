import type { Fault } from "../protocol/codes.ts";
import type { Response } from "../protocol/response.ts";

/** How one stage ended. */
export interface StageOutcome {
  /** The exit code; 128 + N for a stage that signal N ended. */
  readonly exitCode: number;
  /** The signal that ended it, such as `SIGTERM`. */
  readonly signal: string | undefined;
  /** What was captured of its standard error. */
  readonly stderr: Uint8Array;
  /** Whether standard error was cut at the limit. */
  readonly stderrTruncated: boolean;
}

/** How an approved command ended. */
export interface Outcome {
  /** One entry a stage. */
  readonly stages: readonly StageOutcome[];
  /** What was captured of the last stage's standard output. */
  readonly stdout: Uint8Array;
  /** Whether standard output was cut at the limit. */
  readonly stdoutTruncated: boolean;
  /** From the start of the first stage to the end of the last, in milliseconds. */
  readonly durationMs: number;
}

/** What `run` gives back: an outcome, or why nothing ran. */
export type RunEnd =
  | { readonly kind: "finished"; readonly outcome: Outcome }
  | ({ readonly kind: "refused" } & Fault);

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
      stderr: stage.stderr,
      ...(stage.stderrTruncated ? { stderr_truncated: true as const } : {}),
    })),
    stdout: outcome.stdout,
    ...(outcome.stdoutTruncated ? { stdout_truncated: true as const } : {}),
  };
}
