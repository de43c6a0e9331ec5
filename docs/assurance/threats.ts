/**
 * The threats, as data: `docs/generate.ts` makes the tables of docs/assurance/threat-model.md from
 * it, and `tests/assurance_test.ts` checks each row.
 *
 * @module
 */

/** A test of this project. */
export interface Test {
  /** From the folder of the project. */
  readonly file: string;
  readonly name: string;
}

/** The letters of STRIDE. */
export const LETTERS = ["S", "T", "R", "I", "D", "E"] as const;

/** Where data crosses from one who is trusted less; for each letter of STRIDE the ids of threats. */
export type Boundary =
  & { readonly boundary: string; readonly beyond: string }
  & { readonly [letter in (typeof LETTERS)[number]]?: readonly string[] };

/** A threat, what is done against it, and what tries it. */
export interface Attack {
  /** Those of the tree have numbers with dots, such as 1.2; the others T1, T2 and so on. */
  readonly id: string;
  readonly attack: string;
  /** May name assumptions of the assurance case. */
  readonly defense: string;
  readonly tests: readonly Test[];
}

/** An inner node of the tree: it falls if one below it does. */
export interface Branch {
  readonly id: string;
  readonly attack: string;
  readonly defense: string;
  /** The goals of the assurance case that answer the whole branch: G1, or G1.1 and so on. */
  readonly goals: readonly string[];
}

/** A test by its file below tests/, without `_test.ts`. */
export function test(file: string, name: string): Test {
  return { file: `tests/${file}_test.ts`, name };
}

function attack(id: string, attack: string, defense: string, ...tests: readonly Test[]): Attack {
  return { id, attack, defense, tests };
}

function branch(id: string, attack: string, defense: string, ...goals: readonly string[]): Branch {
  return { id, attack, defense, goals };
}

/** In the order in which a request passes them, then what lies below all. */
export const BOUNDARIES: readonly Boundary[] = [
  {
    boundary: "terminal",
    beyond: "the person; commands; programs that type",
    S: ["1.4"],
    T: ["2.4", "2.5", "2.6"],
    R: ["T4"],
    I: ["T7"],
    D: ["T11"],
    E: ["3.2", "3.4", "3.5", "3.6"],
  },
  {
    boundary: "socket",
    beyond: "clients of the same account; other users",
    S: ["T3", "5.1"],
    T: ["2.1", "2.2", "2.3"],
    R: ["1.3"],
    I: ["T8"],
    D: ["T9", "T10"],
    E: ["1.1", "1.2", "3.1", "3.3"],
  },
  {
    boundary: "MCP",
    beyond: "the model, and whoever wrote what it read",
    S: ["T1"],
    T: ["T2", "4.6"],
    R: ["T4"],
    I: ["T7"],
    D: ["T13", "T15"],
    E: ["1.5"],
  },
  {
    boundary: "ssh tunnel",
    beyond: "the network; remote hosts",
    S: ["5.5"],
    T: ["2.7"],
    R: ["T4"],
    I: ["T14"],
    D: ["T14", "5.7"],
    E: ["5.6"],
  },
  {
    boundary: "files and trail",
    beyond: "the account; other users",
    S: ["4.3"],
    T: ["4.1", "4.2"],
    R: ["T5"],
    I: ["T6", "T8"],
    D: ["T12", "T15"],
    E: ["1.8"],
  },
  {
    boundary: "sudo",
    beyond: "sudo, polkit, and what they remember",
    S: ["4.5"],
    T: ["4.4", "4.7"],
    R: ["T4"],
    I: ["T7"],
    D: ["5.3"],
    E: ["5.4"],
  },
  {
    boundary: "our own code",
    beyond: "packages, Deno, the environment of the start",
    S: ["1.8"],
    T: ["1.7"],
    I: ["1.6"],
    D: ["5.2"],
    E: ["1.6", "1.9"],
  },
];

/** The tree, whose root is the negation of G1. */
export const TREE: readonly (Attack | Branch)[] = [
  branch(
    "0",
    "Something runs that nobody approved, or something other than was shown",
    "nodes 1 to 5",
    "G1",
  ),
  branch(
    "1",
    "Pass for an approval without the person's key",
    "two makers of an approval, and nothing else reaches `run`",
    "G1.4",
  ),
  attack(
    "1.1",
    "Ask for it by a field, a flag, a variable or a file",
    "only a key, or a grant that a key gave, makes an approval",
    test(
      "imports",
      "lib/decide/approved.ts exports nothing that makes an approval but a key and a grant",
    ),
  ),
  attack(
    "1.2",
    "Use one approval twice, or a forged one",
    "private fields; each is taken once",
    test("decide/approved", "takeApproved() throws on everything that is not an approval"),
    test("audit/recorded", "takeRecorded() gives the request that was approved, once"),
  ),
  attack(
    "1.3",
    "Send an approved request again",
    "the daemon remembers ids for longer than requests stay fresh",
    test(
      "security/replay",
      "the same bytes are taken once: not at once, nor after 59 s, 61 s, 121 s or hours",
    ),
  ),
  attack(
    "1.4",
    "Type `y` from another program",
    "A3; the daemon looks for such terminals, and `--password each` asks for the password as well",
    test(
      "e2e/password",
      "with --password each a program that presses y in this terminal runs nothing without the password",
    ),
  ),
  attack(
    "1.5",
    "Use the grant of the key `a`, or have a daemon started that has it",
    "opt-in by the person, for unprivileged commands alone",
    test("security/session_trust", "the MCP server never starts a daemon that has the key a"),
  ),
  attack(
    "1.6",
    "Debug the daemon over SIGUSR1",
    "the signal is blocked before Deno starts; ptrace is A4",
    test(
      "security/debugger",
      "SIGUSR1 opens no debugger in the daemon, the MCP server and the client, under load as well",
    ),
  ),
  attack(
    "1.7",
    "Load code by the environment or the working folder",
    "two variables are unset and refused, other ones are A4; `--config` is fixed",
    test("security/start_variables", "the environment of a start loads no code into the daemon"),
    test("mcp/stdio", "a hostile folder changes neither the code nor the grants"),
  ),
  attack(
    "1.8",
    "Replace the sources, the packages or Deno",
    "refused where another user can; the account itself is A4",
    test(
      "security/own_code",
      "what others can change is neither set up nor started: sources, packages and Deno",
    ),
  ),
  attack(
    "1.9",
    "Have a package reach what the program does not need",
    "exact grants, no blanket ones; A7 and A8 for the rest",
    test("security/grants", "no entry point starts with blanket grants"),
  ),
  branch(
    "2",
    "Show the person something else than what would run",
    "refused, escaped, or written anew",
    "G1.2",
  ),
  attack(
    "2.1",
    "Hide text by controls, turned or invisible letters",
    "refused before anybody is asked",
    test(
      "admit/validate",
      "validateRequest() accepts no text that breaks a rule, whatever field it is in",
    ),
  ),
  attack(
    "2.2",
    "Imitate the prompt's own words and frame",
    "labels and marks that no request can write",
    test("view/code_points", "our own frame and gutter can't be written by a request"),
  ),
  attack(
    "2.3",
    "Hide the end of a long request",
    "no key counts before each line was on the screen",
    test("e2e/terminal", "a request longer than the screen is read to its end before y counts"),
  ),
  attack(
    "2.4",
    "Have the terminal count other cells",
    "it is reset and asked; else ASCII; A2",
    test(
      "security/terminal_modes",
      "a terminal that is not in UTF-8 mode, or counts other cells, gets ASCII alone",
    ),
  ),
  attack(
    "2.5",
    "Draw a false prompt from a command that runs",
    "a warning while any runs, which the command can overwrite; all is drawn anew after it; A3",
    test(
      "security/terminal_modes",
      "while any command runs the prompt warns, and what it painted is gone when it ends",
    ),
  ),
  attack(
    "2.6",
    "Write over the prompt, as with wall(1)",
    "it is written whole at least once a second",
    test("terminal/renderer", "what another program wrote over a prompt is gone within a second"),
  ),
  attack(
    "2.7",
    "Draw from a remote host",
    "what it prints for the launcher is checked; A5 for its prompt",
    test(
      "e2e/host_faults",
      "a hostile host can print what it likes: nothing of it is believed or reaches the screen raw",
    ),
  ),
  branch(
    "3",
    "Have a key count that was meant for something else",
    "drawn, read, still; one lone byte",
    "G1.3",
  ),
  attack(
    "3.1",
    "Put another request in the place of the one that is read",
    "each request is armed for itself, later where the one before went away",
    test("e2e/approval", "a key that was pressed for one request never decides another one"),
  ),
  attack(
    "3.2",
    "Paste a `y`, or have a key held down",
    "a paste is no key; each repetition begins the wait anew",
    test("security/second_key", "a key that is held down approves one request, and never the next"),
    test(
      "decide/keys",
      "followPaste() never takes a pasted letter for a key, wherever the paste is cut",
    ),
  ),
  attack(
    "3.3",
    "Stall the daemon until keys pile up",
    "after 250 ms without clock or key the prompt is armed anew",
    test(
      "session/update",
      "update() does not count time in which neither the clock moved nor a key came, whatever else happened",
    ),
  ),
  attack(
    "3.4",
    "Use the moment of a reset or a new size",
    "it disarms until the terminal has answered; A2",
    test(
      "security/silent_terminal",
      "a key that comes after a command has ended, and before the request is drawn anew, is no key",
    ),
    test(
      "session/update",
      "update() arms a prompt that is drawn anew only once the terminal has drawn it",
    ),
  ),
  attack(
    "3.5",
    "Use the answer to a question between prompts",
    "`q` and `k` confirm themselves",
    test(
      "security/second_key",
      "an answer to a question that a request has replaced approves nothing",
    ),
  ),
  attack(
    "3.6",
    "Use a letter of the password",
    "no prompt while the terminal is lent",
    test(
      "daemon/order",
      "sudo asks once the terminal is given away, and it is not ours before sudo has ended",
    ),
  ),
  branch(
    "4",
    "Have something else start than what was shown",
    "what was resolved is shown, compared and started",
    "G1.4",
  ),
  attack(
    "4.1",
    "Change the program, or a file in an argument, while the person reads",
    "both are compared just before the start",
    test(
      "security/content",
      "every file that an argument names is noted, and compared before the start",
    ),
    test("e2e/run", "commands run with their exact arguments, output and exit codes"),
  ),
  attack(
    "4.2",
    "Change it between the comparison and exec, or through a mapping",
    "none: A9; for root, a note says who can change the path",
    test("security/content", "a file that is written through a mapping does not seem to change"),
  ),
  attack(
    "4.3",
    "Lead a path elsewhere by a link and `..`",
    "paths are resolved component by component",
    test(
      "security/parent_folder",
      "a path with .. after a link leads where the kernel goes, in what is shown, compared and run",
    ),
  ),
  attack(
    "4.4",
    "Have sudo or a shell read an argument as its own",
    "no shell; `--`, then an absolute path",
    test(
      "run/launch",
      "a sudoWay() puts assignments and -- between its own options and the command",
    ),
  ),
  attack(
    "4.5",
    "Become another account than root, or than was shown",
    "`-u root`",
    test(
      "security/runas_default",
      "RUN AS ROOT means root, where sudoers(5) has another runas_default",
    ),
  ),
  attack(
    "4.6",
    "Change what a command does by a variable",
    "an allowlist",
    test("admit/environment", "isAllowedVariable() refuses everything else"),
  ),
  attack(
    "4.7",
    "Write into the input or the pipes of a command for root",
    "a process that nobody can look into makes them; with polkit: A4",
    test(
      "security/own_account",
      "no program of the account can write into what a command for root reads",
    ),
  ),
  branch("5", "Get past the prompt", "one daemon, one socket, one way", "G1.7", "G1.8"),
  attack(
    "5.1",
    "Reach the socket as another user, or put a daemon in its place",
    "0600 in a folder of 0700; the same account is A4, root A5",
    test("daemon/lifecycle", "a daemon is the only one at its socket, which is its user's alone"),
  ),
  attack(
    "5.2",
    "End or suspend the daemon half-way",
    "nothing that was half approved runs",
    test(
      "e2e/ends",
      "whatever ends the daemon, the terminal is as it was, the socket is gone and nothing half-approved runs",
    ),
  ),
  attack(
    "5.3",
    "Leave while sudo asks, so that the command starts for nobody",
    "it is taken back",
    test("daemon/order", "a request that is withdrawn while sudo asks starts nothing"),
  ),
  attack(
    "5.4",
    "Use what sudo remembers from another program",
    "`--password each` drops it; where every program shares it, the daemon says so, and there is no grant",
    test(
      "security/shared_credentials",
      "trust ends where what sudo remembers lets an unprivileged command become root",
    ),
  ),
  attack(
    "5.5",
    "Stand between this machine and a host",
    "strict host keys; the first contact is A10",
    test("e2e/host_keys", "a changed host key is never accepted, not with the flag either"),
  ),
  attack(
    "5.6",
    "Have a request for one host reach another",
    "the launcher alone writes which slot is whose",
    test(
      "e2e/host_slots",
      "a request for one host never reaches another by its slot, whatever the registry says",
    ),
  ),
  attack(
    "5.7",
    "Cut the link, so that something runs later or twice",
    "what waited is taken back",
    test(
      "e2e/host_network",
      "a link that is cut: what waited never runs, and nothing runs twice after it is restored",
    ),
  ),
];

/** Threats that leave G1 alone; `attack` says what happens. */
export const OTHERS: readonly Attack[] = [
  attack(
    "T1",
    "output of a command passes for words of the tool or of a person",
    "a marker that the command can't know; blocks of our own first",
    test(
      "security/output_words",
      "the output of a command can't pass for words of the tool or of a person",
    ),
  ),
  attack(
    "T2",
    "what a model notes of a host steers a later session",
    "marked as a model's words, and no instruction",
    test(
      "security/host_notes",
      "what a model wrote of hosts is no instruction of a later session, and marked as its words",
    ),
  ),
  attack(
    "T3",
    "a false daemon draws on the terminal of a client",
    "all but the output of the command is escaped",
    test(
      "security/hostile_daemon",
      "sudo-proxy request prints nothing of a hostile daemon raw, whatever fails",
    ),
  ),
  attack(
    "T4",
    "somebody denies what was asked, shown, pressed or run",
    "the audit trail",
    test(
      "e2e/audit",
      "the audit trail answers what was asked, shown, pressed and run, and holds no secret",
    ),
  ),
  attack(
    "T5",
    "records are changed or removed",
    "a chain of hashes; a whole new chain is A11",
    test(
      "audit/check",
      "checkLine() finds every change of a record but the last, removal and exchange",
    ),
  ),
  attack(
    "T6",
    "the trail gives away a password, an input or an output",
    "no password; of the others, size and hash",
    test(
      "audit/record",
      "receivedRecord() has the size and the hash of the standard input, not the input",
    ),
  ),
  attack(
    "T7",
    "a command or the model reads the password",
    "sudo reads it, from a terminal that is lent to it; A3",
    test("e2e/password", "while sudo asks, keys are sudo's alone and no prompt is shown"),
  ),
  attack(
    "T8",
    "other users read the socket or the files",
    "modes and owners",
    test(
      "security/others",
      "another user reaches neither the socket, nor the folders, nor the registry, nor the audit trail",
    ),
  ),
  attack(
    "T9",
    "a flood keeps the person from deciding",
    "64 places, 10 s for the silent, `d`; a flood can still keep others away",
    test(
      "security/flood",
      "a flood takes neither the prompt nor the key from a person who reads, nor keeps memory or descriptors",
    ),
  ),
  attack(
    "T10",
    "one request brings the daemon down",
    "bounds; what can't be drawn is refused",
    test(
      "session/update",
      "update() takes a request back that can't be drawn, says so, and shows the next",
    ),
  ),
  attack(
    "T11",
    "a terminal that does not read holds the daemon",
    "deadlines go on without it",
    test(
      "security/stopped_terminal",
      "a terminal that stops reading holds up neither deadlines nor the daemon's end",
    ),
  ),
  attack(
    "T12",
    "a full disk",
    "nothing runs without a record, and the daemon says why",
    test(
      "security/faults",
      "a folder that is full or read-only is a message, not a daemon that nobody reaches",
    ),
  ),
  attack(
    "T13",
    "a client's time limit ends a command half-way",
    "it goes on, and its result can be fetched",
    test(
      "security/client_gives_up",
      "a client's time limit ends no root command, and its result is fetched later",
    ),
  ),
  attack(
    "T14",
    "a host uses the agent, or the link breaks under a command",
    "the agent goes along only when lent; the command goes on",
    test(
      "e2e/host_agent",
      "a git clone on the remote host goes through the agent of this machine, with both flags",
    ),
    test("e2e/host_running", "a command that runs while the link is cut goes on to its end, once"),
  ),
  attack(
    "T15",
    "a model fills or breaks the registry of hosts",
    "limits before each write",
    test(
      "security/host_notes",
      "a model can't fill the registry: 1,496 calls leave it readable, and a person has room",
    ),
  ),
];
