/**
 * What the shell of the remote host is given. It is fixed text: nothing of a host's name, of the
 * registry or of a request is in it. The login shell there may be any (fish, csh): it is only
 * trusted to read `exec sh -c '…'`, so the text between the quotes has no quote, no backslash, no
 * exclamation mark and no line break.
 *
 * @module
 */

/** The exit codes by which the text says why it did not start sudo-proxy. */
export const REMOTE_EXIT = {
  noFolder: 81,
  noProgram: 82,
  noPasswordOption: 83,
  sameMachine: 84,
} as const;

/** What stands around the facts; a shell's start-up files may print before and after. */
export const FACTS_BEGIN = "sudo-proxy-facts-begin";
/** The end of the facts. */
export const FACTS_END = "sudo-proxy-facts-end";

/**
 * The folder for sockets by the rule of `lib/paths.ts`, in `d`. `ls -ldn` is the only way of
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
const PROGRAM = [
  'p=; for q in "$(command -v sudo-proxy)" "$HOME/.local/bin/sudo-proxy" "$HOME/.deno/bin/sudo-proxy"; do case $q in /*) if [ -f "$q" ] && [ -x "$q" ]; then p=$q; break; fi;; esac; done',
];

/** Where Linux keeps an id that is new with each boot (random(4)). */
export const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Which machine that is, and as whom we are there, in `i`. */
const IDENTITY = [`i="$(cat ${BOOT_ID} 2>/dev/null) $u $(uname -n)"`];

/** Prints what {@linkcode parseFacts} reads; it changes nothing there. */
export const FACTS_COMMAND: string = remoteCommand([
  ...FOLDER,
  ...IDENTITY,
  ...PROGRAM,
  's=absent; if [ -e "$d" ] || [ -h "$d" ]; then s=unsafe; if private "$d"; then s=private; fi; fi',
  'v=; if [ -n "$p" ]; then v=$("$p" --version 2>/dev/null </dev/null | head -n 1); fi',
  `echo ${FACTS_BEGIN}`,
  'echo "uid=$u"; echo "folder=$d"; echo "state=$s"; echo "program=$p"; echo "version=$v"; echo "identity=$i"',
  `echo ${FACTS_END}`,
]);

/** What the person chose for the daemon there: each a choice of few, none with text of its own. */
export interface RemoteDaemonOptions {
  /** Whether the ssh agent is forwarded; without it, the daemon there sees no agent at all. */
  readonly forwardAgent: boolean;
  /** When sudo asks its question there. */
  readonly password?: "each" | "cached";
  /** Whether an old daemon, which knows no `--password`, is started without it. */
  readonly passwordIfKnown?: boolean;
  /** Whether the key `a` exists there. */
  readonly unattendedEligible?: true;
  /** Which desktop notification the terminal understands. */
  readonly notify?: "9" | "777";
  /**
   * Whether the forward leads to the folder of an account that is not root: root there could reach
   * it, and its daemon would be another one than that in this terminal.
   */
  readonly refuseRoot?: boolean;
  /** This machine and account, where nothing is to be started; as {@linkcode isIdentity} has it. */
  readonly refuse?: string;
}

/** Whether a text is an identity: a boot id, a user's id and a name, so that no shell reads more. */
export function isIdentity(text: string): boolean {
  return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12} \d{1,10} [A-Za-z0-9._-]{1,64}$/.test(text);
}

/**
 * The command that starts the daemon.
 *
 * @param options What was chosen.
 * @returns Text for the remote login shell.
 */
export function daemonCommand(options: RemoteDaemonOptions): string {
  const {
    forwardAgent,
    password,
    passwordIfKnown,
    unattendedEligible,
    notify,
    refuseRoot,
    refuse,
  } = options;
  const words = [
    ...(unattendedEligible ? ["--unattended-eligible"] : []),
    ...(notify === undefined ? [] : [`--notify ${notify}`]),
  ].join(" ");
  return remoteCommand([
    ...FOLDER,
    ...(refuseRoot ? [`if [ "$u" = 0 ]; then exit ${REMOTE_EXIT.noFolder}; fi`] : []),
    ...(refuse !== undefined && isIdentity(refuse)
      ? [...IDENTITY, `if [ "$i" = "${refuse}" ]; then exit ${REMOTE_EXIT.sameMachine}; fi`]
      : []),
    ...PROGRAM,
    `if [ -z "$p" ]; then exit ${REMOTE_EXIT.noProgram}; fi`,
    `case $d in /*) ;; *) exit ${REMOTE_EXIT.noFolder};; esac`,
    'if [ -e "$d" ] || [ -h "$d" ]; then :; else mkdir -m 700 "$d" 2>/dev/null; fi',
    `private "$d" || exit ${REMOTE_EXIT.noFolder}`,
    // So that a program of any make listens where the forward leads.
    "XDG_RUNTIME_DIR=$d; export XDG_RUNTIME_DIR",
    ...(forwardAgent ? [] : ["unset SSH_AUTH_SOCK"]),
    ...(password === undefined ? [] : [
      `case $("$p" --help 2>&1 </dev/null) in *--password*) exec "$p" --password ${password} ${words};; esac`,
      ...(passwordIfKnown ? [] : [`exit ${REMOTE_EXIT.noPasswordOption}`]),
    ]),
    `exec "$p" ${words}`.trimEnd(),
  ]);
}

function remoteCommand(statements: readonly string[]): string {
  return `exec sh -c '${statements.join("; ")}'`;
}
