/**
 * Every class of states of the real machine within a bound, as two files that run side by side. After
 * each step what it did and where it stands is what the rules say, and each promise holds. The numbers
 * are exact, so that no bound shrinks unnoticed: whoever changes the machine counts anew.
 *
 * @module
 */
import { assertEquals } from "../rig/assert.ts";
import { report, size } from "../rig/soak.ts";
import { ALL_BURSTS, FEW_BURSTS, type Scope } from "./moves.ts";
import { SETUPS, type ShapeName, SLOTS } from "./shapes.ts";
import { walk } from "./walk.ts";

/** One request at a time, of all these shapes, in turn. */
export function one(shapes: string, more: Partial<Scope> = {}): Scope {
  return {
    slots: SLOTS.slice(0, 1),
    // Safe: the letters below are shapes.
    shapes: [...shapes] as ShapeName[],
    bursts: ALL_BURSTS,
    views: ["whole"],
    screen: false,
    sharing: false,
    causes: false,
    ...more,
  };
}

/** What does not depend on how keys are read. */
export function few(shapes: string, more: Partial<Scope> = {}): Scope {
  return one(shapes, { bursts: FEW_BURSTS, ...more });
}

/** Several requests at a time; which is which makes no difference. */
export function many(count: number, shapes: string, bursts: readonly string[]): Scope {
  return one(shapes, { slots: SLOTS.slice(0, count), bursts });
}

/** A bound, and how large it is. */
export interface Bound {
  readonly setup: keyof typeof SETUPS;
  readonly scope: Scope;
  readonly symmetric?: boolean;
  /** Whether it is too large for every run. */
  readonly soak?: boolean;
  readonly states: number;
  readonly transitions: number;
}

/** Walks within each of the bounds; within those that are for `deno task soak` alone only there. */
export function walkWithin(bounds: Readonly<Record<string, Bound>>): void {
  for (const [name, bound] of Object.entries(bounds)) {
    if (bound.soak && size(0, 1) === 0) continue;
    Deno.test(`every state: ${name}`, () => {
      const { scope, setup, symmetric = false } = bound;
      const { states, transitions, seconds, reached } = walk({
        ...scope,
        symmetric,
        config: SETUPS[setup],
      });
      report(name, { states, transitions, seconds: seconds.toFixed(1), effects: reached.size });
      assertEquals(
        { states, transitions },
        { states: bound.states, transitions: bound.transitions },
        "the number of states",
      );
    });
  }
}
