/**
 * What `sudo-proxy --host` tells and asks the person: what happened, and what to do next. The first
 * line of a report is a sentence.
 *
 * @module
 */
import { MAX_SOCKET_PATH, MAX_TUNNELS } from "../platform/paths.ts";
import { shellWord } from "../platform/shell_word.ts";
import type { Failure } from "../remote/diagnosis.ts";
import { REMOTE_EXIT } from "../remote/remote_shell.ts";
import type { Connection } from "../remote/ssh.ts";
import type { TunnelEnd } from "../remote/tunnel.ts";
import { FORM, IS_REMOTE, PROJECT } from "../start.ts";
import { visibleProse } from "../view/visible.ts";

/** The messages of one sentence or two. Names and faults have been made visible before. */
export const TEXTS = {
  badName: (name: string, rule: string): string =>
    `Cannot connect to "${name}": the name of the host ${rule}`,
  thisMachine: (name: string): string =>
    `Cannot connect to "${name}": it is this machine, and this account. Start sudo-proxy without ` +
    "--host, or give another account of it (user@localhost)",
  badPath: (path: string, rule: string): string => `Cannot open a tunnel at ${path}: ${rule}`,
  longPath:
    `the path of a socket has at most ${MAX_SOCKET_PATH} bytes. Give the host a shorter alias in ` +
    "~/.ssh/config, or set XDG_RUNTIME_DIR to a shorter folder",
  oddPath:
    "it may have only letters, digits and . _ @ + = ~ : % [ ] - /. Set XDG_RUNTIME_DIR to a folder " +
    "of such a name",
  noTerminal:
    "Cannot start without a terminal: a person has to read and answer there. Start it in a " +
    "terminal window, not in the background or in a pipe",
  noSsh: "Cannot find ssh in the system folders: install it (package openssh-client)",
  taken: (fault: string, name: string): string =>
    `${fault}. The tunnel to ${name} is open in another window: use it there, or end it (q)`,
  allTaken: (hosts: readonly string[]): string =>
    `Cannot open a tunnel: ${MAX_TUNNELS} can be open at a time, and all are taken ` +
    `(${hosts.join(", ")}). End one in its window (q)`,
  greeting: (host: string, local: string): string => `sudo-proxy · tunnel to ${host} at ${local}`,
  agentQuestion: (host: string): string =>
    `A model asks to lend your ssh agent to ${host} while this window is open. Whoever is root\n` +
    "there can use it meanwhile. Type yes to lend it, Enter to go on without it: ",
  declined: (host: string): string =>
    `The connection to ${host} was declined. Nothing was connected.`,
  registryFault: (host: string, fault: string): string =>
    `The registry of hosts can't be used, so ${host} is asked anew: ${fault}`,
  registryMoved: (path: string): string =>
    `The registry of hosts could not be parsed and is now ${path}`,
  registryKept: (reason: string): string => `The registry of hosts was not changed: ${reason}`,
  askedAnew: (host: string): string =>
    `The tunnel to ${host} did not come up: it is asked anew where its socket is.`,
  badFacts: (host: string, fault: string): string => `${host} can't be used: ${fault}.`,
  unsafeFolder: (host: string, folder = "its folder for sockets"): string =>
    `${host} has no safe place for the socket: ${folder} must be a folder of that account with the ` +
    "mode 0700, and no link.",
  refused: (host: string, fault: string): string => `The daemon on ${host} said: ${fault}`,
  closed: (host: string): string => `sudo-proxy · the tunnel to ${host} is closed`,
  pressEnter: "Press Enter to close this window.",
};

/** Says what other programs that can press keys here mean for sudo on the host. */
export function driverNote(
  host: string,
  driver: string,
  password: "each" | "each if known" | "cached",
): string {
  const asks = `sudo on ${host} asks its question for each privileged command`;
  const ends = {
    "each": `So ${asks}.`,
    "each if known": `So ${asks}, where its sudo-proxy knows how.`,
    "cached": `With --password each, ${asks}.`,
  };
  return `Other programs of yours can press keys here (${driver}). ${ends[password]}`;
}

/** Asks whether to connect to a host that a model named and no person confirmed. */
export function connectQuestion({ host, destination, configuration }: Connection): string {
  const value = (name: string) => visibleProse(configuration.get(name) ?? "");
  const part = (label: string, name: string) =>
    ["", "none"].includes(value(name)) ? "" : ` ${label} ${value(name)}`;
  const leadsTo = configuration.size === 0
    ? `ssh takes it for ${visibleProse(destination.address)}`
    : `ssh connects to ${value("user")}@${value("hostname")}:${value("port")}` +
      part("by way of", "proxyjump") + part("with the command", "proxycommand");
  return "A model asks for a connection to a host that no person here has used before:\n\n" +
    `  ${visibleProse(host)}\n  ${leadsTo}\n\n` +
    "Type yes to connect, Enter to close this window without a connection: ";
}

/** Many servers give the same answer whether forwarding is forbidden or nobody listens. */
const FORWARDING: readonly string[] = [
  "Its administrator allows that in /etc/ssh/sshd_config: AllowStreamLocalForwarding local (or yes),",
  "and no DisableForwarding.",
];

type Report = (connection: Connection, stderr: string) => readonly string[];

const FAILURES: Readonly<Record<Failure | "no answer", Report>> = {
  "unknown key": (connection) => [
    `The host key of ${connection.host} is not known here, so nothing was sent to it.`,
    "Have someone at that machine read out its fingerprints:",
    '  for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done',
    "Compare them with what the network shows here:",
    `  ${fingerprintCommand(connection)}`,
    "If they agree, start again with --accept-new-host-key. It accepts a key that is not known yet,",
    "and never one that has changed.",
  ],
  "changed key": (connection, stderr) => [
    `${connection.host} shows another host key than the one that is known here. Someone may be in between.`,
    "A changed key is never accepted, not with --accept-new-host-key either.",
    "If that machine was set up anew, have its fingerprint read out to you there, compare it with",
    `  ${fingerprintCommand(connection)}`,
    "and only then take the old key out:",
    `  ssh-keygen ${fileOption(stderr)}-R ${shellWord(knownName(connection))}`,
  ],
  "revoked key": ({ host }) => [
    `${host} shows a host key that is marked as revoked (known_hosts, RevokedHostKeys). Someone may`,
    "have stolen it. It is never accepted, not with --accept-new-host-key either.",
    "Ask whoever runs that machine which key it has now.",
  ],
  "wrong certificate": (connection, stderr) => [
    `${connection.host} shows a host certificate that does not hold for ${
      knownName(connection)
    }, so ` +
    "nothing was",
    `sent to it. ${certificateReason(stderr)}`,
    "If it is for another name, connect by that name (HostName or HostKeyAlias in ~/.ssh/config).",
    "Else ask whoever runs that machine for a new one. Do not accept its key in place of that.",
  ],
  "no login": (connection) => [
    `${connection.host} did not let you in with any key or password.`,
    `Once this works, sudo-proxy does: ${sshCommand(connection)}`,
  ],
  "unknown name": ({ host }) => [
    `The name ${host} leads nowhere: it is neither known to the network nor to ~/.ssh/config.`,
  ],
  "unreachable": (connection) => [
    `${connection.host} does not answer at ${
      address(connection)
    }. Look whether it runs, and whether ssh ` +
    "is to use another port or a jump host (~/.ssh/config).",
  ],
  "no local end": ({ host }) => [
    "ssh could not open its end of a forward: of the tunnel, or of one that ~/.ssh/config has for " +
    `${host}, which another ssh may use already. What ssh said stands above.`,
  ],
  "forwarding refused": ({ host }) => [
    `${host} does not let ssh forward to sockets, so no request can reach it.`,
    ...FORWARDING,
  ],
  "no answer": (connection) => [
    `No daemon answered through the tunnel to ${connection.host} in time, so it was closed. Where ` +
    "sudo-proxy had started there, the server does not let ssh forward to sockets.",
    ...FORWARDING,
    "Where it had not:",
    `  ${sshCommand(connection, ["-t"])} sudo-proxy`,
  ],
  "lost": ({ host }) => [
    `The connection to ${host} is lost. Requests that waited there are withdrawn; nothing of them ` +
    "runs. Commands that ran go on there.",
  ],
  "other": ({ host }) => [`ssh to ${host} ended. What it said stands above.`],
};

/** Says what went wrong with a connection; some of it is in ssh's standard error alone. */
export function failureReport(
  failure: Failure | "no answer",
  connection: Connection,
  stderr = "",
): readonly string[] {
  return FAILURES[failure](connection, stderr);
}

const EXITS: ReadonlyMap<number, (connection: Connection) => readonly string[]> = new Map([
  [REMOTE_EXIT.noProgram, (connection) => installReport(connection)],
  [REMOTE_EXIT.noFolder, ({ host }) => [TEXTS.unsafeFolder(host)]],
  [
    REMOTE_EXIT.noPasswordOption,
    ({ host }) => [`The sudo-proxy on ${host} knows no --password: update it, or leave that out.`],
  ],
]);

/** Says why the program on the host ended with an exit code other than 0. */
export function exitReport(
  { code, wasUp }: Pick<TunnelEnd, "code" | "wasUp">,
  connection: Connection,
): readonly string[] {
  if (code === REMOTE_EXIT.sameMachine) return [`${TEXTS.thisMachine(connection.host)}.`];
  return (wasUp ? undefined : EXITS.get(code)?.(connection)) ??
    [`sudo-proxy on ${connection.host} ended with the exit code ${code}.`];
}

/**
 * Says how to install sudo-proxy on a host.
 *
 * @param sources The folder of this program; nothing if its sources are not there.
 */
export function installReport(
  connection: Connection,
  sources: string | undefined = FORM === "sources" && !IS_REMOTE ? PROJECT : undefined,
): readonly string[] {
  const { host, destination: { user } } = connection;
  const ssh = sshCommand(connection);
  const login = user === undefined || host.includes("@") ? [] : ["--login", user];
  const install = ["sudo-proxy", "install", host, ...login].map(shellWord).join(" ");
  const first = `${host} has no sudo-proxy: it is not in its PATH, ~/.local/bin or ~/.deno/bin.`;
  if (sources === undefined) return [first, "To install this one there:", `  ${install}`];
  return [
    first,
    "To install a binary there (deno task build makes it):",
    `  ${install} --binary ${shellWord(`${sources.replace(/\/$/, "")}/dist/sudo-proxy`)}`,
    "To install these sources there (they need Deno 2.9; npm install --global deno@2.9 brings it):",
    `  ${ssh} mkdir -p .local/bin .local/share/sudo-proxy`,
    `  tar -C ${shellWord(sources)} -c deno.json deno.lock lib main_mcp.ts main_permissions.ts ` +
    `main_proxy.ts | ${ssh} tar -C .local/share/sudo-proxy -x`,
    `  ${ssh} ln -sf ../share/sudo-proxy/lib/remote/sudo-proxy.sh .local/bin/sudo-proxy`,
    `  ${ssh} .local/bin/sudo-proxy fetch`,
    `  ${ssh} .local/bin/sudo-proxy --version`,
  ];
}

/** `ssh-keyscan` knows nothing of jumps and proxies: where there is one, ssh itself shows the key. */
function fingerprintCommand(connection: Connection): string {
  const { configuration } = connection;
  const given = (name: string) => (configuration.get(name) ?? "none") !== "none";
  if (given("proxycommand") || given("proxyjump")) {
    return `${sshCommand(connection, ["-o", "StrictHostKeyChecking=ask"])} true`;
  }
  const [port, host] = [configuration.get("port") ?? "22", address(connection)].map(shellWord);
  return `ssh-keyscan -p ${port} ${host} 2>/dev/null | ssh-keygen -lf -`;
}

/**
 * The reason is ssh's own: before the key is checked, no text of a server begins a line like this.
 */
function certificateReason(stderr: string): string {
  const [, reason] = /^Certificate invalid: ([a-z ]{1,60})\r?$/m.exec(stderr) ?? [];
  return reason === undefined ? "" : `What ssh says of it: ${reason}.`;
}

/** ssh-keygen looks into `~/.ssh/known_hosts` alone: ssh says which file it was. */
function fileOption(stderr: string): string {
  const [, file] = /^Offending \S+ key in (\/.+):\d+\r?$/m.exec(stderr) ?? [];
  return file === undefined ? "" : `-f ${shellWord(file)} `;
}

/** The name under which the key is kept (sshd(8), known_hosts). */
function knownName(connection: Connection): string {
  const alias = connection.configuration.get("hostkeyalias") ?? "none";
  if (alias !== "none") return alias;
  const port = connection.configuration.get("port") ?? "22";
  return port === "22" ? address(connection) : `[${address(connection)}]:${port}`;
}

function address({ configuration, destination }: Connection): string {
  return configuration.get("hostname") ?? destination.address;
}

function sshCommand({ destination }: Connection, options: readonly string[] = []): string {
  const { user, address } = destination;
  return ["ssh", ...options, ...(user === undefined ? [] : ["-l", user]), address]
    .map(shellWord).join(" ");
}
