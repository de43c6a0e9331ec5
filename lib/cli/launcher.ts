import { type Claim, claimPath, removeIfOurs, TakenError } from "../platform/claim.ts";
import { drivenBy } from "../platform/driven.ts";
import { folderOf, type HostEnvironment } from "../platform/paths.ts";
import { wrapForTerminal } from "../platform/wrap_words.ts";
import { wireTime } from "../protocol/time.ts";
import {
  cachedFacts,
  learnFacts,
  parseVersion,
  readConfiguration,
  type RemoteFacts,
  systemFolder,
} from "../remote/facts.ts";
import { registryPath } from "../remote/registry_file.ts";
import { ownIdentity } from "../remote/identity.ts";
import type { Destination } from "../remote/names.ts";
import type { StartSsh } from "../remote/process.ts";
import { type HostChange, isConfirmed, readRegistry, updateHost } from "../remote/registry.ts";
import { daemonCommand, REMOTE_EXIT, type RemoteDaemonOptions } from "../remote/remote_shell.ts";
import { claimSlot, openTunnels } from "../remote/slots.ts";
import { type Connection, tunnelArguments } from "../remote/ssh.ts";
import { DOUBT_TIMEOUT_MS, openTunnel, type TunnelEnd, UP_TIMEOUT_MS } from "../remote/tunnel.ts";
import { visibleProse } from "../view/visible.ts";
import { errorMessage, fail } from "./fail.ts";
import {
  connectQuestion,
  driverNote,
  exitReport,
  failureReport,
  installReport,
  TEXTS,
} from "./host_messages.ts";
import { readLine, type TerminalKeeper, write } from "./keeper.ts";

/** What the command line says about a remote host. */
export interface HostOptions
  extends
    Pick<Connection, "acceptNewHostKey" | "forwardAgent" | "verbose">,
    Pick<RemoteDaemonOptions, "password" | "notify" | "unattendedEligible"> {
  /** The host, as ssh takes it. */
  readonly host: string;
  /** The local end of the tunnel, if it isn't the standard one. */
  readonly socket?: string | undefined;
  /** The account there. */
  readonly login?: string | undefined;
  /** Whether the MCP server opened this terminal. */
  readonly openedByAgent?: true | undefined;
}

/**
 * One start of the launcher: it learns about the host, opens the tunnel, and tidies up however it
 * ends.
 */
export class Launcher {
  readonly #registry: string | undefined;
  #connection: Connection;
  /** Ends what runs; before and after ssh, that is this program alone. */
  #endSsh: () => void = () => Deno.exit(1);
  #isEnding = false;
  /** Which machine this is, if that is known. */
  #own: string | undefined;
  /** By local end of the tunnel; the one that has the host's name first, then the slot. */
  readonly #claims: Map<string, Claim> = new Map();
  /** The local ends of the tunnel, as ssh made them. */
  readonly #sockets: Map<string, Deno.FileInfo> = new Map();
  /** The note in the registry, which may wait for its lock. */
  #remembering: Promise<void> = Promise.resolve();
  /** What could not be said while ssh had the terminal. */
  readonly #later: string[] = [];

  /** Prepares a start; nothing is connected. */
  constructor(
    private readonly env: HostEnvironment,
    private readonly options: HostOptions,
    destination: Destination,
    private readonly start: StartSsh,
    private readonly keeper: TerminalKeeper,
  ) {
    this.#registry = registryPath(env);
    this.#connection = { ...options, destination, configuration: new Map() };
  }

  /**
   * Runs to the end, and gives the exit code.
   *
   * @param local The local end of the tunnel.
   */
  async run(local: string): Promise<number> {
    globalThis.addEventListener("unload", () => this.#tidy());
    // Ctrl+C reaches ssh as well: it ends, and then so do we.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
      Deno.addSignalListener(signal, () => {
        this.#isEnding = true;
        this.#endSsh();
      });
    }
    await this.#claim(local);
    let code = 1;
    try {
      this.#greet(local);
      code = await this.#connect();
    } catch (error) {
      await this.keeper.restore();
      say(visibleProse(errorMessage(error)));
    }
    this.#tidy();
    await this.#remembering;
    for (const line of this.#later) say(line);
    if (code !== 0 && this.options.openedByAgent && !this.#isEnding) {
      this.#endSsh = () => Deno.exit(code);
      await readLine(TEXTS.pressEnter);
    }
    return code;
  }

  async #claim(local: string): Promise<void> {
    const { host } = this.options;
    try {
      const claim = claimPath(local, this.env.uid);
      this.#claims.set(local, claim);
      await claim.removeLeftover();
      const slot = await claimSlot(folderOf(local), host);
      if (slot === undefined) fail(TEXTS.allTaken(openTunnels(folderOf(local))));
      this.#claims.set(...slot);
    } catch (error) {
      const message = errorMessage(error);
      fail(error instanceof TakenError ? TEXTS.taken(message, visibleProse(host)) : message);
    }
  }

  /** Leaves nothing of ours behind. */
  #tidy(): void {
    for (const [local, socket] of this.#sockets) removeIfOurs(local, socket);
    this.#sockets.clear();
    for (const claim of this.#claims.values()) claim.release();
  }

  #greet(local: string): void {
    const { host, openedByAgent, password } = this.options;
    print(TEXTS.greeting(host, local));
    const driver = drivenBy(this.env);
    const asks = password ?? (openedByAgent ? "each if known" : "cached");
    if (driver !== undefined) print(driverNote(host, driver, asks));
  }

  async #connect(): Promise<number> {
    const { host, openedByAgent } = this.options;
    const configuration = await readConfiguration(this.start, this.#connection.destination);
    this.#connection = { ...this.#connection, configuration };
    if (openedByAgent && !await this.#ask()) {
      say(TEXTS.declined(host));
      return 1;
    }
    const registry = readRegistry(this.#registry);
    if (registry.fault !== undefined) {
      print(TEXTS.registryFault(host, visibleProse(registry.fault)));
    }
    this.#own = await ownIdentity(this.env.uid, Deno.hostname());
    const cached = cachedFacts(registry.hosts.get(host));
    if (cached !== undefined) {
      const end = await this.#open(cached, DOUBT_TIMEOUT_MS);
      if (this.#isEnding || !mayBeStale(end)) return this.#report(end);
      print(TEXTS.askedAnew(host));
    }
    const facts = await this.#learn();
    if (facts === undefined || this.#isEnding) return 1;
    return this.#report(await this.#open(facts, UP_TIMEOUT_MS));
  }

  /** Asks what only a person may allow a model: a new host, and the agent. */
  async #ask(): Promise<boolean> {
    const { host } = this.options;
    const entry = readRegistry(this.#registry).hosts.get(host);
    if (entry === undefined || !isConfirmed(entry)) {
      const question = connectQuestion(this.#connection);
      if (await readLine(question) !== "yes") return false;
      await this.#note({}, print);
    }
    if (this.#connection.forwardAgent) {
      const line = await readLine(TEXTS.agentQuestion(host));
      this.#connection = { ...this.#connection, forwardAgent: line.trim() === "yes" };
    }
    return true;
  }

  /** Makes the first connection. If it brings nothing, the person has been told why. */
  async #learn(): Promise<RemoteFacts | undefined> {
    const { host } = this.options;
    const learned = await learnFacts(this.#startEndable, this.#connection, printSsh);
    if (this.#isEnding) return undefined;
    if ("failure" in learned) {
      return say(...failureReport(learned.failure, this.#connection, learned.stderr));
    }
    if ("fault" in learned) return say(TEXTS.badFacts(host, learned.fault));
    const { facts } = learned;
    if (facts.identity !== undefined && facts.identity === this.#own) {
      return say(`${TEXTS.thisMachine(host)}.`);
    }
    if (facts.program === undefined) return say(...installReport(this.#connection));
    if (facts.state === "unsafe") return say(TEXTS.unsafeFolder(host, facts.folder));
    return facts;
  }

  async #open(facts: RemoteFacts, patienceMs: number): Promise<TunnelEnd> {
    const { host, password, openedByAgent } = this.options;
    const isDriven = openedByAgent === true && drivenBy(this.env) !== undefined;
    const command = daemonCommand({
      ...this.options,
      forwardAgent: this.#connection.forwardAgent,
      password: password ?? (isDriven ? "each" : undefined),
      passwordIfKnown: password === undefined,
      refuseRoot: facts.uid !== 0,
      refuse: this.#own,
    });
    const locals = [...this.#claims.keys()];
    const args = tunnelArguments(this.#connection, { locals, folder: facts.folder }, command);
    const end = await openTunnel(this.#startEndable, args, locals, patienceMs, {
      onLine: printSsh,
      onOpen: (local, socket) => this.#sockets.set(local, socket),
      onUp: (pong, fault) => {
        if (fault !== undefined) this.#later.push(TEXTS.refused(host, visibleProse(fault)));
        this.#remembering = this.#note({
          // If the folder is another one, the host has to be asked each time.
          uid: facts.folder === systemFolder(facts.uid) ? facts.uid : null,
          version: parseVersion(pong.version) || facts.version,
          lastConnected: wireTime(),
        }, (line) => this.#later.push(line));
      },
    });
    await this.keeper.restore(end.wasOpen && (end.code === 255 || end.signal !== null));
    // ssh leaves them there, even if it ended before they were seen.
    for (const claim of this.#claims.values()) await claim.removeLeftover().catch(() => {});
    if (end.failure !== undefined && end.wasOpen) {
      end.stderr.trim().split("\n").slice(-10).forEach(printSsh);
    }
    return end;
  }

  /** Starts an ssh that a signal ends. */
  readonly #startEndable: StartSsh = (...args) => {
    const ssh = this.start(...args);
    this.#endSsh = ssh.end;
    return ssh;
  };

  /** Notes in the registry what a person did. */
  async #note(change: HostChange, tell: (line: string) => void): Promise<void> {
    if (this.#registry === undefined) return;
    try {
      const { movedTo } = await updateHost(this.#registry, this.options.host, change, "person");
      if (movedTo !== undefined) tell(TEXTS.registryMoved(movedTo));
    } catch (error) {
      tell(TEXTS.registryKept(visibleProse(errorMessage(error))));
    }
  }

  #report(end: TunnelEnd): number {
    if (this.#isEnding) return 1;
    if (end.failure !== undefined) {
      say(...failureReport(end.failure, this.#connection, end.stderr));
      return 1;
    }
    if (end.code === 0) print(TEXTS.closed(this.options.host));
    else say(...exitReport(end, this.#connection));
    return end.code;
  }
}

/** Whether the cached facts may be old: the remote program did not start, or nobody answered. */
function mayBeStale(end: TunnelEnd): boolean {
  return !end.wasUp && (end.failure === "no answer" || end.code === REMOTE_EXIT.noFolder);
}

function printSsh(line: string): void {
  print(`ssh: ${visibleProse(line)}`);
}

function say(...lines: readonly string[]): undefined {
  lines.forEach((line, index) => print(`${index === 0 ? "sudo-proxy: " : ""}${line}`, Deno.stderr));
}

function print(line: string, to: typeof Deno.stdout | typeof Deno.stderr = Deno.stdout): void {
  // A last wall: what comes from elsewhere has been made visible before.
  write(`${wrapForTerminal(line.replace(/\p{Cc}/gu, "?"), to)}\n`, to);
}
