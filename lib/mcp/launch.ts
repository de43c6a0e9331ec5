import { grantsOf } from "../permissions.ts";
import { folderOf, MAX_TUNNELS, socketPath, stateFolder, type Surroundings } from "../paths.ts";
import type { Pong } from "../protocol/client.ts";
import { isConfirmed, makeRegistryFolder, readRegistry, registryPath } from "../remote/registry.ts";
import { openTunnels, slotOf } from "../remote/slots.ts";
import { denoRun, PROJECT, shellWord } from "../start.ts";
import { type Place, THIS_MACHINE } from "./place.ts";
import { probe } from "./probe.ts";
import { installedCommand, isSetupScript } from "../installed.ts";
import { terminalsFor } from "./terminals.ts";

/** How long a new daemon may take until it answers, in milliseconds. */
const START_TIMEOUT_MS = 20_000;
/** The same for a tunnel: the person may have to confirm the host and to log in first. */
const TUNNEL_TIMEOUT_MS = 45_000;
const POLL_MS = 50;

/** How `start_server` ended. */
export type LaunchResult =
  | { readonly kind: "running" | "started"; readonly pong: Pong; readonly where: string }
  /** No terminal can be opened from here: the person runs `command`. */
  | { readonly kind: "manual"; readonly command: string }
  /** A terminal was opened, and no daemon answered in time. */
  | { readonly kind: "silent"; readonly command: string; readonly where: string }
  /** The launcher in the terminal has ended without a connection, since the person wanted none. */
  | { readonly kind: "declined"; readonly where: string }
  /** The launcher in the terminal has ended before a daemon answered. */
  | { readonly kind: "ended"; readonly where: string }
  /** As many tunnels are open as can be; nothing was opened. */
  | { readonly kind: "full"; readonly hosts: readonly string[] };

/** By socket. */
const underWay = new Map<string, Promise<LaunchResult>>();

/**
 * Makes sure that a daemon answers, on this machine or through a tunnel: at once if there is one,
 * else by opening a terminal for it. Calls at the same time open one terminal.
 *
 * @param here The surroundings.
 * @param signal Ends the wait; a terminal that was opened stays.
 * @param place Where; this machine if left out.
 * @param forwardAgent Whether the tunnel is to bring the person's ssh agent along.
 * @returns What happened.
 * @throws The signal's reason, if it was aborted.
 */
export async function launchDaemon(
  here: Surroundings,
  signal: AbortSignal,
  place: Place = {
    name: THIS_MACHINE,
    host: undefined,
    isHere: true,
    socket: socketPath(here),
  },
  forwardAgent = false,
): Promise<LaunchResult> {
  const { socket } = place;
  const launching = underWay.get(socket) ??
    launch(here, place, forwardAgent).finally(() => underWay.delete(socket));
  underWay.set(socket, launching);
  // Where every call was cancelled, nobody waits for its failure.
  launching.catch(() => {});
  signal.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = () => reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([launching, promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
  }
}

async function launch(
  here: Surroundings,
  place: Place,
  forwardAgent: boolean,
): Promise<LaunchResult> {
  const { host, socket } = place;
  const running = await answer(place);
  if (running) return { kind: "running", pong: running, where: socket };

  const words = host === undefined
    ? daemonCommand(here, socket)
    : tunnelCommand(here, host, socket, forwardAgent);
  const command = manualCommand(here, place, forwardAgent);
  const open = host === undefined ? [] : openTunnels(folderOf(socket));
  if (open.length >= MAX_TUNNELS) return { kind: "full", hosts: open };
  const registry = registryPath(here);
  // The launcher has no grant for the folder: only this server knows whether it was missing.
  if (host !== undefined && registry !== undefined) await makeRegistryFolder(registry);
  const launcher = host === undefined ? undefined : new LauncherWatch(here, folderOf(socket), host);
  const deadline = performance.now() +
    (host === undefined ? START_TIMEOUT_MS : TUNNEL_TIMEOUT_MS);
  const title = host === undefined ? "sudo-proxy" : `sudo-proxy ${host}`;
  const terminals = terminalsFor(here, words, title, mayStart);
  for (const { name: where, words: [program, ...args] } of terminals) {
    const child = startDetached(program, args);
    while (performance.now() < deadline) {
      const pong = await answer(place);
      if (pong) return { kind: "started", pong, where };
      const end = launcher?.end();
      if (end !== undefined) return { kind: end, where };
      if (child.hasFailed()) break;
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
    if (!child.hasFailed()) return { kind: "silent", command, where };
  }
  return { kind: "manual", command };
}

/** Follows the launcher of a tunnel by its slot, which it gives back whatever ends it. */
class LauncherWatch {
  readonly #before: string | undefined;
  #wasThere = false;

  constructor(
    readonly here: Surroundings,
    readonly folder: string,
    readonly host: string,
  ) {
    this.#before = slotOf(folder, host)?.note;
  }

  /** How it ended; nothing while it runs, or has not begun. */
  end(): "declined" | "ended" | undefined {
    const note = slotOf(this.folder, this.host)?.note;
    if (note !== undefined && note !== this.#before) this.#wasThere = true;
    if (note !== undefined || !this.#wasThere) return undefined;
    // The launcher notes the person's yes before it connects.
    const entry = readRegistry(registryPath(this.here)).hosts.get(this.host);
    return entry !== undefined && isConfirmed(entry) ? "ended" : "declined";
  }
}

/** Starts a terminal; one that opened no window ends with an exit code that says so. */
function startDetached(program: string, args: readonly string[]): { hasFailed(): boolean } {
  let failed = false;
  try {
    const child = new Deno.Command(program, {
      args: [...args],
      cwd: "/",
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    // Some emulators stay as long as their window; that must not keep this process.
    child.unref();
    child.status.then(({ success }) => failed = !success, () => failed = true);
  } catch {
    failed = true;
  }
  return { hasFailed: () => failed };
}

/**
 * The words that start the daemon with exactly its grants, whatever folder they are run in.
 *
 * @param here The surroundings.
 * @param socket Where it is to listen.
 * @returns A program by absolute path, and its arguments.
 */
export function daemonCommand(here: Surroundings, socket: string): string[] {
  // A new terminal may have another environment than this process.
  const state = stateFolder(here);
  const options = [
    `--socket=${socket}`,
    ...(state === undefined ? [] : [`--state-home=${folderOf(state)}`]),
    "--opened-by-agent",
  ];
  // The compiled daemon has its grants baked in.
  if (Deno.build.standalone) return [daemonProgram(), ...options];
  const grants = grantsOf("proxy", here, socket);
  return [...denoRun(Deno.execPath(), grants, daemonProgram()), ...options];
}

/**
 * The words that open the tunnel to a host with exactly its grants. The compiled program has no
 * grants for hosts and says so.
 *
 * @param here The surroundings.
 * @param host The host.
 * @param socket The local end of the tunnel.
 * @param forwardAgent Whether the person's ssh agent is to come along.
 * @returns A program by absolute path, and its arguments.
 */
export function tunnelCommand(
  here: Surroundings,
  host: string,
  socket: string,
  forwardAgent: boolean,
): string[] {
  const options = [
    "--opened-by-agent",
    ...(forwardAgent ? ["--forward-agent"] : []),
    `--socket=${socket}`,
    `--host=${host}`,
  ];
  if (Deno.build.standalone) return [daemonProgram(), ...options];
  const grants = grantsOf("host", here, socket);
  return [...denoRun(Deno.execPath(), grants, daemonProgram()), ...options];
}

/**
 * The command that opens the same in a terminal of the person: short enough to be typed.
 *
 * @param here The surroundings.
 * @param place Where.
 * @param forwardAgent Whether the person's ssh agent is to come along to a host.
 * @returns A line for any POSIX shell.
 */
export function manualCommand(here: Surroundings, place: Place, forwardAgent: boolean): string {
  const { host, socket } = place;
  const options = host === undefined ? ["--password", "each"] : ["--host", host];
  if (host !== undefined && forwardAgent) options.push("--forward-agent");
  // The person's shell may have other variables than this process: only the usual folder is certain.
  if (!socket.startsWith(`/run/user/${here.uid}/`)) options.push(`--socket=${socket}`);
  const program = isInstalled(here)
    ? ["sudo-proxy"]
    : Deno.build.standalone
    ? [daemonProgram()]
    : ["sh", `${PROJECT}lib/start.sh`, Deno.execPath()];
  return [...program, ...options].map(shellWord).join(" ");
}

function isInstalled(here: Surroundings): boolean {
  const command = installedCommand(here);
  if (command === undefined) return false;
  try {
    return isSetupScript(Deno.readTextFileSync(command));
  } catch {
    return false;
  }
}

/**
 * The daemon's program: a module of this project, or the compiled file beside the compiled server.
 */
export function daemonProgram(): string {
  if (Deno.build.standalone) return `${folderOf(Deno.execPath())}/sudo-proxy`;
  return `${PROJECT}main_proxy.ts`;
}

async function answer(place: Place): Promise<Pong | undefined> {
  const state = await probe(place);
  return state.kind === "answers" ? state.pong : undefined;
}

/**
 * The server was started with grants for what could be started then: anything else is left to the
 * person.
 */
function mayStart(command: string): boolean {
  return Deno.permissions.querySync({ name: "run", command }).state === "granted";
}
