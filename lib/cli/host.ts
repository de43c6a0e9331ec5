import { type Claim, claimPath, removeIfOurs } from "../claim.ts";
import { drivenBy } from "../driven.ts";
import {
  folderOf,
  PathError,
  socketPath,
  type Surroundings,
  systemProgram,
  tunnelSockets,
} from "../paths.ts";
import type { Pong } from "../protocol/client.ts";
import { wireTime } from "../protocol/time.ts";
import {
  cachedFacts,
  MAX_SOCKET_PATH,
  parseVersion,
  type RemoteFacts,
  systemFolder,
} from "../remote/facts.ts";
import { type Destination, destinationOf, isThisMachine } from "../remote/names.ts";
import { ownIdentity } from "../remote/identity.ts";
import { sshStarter, type StartSsh } from "../remote/process.ts";
import { learnFacts, readConfiguration } from "../remote/question.ts";
import { readRegistry, registryPath, updateHost } from "../remote/registry.ts";
import { daemonCommand, REMOTE_EXIT } from "../remote/remote_shell.ts";
import { failureReport, installReport, type ReportContext } from "../remote/report.ts";
import { type ConnectionOptions, tunnelArguments } from "../remote/ssh.ts";
import { DOUBT_TIMEOUT_MS, openTunnel, type TunnelEnd, UP_TIMEOUT_MS } from "../remote/tunnel.ts";
import { visibleProse } from "../terminal/visible.ts";
import { confirmHost } from "./confirm_host.ts";
import { errorMessage, fail, startAsHost } from "./fail.ts";
import { TerminalKeeper } from "./keeper.ts";
import { claimSlot, type SlotClaim } from "./slot.ts";

/** What the command line says about a remote host. */
export interface HostOptions {
  /** The host, as ssh takes it. */
  readonly host: string;
  /** The local end of the tunnel, where it isn't the standard one. */
  readonly socket?: string;
  /** The account there. */
  readonly login?: string;
  /** Whether unprivileged commands there may be allowed to use the ssh agent. */
  readonly forwardAgent?: true;
  /** Whether a host key that is not known yet is accepted. */
  readonly acceptNewHostKey?: true;
  /** Whether what ssh says is printed. */
  readonly verbose?: true;
  /** When sudo asks its question there. */
  readonly password?: "each" | "cached";
  /** Which desktop notification the terminal understands. */
  readonly notify?: "9" | "777";
  /** Whether the MCP server opened this terminal. */
  readonly openedByAgent?: true;
  /** Whether the key `a` exists there. */
  readonly unattendedEligible?: true;
}

/** Local paths that `-L` and Deno's flags can both write. */
const LOCAL_PATH = /^\/[A-Za-z0-9._@+=~:%[\]/-]*$/;

/**
 * `sudo-proxy --host`: the daemon of a remote host on this terminal, and the tunnel by which
 * requests reach it.
 *
 * @param options What the command line says.
 */
export async function hostCommand(options: HostOptions): Promise<void> {
  const name = visibleProse(options.host);
  const destination = destinationOf(options.host, options.login);
  if (typeof destination === "string") {
    fail(`Cannot connect to "${name}": the name of the host ${destination}`);
  }
  const here = startAsHost(options.host, options.socket);
  if (destination.user === undefined && isThisMachine(destination.address, Deno.hostname())) {
    fail(thisMachine(name));
  }
  const local = options.socket ?? socketPath(here, options.host);
  const fault = localFault(local) ?? localFault(tunnelSockets(folderOf(local)).at(-1) ?? local);
  if (fault !== undefined) fail(`Cannot open a tunnel at ${local}: ${fault}`);
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) {
    fail(
      "Cannot start without a terminal: a person has to read and answer there. Start it in a terminal window, not in the background or in a pipe",
    );
  }
  const ssh = systemProgram("ssh");
  if (ssh === undefined) {
    fail("Cannot find ssh in the system folders: install it (package openssh-client)");
  }
  let claim: Claim;
  try {
    claim = await claimPath(local, here.uid);
    await claim.removeLeftover().catch((error) => {
      claim.release();
      throw error;
    });
  } catch (error) {
    const message = errorMessage(error);
    fail(
      error instanceof PathError && message.includes("another")
        ? `${message}. The tunnel to ${name} is open in another window: use it there, or end it (q)`
        : message,
    );
  }
  const start = sshStarter(here, ssh);
  let slot: SlotClaim;
  try {
    slot = await claimSlot(folderOf(local), options.host);
  } catch (error) {
    claim.release();
    fail(errorMessage(error));
  }
  const claims = new Map([[local, claim], [slot.socket, slot]]);
  const launcher = new Launcher(here, claims, options, destination, start);
  const code = await launcher.run();
  Deno.exit(code);
}

function thisMachine(name: string): string {
  return `Cannot connect to "${name}": it is this machine, and this account. Start sudo-proxy ` +
    "without --host, or give another account of it (user@localhost)";
}

function localFault(path: string): string | undefined {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) {
    return `the path of a socket has at most ${MAX_SOCKET_PATH} bytes. Give the host a shorter ` +
      "alias in ~/.ssh/config, or set XDG_RUNTIME_DIR to a shorter folder";
  }
  return LOCAL_PATH.test(path)
    ? undefined
    : "it may have only letters, digits and . _ @ + = ~ : % [ ] - /. Set XDG_RUNTIME_DIR to a " +
      "folder of such a name";
}

/** One start of the launcher: it learns, opens the tunnel, and tidies up whatever ends it. */
class Launcher {
  readonly #here: Surroundings;
  /** By local end of the tunnel: the one that has the host's name first. */
  readonly #claims: ReadonlyMap<string, Claim>;
  readonly #options: HostOptions;
  #connection: ConnectionOptions;
  readonly #start: StartSsh;
  readonly #registry: string | undefined;
  /** Ends what runs; before and after ssh, that is this program alone. */
  #endSsh: () => void = () => Deno.exit(1);
  #isEnding = false;
  /** Which machine this is, where that is known. */
  #own: string | undefined;
  /** The local ends of the tunnel, as ssh made them. */
  readonly #sockets: Map<string, Deno.FileInfo> = new Map();
  /** The note in the registry, which may wait for its lock. */
  #remembering: Promise<void> = Promise.resolve();
  /** What could not be said while ssh had the terminal. */
  readonly #later: string[] = [];

  constructor(
    here: Surroundings,
    claims: ReadonlyMap<string, Claim>,
    options: HostOptions,
    destination: Destination,
    start: StartSsh,
  ) {
    this.#here = here;
    this.#claims = claims;
    this.#options = options;
    this.#start = start;
    this.#registry = registryPath(here);
    this.#connection = {
      destination,
      acceptNewHostKey: options.acceptNewHostKey === true,
      forwardAgent: options.forwardAgent === true,
      verbose: options.verbose === true,
    };
  }

  /** Runs to the end, and gives the exit code. */
  async run(): Promise<number> {
    const keeper = await TerminalKeeper.keep();
    globalThis.addEventListener("unload", () => this.#tidy());
    // Ctrl+C reaches ssh as well: it ends, and then so do we.
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT"] as const) {
      Deno.addSignalListener(signal, () => {
        this.#isEnding = true;
        this.#endSsh();
      });
    }
    let code: number;
    try {
      this.#greet();
      code = await this.#connect(keeper);
    } catch (error) {
      await keeper.restore();
      this.#say([visibleProse(errorMessage(error))]);
      code = 1;
    }
    this.#tidy();
    await this.#remembering;
    for (const line of this.#later) this.#say([line]);
    if (code !== 0 && this.#options.openedByAgent && !this.#isEnding) {
      this.#endSsh = () => Deno.exit(code);
      await keeper.readLine("Press Enter to close this window.");
    }
    return code;
  }

  /** Leaves nothing of ours behind. */
  #tidy(): void {
    for (const [local, socket] of this.#sockets) removeIfOurs(local, socket);
    this.#sockets.clear();
    for (const claim of this.#claims.values()) claim.release();
  }

  #greet(): void {
    const { host, openedByAgent, password } = this.#options;
    const [local] = this.#claims.keys();
    print(`sudo-proxy · tunnel to ${host} at ${local}`);
    const driver = drivenBy(this.#here);
    if (driver === undefined) return;
    print(
      `Other programs of yours can press keys here (${driver}). ` +
        (password === "each" || (password === undefined && openedByAgent)
          ? `So sudo on ${host} asks its question for each privileged command` +
            (password === "each" ? "." : ", where its sudo-proxy knows how.")
          : `With --password each, sudo on ${host} asks its question for each privileged command.`),
    );
  }

  /** Only a person lends the agent: a model that opens this window can't. */
  async #askAboutAgent(keeper: TerminalKeeper): Promise<void> {
    const { host, openedByAgent } = this.#options;
    if (!this.#connection.forwardAgent || !openedByAgent) return;
    const line = await keeper.readLine(
      `A model asks to lend your ssh agent to ${host} while this window is open. Whoever is root\n` +
        "there can use it meanwhile. Type yes to lend it, Enter to go on without it: ",
    );
    if (line.trim() !== "yes") this.#connection = { ...this.#connection, forwardAgent: false };
  }

  async #connect(keeper: TerminalKeeper): Promise<number> {
    const { host, openedByAgent } = this.#options;
    const configuration = await readConfiguration(this.#start, this.#connection);
    const { destination } = this.#connection;
    const isConfirmed = !openedByAgent ||
      await confirmHost(host, destination, configuration, this.#registry, keeper);
    if (!isConfirmed) {
      this.#say([`The connection to ${host} was declined. Nothing was connected.`]);
      return 1;
    }
    await this.#askAboutAgent(keeper);
    const context: ReportContext = {
      host,
      destination,
      configuration,
      ...(Deno.build.standalone ? {} : { sources: new URL("../../", import.meta.url).pathname }),
    };
    const registry = readRegistry(this.#registry);
    if (registry.fault !== undefined) {
      print(
        `The registry of hosts can't be used, so ${host} is asked anew: ${
          visibleProse(registry.fault)
        }`,
      );
    }
    this.#own = await ownIdentity(this.#here, Deno.hostname());
    const cached = cachedFacts(registry.hosts.get(host));
    const known = cached ?? await this.#learn(context);
    if (known === undefined || this.#isEnding) return 1;
    let end = await this.#open(
      known,
      context,
      keeper,
      cached === undefined ? UP_TIMEOUT_MS : DOUBT_TIMEOUT_MS,
    );
    if (cached !== undefined && !this.#isEnding && mayBeStale(end)) {
      print(`The tunnel to ${host} did not come up: it is asked anew where its socket is.`);
      const learned = await this.#learn(context);
      if (learned === undefined || this.#isEnding) return 1;
      end = await this.#open(learned, context, keeper, UP_TIMEOUT_MS);
    }
    return this.#report(end, context);
  }

  /** The first connection. Where it brings nothing, the person has been told why. */
  async #learn(context: ReportContext): Promise<RemoteFacts | undefined> {
    const { host } = this.#options;
    const learned = await learnFacts(
      this.#start,
      this.#connection,
      context.configuration,
      (line) => print(`ssh: ${visibleProse(line)}`),
      (end) => this.#endSsh = end,
    );
    if (this.#isEnding) return undefined;
    if ("failure" in learned) {
      this.#say(failureReport(learned.failure, context, learned.words));
      return undefined;
    }
    if ("fault" in learned) {
      this.#say([`${host} can't be used: ${learned.fault}.`]);
      return undefined;
    }
    const { facts } = learned;
    if (facts.identity !== undefined && facts.identity === this.#own) {
      this.#say([`${thisMachine(host)}.`]);
      return undefined;
    }
    if (facts.program === undefined) {
      this.#say(installReport(context));
      return undefined;
    }
    if (facts.state === "unsafe") {
      this.#say([folderWords(host, facts.folder)]);
      return undefined;
    }
    return facts;
  }

  async #open(
    facts: RemoteFacts,
    context: ReportContext,
    keeper: TerminalKeeper,
    patienceMs: number,
  ): Promise<TunnelEnd> {
    const { password, openedByAgent, unattendedEligible, notify } = this.#options;
    const isDriven = openedByAgent === true && drivenBy(this.#here) !== undefined;
    const command = daemonCommand({
      forwardAgent: this.#connection.forwardAgent,
      ...(password === undefined
        ? isDriven ? { password: "each", passwordIfKnown: true } : {}
        : { password }),
      ...(unattendedEligible === undefined ? {} : { unattendedEligible }),
      ...(notify === undefined ? {} : { notify }),
      refuseRoot: facts.uid !== 0,
      ...(this.#own === undefined ? {} : { refuse: this.#own }),
    });
    const args = tunnelArguments(
      this.#connection,
      context.configuration,
      { locals: [...this.#claims.keys()], folder: facts.folder },
      command,
    );
    const end = await openTunnel(this.#start, args, [...this.#claims.keys()], {
      onLine: (line) => print(`ssh: ${visibleProse(line)}`),
      onOpen: (local, socket) => this.#sockets.set(local, socket),
      onUp: (pong, fault) => {
        if (fault !== undefined) {
          this.#later.push(`The daemon on ${this.#options.host} said: ${visibleProse(fault)}`);
        }
        this.#remembering = this.#remember(facts, pong);
      },
      onProcess: (endSsh) => this.#endSsh = endSsh,
    }, patienceMs);
    await keeper.restore(end.wasOpen && (end.code === 255 || end.signal !== null));
    // ssh leaves them there, also where it ended before they were seen.
    for (const claim of this.#claims.values()) await claim.removeLeftover().catch(() => {});
    if (end.failure !== undefined && end.wasOpen) {
      end.words.trim().split("\n").slice(-10).forEach((line) =>
        print(`ssh: ${visibleProse(line)}`)
      );
    }
    return end;
  }

  async #remember(facts: RemoteFacts, pong: Pong): Promise<void> {
    if (this.#registry === undefined) return;
    try {
      const { movedTo } = await updateHost(this.#registry, this.#options.host, {
        // Where the folder is another one, the host has to be asked each time.
        uid: facts.folder === systemFolder(facts.uid) ? facts.uid : null,
        version: parseVersion(pong.version) || facts.version,
        lastConnected: wireTime(),
      }, "person");
      if (movedTo !== undefined) {
        this.#later.push(`The registry of hosts could not be parsed and is now ${movedTo}`);
      }
    } catch (error) {
      this.#later.push(
        `The registry of hosts was not changed: ${visibleProse(errorMessage(error))}`,
      );
    }
  }

  #report(end: TunnelEnd, context: ReportContext): number {
    const { host } = this.#options;
    if (this.#isEnding) return 1;
    if (end.failure !== undefined) {
      this.#say(failureReport(end.failure, context, end.words));
      return 1;
    }
    if (end.code === 0) {
      print(`sudo-proxy · the tunnel to ${host} is closed`);
      return 0;
    }
    if (end.code === REMOTE_EXIT.sameMachine) this.#say([`${thisMachine(host)}.`]);
    else if (!end.wasUp && end.code === REMOTE_EXIT.noProgram) this.#say(installReport(context));
    else if (!end.wasUp && end.code === REMOTE_EXIT.noFolder) this.#say([folderWords(host)]);
    else if (!end.wasUp && end.code === REMOTE_EXIT.noPasswordOption) {
      this.#say([`The sudo-proxy on ${host} knows no --password: update it, or leave that out.`]);
    } else this.#say([`sudo-proxy on ${host} ended with the exit code ${end.code}.`]);
    return end.code;
  }

  #say(lines: readonly string[]): void {
    lines.forEach((line, index) => printError(index === 0 ? `sudo-proxy: ${line}` : line));
  }
}

/** Where the remote program did not start, or nobody answered, what was cached may be old. */
function mayBeStale(end: TunnelEnd): boolean {
  return !end.wasUp && (end.failure === "no answer" || end.code === REMOTE_EXIT.noFolder);
}

function folderWords(host: string, folder = "its folder for sockets"): string {
  return `${host} has no safe place for the socket: ${folder} must be a folder of that account ` +
    "with the mode 0700, and no link.";
}

function print(line: string): void {
  write(Deno.stdout, line);
}

function printError(line: string): void {
  write(Deno.stderr, line);
}

function write(to: { writeSync(bytes: Uint8Array): number }, line: string): void {
  // A last wall: what comes from elsewhere has been made visible before.
  let bytes = new TextEncoder().encode(`${line.replace(/\p{Cc}/gu, "?")}\n`);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(to.writeSync(bytes));
  } catch {
    // The terminal is gone.
  }
}
