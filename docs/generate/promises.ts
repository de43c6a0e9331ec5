/**
 * Tests that stand for promises of docs/security.md, beside those of the assurance case and of the
 * threat model.
 *
 * @module
 */
import { table } from "./blocks.ts";

/** By file: what is promised, and the name of the test. */
export const PROMISES: Readonly<
  Record<string, readonly (readonly [promise: string, test: string])[]>
> = {
  "tests/audit/recorded_test.ts": [
    [
      "nothing runs without a record of its start",
      "takeRecorded() throws on an approval whose start is not recorded",
    ],
  ],
  "tests/imports_test.ts": [
    [
      "only the audit trail can make a recorded start",
      "lib/audit/write/trail.ts exports nothing that makes a record of a start but a trail",
    ],
    [
      "the MCP server has no part in deciding",
      "lib/mcp/ never reaches daemon/, terminal/ or run/, not through others either",
    ],
  ],
  "tests/audit/writers_test.ts": [
    [
      "writers refuse nothing where each start is put on disk",
      "writers that put each start on disk wait for each other, and refuse none",
    ],
  ],
  "tests/audit/trail_test.ts": [
    [
      "a chain that is written anew under a running daemon is found",
      "AuditTrail finds a chain that was written anew while it ran",
    ],
  ],
  "tests/session/model_test.ts": [
    [
      "the machine keeps its rules through any history",
      "update() keeps every rule of the approval terminal through random histories",
    ],
    [
      "what was not read to its end is not approved",
      "update() starts nothing whatever is pressed while the prompt was never read whole",
    ],
  ],
  "tests/e2e/approval_test.ts": [
    [
      "a request runs after `y`, and after nothing else",
      "a request runs as root after y, and not after n, silence, or the client's leaving",
    ],
    [
      "keys that come too early approve nothing",
      "keys that were typed before the prompt is armed approve nothing",
    ],
    [
      "unprivileged commands have no terminal, and an exact environment",
      "unprivileged commands run as the user, without the terminal, with an exact environment",
    ],
  ],
  "tests/session/update_test.ts": [
    [
      "privileged commands are asked for, whatever was trusted",
      "update() asks about privileged requests whatever is trusted",
    ],
    [
      "trust does not cover the ssh agent",
      "update() asks for the ssh agent although unprivileged commands are trusted",
    ],
    [
      "half a second is half a second",
      "update() lets a key approve 500 ms after the drawing, and not 499",
    ],
    [
      "a request that takes another's place is armed later",
      "update() waits longer for a key where the request before went away by itself",
    ],
    [
      "a daemon that stood still arms anew",
      "update() arms anew after this process did not run for a while",
    ],
    [
      "a flood costs one key",
      "update() denies what comes within a moment after d, so that a flood costs one key",
    ],
    [
      "a late key approves nothing",
      "update() lets a key after the deadline approve nothing though no clock event came",
    ],
  ],
  "tests/security/session_trust_test.ts": [
    [
      "there is no key `a` where it would give root away",
      "where the daemon is root, or sudo asks nothing, --unattended-eligible has no effect",
    ],
  ],
  "tests/security/shared_credentials_test.ts": [
    [
      "there is no key `a` where sudo shares its memory at the start",
      "where sudo shares what it remembers already at the start, the key a is not there",
    ],
  ],
  "tests/e2e/try_test.ts": [
    [
      "the trial is no way around the key",
      "deno task try shows the whole way in one terminal, and has no way around the key",
    ],
  ],
  "tests/security/second_key_test.ts": [
    [
      "a second key over a slow line approves nothing, up to 2 s",
      "over a slow line, a second key that is pressed before the next prompt is seen approves nothing",
    ],
    [
      "a key for sudo's question approves nothing",
      "a key that was meant for sudo's question, which went away by itself, approves nothing",
    ],
    [
      "what could not be ended can be ended again",
      "a command that could not be ended for want of a password can be ended again",
    ],
  ],
  "tests/view/prompt_test.ts": [
    [
      "a long request counts as read when each line was seen",
      "a request counts as read exactly when each line was on the screen, wherever the person went",
    ],
  ],
  "tests/admit/text_test.ts": [
    [
      "text that could deceive is refused",
      "textFault() refuses every forbidden code point and names its class",
    ],
  ],
  "tests/view/imitation_test.ts": [
    [
      "no output of a command stands where our words stand",
      "nothing in what a command writes stands where our own words stand, at 80 columns",
    ],
  ],
  "tests/view/risk_notes_test.ts": [
    [
      "notes are our words, and few",
      "stageNotes() keeps the text of a request out of its own words, and stays short",
    ],
  ],
  "tests/view/shells_test.ts": [
    ["a shell reads the same command", "bash reads every quoted word back, byte by byte"],
  ],
  "tests/security/asked_each_time_test.ts": [
    [
      "with `--password each`, sudo remembers nobody after the start",
      "with --password each, sudo remembers nobody once the command has started",
    ],
  ],
  "tests/e2e/pkexec_test.ts": [
    [
      "with polkit, the key and the password are both needed",
      "with --pkexec polkit asks for the password after the key, and root runs what was shown",
    ],
    [
      "polkit's rule is written only by a key",
      "pkexec-cache shows, writes and removes the rule through the daemon, and polkit heeds it",
    ],
  ],
  "tests/e2e/password_test.ts": [
    ["the daemon says how much a key proves", "the start says how much a key proves"],
  ],
  "tests/run/descendants_test.ts": [
    [
      "SIGKILL reaches orphans, and never the daemon's own session",
      "descendantsOf() finds children, their children, and orphans of their session",
    ],
  ],
  "tests/admit/replay_test.ts": [
    [
      "no request is taken twice",
      "ReplayMemory.admit() admits a recorded request at most once, whatever the clocks do",
    ],
  ],
  "tests/daemon/lifecycle_test.ts": [
    [
      "a place that is not safe is not used",
      "a daemon that could not do its work, or not in safety, says why, deletes nothing and does not start",
    ],
  ],
  "tests/security/audit_test.ts": [
    [
      "a trail that is not there is not called whole",
      "verify does not call an audit trail whole that is not there",
    ],
    [
      "`verify` says which cuts it can't see",
      "verify says after which record a cut can't be seen, and finds every other one",
    ],
    [
      "daemons that write at once refuse nothing",
      "daemons that write to one audit trail at once refuse no request, and lose no record",
    ],
    [
      "JSON of the trail does nothing to a terminal",
      "no line of JSON of the audit trail reaches a terminal with a control or a turned letter",
    ],
  ],
  "tests/security/host_certificate_test.ts": [
    [
      "a host certificate for another name is told as that",
      "a host certificate for another name is told as that, and nobody is told to accept the key",
    ],
  ],
  "tests/security/window_test.ts": [
    [
      "a window that was not opened is not said to be open",
      "start_server() gives the manual command where tmux and the display are gone",
    ],
    [
      "where a window does not open, the next terminal is tried",
      "start_server() tries the next terminal where tmux is gone, and names the one that opened",
    ],
  ],
  "tests/security/this_machine_test.ts": [
    [
      "this machine by another name is no remote host",
      "this machine by another name is no remote host, from the registry either",
    ],
  ],
  "tests/daemon/socket_test.ts": [
    [
      "bytes that no honest client sends do nothing",
      "the socket refuses what the protocol forbids, serves within bounds, and the person sees nothing of it",
    ],
  ],
  "tests/security/hostile_daemon_test.ts": [
    [
      "the output of a command is passed through as it is",
      "sudo-proxy request passes the output of a command through byte by byte, as ssh does",
    ],
  ],
  "tests/security/flood_test.ts": [
    [
      "64 places, and the next one as soon as one is free",
      "64 requests wait at most, and a place that becomes free is the next one's at once",
    ],
  ],
  "tests/security/commands_test.ts": [
    [
      "a command can do what it wants, and the daemon goes on",
      "whatever a command does, it has one answer, and the next one is served",
    ],
  ],
  "tests/security/parent_folder_test.ts": [
    [
      "a link without a text of its own is not believed",
      "a link that the kernel follows otherwise than its text says is not believed",
    ],
  ],
  "tests/security/runas_default_test.ts": [
    [
      "root means root where the command has the terminal",
      "RUN AS ROOT means root, where the command has the terminal",
    ],
  ],
  "tests/security/access_list_test.ts": [
    [
      "access lists give a note",
      "an access list that lets another user write gives a note, on a file and on a folder",
    ],
  ],
  "tests/security/login_test.ts": [
    [
      "the user's name is true where no variable says it",
      "the user's name and shell come from passwd(5) where no variable says them",
    ],
  ],
  "tests/security/faults_test.ts": [
    [
      "a removed socket is put back, or said to be lost",
      "a socket that is removed under the daemon is put back, or the person learns that it is lost",
    ],
    [
      "without sudo nothing runs as root",
      "without sudo, or refused by it, a user's commands run as the user alone",
    ],
  ],
  "tests/security/suspend_test.ts": [
    [
      "a suspended daemon leaves the terminal as it was",
      "a daemon that is suspended leaves the terminal as it was, and takes and draws it anew",
    ],
    [
      "a daemon can be suspended at sudo's question",
      "Ctrl+Z at sudo's question stops sudo and the daemon, and the question goes on with them",
    ],
  ],
  "tests/security/replay_test.ts": [
    [
      "a request is not taken again when the clock is set",
      "the clock of the real daemon is set while a prompt is shown and between requests",
    ],
    [
      "a request is taken once from many connections at one moment",
      "the real daemon takes the same bytes once, from one connection after another or from many",
    ],
  ],
  "tests/security/host_notes_test.ts": [
    [
      "what a model writes about hosts grants the next session nothing",
      "what a model writes of hosts changes no grant of the next session",
    ],
  ],
  "tests/e2e/host_slots_test.ts": [
    [
      "nothing connects to a host that only a model named",
      "without yes nothing connects, and start_server says that the person declined",
    ],
    [
      "the MCP server can't say which slot is whose",
      "the MCP server may read which host a slot leads to, and not write it",
    ],
  ],
  "tests/remote/slots_test.ts": [
    [
      "a request reaches no host where its slot goes to another one meanwhile",
      "nothing is sent on a connection whose slot has gone to another host meanwhile",
    ],
  ],
  "tests/security/output_words_test.ts": [
    [
      "a denial is a person's word in the data as well",
      "who gets the data alone learns of a denial that a person decided, and what they said",
    ],
  ],
  "tests/security/client_gives_up_test.ts": [
    [
      "a client's time limit does not lose the answer",
      "execute() answers before 55 s where the client wants no progress",
    ],
    [
      "the end of the MCP server ends no command",
      "the end of the MCP server withdraws what waits, and what runs goes on",
    ],
  ],
  "tests/security/letters_test.ts": [
    [
      "letters are those that the terminal knows",
      "the terminal gives every letter that may be shown the cells that are counted for it",
    ],
  ],
  "tests/security/large_request_test.ts": [
    [
      "a long request takes bounded memory",
      "a request of 1 MiB in a window that is resized 20 times takes less than 200 MB",
    ],
  ],
  "tests/security/terminal_modes_test.ts": [
    [
      "what a command did to the terminal is undone",
      "the state that a finished command left behind changes nothing of the next prompt",
    ],
    [
      "a reason can't redraw GNU screen that is not in UTF-8 mode",
      "GNU screen that is not in UTF-8 mode can't be redrawn by a reason",
    ],
  ],
  "tests/security/terminal_signals_test.ts": [
    [
      "SIGQUIT, SIGALRM, SIGUSR2 and SIGIO leave the terminal as it was",
      "SIGQUIT, SIGALRM, SIGUSR2 and SIGIO end the daemon and leave the terminal as it was",
    ],
  ],
  "tests/security/debugger_test.ts": [
    [
      "the launcher of a tunnel can't be debugged",
      "SIGUSR1 opens no debugger in the launcher of a tunnel",
    ],
    ["nothing starts where it could be debugged", "no entry point starts with SIGUSR1 not blocked"],
    ["commands have a login's signal mask", "what is run has the signal mask of a login"],
  ],
  "tests/security/grants_test.ts": [
    [
      "no package can add a permission",
      "no package is loaded by what computes grants, nor before a start is checked",
    ],
    [
      "an import connects to nothing",
      "an import from the network fails under the flags of every entry point",
    ],
    [
      "each subcommand has its own permissions",
      "the installed command gives each subcommand its own grants, and a host's to its request",
    ],
  ],
  "tests/clients/clients_test.ts": [
    [
      "real clients hand a person's no to the model as a denial",
      "codex passes on that a person said no, and nothing has run",
    ],
  ],
  "tests/setup/setup_test.ts": [
    [
      "the installed command can't change what clients start",
      "the installed sudo-proxy can neither write configuration nor start Deno",
    ],
    [
      "setup touches no file of somebody else's",
      "what belongs to somebody else, or lies where anybody can write, is left alone",
    ],
  ],
  "tests/e2e/host_keys_test.ts": [
    [
      "only a known host key lets a connection through",
      "an unknown host key ends with the way to check it, and is accepted only when told so",
    ],
    [
      "the ssh configuration makes host keys no looser",
      "a configuration that would take any key, or share connections, changes nothing",
    ],
  ],
  "tests/e2e/host_many_test.ts": [
    [
      "nothing of a host's name reaches a shell or an option",
      "names that could be an option, a path, a port or a shell's words reach no ssh",
    ],
  ],
  "tests/remote/install_test.ts": [
    [
      "an installation on a host leaves nothing of a file that came in part or differs",
      "a host keeps nothing of a program that came in part, that differs, or that does not run",
    ],
  ],
  "tests/remote/ssh_test.ts": [
    [
      "what reaches the shell there is fixed text",
      "what reaches the remote shell is fixed text that any login shell quotes alike",
    ],
  ],
  "tests/e2e/host_test.ts": [
    [
      "a tunnel leaves nothing behind",
      "whatever ends the tunnel, nothing is left here and the terminal is as it was",
    ],
  ],
};

/** The table of docs/security/tests.md. */
export function promiseTable(): string {
  const rows = Object.entries(PROMISES).flatMap(([file, tests]) =>
    tests.map(([promise, test]) => [promise, `\`${file}\`: \`${test}\``])
  );
  return table(["promise", "test"], ...rows);
}
