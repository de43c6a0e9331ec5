/**
 * The exact Deno permissions that each entry point needs for this user: what its rooms declare,
 * added up. Computed nowhere else.
 *
 * @module
 */
import { auditReaderGrants, auditWriterGrants } from "./audit/grants.ts";
import { doctorGrants, pkexecCacheGrants, requestGrants, serveGrants } from "./cli/grants.ts";
import { daemonGrants } from "./daemon/grants.ts";
import {
  anyTerminalGrants,
  DESKTOP_VARIABLES,
  serverGrants,
  terminalGrants,
} from "./mcp/grants.ts";
import {
  addUp,
  type Declaration,
  FIRST_GRANTS,
  type Grants,
  type Site,
  socketGrants,
  STATE_VARIABLES,
} from "./platform/grants.ts";
import { installedCommand } from "./platform/installed.ts";
import { type HostEnvironment, PathError, socketPath, trialSocketPath } from "./platform/paths.ts";
import {
  hostReaderGrants,
  installGrants,
  launcherGrants,
  REGISTRY_VARIABLES,
  registryFolder,
  registryGrants,
  tunnelGrants,
} from "./remote/grants.ts";
import { LOGIN_VARIABLES, pkexecGrants, sudoGrants } from "./run/grants.ts";
import { SETUP_VARIABLES, setupGrants, setupReaderGrants } from "./setup/grants.ts";

/** The programs of this project that run with grants of their own. */
export const ENTRY_POINTS = [
  "proxy",
  "pkexec",
  "host",
  "request",
  "pkexec-cache",
  "try",
  "audit",
  "doctor",
  "hosts",
  "install",
  "mcp",
  "permissions",
  "setup",
] as const;

/** A program of this project that runs with grants of its own; `pkexec` is `proxy` with --pkexec. */
export type EntryPoint = typeof ENTRY_POINTS[number];

const makeFolder: Declaration = (site) => ({ write: registryFolder(site) });

/** The MCP server may check whether the command that it recommends to the person is installed. */
const seeCommand: Declaration = ({ env }) => {
  const command = installedCommand(env);
  return command === undefined ? {} : { read: [command] };
};

const seeVariables = (...lists: readonly (readonly string[])[]): Declaration => () => ({
  env: lists.flat(),
});

const DAEMON = [daemonGrants, auditWriterGrants, serveGrants];
const MCP = [socketGrants, tunnelGrants, registryGrants, serverGrants];

/** What each entry point is made of. */
const PARTS: Readonly<Record<EntryPoint, readonly Declaration[]>> = {
  proxy: [...DAEMON, sudoGrants],
  pkexec: [...DAEMON, pkexecGrants],
  host: [launcherGrants, registryGrants],
  request: [socketGrants, requestGrants],
  "pkexec-cache": [socketGrants, pkexecCacheGrants],
  try: [...DAEMON, sudoGrants],
  audit: [auditReaderGrants],
  doctor: [socketGrants, auditReaderGrants, hostReaderGrants, setupReaderGrants, doctorGrants],
  hosts: [registryGrants, makeFolder],
  install: [installGrants],
  mcp: [...MCP, makeFolder, terminalGrants, seeCommand],
  permissions: [
    () => ({ read: true }),
    seeVariables(LOGIN_VARIABLES, DESKTOP_VARIABLES, REGISTRY_VARIABLES, STATE_VARIABLES),
    seeVariables(SETUP_VARIABLES),
  ],
  setup: [
    setupGrants,
    makeFolder,
    seeVariables(DESKTOP_VARIABLES, REGISTRY_VARIABLES, STATE_VARIABLES),
  ],
};

/** The entry points that may read every file, and so never give that back. */
export const READS_ALL: ReadonlySet<EntryPoint> = new Set([
  "proxy",
  "pkexec",
  "try",
  "setup",
  "permissions",
]);

/** They use no socket, and so need no place for one. */
const WITHOUT_SOCKET: ReadonlySet<EntryPoint> = new Set(["audit", "hosts", "install"]);

/**
 * Computes the grants of an entry point.
 *
 * @param path The daemon's socket if it isn't the standard one, an absolute path; for `host`, the
 * local end of the tunnel; for `install`, the binary.
 * @throws {PathError} If the path is not absolute, or can't be granted.
 */
export function grantsOf(entry: EntryPoint, env: HostEnvironment, path?: string): Grants {
  if (WITHOUT_SOCKET.has(entry)) {
    const binary = path === undefined ? undefined : checkedPath("binary", path);
    return partsOf(PARTS[entry], { env, socket: "", binary });
  }
  const standard = entry === "try" ? trialSocketPath : socketPath;
  return partsOf(PARTS[entry], { env, socket: checkedPath("socket", path ?? standard(env)) });
}

/** What the MCP server can't do without. It starts without terminals, and tells the model then. */
export function mcpGrants(env: HostEnvironment, socket: string): Grants {
  return partsOf([...MCP, makeFolder], { env, socket });
}

/**
 * The grants of the MCP server as it is written into the configuration of a client. Setup makes the
 * folder of the registry. The server will be started from sessions that are not this one, so every
 * terminal that is installed may be opened, or none at all.
 */
export function configuredMcpGrants(env: HostEnvironment, opensTerminals: boolean): Grants {
  const terminals = opensTerminals ? [anyTerminalGrants] : [];
  return partsOf([...MCP, ...terminals, seeCommand], { env, socket: socketPath(env) });
}

function partsOf(parts: readonly Declaration[], site: Site): Grants {
  return addUp([FIRST_GRANTS, ...parts.map((grants) => grants(site))]);
}

function checkedPath(kind: "socket" | "binary", path: string): string {
  if (!path.startsWith("/")) {
    throw new PathError(`Cannot use the ${kind} "${path}": it must be an absolute path`);
  }
  if (!/[,\s]/.test(path)) return path;
  throw new PathError(
    `Cannot use the ${kind} "${path}": commas and blanks have a meaning in Deno's permission flags`,
  );
}
