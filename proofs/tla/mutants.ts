/**
 * Changes of the model, each of which must be found by what is named: an invariant, liveness, or the
 * comparison with the real machine.
 *
 * @module
 */
import { firstDifference, realTransitions } from "../../tests/proofs/comparison.ts";
import { type Bound, configurationOf, type INVARIANTS } from "./bounds.ts";
import { printedBy } from "./compare.ts";
import { findTlc, readModule, runTlc, type Tlc } from "./tlc.ts";

/** A change of a model. */
export interface Change {
  /** What is wrong with it. */
  readonly what: string;
  /** A text that is in the model once, and what takes its place. */
  readonly edit: readonly [from: string, to: string];
}

/** A change of the model of the approval machine. */
export interface Mutant extends Change {
  readonly foundBy: (typeof INVARIANTS)[number] | "liveness" | "comparison";
  readonly bound?: Partial<Bound>;
}

/** Small, since each is looked at by itself. */
const BOUND: Bound = {
  setup: "sudo, cached, a",
  requests: 1,
  shapes: "P",
  keys: "y n",
  faults: false,
};
const TWO = { requests: 2, keys: "n" } as const;

/** All of them. */
export const MUTANTS: readonly Mutant[] = [
  {
    what: "a prompt that was not read whole is armed",
    edit: ['p.still = "o" /\\ p.seen = "whole" /\\ p.typed', 'p.still = "o" /\\ p.typed'],
    foundBy: "Good",
    bound: { views: ["whole", "begin"] },
  },
  {
    what: "a prompt is armed before it was still",
    edit: ['p.still = "o" /\\ p.seen = "whole" /\\ p.typed', 'p.seen = "whole" /\\ p.typed'],
    foundBy: "Good",
  },
  {
    what: "what is pasted approves",
    edit: ["lone == ~pasted /\\ Armed(p)", "lone == Armed(p)"],
    foundBy: "Good",
    bound: { keys: "y open" },
  },
  {
    what: "a key approves a prompt whose time is over",
    edit: [
      "Take(PassJobs(PassPrompt([m |-> n, out |-> <<>>]), 1), e)",
      "PassJobs(PassPrompt(Take([m |-> n, out |-> <<>>], e)), 1)",
    ],
    foundBy: "Owed",
  },
  {
    what: "what was taken back while sudo asks starts all the same",
    edit: [
      'THEN Lend(x, [kind |-> "withdrawn", id |-> i])',
      "THEN x",
    ],
    foundBy: "Owed",
  },
  {
    what: "sudo's no starts it",
    edit: [
      'Reply(Note(Free(y), "notAuthenticated", i), i, "error")',
      'Start(Free(y), p.req, "key", FALSE, TRUE)',
    ],
    foundBy: "Good",
  },
  {
    what: "a prompt is shown while sudo asks",
    edit: [
      '{"idle", "quit", "end"} -> y\n' +
      '       [] ~x.m.suspended /\\ y.m.phase.kind \\in {"idle", "quit", "end"} ->',
      '{"idle", "quit", "end", "start"} -> y\n' +
      '       [] ~x.m.suspended /\\ y.m.phase.kind \\in {"idle", "quit", "end", "start"} ->',
    ],
    foundBy: "Good",
    bound: { requests: 2, keys: "y" },
  },
  {
    what: "a grant covers the ssh agent",
    edit: ['~AsRoot(r) /\\ r.shape # "A"', "~AsRoot(r)"],
    foundBy: "Good",
    bound: { shapes: "UA", keys: "a" },
  },
  {
    what: "a grant covers what root runs",
    edit: ['~AsRoot(r) /\\ r.shape # "A"', 'r.shape # "A"'],
    foundBy: "Good",
    bound: { shapes: "UP", keys: "a" },
  },
  {
    what: "the key `a` grants what root runs",
    edit: ["HasGrantKey(x) /\\ ~AsRoot(r) -> Approve", "HasGrantKey(x) -> Approve"],
    foundBy: "Good",
    bound: { keys: "a" },
  },
  {
    what: "a grant outlives the news that sudo's memory is shared",
    edit: ['!.m.shared = "s", !.m.grant = FALSE]', '!.m.shared = "s"]'],
    foundBy: "Good",
    bound: { shapes: "UP", keys: "y a", sharing: true },
  },
  {
    what: "an id in use is taken again",
    edit: ["IF Known(x, r.id) THEN x", "IF FALSE THEN x"],
    foundBy: "OnePlace",
  },
  {
    what: "the answer to a question ends a later command with the same id",
    edit: ['x.m.phase.kind \\in {"withdrawn", "end"} /\\', 'x.m.phase.kind = "withdrawn" /\\'],
    foundBy: "Owed",
    bound: { keys: "y k" },
  },
  {
    what: "a request waits although the daemon stops",
    edit: ['ELSE IF x.m.stop # "-" THEN Refuse(x, r.id)\n', ""],
    foundBy: "NothingWaitsAtTheEnd",
  },
  {
    what: "a request that is cancelled is not answered",
    edit: [
      'Reply(Reply(Withdraw(x, i), i, "error"), "z", "ok")',
      'Reply(Withdraw(x, i), "z", "ok")',
    ],
    foundBy: "Owed",
  },
  {
    what: "a command that is cancelled is answered twice",
    edit: ['"z", "ok")\n  ELSE IF CanWithdraw', 'i, "ok")\n  ELSE IF CanWithdraw'],
    foundBy: "Good",
  },
  {
    what: "the next request is not shown where a key came",
    edit: ["ELSE IF y.m.queue = <<>> THEN y", "ELSE IF y.m.queue = <<>> \\/ y.m.disturbed THEN y"],
    foundBy: "NobodyIsForgotten",
    bound: TWO,
  },
  {
    what: "what a grant covers waits for the next key",
    edit: ["IF x.m.grant /\\ CanPrint(x.m.phase)", 'IF x.m.grant /\\ x.m.phase.kind = "prompt"'],
    foundBy: "comparison",
    bound: { shapes: "U", keys: "a" },
  },
  {
    what: "polkit does not give the terminal back",
    edit: ["THEN Free([y EXCEPT !.m.jobs[j].terminal = FALSE]) ELSE y", "THEN y ELSE y"],
    foundBy: "LentAsSeen",
    bound: { setup: "polkit" },
  },
  {
    what: "sudo's end is not heard after a withdrawal",
    edit: ['p.kind = "withdrawn" -> Free(y)', 'p.kind = "withdrawn" -> y'],
    foundBy: "comparison",
  },
  {
    what: "sudo remembers as long as anything runs",
    edit: ['x.m.jobs[j].needs # "-"\n  THEN x', "TRUE\n  THEN x"],
    foundBy: "SudoForgets",
    bound: { setup: "sudo, each" },
  },
  {
    what: "SIGKILL comes without its time",
    edit: ['b.kill = "o" /\\ ~b.terminal', 'b.kill \\in {"r", "o"} /\\ ~b.terminal'],
    foundBy: "Good",
  },
  {
    what: "a typed line has no end",
    edit: ['ELSE IF p.typed # "-" THEN Deny(Free(x), p.req.id)', 'ELSE IF p.typed # "-" THEN x'],
    foundBy: "liveness",
    bound: { lives: true, keys: "r esc" },
  },
  {
    what: "what waits for another to begin waits for ever",
    edit: ["~Begins(x) THEN LendForStart(x, x.m.phase.req) ELSE x", "~Begins(x) THEN x ELSE x"],
    foundBy: "liveness",
    bound: { setup: "sudo, each", requests: 2, keys: "y", lives: true },
  },
  {
    what: "fairness: commands may run for ever",
    edit: ["\\A i \\in Ids : []<>(i", "\\A i \\in {} : []<>(i"],
    foundBy: "liveness",
    bound: { lives: true, keys: "y" },
  },
  {
    what: "fairness: sudo's question may have no end",
    edit: ["        /\\ []<>~Asks(m.phase)\n", ""],
    foundBy: "liveness",
    bound: { lives: true, keys: "y" },
  },
  {
    what: "a key does not begin the stillness anew",
    edit: ['[p EXCEPT !.still = IF @ = "-" THEN "-" ELSE "r"]', "p"],
    foundBy: "comparison",
  },
  {
    what: "a key that is not for reading keeps the short wait",
    edit: ["ELSE [p EXCEPT !.long = TRUE]", "ELSE p"],
    foundBy: "comparison",
  },
  {
    what: "what left the terminal keeps the short wait of the next",
    edit: ["!.m.phase = Idle, !.m.disturbed = TRUE,", "!.m.phase = Idle,"],
    foundBy: "comparison",
  },
  {
    what: "the help counts as lines of the request",
    edit: ["IF p.help THEN @ ELSE Join(@, view)", "Join(@, view)"],
    foundBy: "comparison",
    bound: { keys: "?" },
  },
  {
    what: "SIGKILL goes to a command that has the terminal",
    edit: ['b.kill = "o" /\\ ~b.terminal /\\ ~waits', 'b.kill = "o" /\\ ~waits'],
    foundBy: "comparison",
  },
  {
    what: "an ending that failed can't be asked for again",
    edit: ['MayBeEnded(b) == b.kill = "-" \\/ b.failed', 'MayBeEnded(b) == b.kill = "-"'],
    foundBy: "comparison",
    bound: { keys: "y", faults: true },
  },
  {
    what: "Ctrl+C at sudo's question ends the daemon",
    edit: ['IF e.signal = "SIGINT" /\\ Lent(x.m.phase) THEN x ELSE Stop(x, TRUE)', "Stop(x, TRUE)"],
    foundBy: "comparison",
  },
  {
    what: "a stop lets what waits be denied instead of refused",
    edit: ["x3 == RefuseAll(x2, x.m.queue)", "x3 == DenyAll(x2, x.m.queue)"],
    foundBy: "comparison",
    bound: TWO,
  },
];

/** What found it; `nothing` where nothing did. */
export async function findMutant(tlc: Tlc, { edit: [from, to], bound }: Mutant): Promise<string> {
  const text = readModule("Approval").replace(from, () => to);
  const within = { ...BOUND, ...bound };
  const run = await runTlc(tlc, configurationOf(within, within.lives !== true), {
    root: "Compared",
    changes: "Approval",
    text,
  });
  if (run.fault !== undefined) return run.fault;
  if (within.lives) return "nothing";
  const difference = firstDifference(realTransitions(within), printedBy(run, within));
  return difference === undefined ? "nothing" : "comparison";
}

if (import.meta.main) {
  const tlc = findTlc();
  if (typeof tlc === "string") {
    console.log(tlc);
    Deno.exit(Deno.env.get("CI") === "true" ? 1 : 0);
  }
  let surprises = 0;
  for (const mutant of MUTANTS) {
    const begin = performance.now();
    const found = await findMutant(tlc, mutant);
    const seconds = ((performance.now() - begin) / 1000).toFixed(1);
    const isExpected = found === mutant.foundBy;
    if (!isExpected) surprises++;
    console.log(
      `${mutant.what}: ${found}, ${seconds} s${
        isExpected ? "" : `; expected was ${mutant.foundBy}`
      }`,
    );
  }
  if (surprises > 0) Deno.exit(1);
}
