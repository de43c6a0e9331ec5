import { messageOf } from "../platform/message_of.ts";
import { signalName } from "../protocol/signals.ts";
import { Capture, ignoreClosedPipe, readAll } from "./capture.ts";
import { commandOf, type LaunchSpec } from "./launch.ts";
import type { Captured, Outcome, StageOutcome } from "./outcome.ts";
import type { Pipe } from "./pipes.ts";

/** A stage can't be started, but one before it was. */
export class PartlyStartedError extends Error {
  /** Says why it can't. */
  constructor(why: string) {
    super(`${why}; the stages before it had started, and lost their pipes`);
  }
}

/**
 * Called with what is captured of the last stage's stdout and of every stage's stderr: not a copy,
 * but a part of the outcome's own buffer.
 */
export type OnOutput = (stage: number, stream: "stdout" | "stderr", bytes: Uint8Array) => void;

/** A process that starts stages, and lives as long as they do. */
export interface Starter {
  /** Its process id. */
  readonly pid: number;
  /** How many of its stages have not ended. */
  readonly stages: number;
  /** Whether it is a supervisor: the stages are its children. */
  readonly supervises: boolean;
}

/** A pipeline whose every stage was spawned. */
export interface RunningPipeline {
  /** What started the stages that have not ended. */
  live(): Starter[];
  /** Resolves once every stage was started; rejects if one can't be. */
  readonly started: Promise<void>;
  /** Resolves when all of it has ended; never rejects. */
  readonly ended: Promise<Outcome>;
}

/**
 * Spawns every stage and joins them with pipes, without a shell. A stage that ends early closes its
 * input, so the one before it gets SIGPIPE, as in `yes | head -1`.
 *
 * @param stages Each stage, exactly as it is spawned; at least one.
 * @param pipes What joins each stage with the next. The caller must close them at once.
 * @param cwd The working directory.
 * @param stdin Input of the first stage.
 * @param onOutput Called with each piece of output that is captured.
 * @throws If a stage can't be spawned; the earlier stages lose their pipes and end.
 */
export function startPipeline(
  stages: readonly LaunchSpec[],
  pipes: readonly Pipe[],
  cwd: string,
  stdin: string | undefined,
  onOutput: OnOutput,
): RunningPipeline {
  const startedAt = performance.now();
  const children = spawnAll(stages, pipes, cwd, stdin !== undefined);
  const live = new Set(children.map(({ pid }) => pid));
  const running = children.map((child) => ({
    child,
    exit: exitOf(child).finally(() => live.delete(child.pid)),
  }));
  const allExited = Promise.all(running.map(({ exit }) => exit));

  const last = children.length - 1;
  const [first, final] = [children[0], children[last]];
  if (!first || !final) throw new TypeError("a pipeline must have a stage");
  if (stdin !== undefined) new Blob([stdin]).stream().pipeTo(first.stdin).catch(ignoreClosedPipe);
  const captured = capture(final.stdout, allExited, (bytes) => onOutput(last, "stdout", bytes));
  const outcomes = running.map(async ({ child, exit }, index): Promise<StageOutcome> => {
    const onKept = (bytes: Uint8Array) => onOutput(index, "stderr", bytes);
    const stderr = await capture(child.stderr, allExited, onKept);
    return { ...await exit, stderr };
  });
  const ended = (async (): Promise<Outcome> => {
    await allExited;
    const durationMs = performance.now() - startedAt;
    return { stages: await Promise.all(outcomes), stdout: await captured, durationMs };
  })();
  return {
    live: () => [...live].map((pid) => ({ pid, stages: 1, supervises: false })),
    started: Promise.resolve(),
    ended,
  };
}

function spawnAll(
  stages: readonly LaunchSpec[],
  pipes: readonly Pipe[],
  cwd: string,
  hasInput: boolean,
) {
  if (pipes.length < stages.length - 1) throw new TypeError("two stages must have a pipe");
  const children: Deno.ChildProcess[] = [];
  try {
    for (const [index, stage] of stages.entries()) {
      const stdin = pipes[index - 1]?.reader ?? (hasInput && index === 0 ? "piped" : "null");
      const stdout = pipes[index]?.writer ?? "piped";
      children.push(commandOf(stage, { stdin, stdout, stderr: "piped", cwd }).spawn());
    }
    return children;
  } catch (error) {
    children.forEach(abandon);
    if (children.length === 0) throw error;
    throw new PartlyStartedError(messageOf(error));
  }
}

/** Reads a stream to its end, and keeps its start. */
async function capture(
  stream: ReadableStream<Uint8Array>,
  allExited: Promise<unknown>,
  onKept: (bytes: Uint8Array) => void,
): Promise<Captured> {
  const kept = new Capture(onKept);
  await readAll(stream, allExited, (bytes) => kept.take(bytes));
  return kept.end();
}

/** How a process ended. Deno knows no real-time signals: it throws if one ended a process. */
export async function exitOf(
  child: Deno.ChildProcess,
): Promise<Pick<StageOutcome, "exitCode" | "signal">> {
  try {
    const { code, signal } = await child.status;
    return { exitCode: code, signal: signal ?? undefined };
  } catch (error) {
    const number = Number(/^TypeError: Invalid signal: (\d+)$/.exec(String(error))?.[1]);
    const signal = signalName(number);
    if (signal === undefined) throw error;
    return { exitCode: 128 + number, signal };
  }
}

function abandon(child: Deno.ChildProcess): void {
  child.stderr.cancel().catch(ignoreClosedPipe);
  try {
    child.stdin.close().catch(ignoreClosedPipe);
  } catch {
    // It has no input.
  }
  try {
    child.kill("SIGTERM");
  } catch {
    // It runs as root, or has ended: without its pipes it ends by itself.
  }
}
