/**
 * What is proven about the real code, as data: `docs/generate.ts` makes the first table of
 * proofs/README.md from it, and `tests/assurance_test.ts` checks the files.
 *
 * @module
 */

/** A statement about the code that runs, and what shows it. */
export interface Statement {
  readonly statement: string;
  readonly how: string;
  /** Below tests/, without `_test.ts`. */
  readonly files: readonly string[];
}

/** The tests without a model first, then those of tests/proofs/. */
export const STATEMENTS: readonly Statement[] = [
  {
    statement:
      "Of all single bytes and all pairs of bytes in one read, only a lone `y` or `Y` approves, and only a lone `a` trusts",
    how: "exhaustive: 256 and 65,536 bursts",
    files: ["decide/keys"],
  },
  {
    statement:
      "Each of the 1,114,112 code points is refused, or an escape, or takes the cells that are counted for it",
    how: "exhaustive, on the cells of a terminal emulator",
    files: ["view/code_points"],
  },
  {
    statement:
      "What stands on the screen reads back to the request, argument by argument, byte by byte",
    how: "random hostile requests, several widths, read page by page",
    files: ["view/bijection"],
  },
  {
    statement: "What is quoted reads back through real shells",
    how:
      "every code point and random words through bash and ksh, and what needs no `$'…'` through dash",
    files: ["view/shells"],
  },
  {
    statement:
      "Nothing starts without an armed, lone key for that very request, or trust that such a key granted; nothing starts twice; no prompt is shown while the terminal is lent",
    how: "random histories of events against a second account of the rules",
    files: ["session/model"],
  },
  {
    statement: "A request is accepted at most once, however the clocks jump",
    how: "random histories of replays and clocks",
    files: ["admit/replay"],
  },
  {
    statement:
      "Any change, removal or exchange of records but the last is found in the audit trail",
    how: "random changes of a chain, against the code that checks it",
    files: ["audit/check"],
  },
  {
    statement: "Nothing runs whose start is not in the audit trail, on disk",
    how:
      "the language's private fields, a search of the sources, and a command that reads its own start",
    files: ["decide/approved", "e2e/audit"],
  },
  {
    statement: "Only the approval machine makes an approval, and each is good for one run",
    how: "the language's private fields, and a search of the sources",
    files: ["decide/approved"],
  },
  {
    statement: "What decides has no clock, no randomness and no input or output of its own",
    how: "a search of the sources",
    files: ["imports"],
  },
  {
    statement:
      "A line is taken exactly where a second account of the protocol, which shares no code, says so",
    how: "random lines that look like requests, 4,000 or 100,000",
    files: ["security/fuzz"],
  },
  {
    statement: "Each hostile line gets one well-formed answer, and an invalid one never a prompt",
    how: "the same over the real socket, 2,500 or 100,000",
    files: ["security/fuzz"],
  },
  {
    statement:
      "A flood takes neither the prompt nor the key from a person who reads, and keeps no descriptor; of its four kinds three stay below 150 MB",
    how: "400 or 10,000 real connections of each of four kinds",
    files: ["security/flood"],
  },
  {
    statement: "Whatever a command does, it has one answer, and the next one is served",
    how: "real commands as the user and through sudo",
    files: ["security/commands"],
  },
  {
    statement:
      "A daemon that is killed in any state leaves a place for the next one, and runs nothing more",
    how: "SIGKILL in each state, and a restart",
    files: ["security/faults"],
  },
  {
    statement: "A suspended daemon leaves the terminal as it was, and arms a prompt anew",
    how: "job control of a real shell",
    files: ["security/suspend"],
  },
  {
    statement: "The same bytes are taken once, whatever the clocks say",
    how: "clocks of the test over hours; the real daemon under libfaketime",
    files: ["security/replay"],
  },
  { statement: "Another user reaches nothing", how: "two real users", files: ["security/others"] },
  {
    statement:
      "What the machine does in every state within a bound, and where it stands then, is what the rules say, and each of the promises holds",
    how: "exhaustive: see below",
    files: ["proofs/walk_one", "proofs/walk_many"],
  },
  {
    statement: "Each request is answered in the end, and the daemon ends when it was asked to",
    how: "strongly connected components of the same graph, under weak fairness",
    files: ["proofs/liveness"],
  },
  {
    statement:
      "Every date from 1970 to 2099, every time of day and every age of a request is taken or refused as the calendar says",
    how: "exhaustive: 1,300,000 dates, 1,000,000 times, all milliseconds around the window",
    files: ["proofs/domains"],
  },
  {
    statement: "No history of wall clocks and waits lets the same bytes be taken twice",
    how: "exhaustive on a grid: 512,000 histories of 3 requests, or 81,920,000 of 4",
    files: ["proofs/domains"],
  },
  {
    statement: "The walked states stand for the real ones",
    how: "random histories with real times",
    files: ["proofs/commute"],
  },
  {
    statement:
      "The model in TLA+ makes the transitions that the machine makes, and no others; what TLC finds of the one holds for the other",
    how: "exhaustive, in both directions: see below",
    files: ["proofs/model"],
  },
  {
    statement:
      "Connections that send the same bytes at any time, whatever the clocks say, are answered as a model in TLA+ says, and bytes are taken once",
    how: "exhaustive, in both directions: see below",
    files: ["proofs/replay"],
  },
  {
    statement:
      "Daemons that write one audit trail leave what a model in TLA+ says, wherever one is killed; no command ran whose start is lost",
    how: "exhaustive, in both directions: see below",
    files: ["proofs/trail"],
  },
];
