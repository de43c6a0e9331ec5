/**
 * The argument for G1, as data: `docs/generate.ts` makes the outline and the picture of
 * docs/assurance/assurance-case.md from it, and `tests/assurance_test.ts` checks each leaf.
 *
 * @module
 */

/** Something that the argument takes for granted, and the page that says what follows where it fails. */
export interface Assumption {
  /** Short enough for a line of the picture. */
  readonly text: string;
  /** Relative to docs/assurance/. */
  readonly see: string;
}

/** What has to be so, and what shows it. */
export interface Goal {
  readonly claim: string;
  readonly shownBy: readonly Leaf[];
}

/** `shows` is short enough for a line of the picture. */
export type Leaf =
  | { readonly shows: string; readonly file: string; readonly test: string }
  | { readonly shows: string; readonly task: string }
  | { readonly assumes: string };

const test = (file: string, shows: string, test: string): Leaf => ({
  shows,
  file: `tests/${file}_test.ts`,
  test,
});
const task = (task: string, shows: string): Leaf => ({ shows, task });
const assume = (assumes: string): Leaf => ({ assumes });

const NOT_PROMISED = "../security.md#what-is-not-promised";

/** By their ids. */
export const ASSUMPTIONS: Readonly<Record<string, Assumption>> = {
  A1: {
    text: "The person reads what is shown, and presses a key for it alone",
    see: "../guide.md#a-model-asks",
  },
  A2: {
    text: "The terminal draws what it is told, and answers only after that",
    see: "../security/display-and-keys.md#why-keys-cant-be-raced",
  },
  A3: {
    text: "No other program types, draws or reads at the daemon's terminal",
    see: NOT_PROMISED,
  },
  A4: {
    text: "No program of the account became the daemon, or debugs it by ptrace",
    see: NOT_PROMISED,
  },
  A5: { text: "Root and the kernel of each machine are honest", see: NOT_PROMISED },
  A6: {
    text: "sudo, polkit and ssh do what their manuals say",
    see: "../security/commands.md#how-commands-are-started",
  },
  A7: {
    text: "Deno runs our code as it is written, and holds it to its permissions",
    see: "../security/permissions.md",
  },
  A8: { text: "The packages in deno.lock mean no harm", see: "../dependencies.md" },
  A9: {
    text: "Whoever can change a path does not use the gap before exec",
    see: NOT_PROMISED,
  },
  A10: {
    text: "The key of a host was right when it was accepted",
    see: "../security.md#remote-hosts-over-ssh",
  },
  A11: {
    text: "A head of the trail is kept where the account can't change it",
    see: "../audit.md#what-it-cant-do",
  },
  A12: {
    text: "The clock goes on; sudo, polkit and commands come to an end",
    see: "../../proofs/README.md#every-state-of-the-machine",
  },
};

/** What all of it is for; the words of docs/security.md. */
export const CLAIM =
  "Nothing runs that a person at the terminal did not approve, and what runs is exactly what that person was shown.";

/** How the goals make up the claim. */
export const STRATEGY =
  "Follow a request from the socket to its record, then all that surrounds this way";

/** In the order in which a request meets them. */
export const GOALS: readonly Goal[] = [
  {
    claim: "Only a well-formed, new request comes to the person",
    shownBy: [
      test(
        "security/fuzz",
        "lines agree with a second account of the protocol",
        "reading and checking a line agrees with a second account of the protocol",
      ),
      test(
        "security/fuzz",
        "no invalid line over the real socket gets a prompt",
        "hostile lines get one answer or a closed connection, and an invalid one never a prompt",
      ),
      test(
        "admit/validate",
        "no field lets text pass that could deceive",
        "validateRequest() accepts no text that breaks a rule, whatever field it is in",
      ),
      test(
        "proofs/domains",
        "every age of a request is judged right",
        "every age of a request, in milliseconds, is fresh or not",
      ),
      test(
        "proofs/domains",
        "all replays on a grid of clocks are refused",
        "no history of clocks on a grid lets the same bytes be taken twice",
      ),
    ],
  },
  {
    claim: "The person is shown all of it, and can't be deceived",
    shownBy: [
      test(
        "view/bijection",
        "the screen reads back to the request, byte by byte",
        "what is admitted can be read back exactly from the cells of the screen",
      ),
      test(
        "view/code_points",
        "each code point is refused, escaped, or takes the cells counted",
        "every code point is refused, or shown as an escape, or takes the cells that are counted for it",
      ),
      test(
        "view/imitation",
        "no request can imitate our words",
        "nothing in the reason stands where our own words stand, at 80 columns",
      ),
      test(
        "security/terminal_modes",
        "real terminals in other modes get plain ASCII",
        "a terminal that is not in UTF-8 mode, or counts other cells, gets ASCII alone",
      ),
      test(
        "terminal/renderer",
        "what others write over a prompt is gone within a second",
        "what another program wrote over a prompt is gone within a second",
      ),
      assume("A1"),
      assume("A2"),
      assume("A3"),
    ],
  },
  {
    claim: "Only a key that was pressed for this request approves it",
    shownBy: [
      task("test:proofs", "every state of the machine within a bound keeps the rules"),
      test(
        "proofs/commute",
        "the walked states stand for the real ones (sampled)",
        "the class of the next state is the next state of the class",
      ),
      test(
        "decide/keys",
        "of all bytes and pairs in one read, only a lone y, Y or a counts",
        "keyOf() lets only one lone byte approve or trust, and only at a request",
      ),
      test(
        "e2e/approval",
        "a key for one request decides no other, on a real terminal",
        "a key that was pressed for one request never decides another one",
      ),
      test(
        "security/second_key",
        "a key that is held down approves one request",
        "a key that is held down approves one request, and never the next",
      ),
      test(
        "security/session_trust",
        "the key a is opt-in, and ends with the daemon",
        "the key a exists only with --unattended-eligible, and its grant ends with the daemon",
      ),
      assume("A2"),
      assume("A3"),
    ],
  },
  {
    claim: "What starts is what was approved, once, and nothing else",
    shownBy: [
      test(
        "imports",
        "only a key or a grant makes an approval",
        "lib/decide/approved.ts exports nothing that makes an approval but a key and a grant",
      ),
      test(
        "audit/recorded",
        "an approval is good for one run",
        "takeRecorded() gives the request that was approved, once",
      ),
      test(
        "daemon/order",
        "what is withdrawn while sudo asks does not start",
        "a request that is withdrawn while sudo asks starts nothing",
      ),
      test(
        "e2e/run",
        "arguments arrive as shown; what changed does not run",
        "commands run with their exact arguments, output and exit codes",
      ),
      test(
        "security/parent_folder",
        "paths lead where the kernel goes",
        "a path with .. after a link leads where the kernel goes, in what is shown, compared and run",
      ),
      test(
        "security/content",
        "files in arguments are compared before the start",
        "every file that an argument names is noted, and compared before the start",
      ),
      test(
        "security/runas_default",
        "root means root",
        "RUN AS ROOT means root, where sudoers(5) has another runas_default",
      ),
      test(
        "security/faults",
        "a daemon that is killed runs nothing more",
        "a daemon that is killed in any state leaves a place for the next one, and runs nothing more",
      ),
      assume("A6"),
      assume("A9"),
    ],
  },
  {
    claim: "Nothing runs without a record, and changes of it are found",
    shownBy: [
      test(
        "daemon/order",
        "what can't be recorded does not run",
        "nothing runs whose start can't be recorded",
      ),
      test(
        "e2e/audit",
        "a full disk and a broken trail stop the command",
        "without a record nothing runs, and the person and the client learn why",
      ),
      test(
        "audit/check",
        "changes, removals and exchanges are found",
        "checkLine() finds every change of a record but the last, removal and exchange",
      ),
      assume("A11"),
    ],
  },
  {
    claim: "Each request is answered, and the daemon ends when asked",
    shownBy: [
      test(
        "proofs/liveness",
        "no fair cycle keeps a request waiting (one request)",
        "one request, each: each request is answered, and the daemon ends when it was asked to",
      ),
      test(
        "e2e/ends",
        "no end leaves a half-approved command",
        "whatever ends the daemon, the terminal is as it was, the socket is gone and nothing half-approved runs",
      ),
      test(
        "security/flood",
        "a flood takes neither prompt nor key away",
        "a flood takes neither the prompt nor the key from a person who reads, nor keeps memory or descriptors",
      ),
      assume("A12"),
    ],
  },
  {
    claim: "Nobody else gets into the daemon or its place",
    shownBy: [
      test(
        "security/others",
        "other users reach neither socket nor files",
        "another user reaches neither the socket, nor the folders, nor the registry, nor the audit trail",
      ),
      test(
        "security/own_code",
        "what others can change is not started",
        "what others can change is neither set up nor started: sources, packages and Deno",
      ),
      test(
        "security/debugger",
        "no debugger opens on SIGUSR1",
        "SIGUSR1 opens no debugger in the daemon, the MCP server and the client, under load as well",
      ),
      test(
        "security/start_variables",
        "the environment loads no code",
        "the environment of a start loads no code into the daemon",
      ),
      test(
        "security/grants",
        "nothing starts with blanket permissions",
        "no entry point starts with blanket grants",
      ),
      task("test:binary", "the compiled program gives up what it does not need"),
      assume("A4"),
      assume("A5"),
      assume("A7"),
      assume("A8"),
    ],
  },
  {
    claim: "It holds across ssh",
    shownBy: [
      test(
        "e2e/host_keys",
        "a host key that has changed is never accepted",
        "a changed host key is never accepted, not with the flag either",
      ),
      test(
        "e2e/host_slots",
        "a request for one host reaches no other",
        "a request for one host never reaches another by its slot, whatever the registry says",
      ),
      test(
        "e2e/host_network",
        "a link that is cut runs nothing, and nothing twice",
        "a link that is cut: what waited never runs, and nothing runs twice after it is restored",
      ),
      test(
        "e2e/host_faults",
        "a host's words are neither believed nor drawn raw",
        "a hostile host can print what it likes: nothing of it is believed or reaches the screen raw",
      ),
      test(
        "proofs/ssh",
        "ProVerif's answers, kept with the hash of the models",
        "the results of ProVerif are about the models that are here",
      ),
      assume("A5"),
      assume("A10"),
    ],
  },
  {
    claim: "The evidence can fail",
    shownBy: [
      test(
        "security/debugger",
        "the debugger's attacker does get into a plain deno run",
        "the attacker can debug a plain deno run",
      ),
      test(
        "security/start_variables",
        "NODE_OPTIONS does load code into a plain deno run",
        "a plain deno run loads what NODE_OPTIONS says",
      ),
      test(
        "proofs/liveness",
        "a cycle is found once fairness is taken away",
        "a cycle is found where what ends it may stay away",
      ),
      task("coverage", "the pure rooms: coverage is never less than before"),
      task("check", "types, lint, and what the documents have from the code"),
      task("test", "all other tests, with real sudo, ssh, tmux, xterm and polkit"),
    ],
  },
];
