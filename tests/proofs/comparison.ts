/**
 * The transitions of the real machine and those of the model, within one bound, and the first that
 * only one of them has.
 *
 * @module
 */
import { type Bound, KEYS, keysOf, shapesOf, slotsOf } from "../../proofs/tla/bounds.ts";
import { initialState } from "../../lib/session/update.ts";
import { at, defined } from "../rig/assert.ts";
import { decode, encode, expiries, NOW } from "./classes.ts";
import { type Transition, transitionOf } from "./image.ts";
import { stepsOf } from "./moves.ts";
import { SETUPS, SLOTS } from "./shapes.ts";
import { renamed, Renaming } from "./symmetry.ts";
import { stepFrom } from "./walk.ts";

/** Transitions that change or do something, each as one line, and the states that were visited. */
export interface Transitions {
  readonly lines: ReadonlySet<string>;
  readonly states: number;
}

/** More states than any bound has: a machine that was broken on purpose may have no end. */
const MOST_STATES = 1_000_000;

/** Every transition of the real machine. */
export function realTransitions(bound: Bound): Transitions {
  const { setup, views = ["whole"], screen = false, sharing = false, faults = true } = bound;
  const config = SETUPS[setup];
  const steps = stepsOf({
    slots: slotsOf(bound),
    shapes: shapesOf(bound),
    bursts: keysOf(bound).map((name) => defined(KEYS[name], `no key ${name}`)),
    views,
    screen,
    sharing,
    causes: false,
  }).filter(({ event }) => faults || event.kind !== "signalFailed");
  const isSymmetric = bound.requests > 1;
  const seen = new Set([encode(initialState(config), NOW)]);
  const lines = new Set<string>();
  const visit = (text: string): void => {
    seen.add(isSymmetric ? renamed(text) : text);
  };
  for (const from of seen) {
    if (seen.size > MOST_STATES) throw new Error("The machine has too many states.");
    let state = decode(from, config);
    for (const step of steps) {
      const { state: next, effects } = stepFrom(state, step);
      const to = encode(next, NOW);
      // An approval is good for one start.
      if (effects.some(({ kind }) => kind === "start")) state = decode(from, config);
      const transition = transitionOf(from, step, to, effects);
      if (transition.to === transition.from && transition.does === "") continue;
      lines.add(lineOf(transition, isSymmetric));
      visit(to);
    }
    for (const [timer, to] of expiries(from)) {
      lines.add(lineOf(transitionOf(from, timer, to, []), isSymmetric));
      visit(to);
    }
  }
  return { lines, states: seen.size };
}

/** A transition as one line; those that differ only in which slot is which are one. */
export function lineOf({ from, event, to, does }: Transition, isSymmetric: boolean): string {
  if (!isSymmetric) return `${from} > ${event} > ${to} > ${does}`;
  const names = new Renaming();
  const isSlot = (word: string) => SLOTS.some((slot) => slot === word);
  const words = (text: string) =>
    text.split(" ").map((word) => isSlot(word.replace(/;$/, "")) ? names.named(word) : word);
  const [first, ...rest] = event.split(" ");
  const about = first === "keys"
    ? rest
    : first === "submitted"
    ? rest.map((word) => names.named(word))
    : words(rest.join(" "));
  // In this order, so that the new names are the same for the same transition.
  const begin = names.class(from);
  return [begin, [first, ...about].join(" "), names.class(to), words(does).join(" ")].join(" > ");
}

/** The first transition that only one of both has, so that a person can read it. */
export function firstDifference(real: Transitions, model: Transitions): string | undefined {
  for (
    const [who, ours, others] of [
      ["the machine", real, model],
      ["the model", model, real],
    ] as const
  ) {
    for (const line of ours.lines) {
      if (others.lines.has(line)) continue;
      const [from, event, to = "", does = ""] = line.split(" > ");
      const begin = `${from} > ${event} > `;
      const instead = [...others.lines].filter((other) => other.startsWith(begin))
        .map((other) => {
          const [end, done] = other.slice(begin.length).split(" > ");
          return endOf(end, done);
        });
      return [
        `In the state ${from}, at the event ${event}, only ${who} does this:`,
        endOf(to, does),
        "The other does this:",
        ...(instead.length > 0 ? instead : ["  nothing"]),
      ].join("\n");
    }
  }
  return undefined;
}

function endOf(to = "", does = ""): string {
  return `  it goes to ${to} and does ${does || "nothing"}`;
}

/** What TLC printed of a transition. */
export function modelTransition(line: string): Transition {
  const [from, event, to, out] = line.slice(1, -1).replaceAll("\\", "").split(" > ");
  const does = [...defined(out).slice(2, -2).matchAll(/<<(.*?)>>/g)].map((match) =>
    at(match, 1).replaceAll('"', "").replaceAll(", ", " ").replaceAll("TRUE", "true")
      .replaceAll("FALSE", "false")
  );
  return { from: defined(from), event: defined(event), to: defined(to), does: does.join("; ") };
}
