/**
 * The text for the shell of the remote host. It is fixed: nothing of a host's name, of the registry
 * or of a request is in it. The login shell there may be any shell (fish, csh). It only has to
 * understand `exec sh -c '…'`, so the text between the quotes has no quote, no backslash, no
 * exclamation mark and no line break.
 *
 * @module
 */
import { BOOT_ID, isIdentity } from "./identity.ts";

/** The exit codes by which the text says why it did not start sudo-proxy. */
export const REMOTE_EXIT = {
  noFolder: 81,
  noProgram: 82,
  noPasswordOption: 83,
  sameMachine: 84,
} as const;

/** The exit codes by which the text says why it did not install sudo-proxy. */
export const INSTALL_EXIT = {
  noFolder: 91,
  isFolder: 92,
  noHash: 93,
  notWritten: 94,
  otherHash: 95,
  otherVersion: 96,
} as const;

/** What stands before the facts; a shell's start-up files may print before and after. */
export const FACTS_BEGIN = "sudo-proxy-facts-begin";
/** What stands after the facts. */
export const FACTS_END = "sudo-proxy-facts-end";

/**
 * The folder for sockets by the rule of `lib/platform/paths.ts`, in `d`. `ls -ldn` is the only way of
 * POSIX to learn owner and mode.
 */
const FOLDER = [
  "set -f",
  "u=$(id -u)",
  'private() { set -- $(LC_ALL=C ls -ldn "$1" 2>/dev/null); case $1:$3 in drwx------*:$u) return 0;; esac; return 1; }',
  "d=${XDG_RUNTIME_DIR:-}",
  'if [ -z "$d" ]; then d=/run/user/$u; if private "$d"; then :; else t=${TMPDIR:-/tmp}; while case $t in ?*/) ;; *) false;; esac; do t=${t%/}; done; d=$t/sudo-proxy-$u; fi; fi',
];

/** The program, in `p`: in the `PATH`, which is short without a login, then where users install. */
const PROGRAM =
  'p=; for q in "$(command -v sudo-proxy)" "$HOME/.local/bin/sudo-proxy" "$HOME/.deno/bin/sudo-proxy"; do case $q in /*) if [ -f "$q" ] && [ -x "$q" ]; then p=$q; break; fi;; esac; done';

/** Which machine that is, and as whom we are there, in `i`. */
const IDENTITY = `i="$(cat ${BOOT_ID} 2>/dev/null) $u $(uname -n)"`;

/** The version that the program prints, in `v`. */
const PROGRAM_VERSION =
  'v=; if [ -n "$p" ]; then v=$("$p" --version 2>/dev/null </dev/null | head -n 1); fi';

/** Prints what {@linkcode parseFacts} reads; it changes nothing there. */
export const FACTS_COMMAND: string = remoteCommand([
  ...FOLDER,
  IDENTITY,
  PROGRAM,
  's=absent; if [ -e "$d" ] || [ -h "$d" ]; then s=unsafe; if private "$d"; then s=private; fi; fi',
  PROGRAM_VERSION,
  `echo ${FACTS_BEGIN}`,
  'echo "uid=$u"; echo "folder=$d"; echo "state=$s"; echo "program=$p"; echo "version=$v"; echo "identity=$i"',
  `echo ${FACTS_END}`,
]);

/** What the person chose for the daemon there. Each is one of a few choices, none a free text. */
export interface RemoteDaemonOptions {
  /** Whether the ssh agent is forwarded; without it, the daemon there sees no agent at all. */
  readonly forwardAgent?: boolean | undefined;
  /** When sudo asks its question there. */
  readonly password?: "each" | "cached" | undefined;
  /** Whether an old daemon, which knows no `--password`, is started without it. */
  readonly passwordIfKnown?: boolean;
  /** Whether the key `a` exists there. */
  readonly unattendedEligible?: true | undefined;
  /** Which desktop notification the terminal understands. */
  readonly notify?: "9" | "777" | undefined;
  /**
   * Whether root is refused there, since the forward leads to the folder of another account. Root
   * could reach that folder, but its daemon would not be the one in this terminal.
   */
  readonly refuseRoot?: boolean;
  /** This machine and account, where nothing is to be started; as {@linkcode isIdentity} has it. */
  readonly refuse?: string | undefined;
}

/** The command for the remote login shell that starts the daemon. */
export function daemonCommand(options: RemoteDaemonOptions): string {
  const { forwardAgent, password, notify, refuse } = options;
  const args = (options.unattendedEligible ? " --unattended-eligible" : "") +
    (notify === undefined ? "" : ` --notify ${notify}`);
  return remoteCommand([
    ...FOLDER,
    ...(options.refuseRoot ? [`if [ "$u" = 0 ]; then exit ${REMOTE_EXIT.noFolder}; fi`] : []),
    ...(refuse !== undefined && isIdentity(refuse)
      ? [IDENTITY, `if [ "$i" = "${refuse}" ]; then exit ${REMOTE_EXIT.sameMachine}; fi`]
      : []),
    PROGRAM,
    `if [ -z "$p" ]; then exit ${REMOTE_EXIT.noProgram}; fi`,
    `case $d in /*) ;; *) exit ${REMOTE_EXIT.noFolder};; esac`,
    'if [ -e "$d" ] || [ -h "$d" ]; then :; else mkdir -m 700 "$d" 2>/dev/null; fi',
    `private "$d" || exit ${REMOTE_EXIT.noFolder}`,
    // So that any implementation listens where the forward leads.
    "XDG_RUNTIME_DIR=$d; export XDG_RUNTIME_DIR",
    ...(forwardAgent ? [] : ["unset SSH_AUTH_SOCK"]),
    ...(password === undefined ? [] : [
      `case $("$p" --help 2>&1 </dev/null) in *--password*) exec "$p" --password ${password}${args};; esac`,
      ...(options.passwordIfKnown ? [] : [`exit ${REMOTE_EXIT.noPasswordOption}`]),
    ]),
    `exec "$p"${args}`,
  ]);
}

/** Prints what {@linkcode parseTarget} reads; it changes nothing there. */
export const TARGET_COMMAND: string = remoteCommand([
  "set -f",
  "u=$(id -u)",
  IDENTITY,
  PROGRAM,
  PROGRAM_VERSION,
  `echo ${FACTS_BEGIN}`,
  'echo "system=$(uname -s)"; echo "machine=$(uname -m)"; echo "home=$HOME"',
  // Not every system has getconf(1); ldd(1) of glibc has the version at the end of its first line.
  'echo "libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | head -n 1)"',
  'echo "program=$p"; echo "first=$(command -v sudo-proxy)"; echo "version=$v"; echo "identity=$i"',
  `echo ${FACTS_END}`,
]);

/**
 * The command that reads a program from standard input, and puts it in its place once its SHA-256
 * and its version are those that are expected. Whatever goes wrong before, no file stays behind.
 *
 * @throws {TypeError} If hash or version have characters that a shell could read otherwise.
 */
export function installCommand(sha256: string, version: string): string {
  if (!/^[0-9a-f]{64}$/.test(sha256) || !/^[0-9A-Za-z.+-]+$/.test(version)) {
    throw new TypeError(`Cannot install "${version}" with the hash "${sha256}"`);
  }
  const orExit = (code: keyof typeof INSTALL_EXIT) => `|| exit ${INSTALL_EXIT[code]}`;
  return remoteCommand([
    'f="$HOME/.local/bin"; t="$f/.sudo-proxy.new-$$"',
    'clean() { rm -f "$t"; }; trap clean EXIT; trap "exit 1" HUP INT TERM',
    `mkdir -p "$f" ${orExit("noFolder")}`,
    `if [ -d "$f/sudo-proxy" ]; then exit ${INSTALL_EXIT.isFolder}; fi`,
    `command -v sha256sum >/dev/null ${orExit("noHash")}`,
    // A file that already has the temporary name is not written to.
    `clean; umask 077; set -C; cat >"$t" ${orExit("notWritten")}`,
    `case $(sha256sum <"$t") in ${sha256}*) ;; *) exit ${INSTALL_EXIT.otherHash};; esac`,
    `chmod 755 "$t" ${orExit("notWritten")}`,
    'v=$("$t" --version </dev/null | head -n 1)',
    `if [ "$v" = "${version}" ]; then :; else exit ${INSTALL_EXIT.otherVersion}; fi`,
    `mv -f "$t" "$f/sudo-proxy" ${orExit("notWritten")}`,
  ]);
}

function remoteCommand(statements: readonly string[]): string {
  return `exec sh -c '${statements.join("; ")}'`;
}
