import type { ResolvedRequest } from "../admit/request.ts";
import { type Recorded, takeRecorded } from "../audit/write/trail.ts";
import { within } from "../platform/deadline.ts";
import type { ErrorCode } from "../protocol/codes.ts";
import { childrenOf, descendantsOf, haveForked, processTable } from "./descendants.ts";
import { isUnchanged } from "./identity.ts";
import {
  type Argv,
  type LaunchSpec,
  ownSession,
  placed,
  type RootLaunch,
  succeeds,
  system,
} from "./launch.ts";
import { type Login, userEnvironment } from "./login.ts";
import type { RunEnd } from "./outcome.ts";
import {
  type OnOutput,
  PartlyStartedError,
  type RunningPipeline,
  type Starter,
  startPipeline,
} from "./pipeline.ts";
import { openPipes } from "./pipes.ts";
import type { HelperPrograms } from "./programs.ts";
import type { RootWay } from "./root/way.ts";
import { startSupervised } from "./supervisor.ts";

/** How long what was shown may take to be looked at again, in milliseconds. */
const LOOK_AGAIN_MS = 5000;
/** How long to wait until sudo has started a command, and how often to look, in milliseconds. */
const BEGIN_WAIT_MS = 5000;
const LOOK_MS = 20;

/** How to run one approved request. */
export interface RunPlan {
  /** Whether the way to root may ask on the terminal, since it keeps no credentials. */
  readonly withTerminal: boolean;
  /** Resolves once the terminal is lent to what asks there. */
  readonly lent: () => Promise<void>;
  /** Called once every stage was spawned. */
  readonly onStarted: () => void;
  /** Called with each piece of output that is captured. */
  readonly onOutput: OnOutput;
}

/** How to run any approved request on this machine. */
export interface RunOptions extends RunPlan {
  /** Where the helpers are. */
  readonly helpers: HelperPrograms;
  /** A folder for pipes that are being made; it is not there otherwise. */
  readonly pipesFolder: string;
  /** The daemon's user. */
  readonly login: Login;
  /** How privileged commands become root; `undefined` if they can't. */
  readonly root: RootWay | undefined;
}

/** Whether a signal was sent; `wouldAsk` if the way to root wants a password for it. */
export type Sent = "sent" | "wouldAsk" | "failed";

/** An approved request that is about to run, runs, or has ended. */
export interface RunHandle {
  /** Resolves at the end; never rejects. */
  readonly ended: Promise<RunEnd>;
  /** Resolves once sudo no longer needs its credentials, or at the end, or after 5 seconds. */
  begun(): Promise<void>;
  /**
   * Sends a signal to the whole command; it counts as sent if nothing runs any more. With `mayAsk`,
   * an agent may ask for a password on the terminal, which is lent.
   */
  terminate(signal: "SIGTERM" | "SIGKILL", mayAsk?: boolean): Promise<Sent>;
}

/**
 * Runs what a person approved, and nothing else.
 *
 * @param recorded The approval, whose start is in the audit trail; it is used up.
 * @param options How to run it.
 */
export function run(recorded: Recorded, options: RunOptions): RunHandle {
  const request = takeRecorded(recorded);
  const { helpers, root, withTerminal } = options;
  let pipeline: RunningPipeline | undefined;
  let isEndedEarly = false;

  const start = async (): Promise<RunningPipeline | RunEnd> => {
    const { stages, stdin, cwdIdentity: { realPath: cwd } } = request;
    const isSupervised = needsSupervisor(request, root);
    try {
      const count = isSupervised ? 0 : stages.length - 1;
      using open = await openPipes(helpers, options.pipesFolder, count);
      const change = await within(LOOK_AGAIN_MS, changeSinceShown(request)) ??
        "what was shown could not be looked at again within 5 seconds";
      if (change !== "") {
        const advice = "Send the request again to show it as it is now";
        return refused("changed", `nothing ran: ${change}. ${advice}`);
      }
      if (isEndedEarly) return refused("not_started", "ended before it started: nothing ran");
      const { onOutput } = options;
      if (isSupervised) {
        if (helpers.perl === undefined) throw new Error("it needs perl, which is not installed");
        const parts = rootLaunches(request, options);
        pipeline = startSupervised(helpers.perl, parts, cwd, stdin, onOutput);
        await pipeline.started;
        return pipeline;
      }
      const specs = launchSpecs(request, options);
      return pipeline = startPipeline(specs, open.pipes, cwd, stdin, onOutput);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      const message = `the command can't be started: ${reason}`;
      return { ...refused("not_started", message), ran: error instanceof PartlyStartedError };
    }
  };

  const ended = (async (): Promise<RunEnd> => {
    if (withTerminal) await options.lent();
    await using agent = withTerminal ? await root?.openAgent?.() : undefined;
    const running = await start();
    if ("kind" in running) return running;
    if (agent !== undefined) {
      await Promise.race([running.ended, ...running.live().map(({ pid }) => agent.passed(pid))]);
      await agent[Symbol.asyncDispose]();
    }
    options.onStarted();
    return { kind: "finished", outcome: await running.ended };
  })();

  return {
    ended,
    async begun() {
      const deadline = performance.now() + BEGIN_WAIT_MS;
      while (performance.now() < deadline) {
        const live = pipeline?.live();
        if (live && haveForked(await processTable(helpers), live)) return;
        if (await within(LOOK_MS, ended) !== undefined) return;
      }
    },
    async terminate(signal, mayAsk = false) {
      if (pipeline === undefined) {
        isEndedEarly = true;
        return "sent";
      }
      const live = pipeline.live();
      if (live.length === 0 || await sendSignal(signal, live, request, options, mayAsk)) {
        return "sent";
      }
      const isAble = root !== undefined && helpers.kill !== undefined;
      return isAble && !await root.can("now") ? "wouldAsk" : "failed";
    },
  };
}

function refused(code: ErrorCode, message: string) {
  return { kind: "refused", code, message } as const;
}

/**
 * Looks once more, just before the start, at everything that was found before the person was asked.
 * It looks at everything at once, to keep the time before the start short.
 *
 * @returns The first change, or nothing.
 */
async function changeSinceShown(request: ResolvedRequest): Promise<string> {
  const { stages, cwd, cwdIdentity } = request;
  const shown = [
    ...stages.flatMap(({ program, identity, named }) => [
      { at: program, path: program, identity, compared: "content" as const },
      ...named,
    ]),
    { at: `the folder ${cwd}`, path: cwd, identity: cwdIdentity, compared: "identity" as const },
  ];
  const isSame = await Promise.all(
    shown.map(({ path, identity, compared }) => isUnchanged(path, identity, compared)),
  );
  const changed = shown.find((_, index) => !isSame[index]);
  return changed === undefined ? "" : `${changed.at} changed after it was shown`;
}

/** Whether there is something for root to read into which others could write. */
function needsSupervisor(
  { privileged, stages, stdin }: ResolvedRequest,
  root: RootWay | undefined,
) {
  return privileged && root?.isSupervised === true && (stages.length > 1 || stdin !== undefined);
}

/** What is spawned for each stage: the absolute path that was shown, then the arguments. */
function launchSpecs(request: ResolvedRequest, options: RunOptions): LaunchSpec[] {
  const { helpers, login } = options;
  if (request.privileged) {
    return rootLaunches(request, options).map((launch) => placed(helpers, launch));
  }
  return request.stages.map(({ program, args }) =>
    ownSession(helpers, { argv: [program, ...args], env: userEnvironment(request, login) })
  );
}

function rootLaunches(
  { stages, env }: ResolvedRequest,
  { root, withTerminal }: RunOptions,
): RootLaunch[] {
  if (root === undefined) throw new Error("it needs root, and sudo is not installed");
  return stages.map(({ program, args }) =>
    root.launch({ argv: [program, ...args], env: Object.fromEntries(env) }, withTerminal)
  );
}

/**
 * Sends a signal to the whole command. SIGTERM goes to the process groups of the stages: sudo
 * passes it on. SIGKILL can't be passed on, so it goes to every descendant, too: with `use_pty`,
 * what sudo started has a session of its own. Only root can signal what runs as root. sudo in the
 * foreground shares our process group, and passes on only signals from another group: hence
 * `setsid`.
 */
async function sendSignal(
  signal: "SIGTERM" | "SIGKILL",
  live: readonly Starter[],
  { privileged }: ResolvedRequest,
  { helpers, root, withTerminal }: RunOptions,
  mayAsk: boolean,
): Promise<boolean> {
  const { kill, setsid } = helpers;
  if (kill === undefined) return false;
  const isForeground = withTerminal && root?.openAgent === undefined;
  // In the foreground, all of it shares our process group.
  const table = signal === "SIGKILL" || isForeground ? await processTable(helpers) : "";
  const pids = live.map(({ pid }) => pid);
  const leaders = live.flatMap(({ pid, supervises }) =>
    isForeground && supervises ? childrenOf(table, pid) : [isForeground ? pid : -pid]
  );
  const targets = signal === "SIGKILL"
    ? [...descendantsOf(table, pids, Deno.pid), ...leaders]
    : leaders;
  if (targets.length === 0) return false;
  const kills: Argv = [kill, "-s", signal.slice(3), "--", ...targets.map(String)];
  const asUser = system(setsid, ...kills);
  if (!privileged || root === undefined) return await succeeds(asUser);
  const killing = { argv: isForeground ? asUser.argv : kills, env: {} };
  const asRoot = placed(helpers, root.launch(killing, isForeground));
  if (root.openAgent === undefined) {
    return await succeeds(asRoot, isForeground ? { stdin: "inherit", stderr: "inherit" } : {});
  }
  // While polkit asks, the process still belongs to the user.
  if (await succeeds(asUser)) return true;
  if (!mayAsk) return await root.can("now") && await succeeds(asRoot);
  await using _agent = await root.openAgent();
  return await succeeds(asRoot);
}
