import { type Recorded, takeRecorded } from "../gate/approved.ts";
import type { RunEnd } from "../gate/outcome.ts";
import type { ResolvedRequest } from "../gate/request.ts";
import { descendantsOf, haveForked, processTable } from "./descendants.ts";
import { userEnvironment } from "./environment.ts";
import { isUnchanged } from "./identity.ts";
import type { Login } from "./login.ts";
import { type RunningPipeline, startPipeline } from "./pipeline.ts";
import type { Launchers } from "./programs.ts";
import type { Agent, Launch, RootWay } from "./root/way.ts";
import { startDirectly } from "./unblock.ts";

/** How long {@linkcode RunHandle.begun} waits for sudo, in milliseconds. */
const BEGIN_WAIT_MS = 5000;

/** How to run an approved request. */
export interface RunOptions {
  /** Where the launchers are. */
  readonly launchers: Launchers;
  /** The daemon's user. */
  readonly login: Login;
  /** How privileged commands become root; `undefined` where they can't. */
  readonly root: RootWay | undefined;
  /** Whether the way to root may ask on the terminal, since it keeps no credentials. */
  readonly withTerminal: boolean;
  /** Hands the terminal over to what asks while the command starts. */
  readonly handOver: () => Promise<void>;
  /** Called once every stage was spawned. */
  readonly onStarted: () => void;
  /** Called with each piece of output that is captured. */
  readonly onOutput: (stage: number, stream: "stdout" | "stderr", bytes: Uint8Array) => void;
}

/** An approved request that is about to run, runs, or has ended. */
export interface RunHandle {
  /** Resolves at the end; never rejects. */
  readonly ended: Promise<RunEnd>;
  /**
   * Resolves once sudo has started every stage, so that it needs its credentials no more; at the
   * latest at the end, or after {@linkcode BEGIN_WAIT_MS}.
   */
  begun(): Promise<void>;
  /**
   * Sends a signal to the whole command.
   *
   * @param signal Which one.
   * @param mayAsk Whether an agent may ask for a password on the terminal, which was handed over.
   * @returns Whether it was sent; true as well where nothing runs any more.
   */
  terminate(signal: "SIGTERM" | "SIGKILL", mayAsk?: boolean): Promise<boolean>;
}

/**
 * Runs what a person approved, and nothing else.
 *
 * @param recorded The approval, whose start is in the audit trail; it is used up.
 * @param options How to run it.
 * @returns A handle to the command.
 */
export function run(recorded: Recorded, options: RunOptions): RunHandle {
  const request = takeRecorded(recorded);
  let pipeline: RunningPipeline | undefined;
  let endedEarly = false;
  const { root, withTerminal } = options;
  const runOnce = async (agent: Agent | undefined): Promise<RunEnd> => {
    const fault = await changedSinceShown(request);
    if (fault !== undefined) return { kind: "refused", message: fault };
    if (endedEarly) return { kind: "refused", message: "ended before it started: nothing ran" };
    try {
      pipeline = startPipeline({
        commands: launches(request, options),
        cwd: request.cwdIdentity.realPath,
        stdin: request.stdin,
        onOutput: options.onOutput,
      });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: "refused", message: `the command can't be started: ${reason}` };
    }
    if (agent !== undefined) {
      await Promise.race([pipeline.ended, ...pipeline.livePids().map(agent.passed)]);
      await agent.close();
    }
    options.onStarted();
    return { kind: "finished", outcome: await pipeline.ended };
  };
  const ended = (async (): Promise<RunEnd> => {
    let agent: Agent | undefined;
    if (withTerminal && root?.openAgent !== undefined) {
      await options.handOver();
      agent = await root.openAgent();
    }
    try {
      return await runOnce(agent);
    } finally {
      await agent?.close();
    }
  })();
  return {
    ended,
    async begun() {
      const waitsUntil = performance.now() + BEGIN_WAIT_MS;
      while (performance.now() < waitsUntil) {
        const pids = pipeline?.livePids();
        if (pids && haveForked(await processTable(options.launchers), pids)) return;
        const tick = new Promise((resolve) => setTimeout(resolve, 20));
        if (await Promise.race([ended, tick])) return;
      }
    },
    async terminate(signal, mayAsk = false) {
      if (!pipeline) {
        endedEarly = true;
        return true;
      }
      const pids = pipeline.livePids();
      return pids.length === 0 || await sendSignal(signal, pids, request, options, mayAsk);
    },
  };
}

/**
 * Looks once more, just before the start, at everything that was found before the person was asked;
 * at all of it at once, so that the time between this and the start is short.
 */
async function changedSinceShown(request: ResolvedRequest): Promise<string | undefined> {
  const { stages, cwd, cwdIdentity } = request;
  const compared = [
    ...stages.flatMap(({ program, identity, named }) => [
      { at: program, path: program, identity, compared: "content" as const },
      ...named,
    ]),
    { at: `the folder ${cwd}`, path: cwd, identity: cwdIdentity, compared: "identity" as const },
  ];
  const isSame = await Promise.all(
    compared.map(({ path, identity, compared }) => isUnchanged(path, identity, compared)),
  );
  const changed = compared.find((_, index) => !isSame[index]);
  return changed &&
    `nothing ran: ${changed.at} changed after it was shown. Send the request again to show it as it is now`;
}

/** What is spawned for each stage: the absolute path that was shown, then the arguments. */
function launches(request: ResolvedRequest, options: RunOptions): Launch[] {
  const { launchers, login, root, withTerminal } = options;
  return request.stages.map(({ program, args }) => {
    if (!request.privileged) {
      return startDirectly(launchers, userEnvironment(request, login), [program, ...args]);
    }
    if (root === undefined) throw new Error("it needs root, and sudo is not installed");
    return root.start({ program, args, env: request.env }, withTerminal);
  });
}

/**
 * Sends a signal to the whole command. SIGTERM goes to the process groups of the stages: sudo
 * passes it on. SIGKILL can't be passed on, so it goes to every descendant, too: with `use_pty`,
 * what sudo started has a session of its own. What runs as root can be signalled by root alone.
 * sudo in the foreground has our own group, and passes on only what comes from another one: hence
 * `setsid`.
 */
async function sendSignal(
  signal: "SIGTERM" | "SIGKILL",
  pids: readonly number[],
  { privileged }: ResolvedRequest,
  { launchers, root, ...options }: RunOptions,
  mayAsk: boolean,
): Promise<boolean> {
  const { kill, setsid } = launchers;
  if (kill === undefined) return false;
  const withTerminal = options.withTerminal && root?.openAgent === undefined;
  const groups = pids.map((pid) => withTerminal ? pid : -pid);
  const targets = signal === "SIGKILL"
    ? [...descendantsOf(await processTable(launchers), pids, Deno.pid), ...groups]
    : groups;
  const kills = [kill, "-s", signal.slice(3), "--", ...targets.map(String)];
  const asUser = { words: [setsid, ...kills], env: {} };
  if (!privileged || root === undefined) return await succeeds(asUser, false);
  const [program, ...args] = withTerminal ? asUser.words : kills;
  const asRoot = root.start({ program, args, env: [] }, withTerminal);
  if (root.openAgent === undefined) return await succeeds(asRoot, withTerminal);
  // While the question is asked, it is still the user's.
  if (await succeeds(asUser, false)) return true;
  if (!mayAsk) return await root.can("now") && await succeeds(asRoot, false);
  const agent = await root.openAgent();
  try {
    return await succeeds(asRoot, false);
  } finally {
    await agent.close();
  }
}

async function succeeds(
  { words: [program, ...args], env }: Launch,
  withTerminal: boolean,
): Promise<boolean> {
  const { success } = await new Deno.Command(program, {
    args,
    clearEnv: true,
    env: { ...env },
    stdin: withTerminal ? "inherit" : "null",
    stdout: "null",
    stderr: withTerminal ? "inherit" : "null",
  }).spawn().status;
  return success;
}
