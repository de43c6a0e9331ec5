/**
 * How ssh is started: its arguments and its environment.
 *
 * @module
 */
import type { HostEnvironment } from "../platform/paths.ts";
import type { Destination } from "./names.ts";

/** What `ssh -G` said: values by name in lower case; none if this ssh has no `-G`. */
export type SshConfiguration = ReadonlyMap<string, string>;

/** What the person and their configuration said about a connection. */
export interface Connection {
  /** The host, as the person gave it. */
  readonly host: string;
  /** Whom to reach. */
  readonly destination: Destination;
  /** What the configuration says. */
  readonly configuration: SshConfiguration;
  /** Whether a key of a host that is not known yet is accepted. */
  readonly acceptNewHostKey?: boolean | undefined;
  /** Whether the ssh agent is forwarded. */
  readonly forwardAgent?: boolean | undefined;
  /** Whether ssh tells more. */
  readonly verbose?: boolean | undefined;
}

/** What ssh needs of the environment, and what the programs of its configuration may need. */
export const SSH_VARIABLES: readonly string[] = [
  "HOME",
  "USER",
  "LOGNAME",
  "SHELL",
  "PATH",
  "TERM",
  "LANG",
  "LC_ALL",
  "LC_CTYPE",
  "LC_MESSAGES",
  "SSH_AUTH_SOCK",
  "KRB5CCNAME",
  "XDG_RUNTIME_DIR",
];

/**
 * The environment of ssh. No askpass program and no library can be slipped in: ssh asks on the
 * terminal.
 */
export function sshEnvironment(env: HostEnvironment): Record<string, string> {
  const entries = SSH_VARIABLES.map((name) => [name, env.get(name)]);
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    SSH_ASKPASS_REQUIRE: "never",
  };
}

/**
 * Fixed for every connection. The first value that ssh sees counts, so these come before the
 * person's configuration, which still decides the account, the address, the route and the key.
 */
const FIXED: readonly string[] = [
  "UpdateHostKeys=no",
  "VerifyHostKeyDNS=no",
  "NoHostAuthenticationForLocalhost=no",
  // A connection of its own: a shared one would end with another window.
  "ControlMaster=no",
  "ControlPath=none",
  "ControlPersist=no",
  "ForkAfterAuthentication=no",
  "SessionType=default",
  "RemoteCommand=none",
  "ForwardX11=no",
  "PermitLocalCommand=no",
  "Tunnel=no",
];

/** What holds unless the person's configuration says something else: name, unset, our value. */
const DEFAULTS = [["ServerAliveInterval", "0", "15"], ["ConnectTimeout", "none", "20"]] as const;

/** The arguments that ask ssh what it would do, without a connection. */
export function configurationArguments(destination: Destination): string[] {
  return ["-G", ...target(destination)];
}

/** The arguments of a connection without a terminal: the login shell runs the command. */
export function questionArguments(connection: Connection, command: string): string[] {
  const options = [
    ...common(connection),
    "ForwardAgent=no",
    "ClearAllForwardings=yes",
    "StdinNull=no",
  ];
  return ["-T", ...asArguments(options), ...target(connection.destination), command];
}

/**
 * The arguments of the connection with the terminal and the tunnel.
 *
 * @param forward The sockets on this machine, and the folder of the socket there.
 */
export function tunnelArguments(
  connection: Connection,
  forward: { readonly locals: readonly string[]; readonly folder: string },
  command: string,
): string[] {
  const options = [
    ...common(connection),
    `ForwardAgent=${connection.forwardAgent ? "yes" : "no"}`,
    "ClearAllForwardings=no",
    "ExitOnForwardFailure=yes",
    "StreamLocalBindMask=0177",
    // A socket in use is never removed; leftovers were removed before.
    "StreamLocalBindUnlink=no",
    "StdinNull=no",
  ];
  const remote = remoteSocket(forward.folder);
  const forwards = forward.locals.flatMap((local) => ["-L", forwardArgument(local, remote)]);
  return ["-t", ...asArguments(options), ...forwards, ...target(connection.destination), command];
}

/** The daemon's socket in a folder there. */
export function remoteSocket(folder: string): string {
  return `${folder.replace(/\/+$/, "")}/sudo-proxy.sock`;
}

/**
 * Writes a forward as `-L` reads it: colons divide it, a backslash takes a character as it is, and
 * `%` and `$` begin what ssh fills in.
 */
export function forwardArgument(local: string, remote: string): string {
  const escaped = (path: string) => path.replace(/[\\:]/g, "\\$&").replaceAll("%", "%%");
  return `${escaped(local)}:${escaped(remote)}`;
}

function common({ configuration, acceptNewHostKey, verbose }: Connection): string[] {
  return [
    `StrictHostKeyChecking=${acceptNewHostKey ? "accept-new" : "yes"}`,
    // Its messages say what went wrong, whatever the configuration prefers.
    `LogLevel=${verbose ? "DEBUG1" : "INFO"}`,
    ...FIXED,
    ...DEFAULTS.filter(([name, unset]) =>
      (configuration.get(name.toLowerCase()) ?? unset) === unset
    ).map(([name, , value]) => `${name}=${value}`),
  ];
}

function asArguments(options: readonly string[]): string[] {
  return options.flatMap((option) => ["-o", option]);
}

function target({ user, address }: Destination): string[] {
  return [...(user === undefined ? [] : ["-l", user]), "--", address];
}
