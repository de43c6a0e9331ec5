/**
 * Goes, breadth first, through every class of states of the real machine within a bound, with the
 * rules and the promises beside it.
 *
 * @module
 */
import type { Effect, SessionConfig, SessionEvent, SessionState } from "../../lib/session/state.ts";
import { initialState, update } from "../../lib/session/update.ts";
import { at, defined } from "../rig/assert.ts";
import { type Account, accountOf, classOf } from "./account.ts";
import { decode, encode, expiries, NOW } from "./classes.ts";
import { follow, wordsOf } from "./follow.ts";
import { type Scope, type Step, stepsOf } from "./moves.ts";
import { PROMISES, type Seen } from "./promises.ts";
import { renamed } from "./symmetry.ts";

const ALL_PROMISES = Object.entries(PROMISES);
/** Longer than {@linkcode STALL_MS}. */
const STALL = 1000;
/** A time after which no timer may still run, in milliseconds. */
const LONG = 1e9;
/** So many accounts are kept, since most moves lead to a class near by. */
const KEPT_ACCOUNTS = 4096;

/** What a walk came to. */
export interface Walked {
  readonly states: number;
  readonly transitions: number;
  readonly seconds: number;
  /** How often the machine asked for each kind of effect. */
  readonly reached: ReadonlyMap<string, number>;
}

/** The machine, or one with a fault. */
export type Machine = typeof update;

/** Who finds a fault: a promise, the account of the rules, a wait without an end, or an error. */
export type Finder = "promise" | "account" | "wait" | "error";

/** How a walk goes. */
export interface Walk extends Scope {
  readonly config: SessionConfig;
  /** What is walked; the real machine where it is left out. */
  readonly machine?: Machine;
  /** The class in which it begins; that of a new daemon where it is left out. */
  readonly first?: string;
  /** So many states are enough; all of them where it is left out. */
  readonly most?: number;
  /** Whether states that differ only in which slot is which count as one. */
  readonly symmetric?: boolean;
  /** Called with each state, in the order of their numbers, before its moves. */
  readonly onState?: (text: string) => void;
  /** Called with each move: from which state, by what, with which effects, to which state. */
  readonly onMove?: (
    from: number,
    step: Step | string,
    to: number,
    effects: readonly Effect[],
  ) => void;
  /** Called with each fault, after which the walk goes on; where it is left out, the first throws. */
  readonly onFault?: (finder: Finder, what: string) => void;
}

/** What a check found. */
class Found extends Error {
  constructor(readonly finder: Finder, message: string) {
    super(message);
  }
}

/** A fault with the way to it. */
class Trace extends Error {}

/** The machine takes one step from a state of a class. */
export function stepFrom(
  state: SessionState,
  { event, stalls }: Step,
  machine: Machine = update,
): { readonly state: SessionState; readonly effects: readonly Effect[] } {
  // Safe: an event without its time, and the time.
  const timed = { ...event, now: NOW, wall: 0 } as SessionEvent;
  return machine(stalls ? { ...state, ranAt: NOW - STALL } : state, timed);
}

/**
 * Goes through all of it.
 *
 * @throws {Error} Where a step breaks a rule, with the way to it, unless `onFault` is given.
 */
export function walk(scope: Walk): Walked {
  const { config, symmetric = false, machine = update, most = Infinity } = scope;
  const { onState, onMove, onFault } = scope;
  const begin = performance.now();
  const steps = stepsOf(scope);
  const first = scope.first ?? encode(initialState(config), NOW);
  const index = new Map([[first, 0]]);
  const order = [first];
  // Two flat lists: millions of pairs would take most of the memory.
  const ways: Ways = { from: [-1], label: [""] };
  const reached = new Map<string, number>();
  let transitions = 0;
  const accounts = new Map<string, Account>();
  /** No rule changes an account that it is given. */
  const account = (text: string): Account => {
    const known = accounts.get(text);
    if (known) return known;
    if (accounts.size === KEPT_ACCOUNTS) accounts.clear();
    const read = accountOf(text);
    accounts.set(text, read);
    return read;
  };
  const visit = (from: number, label: string, text: string): number => {
    transitions++;
    const name = symmetric ? renamed(text) : text;
    const known = index.get(name);
    if (known !== undefined) return known;
    index.set(name, order.length);
    ways.from.push(from);
    ways.label.push(label);
    return order.push(name) - 1;
  };
  for (let from = 0; from < Math.min(order.length, most); from++) {
    const text = at(order, from);
    onState?.(text);
    let state = decode(text, config);
    const report = (label: string, fault: unknown): void => {
      if (!onFault) throw new Trace(trace(order, ways, from, label, fault));
      onFault(fault instanceof Found ? fault.finder : "error", String(fault));
    };
    for (const step of steps) {
      const faults: unknown[] = [];
      try {
        const { state: next, effects } = stepFrom(state, step, machine);
        const name = encode(next, NOW);
        const before = account(text);
        if (name !== text || effects.length > 0) {
          const after = account(name);
          faults.push(...brokenPromises({ before, step, effects, after }));
        }
        faults.push(...brokenRules(before, step, effects, name, config));
        // An approval is good for one start.
        if (effects.some(({ kind }) => kind === "start")) state = decode(text, config);
        if (!index.has(name)) faults.push(...endlessWaits(encode(next, NOW + LONG)));
        for (const { kind } of effects) reached.set(kind, (reached.get(kind) ?? 0) + 1);
        const to = visit(from, step.label, name);
        onMove?.(from, step, to, effects);
      } catch (error) {
        faults.push(error);
      }
      for (const fault of faults) report(step.label, fault);
    }
    for (const [timer, name] of expiries(text)) {
      const to = visit(from, `(${timer} is over)`, name);
      onMove?.(from, timer, to, []);
    }
  }
  const seconds = (performance.now() - begin) / 1000;
  return { states: order.length, transitions, seconds, reached };
}

function* brokenPromises(seen: Seen): Generator<Found> {
  for (const [promise, holds] of ALL_PROMISES) {
    if (!holds(seen)) yield new Found("promise", promise);
  }
}

/** What was done, and where it stands, is what the rules say; nothing, where they say so. */
function* brokenRules(
  before: Account,
  step: Step,
  effects: readonly Effect[],
  name: string,
  config: SessionConfig,
): Generator<Found> {
  const { a, expected } = follow(before, step, config);
  const done = wordsOf(effects).join("; ");
  const toDo = expected.join("; ");
  const differ = (rules: string, machine: string) =>
    new Found("account", `by the rules: ${rules}\nthe machine:  ${machine}`);
  if (done !== toDo) yield differ(toDo, done);
  if (classOf(a) !== name) yield differ(classOf(a), name);
}

/** Every wait ends. */
function* endlessWaits(text: string): Generator<Found> {
  for (const [timer] of expiries(text)) yield new Found("wait", `the wait "${timer}" never ends`);
}

/** For each state, from which it was reached first, and by what. */
interface Ways {
  readonly from: number[];
  readonly label: string[];
}

function trace(
  order: readonly string[],
  ways: Ways,
  from: number,
  label: string,
  error: unknown,
): string {
  const lines = [`${label}  <-- here, in ${defined(order[from])}`];
  for (let at = from; at > 0;) {
    lines.unshift(`${defined(ways.label[at])}  ->  ${defined(order[at])}`);
    at = defined(ways.from[at]);
  }
  const why = error instanceof Error ? error.stack ?? error.message : String(error);
  return `${why.split("\n    at ").slice(0, 4).join("\n    at ")}\n\nThe way there:\n${
    lines.join("\n")
  }`;
}
