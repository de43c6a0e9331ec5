import { grantFlags, grantsOf } from "../permissions.ts";
import { folderOf, socketPath, type Surroundings } from "../paths.ts";
import { ping, type Pong, UnreachableError } from "../protocol/client.ts";
import { terminalFor } from "./terminals.ts";

/** How long a new daemon may take until it answers, in milliseconds. */
const START_TIMEOUT_MS = 20_000;
const POLL_MS = 50;

/** How `start_server` ended. */
export type LaunchResult =
  | { readonly kind: "running" | "started"; readonly pong: Pong; readonly where: string }
  /** No terminal can be opened from here: the person runs `command`. */
  | { readonly kind: "manual"; readonly command: string }
  /** A terminal was opened, and no daemon answered in time. */
  | { readonly kind: "silent"; readonly command: string; readonly where: string };

/**
 * Makes sure that a daemon answers on this machine: at once if there is one, else by opening a terminal for it.
 *
 * @param here The surroundings.
 * @param signal Ends the wait.
 * @returns What happened.
 */
export async function launchDaemon(
  here: Surroundings,
  signal?: AbortSignal,
): Promise<LaunchResult> {
  const socket = socketPath(here);
  const running = await answer(socket, signal);
  if (running) return { kind: "running", pong: running, where: socket };

  const words = daemonCommand(here, socket);
  const command = words.map(shellWord).join(" ");
  const terminal = terminalFor(here, words);
  if (!terminal) return { kind: "manual", command };
  const [program, ...args] = terminal.words;
  const child = new Deno.Command(program, {
    args,
    cwd: "/",
    stdin: "null",
    stdout: "null",
    stderr: "null",
  })
    .spawn();
  // Some emulators stay as long as their window; that must not keep this process.
  child.unref();
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < deadline) {
    const pong = await answer(socket, signal);
    if (pong) return { kind: "started", pong, where: terminal.name };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    signal?.throwIfAborted();
  }
  return { kind: "silent", command, where: terminal.name };
}

/**
 * The words that start the daemon with exactly its grants, whatever folder they are run in.
 *
 * @param here The surroundings.
 * @param socket Where it is to listen.
 * @returns A program by absolute path, and its arguments.
 */
export function daemonCommand(here: Surroundings, socket: string): string[] {
  const options = [`--socket=${socket}`, "--opened-by-agent"];
  // A compiled server has the compiled daemon beside it, with its grants baked in.
  if (Deno.build.standalone) {
    return [`${folderOf(Deno.execPath())}/sudo-proxy`, ...options];
  }
  const root = new URL("../../", import.meta.url);
  return [
    Deno.execPath(),
    "run",
    "--quiet",
    `--config=${new URL("deno.json", root).pathname}`,
    ...grantFlags(grantsOf("proxy", here, socket)),
    new URL("main_proxy.ts", root).pathname,
    ...options,
  ];
}

async function answer(socket: string, signal?: AbortSignal): Promise<Pong | undefined> {
  try {
    return await ping(socket, signal);
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,.\/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
