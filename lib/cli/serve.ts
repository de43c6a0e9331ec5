import { headWords } from "../audit/chain.ts";
import { AuditTrail, setTrailAside, type TrailWriter } from "../audit/trail.ts";
import { acceptConnections } from "../daemon/accept.ts";
import { Daemon } from "../daemon/daemon.ts";
import { drivenBy } from "../driven.ts";
import { configureLog } from "../daemon/log.ts";
import {
  type ClaimedSocket,
  claimSocket,
  type SocketPlace,
  watchSocket,
} from "../daemon/socket.ts";
import { SystemLog } from "../daemon/system_log.ts";
import { auditFolder, socketPath, stateFolder, type Surroundings } from "../paths.ts";
import { VERSION } from "../protocol/version.ts";
import { loginOf } from "../run/login.ts";
import { findLaunchers, type Launchers } from "../run/programs.ts";
import { findRootWay } from "../run/root/find.ts";
import { polkitRemembers } from "../run/root/pkexec.ts";
import type { RootWay } from "../run/root/way.ts";
import { Terminal } from "../terminal/mode.ts";
import { type Line, paintOf, span } from "../terminal/paint.ts";
import { ApprovalScreen, type Notification } from "../terminal/screen.ts";
import { visibleProse } from "../terminal/visible.ts";
import { wrapForTerminal } from "../wrap_words.ts";
import { errorMessage, fail, startAs } from "./fail.ts";
import { ownCodeFault } from "./own_code.ts";

/** What the command line says about the daemon. */
export interface ServeOptions {
  /** Where to listen; the standard place if left out. */
  readonly socket?: string;
  /** How long a request waits for a key, in seconds. */
  readonly promptTimeout: number;
  /** Whether the log is printed on the terminal. */
  readonly verbose?: true;
  /** When sudo asks its question. */
  readonly password?: "each" | "cached";
  /** Whether polkit is used in place of sudo. */
  readonly pkexec?: true;
  /** Which desktop notification the terminal understands. */
  readonly notify?: Notification;
  /** The only request that is taken, for a trial. */
  readonly onlyId?: string;
  /** Whether the MCP server opened this terminal. */
  readonly openedByAgent?: true;
  /** The folder in place of `XDG_STATE_HOME`. */
  readonly stateHome?: string;
  /** Whether each head of the audit trail goes to the system log, too. */
  readonly syslog?: true;
  /** Whether a broken audit trail is set aside and a new one begun. */
  readonly newAuditTrail?: true;
  /** Whether the key `a` exists. */
  readonly unattendedEligible?: true;
  /** Whether `--confirm-unprivileged` or `--no-confirm-unprivileged` was given; no effect. */
  readonly confirmUnprivileged?: boolean;
}

/**
 * Signals that end the daemon in good order. Unheard, each would end it at once and leave the
 * terminal raw (signal(7)).
 */
const ENDING_SIGNALS = [
  "SIGINT",
  "SIGTERM",
  "SIGQUIT",
  "SIGALRM",
  "SIGUSR2",
  "SIGIO",
] as const;

/**
 * `sudo-proxy`: the daemon, until it is asked to end.
 *
 * @param options What the command line says.
 */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const { stateHome } = options;
  if (stateHome !== undefined && !stateHome.startsWith("/")) {
    fail(`Cannot use --state-home "${stateHome}": it must be an absolute path`);
  }
  const here = startAs(options.pkexec ? "pkexec" : "proxy", options.socket, 1, {
    XDG_STATE_HOME: stateHome,
  });
  await serve(here, options.socket ?? socketPath(here), options);
}

/**
 * Runs a daemon on this terminal.
 *
 * @param here The surroundings.
 * @param socket Where to listen.
 * @param options What the command line says.
 * @param onListening Called once requests are taken; when it resolves, the daemon ends.
 */
export async function serve(
  here: Surroundings,
  socket: string,
  options: ServeOptions,
  onListening?: () => Promise<void>,
): Promise<void> {
  if (!Terminal.isThere()) {
    fail(
      "Cannot start without a terminal: a person has to read and answer there. Start it in a terminal window, not in the background or in a pipe",
    );
  }
  const state = stateFolder(here);
  if (state === undefined) {
    fail("Cannot keep the audit trail: HOME or XDG_STATE_HOME must be an absolute path");
  }
  const codeFault = await ownCodeFault(here.uid);
  if (codeFault !== undefined) fail(`Cannot start: ${codeFault}`);
  const driver = drivenBy(here);
  const password = options.password ??
    (options.pkexec || (driver && options.openedByAgent) ? "each" : "cached");
  let launchers: Launchers;
  let root: RootWay | undefined;
  let claimed: ClaimedSocket;
  let log: SystemLog | undefined;
  try {
    launchers = findLaunchers();
    root = findRootWay(launchers, here.uid, {
      password,
      pkexec: options.pkexec === true,
      words: pick(here, ["TERM", "LANG", "LC_ALL", "LC_MESSAGES"]),
    });
    claimed = await claimSocket(socket, here.uid);
    if (options.syslog) log = SystemLog.open(launchers.setsid, (words) => daemon.warn(words));
  } catch (error) {
    fail(errorMessage(error));
  }
  const { trail, replaced } = openTrail(auditFolder(state), options, {
    daemon: crypto.randomUUID().slice(0, 8),
    uid: here.uid,
    onHead: (head) => log?.send(head),
  });
  const terminal = new Terminal();
  const machine = Deno.hostname();
  const paint = paintOf((name) => here.env(name));
  const screen = new ApprovalScreen(terminal, paint, options.notify, machine);
  const asks = await rootAsks(root, here);
  const fault = trustFault(here.uid, asks, options);
  const daemon = new Daemon({
    terminal,
    screen,
    launchers,
    root,
    login: loginOf(here),
    uid: here.uid,
    machine,
    promptTimeoutMs: options.promptTimeout * 1000,
    password,
    mayTrust: options.unattendedEligible === true && fault === undefined,
    ...(options.onlyId === undefined ? {} : { onlyId: options.onlyId }),
    trail,
  });
  await configureLog(daemon, options.verbose === true);

  let isClosed = false;
  const close = () => {
    if (isClosed) return;
    isClosed = true;
    daemon.close();
    claimed.release();
    trail.close();
  };
  // Whatever ends the program, the terminal is left as it was found.
  for (const kind of ["error", "unhandledrejection"] as const) {
    globalThis.addEventListener(kind, (event) => {
      event.preventDefault();
      close();
      const error = event instanceof PromiseRejectionEvent
        ? event.reason
        : (event as ErrorEvent).error;
      console.error("sudo-proxy ended by a fault of its own, nothing more runs:", error);
      Deno.exit(70);
    });
  }
  globalThis.addEventListener("unload", close);
  for (const signal of ENDING_SIGNALS) {
    Deno.addSignalListener(signal, () => daemon.signalled(signal));
  }
  const hungUp = () => {
    // Its commands may go on for long: the next daemon need not wait for them.
    claimed.release();
    daemon.hungUp();
  };
  Deno.addSignalListener("SIGHUP", hungUp);
  terminal.gone.then(hungUp);
  Deno.addSignalListener("SIGWINCH", () => daemon.resized());
  Deno.addSignalListener("SIGTSTP", () => void daemon.suspend());
  Deno.addSignalListener("SIGCONT", () => void daemon.resume());

  daemon.open();
  greet(daemon, socket, launchers, root, here, options);
  const remembers = options.pkexec === true && await polkitRemembers(launchers);
  warn(daemon, { root, asks, driver, asksEach: password === "each" && !remembers });
  if (remembers) {
    daemon.warn(
      "a rule lets polkit remember you for about 5 minutes, for every program: meanwhile your key " +
        "is all there is (sudo-proxy pkexec-cache)",
    );
  }
  if (options.unattendedEligible && fault !== undefined) {
    daemon.warn(`--unattended-eligible has no effect: ${fault}`);
  }
  daemon.recordStart({
    version: VERSION,
    pid: Deno.pid,
    socket,
    password,
    ...(options.pkexec ? { pkexec: true } : {}),
    sudo_asks: asks,
    ...(driver === undefined ? {} : { driven_by: driver }),
    ...(options.openedByAgent ? { opened_by_agent: true } : {}),
    ...(replaced === undefined ? {} : { replaced }),
  });
  if (asks === "a question") await daemon.lookForSharing();
  void acceptConnections(claimed, daemon);
  const unwatch = watchSocket(claimed, (place) => daemon.print(placeLine(socket, place)));
  const done = onListening?.().then(() => daemon.finish());
  await daemon.ended;
  await daemon.flush();
  unwatch();
  daemon.recordEnd();
  const reads = await daemon.leave();
  close();
  await log?.close();
  await done;
  if (!onListening) {
    // A terminal that does not read would hold up the end.
    if (reads) {
      const words = `sudo-proxy · ended · audit trail: ${headWords(trail.head)}`;
      console.log(wrapForTerminal(words, Deno.stdout));
    }
    Deno.exit(0);
  }
}

/** Opens the audit trail; a broken one is replaced only where that was asked for. */
function openTrail(
  folder: string,
  { newAuditTrail }: ServeOptions,
  writer: TrailWriter,
): { readonly trail: AuditTrail; readonly replaced: string | undefined } {
  const trail = new AuditTrail(folder, writer);
  if (!newAuditTrail) return { trail, replaced: undefined };
  if (trail.fault === undefined) {
    fail(
      "Cannot begin a new audit trail: the one that is there is not broken. Start without --new-audit-trail",
    );
  }
  // Whoever has the lock, or a disk that is full, says nothing against the records.
  if (!trail.isBroken) {
    fail(`Cannot begin a new audit trail: the one that is there ${trail.fault}`);
  }
  trail.close();
  const replaced = setTrailAside(folder, new Date());
  return { trail: new AuditTrail(folder, writer), replaced };
}

function greet(
  daemon: Daemon,
  socket: string,
  launchers: Launchers,
  root: RootWay | undefined,
  here: Surroundings,
  options: ServeOptions,
): void {
  daemon.print([span("sudo-proxy", "strong"), span(` · waiting on ${socket}`)]);
  daemon.say("Requests appear here; you approve or deny each with one key. q quits.", "muted");
  if (root === undefined) {
    daemon.say("sudo is not installed: only unprivileged commands can run.", "warning");
  } else if (here.uid === 0) {
    daemon.say("You are root: no password is asked, your key is all there is.", "warning");
  }
  if (launchers.kill === undefined) {
    daemon.say(
      "kill is not installed (package procps): run limits and cancel can't end commands.",
      "warning",
    );
  }
  if (launchers.unblocker === undefined && !Deno.build.standalone) {
    daemon.say(
      "Neither perl nor python3 is installed: commands that are not root's start with SIGUSR1 blocked.",
      "warning",
    );
  }
  if (options.confirmUnprivileged === false) {
    daemon.warn("--no-confirm-unprivileged has no effect: use --unattended-eligible");
  }
}

/** Why the key `a` does not exist here although it was asked for: it would give root away. */
function trustFault(
  uid: number,
  asks: "a question" | "nothing" | "nobody",
  { pkexec }: ServeOptions,
): string | undefined {
  // polkit's memory may begin at any time, and counts for whatever this daemon or session starts.
  if (pkexec) return "polkit may remember you, and then every command could become root";
  if (uid === 0) return "you are root, so every command runs as root";
  if (asks === "nothing") return "sudo asks you nothing, so every command could become root";
  return undefined;
}

/** What the person reads when the socket's file is not what it was. */
function placeLine(socket: string, place: SocketPlace): Line {
  switch (place.kind) {
    case "putBack":
      return [span(`The socket ${socket} was removed: it is there again.`, "warning")];
    case "kept":
      return [span(`Clients reach this daemon again at ${socket}.`, "muted")];
    case "lost":
      return [span(`No client reaches this daemon: ${visibleProse(place.fault)}.`, "warning")];
  }
}

/**
 * What sudo asks this user: a question of its own, nothing, or nobody, since it is not there or the
 * user is root.
 */
async function rootAsks(
  root: RootWay | undefined,
  here: Surroundings,
): Promise<"a question" | "nothing" | "nobody"> {
  if (here.uid === 0 || root === undefined) return "nobody";
  return await root.can("afresh") ? "nothing" : "a question";
}

/** How much a key proves here. */
function warn(
  daemon: Daemon,
  { root, asks, driver, asksEach }: {
    readonly root: RootWay | undefined;
    readonly asks: "a question" | "nothing" | "nobody";
    readonly driver: string | undefined;
    readonly asksEach: boolean;
  },
): void {
  const asksWords = `${root?.name} asks its question for each privileged command.`;
  if (asks === "nothing") {
    daemon.say(
      root?.name === "polkit"
        ? "polkit asks you nothing: your key is all there is."
        : "sudo asks you nothing (NOPASSWD): your key is all there is.",
      "warning",
    );
  }
  if (driver !== undefined) {
    daemon.say(`Other programs of yours can press keys here (${driver}).`, "warning");
    const advice = asks !== "a question"
      ? "Run the agent under an account of its own."
      : asksEach
      ? `So ${asksWords}`
      : root?.name === "polkit"
      ? "Without the rule that makes polkit remember, it asks its question for each privileged command."
      : "With --password each, sudo asks its question for each privileged command.";
    daemon.say(advice, asksEach ? "muted" : "warning");
  } else if (asks === "a question" && asksEach) {
    daemon.say(asksWords, "muted");
  }
}

function pick({ env }: Surroundings, names: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    names.map((name) => [name, env(name)]).filter((entry): entry is [string, string] =>
      entry[1] !== undefined
    ),
  );
}
