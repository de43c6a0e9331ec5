import { type Grants, ownFolder, type Site } from "../platform/grants.ts";
import { lockPath, pipesFolder } from "../platform/paths.ts";

/** The daemon's socket, its lock and its pipes, and the machine's name for the prompt. */
export function daemonGrants(site: Site): Partial<Grants> {
  const { socket } = site;
  return {
    write: [socket, lockPath(socket), pipesFolder(socket), ...ownFolder(site)],
    net: [`unix:${socket}`],
    sys: ["uid", "hostname"],
  };
}
