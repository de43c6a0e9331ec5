import { headText } from "../audit/write/chain.ts";
import { AuditTrail, setTrailAside, type TrailWriter } from "../audit/write/trail.ts";
import { runDaemon } from "../daemon/compose.ts";
import { type Facts, grantFaultOf } from "../daemon/greeting.ts";
import { claimSocket } from "../daemon/socket.ts";
import { SystemLog } from "../daemon/system_log.ts";
import { drivenBy } from "../platform/driven.ts";
import { auditFolder, type HostEnvironment, socketPath, stateFolder } from "../platform/paths.ts";
import { wrapForTerminal } from "../platform/wrap_words.ts";
import { VERSION } from "../protocol/version.ts";
import { loginOf } from "../run/login.ts";
import { findHelperPrograms } from "../run/programs.ts";
import { findRootWay } from "../run/root/find.ts";
import { polkitRemembers } from "../run/root/pkexec.ts";
import type { Notification } from "../terminal/sequences.ts";
import { hasTerminal } from "../terminal/tty.ts";
import { paintOf } from "../view/paint.ts";
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
 * `sudo-proxy`: the daemon, until it is asked to end.
 *
 * @param options What the command line says.
 */
export async function serveCommand(options: ServeOptions): Promise<void> {
  const { stateHome } = options;
  if (stateHome !== undefined && !stateHome.startsWith("/")) {
    fail(`Cannot use --state-home "${stateHome}": it must be an absolute path`);
  }
  const env = startAs(options.pkexec ? "pkexec" : "proxy", options.socket, 1, {
    XDG_STATE_HOME: stateHome,
  });
  await serve(env, options.socket ?? socketPath(env), options);
}

/**
 * Runs a daemon on this terminal.
 *
 * @param env The environment.
 * @param path Where to listen.
 * @param options What the command line says.
 * @param onListening Called once requests are taken; when it resolves, the daemon ends.
 */
export async function serve(
  env: HostEnvironment,
  path: string,
  options: ServeOptions,
  onListening?: () => Promise<void>,
): Promise<void> {
  if (!hasTerminal()) {
    fail(
      "Cannot start without a terminal: a person has to read and answer there. Start it in a terminal window, not in the background or in a pipe",
    );
  }
  const state = stateFolder(env);
  if (state === undefined) {
    fail("Cannot keep the audit trail: HOME or XDG_STATE_HOME must be an absolute path");
  }
  const codeFault = await ownCodeFault(env.uid);
  if (codeFault !== undefined) fail(`Cannot start: ${codeFault}`);
  const { uid } = env;
  const usesPolkit = options.pkexec === true;
  const driver = drivenBy(env);
  const password = options.password ??
    (usesPolkit || (driver && options.openedByAgent) ? "each" : "cached");
  const found = await find(env, path, password, options).catch((error) =>
    fail(errorMessage(error))
  );
  const { helpers, root, systemLog } = found;
  const { trail, replaced } = openTrail(auditFolder(state), options, {
    daemon: crypto.randomUUID().slice(0, 8),
    uid,
    onHead: (head) => systemLog?.send(head),
  });
  // sudo asks root nothing (sudo(8)).
  const asksNobody = uid === 0 || root === undefined;
  const asks = asksNobody ? "nobody" : await root.can("afresh") ? "nothing" : "a question";
  const grantFault = grantFaultOf(root?.name, uid, asks);
  const polkitRemembersYou = usesPolkit && await polkitRemembers(helpers);
  const facts: Facts = {
    socket: path,
    uid,
    root: root?.name,
    asks,
    asksEach: password === "each" && !polkitRemembersYou,
    polkitRemembers: polkitRemembersYou,
    driver,
    canKill: helpers.kill !== undefined,
    canFeedRoot: !root?.isSupervised || helpers.perl !== undefined,
    canClean: helpers.cleaner !== undefined,
    grantFault: options.unattendedEligible ? grantFault : undefined,
    noConfirmUnprivileged: options.confirmUnprivileged === false,
  };
  const reads = await runDaemon({
    ...found,
    config: {
      promptTimeoutMs: options.promptTimeout * 1000,
      authentication: uid === 0 ? "none" : usesPolkit ? "polkit" : "sudo",
      password,
      mayTrust: options.unattendedEligible === true && grantFault === undefined,
      onlyId: options.onlyId,
    },
    facts,
    login: loginOf(env),
    trail,
    started: {
      version: VERSION,
      pid: Deno.pid,
      socket: path,
      password,
      ...(usesPolkit ? { pkexec: true } : {}),
      sudo_asks: asks,
      ...(driver === undefined ? {} : { driven_by: driver }),
      ...(options.openedByAgent ? { opened_by_agent: true } : {}),
      ...(replaced === undefined ? {} : { replaced }),
    },
    paint: paintOf(env.get),
    notification: options.notify,
    isVerbose: options.verbose === true,
    onListening,
  });
  if (onListening) return;
  // A terminal that does not read would hold up the end.
  if (reads) {
    const text = `sudo-proxy · ended · audit trail: ${headText(trail.head)}`;
    console.log(wrapForTerminal(text, Deno.stdout));
  }
  Deno.exit(0);
}

/** Finds what starts commands and makes them root, and takes the socket. */
async function find(
  env: HostEnvironment,
  path: string,
  password: "each" | "cached",
  { pkexec, syslog }: ServeOptions,
) {
  const helpers = findHelperPrograms();
  const locale: Record<string, string> = {};
  for (const name of ["TERM", "LANG", "LC_ALL", "LC_MESSAGES"]) {
    const value = env.get(name);
    if (value !== undefined) locale[name] = value;
  }
  const root = findRootWay(helpers, env.uid, { password, pkexec: pkexec === true, locale });
  const socket = await claimSocket(path, env.uid);
  const systemLog = syslog ? SystemLog.open(helpers.setsid) : undefined;
  return { helpers, root, socket, systemLog };
}

/** Opens the audit trail; a broken one is replaced only if that was asked for. */
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
  // A lock that another program holds, or a full disk, does not mean that the records are wrong.
  if (!trail.isBroken) {
    fail(`Cannot begin a new audit trail: the one that is there ${trail.fault}`);
  }
  trail.close();
  const replaced = setTrailAside(folder, new Date());
  return { trail: new AuditTrail(folder, writer), replaced };
}
