import type { Outcome, StageOutcome } from "../gate/outcome.ts";
import { MAX_CAPTURE_BYTES } from "../protocol/limits.ts";
import { realTimeSignal } from "../protocol/signals.ts";
import { Capture } from "./capture.ts";
import type { Launch } from "./root/way.ts";

/**
 * How long output may stay silent after every stage has ended, before what still holds it open is
 * left to itself.
 */
const LINGER_MS = 1000;

/** What to spawn, and what to do with what comes out. */
export interface PipelineOptions {
  /** Each stage, exactly as it is spawned. */
  readonly commands: readonly Launch[];
  /** The working directory. */
  readonly cwd: string;
  /** Input of the first stage. */
  readonly stdin: string | undefined;
  /**
   * Called with each piece of the last stage's stdout and of every stage's stderr, up to the
   * capture limit.
   */
  readonly onOutput?: (stage: number, stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** A pipeline whose every stage was spawned. */
export interface RunningPipeline {
  /** The process ids of the stages that have not ended. */
  livePids(): number[];
  /** Resolves when all of it has ended; never rejects. */
  readonly ended: Promise<Outcome>;
}

/**
 * Spawns every stage and joins them with pipes, without a shell. A stage that ends early closes its
 * input, so the one before it gets SIGPIPE, as in `yes | head -1`.
 *
 * @param options What to spawn.
 * @returns The running pipeline.
 * @throws If a stage can't be spawned; the stages before it lose their pipes and end.
 */
export function startPipeline(options: PipelineOptions): RunningPipeline {
  const startedAt = performance.now();
  const { commands, cwd, onOutput } = options;
  const last = commands.length - 1;
  const children: Deno.ChildProcess[] = [];
  try {
    for (const [index, { words: [program, ...args], env }] of commands.entries()) {
      const hasInput = index > 0 || options.stdin !== undefined;
      children.push(
        new Deno.Command(program, {
          args,
          clearEnv: true,
          env: { ...env },
          cwd,
          stdin: hasInput ? "piped" : "null",
          stdout: "piped",
          stderr: "piped",
        }).spawn(),
      );
    }
  } catch (error) {
    for (const child of children) abandon(child);
    throw error;
  }

  const live = new Set(children.map((child) => child.pid));
  const statuses = children.map(async (child) => {
    const exit = await exitOf(child);
    live.delete(child.pid);
    return exit;
  });
  const allExited = Promise.all(statuses);

  if (options.stdin !== undefined) {
    new Blob([options.stdin]).stream().pipeTo(children[0].stdin).catch(ignoreClosedPipe);
  }
  for (let index = 0; index < last; index++) {
    // Where the next stage is gone, `pipeTo` cancels the output of this one, which closes the pipe
    // that it writes to.
    children[index].stdout.pipeTo(children[index + 1].stdin).catch(ignoreClosedPipe);
  }

  const stdout = new Capture(MAX_CAPTURE_BYTES);
  const stderrs = children.map(() => new Capture(MAX_CAPTURE_BYTES));
  const drained = [
    drain(children[last].stdout, stdout, allExited, (bytes) => onOutput?.(last, "stdout", bytes)),
    ...children.map((child, index) =>
      drain(child.stderr, stderrs[index], allExited, (bytes) => onOutput?.(index, "stderr", bytes))
    ),
  ];

  const ended = (async (): Promise<Outcome> => {
    const exits = await allExited;
    const durationMs = performance.now() - startedAt;
    await Promise.all(drained);
    return {
      stages: exits.map((exit, index): StageOutcome => ({
        ...exit,
        stderr: stderrs[index].bytes(),
        stderrTruncated: stderrs[index].isTruncated,
      })),
      stdout: stdout.bytes(),
      stdoutTruncated: stdout.isTruncated,
      durationMs,
    };
  })();
  return { livePids: () => [...live], ended };
}

/** How a stage ended. Deno knows no real-time signals: it throws where one ended a process. */
async function exitOf(
  child: Deno.ChildProcess,
): Promise<Pick<StageOutcome, "exitCode" | "signal">> {
  try {
    const { code, signal } = await child.status;
    return { exitCode: code, signal: signal ?? undefined };
  } catch (error) {
    const number = Number(/^TypeError: Invalid signal: (\d+)$/.exec(String(error))?.[1]);
    const signal = realTimeSignal(number);
    if (signal === undefined) throw error;
    return { exitCode: 128 + number, signal };
  }
}

/**
 * Reads a stream to its end. A process that went into the background may hold it open for ever:
 * once every stage has ended, silence ends the reading, too.
 */
async function drain(
  stream: ReadableStream<Uint8Array>,
  capture: Capture,
  allExited: Promise<unknown>,
  onKept: (bytes: Uint8Array) => void,
): Promise<void> {
  const reader = stream.getReader();
  let exited = false;
  let finished = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const armTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => reader.cancel().catch(ignoreClosedPipe), LINGER_MS);
  };
  allExited.then(() => {
    exited = true;
    if (!finished) armTimer();
  });
  try {
    while (true) {
      const { done, value } = await reader.read();
      if (done) break;
      // Once the limit is reached there is nothing left to wait for.
      if (exited && !capture.isTruncated) armTimer();
      const kept = capture.add(value);
      if (kept.length > 0) onKept(kept);
    }
  } catch {
    // A stream that breaks has ended.
  }
  finished = true;
  clearTimeout(timer);
}

function abandon(child: Deno.ChildProcess): void {
  child.stdout.cancel().catch(ignoreClosedPipe);
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

/** A pipe that the other side closed is how pipelines end. */
function ignoreClosedPipe(): void {}
