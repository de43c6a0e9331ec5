/**
 * What the person is told where a host can't be reached: what happened, and what to do next.
 *
 * @module
 */
import type { Failure } from "./diagnosis.ts";
import type { Destination } from "./names.ts";

/** What the messages are about. */
export interface ReportContext {
  /** The host, as the person gave it. */
  readonly host: string;
  /** Whom ssh was to reach. */
  readonly destination: Destination;
  /** What `ssh -G` said, by name in lower case. */
  readonly configuration: ReadonlyMap<string, string>;
  /** Where the sources of this program are; nothing in a compiled one. */
  readonly sources?: string;
}

/** Many servers give the same answer to who may not forward and to who finds nobody. */
const FORWARDING: readonly string[] = [
  "Its administrator allows that in /etc/ssh/sshd_config: AllowStreamLocalForwarding local (or yes),",
  "and no DisableForwarding.",
];

/**
 * Says what went wrong with a connection.
 *
 * @param failure What it was.
 * @param context The host.
 * @param words What ssh said.
 * @returns Lines for the terminal, the first a sentence.
 */
export function failureReport(
  failure: Failure | "no answer",
  context: ReportContext,
  words = "",
): readonly string[] {
  const { host } = context;
  switch (failure) {
    case "unknown key":
      return [
        `The host key of ${host} is not known here, so nothing was sent to it.`,
        "Have someone at that machine read out its fingerprints:",
        '  for key in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf "$key"; done',
        "Compare them with what the network shows here:",
        `  ${fingerprintCommand(context)}`,
        "If they agree, start again with --accept-new-host-key. It accepts a key that is not known yet,",
        "and never one that has changed.",
      ];
    case "changed key":
      return [
        `${host} shows another host key than the one that is known here. Someone may be in between.`,
        "A changed key is never accepted, not with --accept-new-host-key either.",
        "If that machine was set up anew, have its fingerprint read out to you there, compare it with",
        `  ${fingerprintCommand(context)}`,
        "and only then take the old key out:",
        `  ssh-keygen ${fileWords(words)}-R ${shellWord(knownName(context))}`,
      ];
    case "revoked key":
      return [
        `${host} shows a host key that is marked as revoked (known_hosts, RevokedHostKeys). Someone may`,
        "have stolen it. It is never accepted, not with --accept-new-host-key either.",
        "Ask whoever runs that machine which key it has now.",
      ];
    case "wrong certificate":
      return [
        `${host} shows a host certificate that does not hold for ${
          knownName(context)
        }, so nothing was`,
        `sent to it. ${certificateWords(words)}`,
        "If it is for another name, connect by that name (HostName or HostKeyAlias in ~/.ssh/config).",
        "Else ask whoever runs that machine for a new one. Do not accept its key in place of that.",
      ];
    case "no login":
      return [
        `${host} did not let you in with any key or password.`,
        `Once this works, sudo-proxy does: ${sshCommand(context)}`,
      ];
    case "unknown name":
      return [
        `The name ${host} leads nowhere: it is neither known to the network nor to ~/.ssh/config.`,
      ];
    case "unreachable":
      return [
        `${host} does not answer at ${
          address(context)
        }. Look whether it runs, and whether ssh is to ` +
        "use another port or a jump host (~/.ssh/config).",
      ];
    case "no local end":
      return [
        "ssh could not open its end of a forward: of the tunnel, or of one that ~/.ssh/config has for " +
        `${host}, which another ssh may use already. What ssh said stands above.`,
      ];
    case "forwarding refused":
      return [
        `${host} does not let ssh forward to sockets, so no request can reach it.`,
        ...FORWARDING,
      ];
    case "no answer":
      return [
        `No daemon answered through the tunnel to ${host} in time, so it was closed. Where sudo-proxy ` +
        "had started there, the server does not let ssh forward to sockets.",
        ...FORWARDING,
        "Where it had not:",
        `  ${sshCommand(context, ["-t"])} sudo-proxy`,
      ];
    case "lost":
      return [
        `The connection to ${host} is lost. Requests that waited there are withdrawn; nothing of them ` +
        "runs. Commands that ran go on there.",
      ];
    case "other":
      return [`ssh to ${host} ended. What it said stands above.`];
  }
}

/**
 * Says how to install sudo-proxy on a host.
 *
 * @param context The host.
 * @returns Lines for the terminal, the first a sentence.
 */
export function installReport(context: ReportContext): readonly string[] {
  const { host, sources } = context;
  const ssh = sshCommand(context);
  const first = `${host} has no sudo-proxy: it is not in its PATH, ~/.local/bin or ~/.deno/bin.`;
  if (sources === undefined) return [first, "docs/remote.md says how to install it there."];
  return [
    first,
    "To install this one there (it needs Deno 2.9; npm install --global deno@2.9 brings it):",
    `  ${ssh} mkdir -p .local/bin .local/share/sudo-proxy`,
    `  tar -C ${
      shellWord(sources)
    } -c deno.json deno.lock lib main_mcp.ts main_permissions.ts main_proxy.ts | ${ssh} tar -C .local/share/sudo-proxy -x`,
    `  ${ssh} ln -sf ../share/sudo-proxy/lib/remote/sudo-proxy.sh .local/bin/sudo-proxy`,
    `  ${ssh} .local/bin/sudo-proxy fetch`,
    `  ${ssh} .local/bin/sudo-proxy --version`,
  ];
}

/** `ssh-keyscan` knows nothing of jumps and proxies: where there is one, ssh itself shows the key. */
function fingerprintCommand(context: ReportContext): string {
  const { configuration } = context;
  const given = (name: string) => (configuration.get(name) ?? "none") !== "none";
  if (given("proxycommand") || given("proxyjump")) {
    return `${sshCommand(context, ["-o", "StrictHostKeyChecking=ask"])} true`;
  }
  const port = configuration.get("port") ?? "22";
  return `ssh-keyscan -p ${shellWord(port)} ${
    shellWord(address(context))
  } 2>/dev/null | ssh-keygen -lf -`;
}

/** The reason is ssh's own; what a server says can't begin a line so before the key is checked. */
function certificateWords(words: string): string {
  const [, reason] = /^Certificate invalid: ([a-z ]{1,60})\r?$/m.exec(words) ?? [];
  return reason === undefined ? "" : `What ssh says of it: ${reason}.`;
}

/** ssh-keygen looks into `~/.ssh/known_hosts` alone: ssh says which file it was. */
function fileWords(words: string): string {
  const [, file] = /^Offending \S+ key in (\/.+):\d+\r?$/m.exec(words) ?? [];
  return file === undefined ? "" : `-f ${shellWord(file)} `;
}

/** The name under which the key is kept (sshd(8), known_hosts). */
function knownName(context: ReportContext): string {
  const { configuration } = context;
  const alias = configuration.get("hostkeyalias");
  if (alias !== undefined && alias !== "none") return alias;
  const port = configuration.get("port") ?? "22";
  return port === "22" ? address(context) : `[${address(context)}]:${port}`;
}

function address({ configuration, destination }: ReportContext): string {
  return configuration.get("hostname") ?? destination.address;
}

function sshCommand({ destination }: ReportContext, options: readonly string[] = []): string {
  const { user, address } = destination;
  return ["ssh", ...options, ...(user === undefined ? [] : ["-l", user]), address]
    .map(shellWord).join(" ");
}

function shellWord(word: string): string {
  return /^[A-Za-z0-9_@%+=:,.\/-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
