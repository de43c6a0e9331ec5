/**
 * Cycles in which something is owed for ever: the strongly connected components of a graph whose
 * weak fairness no move outside of them breaks.
 *
 * @module
 */
import { at } from "../rig/assert.ts";

/** A graph of states: the moves of each state stand together, in the order of the states. */
export interface Graph {
  readonly states: number;
  readonly from: readonly number[];
  readonly to: readonly number[];
  /** What each move does of what is fair, as a bit; 0 for what may never happen. */
  readonly does: readonly number[];
  /** What of it can happen in each state, as bits. */
  readonly enabled: readonly number[];
}

/**
 * Finds a fair cycle: one that goes on for ever although everything that stays possible happens.
 *
 * @param owes Whether in a state that is still owed.
 * @param pays Whether a move pays it, though the next state may owe it again.
 * @returns The states of one such component; `undefined` where there is none.
 */
export function findFairCycle(
  graph: Graph,
  owes: (state: number) => boolean,
  pays: (move: number) => boolean = () => false,
): readonly number[] | undefined {
  const { states, from, to, does, enabled } = graph;
  const isOwed = Uint8Array.from({ length: states }, (_, state) => owes(state) ? 1 : 0);
  const starts = new Int32Array(states + 1);
  for (const state of from) starts[state + 1] = at(starts, state + 1) + 1;
  for (let state = 0; state < states; state++) {
    starts[state + 1] = at(starts, state + 1) + at(starts, state);
  }
  const isInside = (move: number) => isOwed[at(to, move)] === 1 && !pays(move);
  const component = components(states, starts, to, isOwed, isInside);
  const count = component.reduce((most, one) => Math.max(most, one + 1), 0);
  // What stays possible in all of a component, and what of that happens in it.
  const always = new Int32Array(count).fill(-1);
  const happens = new Int32Array(count);
  const isCycle = new Uint8Array(count);
  for (let state = 0; state < states; state++) {
    const own = at(component, state);
    if (own < 0) continue;
    always[own] = at(always, own) & at(enabled, state);
    for (let move = at(starts, state); move < at(starts, state + 1); move++) {
      if (!isInside(move) || component[at(to, move)] !== own) continue;
      isCycle[own] = 1;
      happens[own] = at(happens, own) | at(does, move);
    }
  }
  const bad = isCycle.findIndex((is, own) =>
    is === 1 && (at(always, own) & ~at(happens, own)) === 0
  );
  if (bad < 0) return undefined;
  return [...component.keys()].filter((state) => component[state] === bad);
}

/** Tarjan's algorithm, without recursion: the component of each state, and -1 outside. */
function components(
  states: number,
  starts: Int32Array,
  to: readonly number[],
  isOwed: Uint8Array,
  isInside: (move: number) => boolean,
): Int32Array {
  const [found, low] = [new Int32Array(states), new Int32Array(states)];
  const component = new Int32Array(states).fill(-1);
  const next = starts.slice();
  const [stack, path]: [number[], number[]] = [[], []];
  let [serial, count] = [0, 0];
  const enter = (state: number): void => {
    serial++;
    [found[state], low[state]] = [serial, serial];
    stack.push(state);
    path.push(state);
  };
  const lower = (state: number, other: number): void => {
    low[state] = Math.min(at(low, state), other);
  };
  for (let root = 0; root < states; root++) {
    if (isOwed[root] !== 1 || found[root] !== 0) continue;
    enter(root);
    while (path.length > 0) {
      const state = at(path, -1);
      const move = at(next, state);
      if (move < at(starts, state + 1)) {
        next[state] = move + 1;
        if (!isInside(move)) continue;
        const target = at(to, move);
        if (found[target] === 0) enter(target);
        else if (component[target] === -1) lower(state, at(found, target));
        continue;
      }
      path.pop();
      if (path.length > 0) lower(at(path, -1), at(low, state));
      if (low[state] !== found[state]) continue;
      for (let member = stack.pop(); member !== undefined; member = stack.pop()) {
        component[member] = count;
        if (member === state) break;
      }
      count++;
    }
  }
  return component;
}
