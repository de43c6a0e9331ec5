/**
 * Liveness of the real machine: each request is answered in the end, and the daemon ends when it
 * was asked to. It is assumed that the clock goes on, that sudo and polkit answer, that each command
 * begins and ends, and that a stopped process is continued.
 *
 * @module
 */
import type { SessionConfig } from "../../lib/session/state.ts";
import { assertEquals, assertTrue, at } from "../rig/assert.ts";
import { report, size } from "../rig/soak.ts";
import { type Account, accountOf } from "./account.ts";
import { findFairCycle, type Graph } from "./fairness.ts";
import { FEW_BURSTS, type Scope, type Step } from "./moves.ts";
import { SETUPS, SLOTS } from "./shapes.ts";
import { walk } from "./walk.ts";

const [CLOCK, DEADLINE, CREDENTIALS, AUTHENTICATED, CONTINUED] = [1, 2, 4, 8, 16];
/** The first bits for each slot. */
const [BEGUN, ENDED] = [32, 1024];

/** What can happen by itself where the daemon stands so. */
function enabledIn({ screen, terminal, suspended, running, lives }: Account): number {
  const ofJobs = running.map((id) => {
    const slot = SLOTS.findIndex((one) => one === id);
    return (ENDED << slot) | (lives.get(id)?.needs === "s" ? BEGUN << slot : 0);
  });
  return ofJobs.reduce((bits, bit) => bits | bit, CLOCK) |
    (screen && !screen.over ? DEADLINE : 0) | (terminal === "checking" ? CREDENTIALS : 0) |
    (terminal === "sudo" ? AUTHENTICATED : 0) | (suspended ? CONTINUED : 0);
}

/** What of it a move is. */
function doneBy(step: Step | string, before: Account): number {
  if (typeof step === "string") return step === "deadline" ? DEADLINE : 0;
  const { event, stalls } = step;
  const id = "id" in event ? event.id : "";
  const slot = SLOTS.findIndex((one) => one === id);
  switch (event.kind) {
    case "clock":
      return stalls ? 0 : CLOCK;
    case "continued":
      return CONTINUED;
    case "credentials":
      return before.terminal === "checking" && before.about === id ? CREDENTIALS : 0;
    case "authenticated":
      return before.terminal === "sudo" && before.about === id ? AUTHENTICATED : 0;
    case "begun":
      return BEGUN << slot;
    case "ended":
      return ENDED << slot;
    default:
      return 0;
  }
}

interface Walked extends Graph {
  readonly accounts: readonly Account[];
  readonly exits: ReadonlySet<number>;
}

function graphOf(scope: Scope, config: SessionConfig): Walked {
  const [from, to, does]: [number[], number[], number[]] = [[], [], []];
  const accounts: Account[] = [];
  const exits = new Set<number>();
  const { states } = walk({
    ...scope,
    config,
    onState: (text) => void accounts.push(accountOf(text)),
    onMove: (state, step, next, effects) => {
      const before = at(accounts, state);
      // An id that is in use is not sent again here: its next life could not be told from this one.
      const event = typeof step === "string" ? undefined : step.event;
      if (event?.kind === "submitted" && before.lives.has(event.request.id)) return;
      if (effects.some(({ kind }) => kind === "exit")) exits.add(from.length);
      from.push(state);
      to.push(next);
      does.push(doneBy(step, before));
    },
  });
  const enabled = accounts.map(enabledIn);
  return { states, from, to, does, enabled, accounts, exits };
}

const ONE: Scope = {
  slots: ["a"],
  shapes: ["P"],
  bursts: FEW_BURSTS,
  views: ["whole"],
  screen: true,
  sharing: false,
  causes: false,
};
const TWO: Scope = {
  ...ONE,
  slots: ["a", "b"],
  bursts: ["y"],
  screen: false,
};

for (
  const [name, scope, setup] of [
    ["one request, polkit", ONE, "polkit"],
    ["one request, each", ONE, "sudo, each"],
    ...(size(0, 1) === 1 ? [["two requests, each", TWO, "sudo, each"]] as const : []),
  ] as const
) {
  Deno.test(`${name}: each request is answered, and the daemon ends when it was asked to`, () => {
    const graph = graphOf(scope, SETUPS[setup]);
    const { accounts, exits } = graph;
    for (const id of scope.slots) {
      const lives = (state: number) => {
        const life = at(accounts, state).lives.get(id);
        return life !== undefined && life.stage !== "withdrawn";
      };
      assertEquals(findFairCycle(graph, lives), undefined, `${id} may wait for ever`);
    }
    const isStopping = (state: number) => at(accounts, state).stopped !== "-";
    const cycle = findFairCycle(graph, isStopping, (move) => exits.has(move));
    assertEquals(cycle, undefined, "the daemon may never end");
    report(name, { states: graph.states, moves: graph.from.length });
  });
}

Deno.test("a cycle is found where what ends it may stay away", () => {
  const graph = graphOf({ ...ONE, shapes: ["P"], screen: false }, SETUPS["sudo, cached"]);
  const { accounts, enabled } = graph;
  const runs = (state: number) => at(accounts, state).lives.has("a");
  assertTrue(findFairCycle({ ...graph, enabled: enabled.map((bits) => bits & ~ENDED) }, runs));
  assertTrue(findFairCycle({ ...graph, enabled: enabled.map((bits) => bits & ~DEADLINE) }, runs));
  assertTrue(
    findFairCycle({ ...graph, enabled: enabled.map((bits) => bits & ~AUTHENTICATED) }, runs),
  );
});
