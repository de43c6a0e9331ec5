/**
 * Within what the model of the audit trail's writers is run, and what its mutants are found by.
 *
 * @module
 */
import type { Change } from "./mutants.ts";

/** What may happen, and how many records are begun and daemons opened. */
export interface TrailBound {
  readonly writers: number;
  readonly kinds: readonly ("start" | "note")[];
  readonly fulls: boolean;
  readonly powers: boolean;
  readonly moves: number;
}

/** What CI compares, and how many histories there are; the power does not fail there. */
export const TRAIL_BOUNDS = {
  "two daemons": {
    writers: 2,
    kinds: ["start", "note"],
    fulls: true,
    powers: false,
    moves: 3,
    histories: 13518,
  },
  "one daemon, more moves": {
    writers: 1,
    kinds: ["start", "note"],
    fulls: true,
    powers: false,
    moves: 4,
    histories: 5239,
  },
} as const satisfies Readonly<Record<string, TrailBound & { histories: number }>>;

/** What is looked at without a comparison: it goes further, and the power may fail. */
export const TRAIL_FURTHER: TrailBound & { states: number } = {
  writers: 2,
  kinds: ["start", "note"],
  fulls: true,
  powers: true,
  moves: 4,
  states: 76356,
};

const INVARIANTS = ["Chain", "RanIsRecorded", "HeadIsThere", "Whole", "OneWriter"] as const;

/** The configuration of TLC; each history is printed if `isTold`. */
export function trailConfiguration(bound: TrailBound, isTold: boolean): string {
  const yes = (is: boolean) => is ? "TRUE" : "FALSE";
  return [
    "CONSTANTS",
    `  Writers = {${Array.from({ length: bound.writers }, (_, index) => index + 1).join(", ")}}`,
    `  Kinds = {${bound.kinds.map((kind) => `"${kind}"`).join(", ")}}`,
    `  Fulls = ${yes(bound.fulls)}`,
    `  Powers = ${yes(bound.powers)}`,
    `  Most = ${bound.moves}`,
    `  Tell = ${yes(isTold)}`,
    "SPECIFICATION Spec",
    `INVARIANTS ${INVARIANTS.join(" ")}`,
    "CHECK_DEADLOCK FALSE",
    "",
  ].join("\n");
}

/** Changes of the model, each of which must be found; the power may fail where they are. */
export const TRAIL_MUTANTS: readonly (Change & {
  readonly foundBy: (typeof INVARIANTS)[number] | "comparison";
})[] = [
  {
    what: "a daemon writes without the lock",
    edit: ['does[w] = "idle" /\\ lock = Nobody', 'does[w] = "idle"'],
    foundBy: "OneWriter",
  },
  {
    what: "what others wrote is not looked at",
    edit: [
      "does' = [does EXCEPT ![w] = \"checked\"]\n  /\\ knows' = [knows EXCEPT ![w] = Len(lines)]",
      "does' = [does EXCEPT ![w] = \"checked\"]\n  /\\ knows' = knows",
    ],
    foundBy: "Chain",
  },
  {
    what: "a command runs before its start is on the disk",
    edit: [
      "/\\ safe' = Len(lines)\n  /\\ UNCHANGED <<lines, torn,",
      "/\\ safe' = safe\n  /\\ UNCHANGED <<lines, torn,",
    ],
    foundBy: "HeadIsThere",
  },
  {
    what: "a command runs as soon as its start is written",
    edit: ['(IF kind[w] = "start" THEN "stored" ELSE "written")', '"written"'],
    foundBy: "RanIsRecorded",
  },
  {
    what: "half a record stays where the next is written",
    edit: [
      'THEN <<"torn">> \\o @ ELSE @]\n  /\\ torn\' = FALSE',
      'THEN <<"torn">> \\o @ ELSE @]\n  /\\ torn\' = torn',
    ],
    foundBy: "Whole",
  },
  {
    what: "half a record is not noted",
    edit: ['IF torn THEN <<"torn">> \\o @ ELSE @]', "@]"],
    foundBy: "comparison",
  },
  {
    what: "a note is lost where the disk is full",
    edit: ['IF kind[w] = "note" THEN Append(@, "note") ELSE @]', "@]"],
    foundBy: "comparison",
  },
  {
    what: "a start that was refused is written later",
    edit: ['IF kind[w] = "note" THEN Append(@, "note") ELSE @]', "Append(@, kind[w])]"],
    foundBy: "comparison",
  },
];
