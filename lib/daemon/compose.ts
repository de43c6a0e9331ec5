/**
 * Joins the daemon with this process: its real ports, its signals and its ends.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { unsupportedFault } from "../admit/supported.ts";
import { TextDigest } from "../audit/write/record.ts";
import type { AuditTrail } from "../audit/write/trail.ts";
import { pipesFolder as pipesFolderOf } from "../platform/paths.ts";
import type { Login } from "../run/login.ts";
import { removePipes } from "../run/pipes.ts";
import type { HelperPrograms } from "../run/programs.ts";
import { resolveRequest } from "../run/resolve.ts";
import type { RootWay } from "../run/root/way.ts";
import { run } from "../run/run.ts";
import { stopSelf } from "../run/stop.ts";
import { setNormalMode } from "../run/terminal_mode.ts";
import type { SessionConfig } from "../session/state.ts";
import { Renderer } from "../terminal/renderer.ts";
import type { Notification } from "../terminal/sequences.ts";
import type { Paint } from "../view/paint.ts";
import { picture } from "../view/picture.ts";
import { acceptConnections } from "./connection.ts";
import { Daemon } from "./daemon.ts";
import { type Facts, greeting, type Said, socketLine } from "./greeting.ts";
import { configureLog } from "./log.ts";
import { type ClaimedSocket, watchSocket } from "./socket.ts";
import type { SystemLog } from "./system_log.ts";
import { trailPort } from "./trail_port.ts";

/**
 * Signals that end the daemon in good order. Without a listener, each would end it at once and
 * leave the terminal raw (signal(7)).
 */
const ENDING_SIGNALS = ["SIGINT", "SIGTERM", "SIGQUIT", "SIGALRM", "SIGUSR2", "SIGIO"] as const;

/**
 * Runs a daemon to its end; however this process ends, the terminal is left as it was found.
 *
 * @returns False if the terminal takes no output, so only its mode could be restored.
 */
export async function runDaemon(parts: {
  readonly config: SessionConfig;
  readonly facts: Facts;
  readonly login: Login;
  readonly helpers: HelperPrograms;
  readonly root: RootWay | undefined;
  readonly socket: ClaimedSocket;
  readonly trail: AuditTrail;
  /** What the record of the start says besides. */
  readonly started: Readonly<Record<string, unknown>>;
  readonly systemLog: SystemLog | undefined;
  readonly paint: Paint;
  readonly notification: Notification | undefined;
  readonly isVerbose: boolean;
  /** Called once requests are taken; when it resolves, the daemon ends. */
  readonly onListening: (() => Promise<void>) | undefined;
}): Promise<boolean> {
  const { facts, helpers, login, root, socket, systemLog, trail } = parts;
  const { uid } = facts;
  const pipesFolder = pipesFolderOf(facts.socket);
  removePipes(pipesFolder);
  const log = getLogger(["sudo-proxy", "daemon"]);
  const machine = Deno.hostname();
  const names = { machine, user: `${login.user} (uid ${uid})` };
  const renderer = new Renderer(
    (event) => {
      if (event.kind === "undrawable") log.error("could not draw: {error}", { ...event });
      daemon.dispatch(event);
    },
    parts.paint,
    parts.notification,
  );
  const daemon: Daemon = new Daemon({
    config: parts.config,
    clock: {
      now: () => performance.now(),
      wall: () => Date.now(),
      every(ms, turn) {
        const timer = setInterval(turn, ms);
        return () => clearInterval(timer);
      },
    },
    terminal: renderer,
    trail: trailPort(trail, names),
    root,
    runner: {
      run: (recorded, plan) => run(recorded, { helpers, login, root, pipesFolder, ...plan }),
    },
    suspend: () => stopSelf(helpers),
    picture: (state) => picture(state, { ...names, hash: () => new TextDigest() }),
    async resolve(request) {
      const fault = unsupportedFault(request, {
        root: root === undefined ? "none" : root.openAgent ? "perProgram" : "once",
        canFeedRoot: facts.canFeedRoot,
        hasSshAgent: login.sshAgent !== undefined,
      });
      return fault ? { fault } : await resolveRequest(request, { userPath: login.path, uid });
    },
  });
  const say = (said: Said) => daemon.dispatch({ kind: "said", ...said });
  await configureLog((text) => say({ text, tone: "log" }), parts.isVerbose);
  void systemLog?.broken.then(() =>
    say({
      text: "sudo-proxy: the system log takes no more heads of the audit trail",
      tone: "warning",
    })
  );

  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    daemon.close();
    socket.release();
    trail.close();
  };
  const fail = (event: Event, error: unknown) => {
    event.preventDefault();
    close();
    console.error("sudo-proxy ended by a fault of its own, nothing more runs:", error);
    Deno.exit(70);
  };
  globalThis.addEventListener("error", (event) => fail(event, event.error));
  globalThis.addEventListener("unhandledrejection", (event) => fail(event, event.reason));
  globalThis.addEventListener("unload", close);
  for (const signal of ENDING_SIGNALS) {
    Deno.addSignalListener(signal, () => {
      log.info("received {signal}", { signal });
      daemon.dispatch({ kind: "signal", signal });
    });
  }
  const hungUp = () => {
    // Its commands may go on for long: the next daemon need not wait for them.
    socket.release();
    log.info("the terminal is gone");
    daemon.dispatch({ kind: "hangup" });
  };
  Deno.addSignalListener("SIGHUP", hungUp);
  void renderer.gone.then(hungUp);
  Deno.addSignalListener("SIGWINCH", () => renderer.resized());
  // Always listened for: otherwise it would stop this process with the terminal raw.
  Deno.addSignalListener("SIGTSTP", () => facts.canKill && daemon.dispatch({ kind: "suspend" }));
  Deno.addSignalListener("SIGCONT", () => daemon.continued());

  renderer.resized();
  greeting(facts).forEach(say);
  trail.append({ event: "daemon_started", machine, user: login.user, uid, ...parts.started });
  daemon.reportTrail();
  if (trail.fault === undefined) {
    const { seq, hash } = trail.head;
    say({ text: `audit trail: record ${seq}, ${hash.slice(0, 16)}…`, tone: "muted" });
  }
  if (facts.asks === "a question") await daemon.lookForSharing();
  void acceptConnections(socket, daemon);
  const unwatch = watchSocket(socket, (status) => say(socketLine(facts.socket, status)));
  const done = parts.onListening?.().then(() => daemon.dispatch({ kind: "stop", by: "itself" }));

  await daemon.ended;
  unwatch();
  const { stopping, jobs } = daemon.state;
  const why = stopping?.by ?? "itself";
  trail.append({ event: "daemon_stopped", why, still_running: jobs.size });
  const reads = await renderer.leave();
  if (!reads) await setNormalMode(helpers);
  close();
  await systemLog?.close();
  await done;
  return reads;
}
