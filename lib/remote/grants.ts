import { DRIVEN_VARIABLES } from "../platform/driven.ts";
import {
  type Grants,
  newFolder,
  ownFolder,
  programs,
  type Site,
  socketFolders,
} from "../platform/grants.ts";
import { folderOf, lockPath, SYSTEM_FOLDERS, tunnelSockets } from "../platform/paths.ts";
import { registryFiles, registryPath } from "./registry_file.ts";
import { SSH_VARIABLES } from "./ssh.ts";

/** Where the registry of hosts is. */
export const REGISTRY_VARIABLES: readonly string[] = ["XDG_CONFIG_HOME", "HOME"];

/** The files of the registry. */
export function registryGrants({ env }: Site): Partial<Grants> {
  const registry = registryPath(env);
  const files = registry === undefined ? [] : registryFiles(registry);
  return { read: files, write: files, env: REGISTRY_VARIABLES };
}

/** The hosts that are known, and the locks that say which tunnels are open. */
export function hostReaderGrants({ env, socket }: Site): Partial<Grants> {
  const registry = registryPath(env);
  const locks = tunnelSockets(folderOf(socket)).map(lockPath);
  return {
    read: [...(registry === undefined ? [] : [registry]), ...locks],
    env: REGISTRY_VARIABLES,
  };
}

/** The folder of the registry, where it has to be made. */
export function registryFolder({ env }: Site): string[] {
  const registry = registryPath(env);
  return newFolder(registry === undefined ? undefined : folderOf(registry));
}

/** Every tunnel that may be up. The locks say which host each leads to, and can't be written. */
export function tunnelGrants({ socket }: Site): Partial<Grants> {
  const tunnels = tunnelSockets(folderOf(socket));
  return {
    read: [...tunnels, ...tunnels.map(lockPath)],
    write: tunnels,
    net: tunnels.map((path) => `unix:${path}`),
  };
}

/** What puts a binary on a host reads that binary, and starts ssh; it writes nothing here. */
export function installGrants({ binary }: Site): Partial<Grants> {
  const file = binary ?? (Deno.build.standalone ? Deno.execPath() : undefined);
  return {
    read: [...(file === undefined ? [] : [file]), ...SYSTEM_FOLDERS],
    run: programs("ssh", "cat"),
    env: SSH_VARIABLES,
    sys: ["uid", "hostname"],
  };
}

/**
 * The launcher of a tunnel. It makes sure that the folder of its sockets is private, and finds ssh;
 * ssh itself makes the sockets.
 */
export function launcherGrants(site: Site): Partial<Grants> {
  const { env, socket } = site;
  const sockets = [socket, ...tunnelSockets(folderOf(socket))];
  return {
    read: [folderOf(socket), ...socketFolders(env), ...SYSTEM_FOLDERS],
    write: [...sockets, ...sockets.map(lockPath), ...ownFolder(site), ...registryFolder(site)],
    net: sockets.map((path) => `unix:${path}`),
    run: programs("ssh", "stty", "cat"),
    env: [...SSH_VARIABLES, ...DRIVEN_VARIABLES],
    sys: ["uid", "hostname"],
  };
}
