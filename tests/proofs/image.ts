/**
 * What the model of proofs/tla says of the real machine: a class of states without what the model
 * leaves out, an event and what is done in the words of the model.
 *
 * @module
 */
import { KEYS } from "../../proofs/tla/bounds.ts";
import type { Effect } from "../../lib/session/state.ts";
import { defined } from "../rig/assert.ts";
import { wordsOf } from "./follow.ts";
import { DRAWING, type Step, VIEWS } from "./moves.ts";
import { nameOf } from "./shapes.ts";

const NAMES = new Map(Object.entries(KEYS).map(([name, text]) => [text, name]));
const VIEW_NAMES = new Map<unknown, string>(
  Object.entries(VIEWS).map(([name, view]) => [view, name]),
);

/** The state of the model for a class: the model knows no half of a mark of a paste. */
export function imageOf(text: string): string {
  return text.slice(0, text.lastIndexOf("|") + 2);
}

/** What an event, or a timer that is over, is called. */
export function eventWords(step: Step | string): string {
  if (typeof step === "string") return step;
  const { event, stalls } = step;
  if (stalls) return "stall";
  switch (event.kind) {
    case "submitted":
      return `submitted ${nameOf(event.request)}`;
    case "cancel":
      return `cancel ${event.target}`;
    case "stop":
      return event.kind;
    case "keys":
      return `keys ${defined(NAMES.get(String.fromCharCode(...event.burst)))}`;
    case "drawn":
      return `drawn ${defined(VIEW_NAMES.get(event.visible))} ${event.drawing === DRAWING}`;
    case "credentials":
      return `credentials ${event.id} ${event.present} ${shared(event.shared)}`;
    case "authenticated":
      return `authenticated ${event.id} ${event.result} ${shared(event.shared)}`;
    case "signal":
      return `signal ${event.signal}`;
    case "signalFailed":
      return `signalFailed ${event.id} ${event.wouldAsk}`;
    default:
      return "id" in event ? `${event.kind} ${event.id}` : event.kind;
  }
}

function shared(is: boolean | undefined): string {
  return is === undefined ? "-" : is ? "s" : "p";
}

/** A transition, in the words of the model. */
export interface Transition {
  readonly from: string;
  readonly event: string;
  readonly to: string;
  /** What is done, in order, with `; ` between. */
  readonly does: string;
}

/** A transition of the real machine in the words of the model. */
export function transitionOf(
  from: string,
  step: Step | string,
  to: string,
  effects: readonly Effect[],
): Transition {
  const does = wordsOf(effects).join("; ");
  return { from: imageOf(from), event: eventWords(step), to: imageOf(to), does };
}
