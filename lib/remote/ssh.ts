/**
 * How ssh is started: its arguments and its environment.
 *
 * @module
 */
import type { Surroundings } from "../paths.ts";
import { remoteSocket } from "./facts.ts";
import type { Destination } from "./names.ts";

/** What the person said about a connection. */
export interface ConnectionOptions {
  /** Whom to reach. */
  readonly destination: Destination;
  /** Whether a key of a host that is not known yet is accepted. */
  readonly acceptNewHostKey: boolean;
  /** Whether the ssh agent is forwarded. */
  readonly forwardAgent: boolean;
  /** Whether ssh tells more. */
  readonly verbose: boolean;
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
 *
 * @param here The surroundings.
 * @returns Every variable that it gets.
 */
export function sshEnvironment({ env }: Surroundings): Record<string, string> {
  const entries = SSH_VARIABLES.map((name) => [name, env(name)]);
  return {
    ...Object.fromEntries(entries.filter(([, value]) => value !== undefined)),
    SSH_ASKPASS_REQUIRE: "never",
  };
}

/**
 * Fixed for every connection. The first value that ssh sees counts, so these come before the
 * person's configuration, which still says who, where, by which way and with which key.
 */
const FIXED: readonly string[] = [
  "UpdateHostKeys=no",
  "VerifyHostKeyDNS=no",
  "NoHostAuthenticationForLocalhost=no",
  // A connection of its own: one that is shared lives and dies with another window.
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

/** What holds unless the person's configuration says something else, as `ssh -G` tells. */
const DEFAULTS: readonly {
  readonly name: string;
  readonly unset: string;
  readonly value: string;
}[] = [
  { name: "ServerAliveInterval", unset: "0", value: "15" },
  { name: "ConnectTimeout", unset: "none", value: "20" },
];

/** The arguments that ask ssh what it would do, without a connection. */
export function configurationArguments({ destination }: ConnectionOptions): string[] {
  return ["-G", ...target(destination)];
}

/**
 * The arguments of the first connection, which only asks for facts.
 *
 * @param options What the person said.
 * @param configuration What `ssh -G` printed, by name in lower case.
 * @param command What the remote login shell is to run.
 * @returns The arguments of ssh.
 */
export function questionArguments(
  options: ConnectionOptions,
  configuration: ReadonlyMap<string, string>,
  command: string,
): string[] {
  return [
    "-T",
    ...optionWords([
      ...common(options, configuration),
      "ForwardAgent=no",
      "ClearAllForwardings=yes",
    ]),
    ...target(options.destination),
    command,
  ];
}

/**
 * The arguments of the connection with the terminal and the tunnel.
 *
 * @param options What the person said.
 * @param configuration What `ssh -G` printed, by name in lower case.
 * @param forward The sockets here, and the folder of the socket there.
 * @param command What the remote login shell is to run.
 * @returns The arguments of ssh.
 */
export function tunnelArguments(
  options: ConnectionOptions,
  configuration: ReadonlyMap<string, string>,
  forward: { readonly locals: readonly string[]; readonly folder: string },
  command: string,
): string[] {
  return [
    "-t",
    ...optionWords([
      ...common(options, configuration),
      `ForwardAgent=${options.forwardAgent ? "yes" : "no"}`,
      "ClearAllForwardings=no",
      "ExitOnForwardFailure=yes",
      "StreamLocalBindMask=0177",
      // What somebody listens at is never taken away; leftovers are removed before.
      "StreamLocalBindUnlink=no",
      "StdinNull=no",
    ]),
    ...forward.locals.flatMap((local) => ["-L", forwardWord(local, remoteSocket(forward.folder))]),
    ...target(options.destination),
    command,
  ];
}

/**
 * Writes a forward as `-L` reads it: colons divide it, a backslash takes a character as it is, and
 * `%` and `$` begin what ssh fills in.
 *
 * @param local The socket here.
 * @param remote The socket there.
 * @returns One word.
 */
export function forwardWord(local: string, remote: string): string {
  const escaped = (path: string) => path.replace(/[\\:]/g, "\\$&").replaceAll("%", "%%");
  return `${escaped(local)}:${escaped(remote)}`;
}

function common(
  { acceptNewHostKey, verbose }: ConnectionOptions,
  configuration: ReadonlyMap<string, string>,
): string[] {
  return [
    `StrictHostKeyChecking=${acceptNewHostKey ? "accept-new" : "yes"}`,
    // Its words say what went wrong, whatever the configuration prefers.
    `LogLevel=${verbose ? "DEBUG1" : "INFO"}`,
    ...FIXED,
    ...DEFAULTS.filter(({ name, unset }) =>
      (configuration.get(name.toLowerCase()) ?? unset) === unset
    ).map(({ name, value }) => `${name}=${value}`),
  ];
}

function optionWords(options: readonly string[]): string[] {
  return options.flatMap((option) => ["-o", option]);
}

function target({ user, address }: Destination): string[] {
  return [...(user === undefined ? [] : ["-l", user]), "--", address];
}
