/**
 * How far the evidence goes, as data: `docs/generate.ts` makes the table of
 * docs/assurance/roadmap.md from it, and `tests/assurance_test.ts` checks each command.
 *
 * @module
 */

/** A kind of evidence; the next one takes more away. */
export interface Rung {
  readonly rung: string;
  /** What can no longer be wrong, or stay unseen. */
  readonly takesAway: string;
  readonly state: string;
  /** The task that CI runs; a rung without one says "not there" or "not planned". */
  readonly task?: string;
}

/** From the bottom. */
export const RUNGS: readonly Rung[] = [
  {
    rung: "Types, lint and walls",
    takesAway: "that a room reaches what it should not, or a value what it is not",
    state: "in CI; `tests/imports_test.ts` rules who may import whom",
    task: "check",
  },
  {
    rung: "Tests",
    takesAway: "that the usual ways do not work on real parts",
    state: "in CI, with real sudo, ssh, tmux, xterm and polkit",
    task: "test",
  },
  {
    rung: "Attacks",
    takesAway: "that a known attack comes back",
    state: "in CI, reduced; in full by `deno task soak`, by hand",
    task: "test",
  },
  {
    rung: "Whole domains",
    takesAway: "that a byte, a code point, a date or a clock was forgotten",
    state: "in CI",
    task: "test:proofs",
  },
  {
    rung: "Every state within a bound",
    takesAway: "that the machine breaks a rule after a history that nobody tried",
    state: "in CI: one request of every shape, or two with few keys",
    task: "test:proofs",
  },
  {
    rung: "Liveness of the real code",
    takesAway: "that a request waits for ever",
    state: "in CI for one request, by hand for two",
    task: "test:proofs",
  },
  {
    rung: "A model of the SSH channel",
    takesAway: "that the protocol around the code is wrong",
    state: "results are kept; CI checks that they belong to the models",
    task: "test:proofs",
  },
  {
    rung: "Coverage of the pure rooms",
    takesAway: "that a line of what decides is never run",
    state: "in CI, which fails below the last floor",
    task: "coverage",
  },
  {
    rung: "The built program",
    takesAway: "that what people install differs from what was tested",
    state: "in CI, compiled with a stand-in for the runtime",
    task: "test:binary",
  },
  {
    rung: "A model equal to the code",
    takesAway: "that the rules together allow what they should not",
    state:
      "in CI for the machine, the memory of ids and the trail's writers: TLA+, compared in both directions",
    task: "test:proofs",
  },
  {
    rung: "Mutants by a tool",
    takesAway: "that a test would not notice a fault",
    state: "not there in CI; by hand, for every fourth change of what decides",
  },
  {
    rung: "A review from outside",
    takesAway: "that we are blind to our own mistakes",
    state: "not there: see [the security audit](security-audit.md)",
  },
  {
    rung: "A proof of what runs",
    takesAway: "that Deno, V8, sudo, ssh or the kernel fail",
    state: "not planned: they are [assumed](assurance-case.md#what-is-assumed)",
  },
];
