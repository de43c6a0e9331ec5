import { grantsOf } from "../grants.ts";
import { orAborted, pause } from "../platform/deadline.ts";
import { exists } from "../platform/exists.ts";
import { installedCommand, isSetupScript } from "../platform/installed.ts";
import { folderOf, type HostEnvironment, MAX_TUNNELS, stateFolder } from "../platform/paths.ts";
import { shellWord } from "../platform/shell_word.ts";
import { isConfirmed, makeRegistryFolder, readRegistry, registryPath } from "../remote/registry.ts";
import { openTunnels, slotOf } from "../remote/slots.ts";
import { denoRun, FORM, IS_REMOTE, PACKAGE_COMMAND, START_SCRIPT } from "../start.ts";
import { probe } from "./probe.ts";
import type { Target } from "./target.ts";
import { terminalsFor } from "./terminals.ts";
import { LAUNCH } from "./text.ts";

/** How long a new daemon may take until it answers, in milliseconds. */
const START_TIMEOUT_MS = 20_000;
/** The same for a tunnel: the person may have to confirm the host and to log in first. */
const TUNNEL_TIMEOUT_MS = 45_000;
const POLL_MS = 50;

/** How a launch can end: see `start_server`. */
export const LAUNCH_STATES = [
  "running",
  "started",
  "manual",
  "silent",
  "declined",
  "ended",
  "unreachable",
] as const;

/** @internal How a launch ended; the fields are those of the answer. */
export interface LaunchResult {
  readonly state: typeof LAUNCH_STATES[number];
  readonly message: string;
  readonly version?: string;
  readonly command?: string;
  readonly window?: string;
}

/** By socket. */
const underWay = new Map<string, Promise<LaunchResult>>();

/**
 * Makes sure that a daemon answers, on this machine or through a tunnel: at once if there is one,
 * else by opening a terminal for it. Calls at the same time open one terminal.
 *
 * @param env The environment.
 * @param target Where.
 * @param forwardAgent Whether the tunnel is to bring the person's ssh agent along.
 * @param signal Ends the wait; a terminal that was opened stays.
 * @throws The signal's reason, if it was aborted.
 */
export async function launchDaemon(
  env: HostEnvironment,
  target: Target,
  forwardAgent: boolean,
  signal: AbortSignal,
): Promise<LaunchResult> {
  const { socket } = target;
  const launching = underWay.get(socket) ??
    launch(env, target, forwardAgent).finally(() => underWay.delete(socket));
  underWay.set(socket, launching);
  return await orAborted(launching, signal);
}

async function launch(
  env: HostEnvironment,
  target: Target,
  forwardAgent: boolean,
): Promise<LaunchResult> {
  const { host, socket } = target;
  const before = await probe(target);
  if (before.kind === "answers") {
    const { version } = before.pong;
    return { state: "running", version, message: LAUNCH.running(target, version) };
  }
  if (before.kind !== "missing") return { state: "unreachable", message: before.advice };
  if (host !== undefined) {
    const open = openTunnels(folderOf(socket));
    if (open.length >= MAX_TUNNELS) return { state: "unreachable", message: LAUNCH.full(open) };
    // The launcher has no grant for the folder: only this server knows whether it was missing.
    const registry = registryPath(env);
    if (registry !== undefined) await makeRegistryFolder(registry);
  }
  const argv = daemonCommand(env, target, forwardAgent);
  const command = manualCommand(env, target, forwardAgent);
  const endOf = host === undefined ? () => undefined : watchLauncher(env, folderOf(socket), host);
  const deadline = performance.now() + (host === undefined ? START_TIMEOUT_MS : TUNNEL_TIMEOUT_MS);
  const title = host === undefined ? "sudo-proxy" : `sudo-proxy ${host}`;
  for (const { name: window, argv: opener } of terminalsFor(env, argv, title, mayStart)) {
    const hasFailed = startDetached(opener);
    while (performance.now() < deadline) {
      const found = await probe(target);
      if (found.kind === "answers") {
        const { version } = found.pong;
        const message = LAUNCH.started(target, window, version);
        return { state: "started", window, version, message };
      }
      const end = endOf();
      if (end !== undefined) return { state: end, window, message: LAUNCH[end](target, window) };
      if (hasFailed()) break;
      await pause(POLL_MS);
    }
    if (!hasFailed()) {
      return { state: "silent", window, command, message: LAUNCH.silent(target, window) };
    }
  }
  return { state: "manual", command, message: LAUNCH.manual };
}

/**
 * Follows the launcher of a tunnel through its slot, which is given back however the launcher ends.
 * Returns how it ended; nothing while it runs, or has not begun.
 */
function watchLauncher(
  env: HostEnvironment,
  folder: string,
  host: string,
): () => "declined" | "ended" | undefined {
  const before = slotOf(folder, host)?.note;
  let wasThere = false;
  return () => {
    const note = slotOf(folder, host)?.note;
    wasThere ||= note !== undefined && note !== before;
    if (note !== undefined || !wasThere) return undefined;
    // The launcher notes the person's yes before it connects.
    const entry = readRegistry(registryPath(env)).hosts.get(host);
    return entry !== undefined && isConfirmed(entry) ? "ended" : "declined";
  };
}

/** Starts a terminal. One that opened no window ends with an exit code that says so. */
function startDetached([program, ...args]: readonly [string, ...string[]]): () => boolean {
  let hasFailed = false;
  const onFailure = () => hasFailed = true;
  try {
    const io = { stdin: "null", stdout: "null", stderr: "null" } as const;
    const child = new Deno.Command(program, { args, cwd: "/", ...io }).spawn();
    // Some emulators stay as long as their window; that must not keep this process.
    child.unref();
    child.status.then(({ success }) => success || onFailure(), onFailure);
  } catch {
    onFailure();
  }
  return () => hasFailed;
}

/** What starts the daemon, or opens the tunnel to a host, with exactly its grants, in any folder. */
function daemonCommand(
  env: HostEnvironment,
  { host, socket }: Target,
  forwardAgent: boolean,
): string[] {
  // A new terminal may have another environment than this process.
  const state = stateFolder(env);
  const options = host === undefined
    ? [`--socket=${socket}`, ...(state === undefined ? [] : [`--state-home=${folderOf(state)}`])]
    : [...(forwardAgent ? ["--forward-agent"] : []), `--socket=${socket}`, `--host=${host}`];
  const start = FORM === "compiled" ? [Deno.execPath()] : exactStart(env, { host, socket });
  return [...start, "--opened-by-agent", ...options];
}

function exactStart(
  env: HostEnvironment,
  { host, socket }: Pick<Target, "host" | "socket">,
): string[] {
  const grants = grantsOf(host === undefined ? "proxy" : "host", env, socket);
  return denoRun(Deno.execPath(), grants, "main_proxy");
}

/** The line for any POSIX shell that opens the same in a terminal of the person. */
export function manualCommand(
  env: HostEnvironment,
  { host, socket }: Pick<Target, "host" | "socket">,
  forwardAgent: boolean,
): string {
  const program = isInstalled(env)
    ? ["sudo-proxy"]
    : IS_REMOTE
    ? exactStart(env, { host, socket })
    : FORM === "compiled"
    ? [Deno.execPath()]
    : PACKAGE_COMMAND !== undefined && exists(PACKAGE_COMMAND)
    ? [PACKAGE_COMMAND]
    : ["sh", START_SCRIPT, Deno.execPath()];
  const options = host === undefined
    ? ["--password", "each"]
    : ["--host", host, ...(forwardAgent ? ["--forward-agent"] : [])];
  // The person's shell may have other variables than this process: only the usual folder is certain.
  const isUsual = socket.startsWith(`/run/user/${env.uid}/`);
  const argv = [...program, ...options, ...(isUsual ? [] : [`--socket=${socket}`])];
  return argv.map(shellWord).join(" ");
}

function isInstalled(env: HostEnvironment): boolean {
  const command = installedCommand(env);
  if (FORM === "compiled" && command === Deno.execPath()) return true;
  try {
    return command !== undefined && isSetupScript(Deno.readTextFileSync(command));
  } catch {
    return false;
  }
}

/**
 * The server's grants cover only what was installed when it started: the person starts the rest.
 */
function mayStart(command: string): boolean {
  return Deno.permissions.querySync({ name: "run", command }).state === "granted";
}
