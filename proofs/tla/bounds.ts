/**
 * Within what the model is run: the same for TLC and for the real machine.
 *
 * @module
 */
import { SETUPS, type ShapeName, SLOTS } from "../../tests/proofs/shapes.ts";

/** What is read from the terminal, by the name that it has in the model. */
export const KEYS: Readonly<Record<string, string>> = {
  ...Object.fromEntries([..."yandrqk?x"].map((letter) => [letter, letter])),
  yy: "yy",
  space: " ",
  enter: "\r",
  esc: "\x1b",
  ctrlc: "\x03",
  open: "\x1b[200~",
  close: "\x1b[201~",
  both: "\x1b[200~y\x1b[201~",
};

/** One run of the model. */
export interface Bound {
  readonly setup: keyof typeof SETUPS;
  /** How many requests there are at a time; of two, which is which makes no difference. */
  readonly requests: 1 | 2;
  /** The letters of the shapes that a request may have. */
  readonly shapes: string;
  /** The names of keys, with blanks between. */
  readonly keys: string;
  readonly views?: readonly ("whole" | "begin" | "end" | "nothing")[];
  readonly screen?: boolean;
  readonly sharing?: boolean;
  /** Whether signals may fail; true where it is absent. */
  readonly faults?: boolean;
  /** Whether liveness is looked at, too: then an id in use is not sent again. */
  readonly lives?: boolean;
}

/** The ids of a bound. */
export function slotsOf({ requests }: Bound): readonly string[] {
  return SLOTS.slice(0, requests);
}

/** The shapes of a bound. */
export function shapesOf({ shapes }: Bound): readonly ShapeName[] {
  // Safe: the letters of a bound are shapes.
  return [...shapes] as ShapeName[];
}

/** The names of the keys of a bound. */
export function keysOf({ keys }: Bound): readonly string[] {
  return keys.split(" ");
}

/** What must be so in every state. */
export const INVARIANTS = [
  "Good",
  "OnePlace",
  "Owed",
  "LentAsSeen",
  "OneTerminal",
  "NobodyIsForgotten",
  "WhatIsGrantedDoesNotWait",
  "NothingWaitsAtTheEnd",
  "SudoForgets",
] as const;

/** What must come in the end. */
export const PROPERTIES = ["EachIsAnswered", "TheEndComes"] as const;

/** The configuration of TLC; each transition is printed if `isTold`. */
export function configurationOf(bound: Bound, isTold: boolean): string {
  const { setup, views = ["whole"], screen = false, sharing = false, faults = true } = bound;
  const { authentication, password, mayTrust } = SETUPS[setup];
  const { lives = false } = bound;
  const slots = slotsOf(bound);
  const set = (list: readonly string[]) => `{${list.map((one) => JSON.stringify(one)).join(", ")}}`;
  const yes = (is: boolean) => is ? "TRUE" : "FALSE";
  return [
    "CONSTANTS",
    ...slots.map((slot) => `  ${slot} = ${slot}`),
    `  Ids = {${slots.join(", ")}}`,
    `  Shapes = ${set(shapesOf(bound))}`,
    `  Keys = ${set(keysOf(bound))}`,
    `  Views = ${set(views)}`,
    `  Authentication = ${JSON.stringify(authentication)}`,
    `  Each = ${yes(password === "each")}`,
    `  MayTrust = ${yes(mayTrust)}`,
    `  Screen = ${yes(screen)}`,
    `  Sharing = ${yes(sharing)}`,
    `  Faults = ${yes(faults)}`,
    `  Again = ${yes(!lives)}`,
    `  Tell <- ${isTold ? "Printed" : "Silent"}`,
    `SPECIFICATION ${lives ? "Spec" : "Safe"}`,
    `INVARIANTS ${INVARIANTS.join(" ")}`,
    ...(lives ? [`PROPERTIES ${PROPERTIES.join(" ")}`] : []),
    // Nothing counts on this where something has to come in the end.
    ...(slots.length > 1 && !lives ? ["SYMMETRY AnyNames"] : []),
    "CHECK_DEADLOCK FALSE",
    "",
  ].join("\n");
}

/** What `deno task compare` compares. */
export const QUICK: Bound = {
  setup: "sudo, cached, a",
  requests: 1,
  shapes: "P",
  keys: "y a n r d q k ? esc open close",
};

/** A bound, and how many states the model has within it, and both have transitions. */
export interface CountedBound extends Bound {
  readonly states: number;
  readonly transitions: number;
}

/** What CI compares. */
export const BOUNDS: Readonly<Record<string, CountedBound>> = {
  "one request, sudo's own memory": { ...QUICK, states: 3009, transitions: 59994 },
  "two requests, sudo asks each time": {
    setup: "sudo, each",
    requests: 2,
    shapes: "P",
    keys: "y",
    faults: false,
    states: 1358,
    transitions: 29327,
  },
  "every key": {
    setup: "sudo, cached",
    requests: 1,
    shapes: "P",
    keys: Object.keys(KEYS).join(" "),
    faults: false,
    states: 755,
    transitions: 19882,
  },
  "a run limit and a pipeline, polkit": {
    setup: "polkit",
    requests: 1,
    shapes: "LQ",
    keys: "y n k q",
    states: 527,
    transitions: 8270,
  },
  "a pipeline, sudo asks each time": {
    setup: "sudo, each",
    requests: 1,
    shapes: "Q",
    keys: "y n k",
    states: 1069,
    transitions: 14953,
  },
  "a grant": {
    setup: "sudo, cached, a",
    requests: 1,
    shapes: "VA",
    keys: "y a n",
    faults: false,
    states: 208,
    transitions: 3100,
  },
  "the daemon is root": {
    setup: "root",
    requests: 1,
    shapes: "RL",
    keys: "y n k q",
    states: 1745,
    transitions: 27758,
  },
  "the screen, its size, old drawings, job control": {
    setup: "sudo, cached",
    requests: 1,
    shapes: "P",
    keys: "y n ? space",
    views: ["whole", "begin", "end", "nothing"],
    screen: true,
    faults: false,
    states: 1126,
    transitions: 25774,
  },
  "what sudo remembers counts elsewhere": {
    setup: "sudo, cached, a",
    requests: 1,
    shapes: "PU",
    keys: "y a n",
    sharing: true,
    faults: false,
    states: 1341,
    transitions: 27211,
  },
};

/** What is looked at for what comes in the end. */
export const LIVE_BOUNDS: Readonly<Record<string, Bound>> = {
  "one request, sudo's own memory": {
    setup: "sudo, cached",
    requests: 1,
    shapes: "P",
    keys: "y r esc",
    faults: false,
    lives: true,
  },
};
