import {
  folderOf,
  MAX_SOCKET_PATH,
  socketPath,
  systemProgram,
  tunnelSockets,
} from "../platform/paths.ts";
import { destinationOf, isThisMachine } from "../remote/names.ts";
import { sshStarter } from "../remote/process.ts";
import { visibleProse } from "../view/visible.ts";
import { fail, startAsHost } from "./fail.ts";
import { TEXTS } from "./host_messages.ts";
import { TerminalKeeper } from "./keeper.ts";
import { type HostOptions, Launcher } from "./launcher.ts";

/** Local paths that `-L` and Deno's flags can both write. */
const LOCAL_PATH = /^\/[A-Za-z0-9._@+=~:%[\]/-]*$/;

/**
 * `sudo-proxy --host`: the daemon of a remote host on this terminal, and the tunnel by which
 * requests reach it.
 */
export async function hostCommand(options: HostOptions): Promise<void> {
  const { host, login, socket } = options;
  const name = visibleProse(host);
  const destination = destinationOf(host, login);
  if (typeof destination === "string") fail(TEXTS.badName(name, destination));
  const env = startAsHost(host, socket);
  if (destination.user === undefined && isThisMachine(destination.address, Deno.hostname())) {
    fail(TEXTS.thisMachine(name));
  }
  const local = socket ?? socketPath(env, host);
  const fault = [local, ...tunnelSockets(folderOf(local))].map(pathFault).find(Boolean);
  if (fault !== undefined) fail(TEXTS.badPath(local, fault));
  if (!Deno.stdin.isTerminal() || !Deno.stdout.isTerminal()) fail(TEXTS.noTerminal);
  const ssh = systemProgram("ssh") ?? fail(TEXTS.noSsh);
  const keeper = await TerminalKeeper.keep();
  const launcher = new Launcher(env, options, destination, sshStarter(env, ssh), keeper);
  Deno.exit(await launcher.run(local));
}

function pathFault(path: string): string | undefined {
  if (new TextEncoder().encode(path).length > MAX_SOCKET_PATH) return TEXTS.longPath;
  return LOCAL_PATH.test(path) ? undefined : TEXTS.oddPath;
}
