/**
 * What the project's own attacks found, as data: `docs/generate.ts` makes the table of
 * docs/assurance/security-audit.md from it, and `tests/assurance_test.ts` checks each finding.
 *
 * @module
 */
import { type Test, test } from "./threats.ts";

/** A fault that was found, and how it is kept from coming back. */
export interface Finding {
  /** Of the commit with the fix, as YYYY-MM-DD. */
  readonly date: string;
  readonly finding: string;
  /** Whether something could run that the person had not approved or been shown. */
  readonly breaksG1: boolean;
  readonly fix: string;
  readonly test: Test;
}

/** In the order of the dates. */
export const FINDINGS: readonly Finding[] = [
  {
    date: "2026-11-23",
    finding: "a key that was pressed while the daemon stood still approved the next request",
    breaksG1: true,
    fix: "the terminal has to answer; a stall arms anew",
    test: test("session/update", "update() arms anew after this process did not run for a while"),
  },
  {
    date: "2026-11-23",
    finding: "a key in the moment of a new window size found the old layout armed",
    breaksG1: true,
    fix: "disarmed until the new one is drawn",
    test: test(
      "session/update",
      "update() arms a prompt that is drawn anew only once the terminal has drawn it",
    ),
  },
  {
    date: "2026-11-23",
    finding: "the key `a` gave root away where the daemon is root or sudo asks nothing",
    breaksG1: true,
    fix: "there is no key `a`",
    test: test(
      "security/session_trust",
      "where the daemon is root, or sudo asks nothing, --unattended-eligible has no effect",
    ),
  },
  {
    date: "2026-11-23",
    finding: "a request with 300,000 lines of input ended the daemon",
    breaksG1: false,
    fix: "what can't be drawn is refused",
    test: test(
      "session/update",
      "update() takes a request back that can't be drawn, says so, and shows the next",
    ),
  },
  {
    date: "2026-11-23",
    finding: "notes repeated the text of a request in our own voice",
    breaksG1: false,
    fix: "it is quoted; 8 notes for a stage",
    test: test(
      "view/risk_notes",
      "stageNotes() keeps the text of a request out of its own words, and stays short",
    ),
  },
  {
    date: "2026-11-23",
    finding: "nobody could get out of a flood by keys",
    breaksG1: false,
    fix: "`d` denies what comes within 10 s",
    test: test(
      "session/update",
      "update() denies what comes within a moment after d, so that a flood costs one key",
    ),
  },
  {
    date: "2026-11-23",
    finding: "Ctrl+C at sudo's question ended the daemon",
    breaksG1: false,
    fix: "left to whoever has the terminal",
    test: test(
      "session/terminal",
      "update() leaves Ctrl+C to whoever has the terminal, and for a second after that",
    ),
  },
  {
    date: "2026-11-23",
    finding: "SIGKILL missed what sudo puts into a session of its own",
    breaksG1: false,
    fix: "descendants are looked for",
    test: test(
      "run/descendants",
      "descendantsOf() finds children, their children, and orphans of their session",
    ),
  },
  {
    date: "2026-11-24",
    finding: "requests of root could go through a tunnel to the daemon of another account",
    breaksG1: false,
    fix: "refused",
    test: test("remote/ssh", "a forward to the folder of another account starts nothing for root"),
  },
  {
    date: "2026-11-24",
    finding: "the message for a revoked host key named the flag that accepts new ones",
    breaksG1: false,
    fix: "a message of its own",
    test: test(
      "e2e/host_keys",
      "a revoked host key is never accepted, and nobody is told to accept it",
    ),
  },
  {
    date: "2026-11-24",
    finding: "the starter on a host gave other subcommands the grants of the daemon",
    breaksG1: false,
    fix: "each has its own",
    test: test(
      "remote/starter",
      "the starter gives each command its own grants, and starts nothing with those of another",
    ),
  },
  {
    date: "2026-11-24",
    finding: "one id in two daemons made `audit list` show the approval of another request",
    breaksG1: false,
    fix: "daemons are kept apart",
    test: test(
      "audit/timeline",
      "timelinesFromEnd() keeps requests of two daemons with the same id apart",
    ),
  },
  {
    date: "2026-11-24",
    finding: "bytes that are not UTF-8 read as another character in the trail",
    breaksG1: false,
    fix: "such a trail is broken",
    test: test(
      "audit/check",
      "checkTrail() finds a byte that only looks the same once it is read as text",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a trail that was written by hand could draw on the terminal that lists it",
    breaksG1: false,
    fix: "all of it is escaped",
    test: test(
      "cli/audit_text",
      "what a record says reaches no terminal raw, whichever field it is in",
    ),
  },
  {
    date: "2026-11-24",
    finding: "`--new-audit-trail` set a trail aside that was only locked",
    breaksG1: false,
    fix: "for a broken trail alone",
    test: test(
      "e2e/audit",
      "without a record nothing runs, and the person and the client learn why",
    ),
  },
  {
    date: "2026-11-24",
    finding: "who kept the lock of the trail held up the daemon at each record",
    breaksG1: false,
    fix: "it waits once",
    test: test(
      "audit/trail",
      "AuditTrail waits once for a program that keeps the lock, and goes on after it",
    ),
  },
  {
    date: "2026-11-24",
    finding: "SIGUSR1 opened a debugger in the daemon, for every user of the machine",
    breaksG1: true,
    fix: "the signal is blocked at each start",
    test: test(
      "security/debugger",
      "SIGUSR1 opens no debugger in the daemon, the MCP server and the client, under load as well",
    ),
  },
  {
    date: "2026-11-24",
    finding: "`NODE_OPTIONS` loaded code before the guard looked",
    breaksG1: true,
    fix: "unset, and refused",
    test: test(
      "security/start_variables",
      "the environment of a start loads no code into the daemon",
    ),
  },
  {
    date: "2026-11-24",
    finding: "`..` after a link led elsewhere than was shown",
    breaksG1: true,
    fix: "paths are resolved component by component",
    test: test(
      "security/parent_folder",
      "a path with .. after a link leads where the kernel goes, in what is shown, compared and run",
    ),
  },
  {
    date: "2026-11-24",
    finding: "RUN AS ROOT was another account where sudoers(5) has another `runas_default`",
    breaksG1: true,
    fix: "`-u root`",
    test: test(
      "security/runas_default",
      "RUN AS ROOT means root, where sudoers(5) has another runas_default",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a key that was held down approved the next request, too",
    breaksG1: true,
    fix: "2 s without a key",
    test: test(
      "security/second_key",
      "a key that is held down approves one request, and never the next",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a prompt stayed armed between a reset and the next drawing",
    breaksG1: true,
    fix: "the reset disarms",
    test: test(
      "security/silent_terminal",
      "a key that comes after a command has ended, and before the request is drawn anew, is no key",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a granted command became root where every program shares what sudo remembers",
    breaksG1: true,
    fix: "the grant ends",
    test: test(
      "security/shared_credentials",
      "trust ends where what sudo remembers lets an unprivileged command become root",
    ),
  },
  {
    date: "2026-11-24",
    finding: "with `--password each`, other programs could use what sudo remembered",
    breaksG1: false,
    fix: "dropped once the command has started",
    test: test(
      "security/asked_each_time",
      "with --password each, sudo remembers nobody once the command has started",
    ),
  },
  {
    date: "2026-11-24",
    finding: "what a model noted of hosts was an instruction of the next session",
    breaksG1: false,
    fix: "marked, and no instruction",
    test: test(
      "security/host_notes",
      "what a model wrote of hosts is no instruction of a later session, and marked as its words",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a host that a model added was granted at the next start",
    breaksG1: false,
    fix: "grants depend on no such note",
    test: test(
      "security/host_notes",
      "what a model writes of hosts changes no grant of the next session",
    ),
  },
  {
    date: "2026-11-24",
    finding: "the output of a command could pass for words of the tool",
    breaksG1: false,
    fix: "blocks of our own, and a random marker",
    test: test(
      "security/output_words",
      "the output of a command can't pass for words of the tool or of a person",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a daemon's messages reached the client's terminal raw",
    breaksG1: false,
    fix: "escaped",
    test: test(
      "security/hostile_daemon",
      "sudo-proxy request prints nothing of a hostile daemon raw, whatever fails",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a client's time limit ended root's command",
    breaksG1: false,
    fix: "it goes on",
    test: test(
      "security/client_gives_up",
      "a client's time limit ends no root command, and its result is fetched later",
    ),
  },
  {
    date: "2026-11-24",
    finding: "98 of 900 starts of three writers were refused",
    breaksG1: false,
    fix: "they queue",
    test: test(
      "audit/writers",
      "writers that put each start on disk wait for each other, and refuse none",
    ),
  },
  {
    date: "2026-11-24",
    finding: "a real-time signal that ended a stage ended the daemon",
    breaksG1: false,
    fix: "it is named",
    test: test(
      "run/pipeline",
      "startPipeline() names the signal that ended a stage, a real-time one, too",
    ),
  },
  {
    date: "2026-11-24",
    finding: "this machine passed as a remote host by another name",
    breaksG1: false,
    fix: "boot id, name and user are compared",
    test: test(
      "security/this_machine",
      "this machine by another name is no remote host, from the registry either",
    ),
  },
  {
    date: "2026-11-25",
    finding: "events of clients hid that the daemon had stood still",
    breaksG1: true,
    fix: "only the clock and keys count",
    test: test(
      "session/update",
      "update() does not count time in which neither the clock moved nor a key came, whatever else happened",
    ),
  },
  {
    date: "2026-11-26",
    finding: "what wall(1) wrote over a command stayed there",
    breaksG1: true,
    fix: "a prompt is written whole",
    test: test(
      "terminal/renderer",
      "what another program wrote over a prompt is gone within a second",
    ),
  },
  {
    date: "2026-11-26",
    finding: "a late answer of the terminal counted for the next question",
    breaksG1: true,
    fix: "it belongs to its own question",
    test: test(
      "terminal/renderer",
      "an answer that comes too late is not taken for the next question's",
    ),
  },
  {
    date: "2026-11-26",
    finding: "a window that changed and changed back stayed armed",
    breaksG1: true,
    fix: "each change disarms",
    test: test(
      "session/update",
      "update() arms anew after a change of the window that comes back to the same size",
    ),
  },
  {
    date: "2026-11-26",
    finding: "a prompt could be made by the constructor of another one",
    breaksG1: false,
    fix: "the constructor asks for a secret",
    test: test(
      "decide/approved",
      "approveByKey() takes no copy of a prompt for one, whatever it says of itself",
    ),
  },
  {
    date: "2026-11-26",
    finding: "the `k` for one command could end another with the same id",
    breaksG1: false,
    fix: "such an id is in use",
    test: test(
      "session/update",
      "refusal() says that an id is in use that waits, is shown, is checked, or runs",
    ),
  },
  {
    date: "2026-11-26",
    finding: "a terminal was said to be lent while it was raw and ours",
    breaksG1: false,
    fix: "only who has it is told",
    test: test(
      "terminal/renderer",
      "nobody is told that the terminal is lent while it is ours, however fast borrowers change",
    ),
  },
  {
    date: "2026-11-26",
    finding: "with `--verbose`, a refused request wrote thousands of rows above the prompt",
    breaksG1: false,
    fix: "a line of the log is one row",
    test: test(
      "view/history",
      "a line of the log is cut to one row, whatever a client made it say",
    ),
  },
  {
    date: "2026-11-26",
    finding: "a `sudo -k` that could not be started was a fault that nothing caught",
    breaksG1: false,
    fix: "it is logged, and tried again at the end",
    test: test("daemon/order", "sudo -k that fails ends nothing, and is tried again at the end"),
  },
  {
    date: "2026-11-26",
    finding: "a password that sudo did not ask for became the line after `r`",
    breaksG1: false,
    fix: "`r` counts only after the prompt stood still",
    test: test("session/update", "update() sends nothing of a password that is typed at a prompt"),
  },
  {
    date: "2026-11-26",
    finding: "the version that a remote daemon gave passed for words of the tool",
    breaksG1: false,
    fix: "only a version and known features are kept",
    test: test("security/hostile_daemon", "the tools say nothing in the words of a hostile daemon"),
  },
  {
    date: "2026-11-26",
    finding: "eight notes of one kind hid that others can change a file that root runs",
    breaksG1: false,
    fix: "that note comes before",
    test: test("view/risk_notes", "stageNotes() leaves out no kind of warning for many of another"),
  },
  {
    date: "2026-11-26",
    finding: "a program of the account could add to what root's stages read, also to shown input",
    breaksG1: true,
    fix: "a process that nobody can look into makes those pipes",
    test: test(
      "security/own_account",
      "no program of the account can write into what a command for root reads",
    ),
  },
  {
    date: "2026-11-27",
    finding: "with few descriptors, root's stage kept a pipe of the daemon as its input",
    breaksG1: true,
    fix: "no step of the supervisor goes on after one that failed",
    test: test(
      "security/own_account",
      "no limit that the account sets makes root read anything else",
    ),
  },
  {
    date: "2026-11-27",
    finding: "a forged or stolen report made a failed command of root's a success",
    breaksG1: false,
    fix: "the supervisor's own exit code says whether all stages succeeded",
    test: test(
      "run/pipeline",
      "who forges reports can't turn a failure into a success, nor the other way round",
    ),
  },
  {
    date: "2026-11-27",
    finding: "escapes in a daemon's answer kept a client busy for minutes",
    breaksG1: false,
    fix: "they are taken with what surrounds them",
    test: test(
      "protocol/answer_reader",
      "AnswerReader takes many escapes, and a piece longer than all before it",
    ),
  },
  {
    date: "2026-11-27",
    finding: "links that make a short path very long kept places of the queue for minutes",
    breaksG1: false,
    fix: "a path has at most 1000 names, links included",
    test: test("run/walk", "walk() gives up on links that make a short path very long"),
  },
  {
    date: "2026-11-27",
    finding: "one hostile line in the trail ended `audit list` for all requests",
    breaksG1: false,
    fix: "it counts as no record",
    test: test(
      "audit/timeline",
      "timelinesFromEnd() goes on after records that nobody could have asked for",
    ),
  },
];
