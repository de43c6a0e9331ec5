/**
 * Within what the model of the memory of ids is run, and what its mutants are found by.
 *
 * @module
 */
import { ID_MEMORY_MS, MAX_AGE_MS, MAX_AHEAD_MS } from "../../lib/protocol/limits.ts";
import type { Change } from "./mutants.ts";

/** A unit of time in the model, in milliseconds; each limit is a multiple of it. */
export const UNIT_MS = MAX_AHEAD_MS;

/** What may happen, in units of time, and how many moves a history has. */
export interface ReplayBound {
  readonly ids: readonly number[];
  readonly times: readonly number[];
  readonly walls: readonly number[];
  readonly waits: readonly number[];
  readonly capacity: number;
  readonly moves: number;
}

/** What CI compares, and how many histories there are. */
export const REPLAY_BOUNDS = {
  "two ids": {
    ids: [1, 2],
    times: [0, 2],
    walls: [0, 1, 3],
    waits: [3, 4],
    capacity: 1,
    moves: 4,
    histories: 55026,
  },
  "one id, more moves": {
    ids: [1],
    times: [0, 1],
    walls: [0, 2],
    waits: [4],
    capacity: 2,
    moves: 6,
    histories: 64526,
  },
} as const satisfies Readonly<Record<string, ReplayBound & { histories: number }>>;

/** What is looked at without a comparison, so that it goes further. */
export const REPLAY_FURTHER: ReplayBound & { states: number } = {
  ids: [1, 2],
  times: [0, 1, 2],
  walls: [0, 2, 5],
  waits: [1, 3],
  capacity: 2,
  moves: 7,
  states: 72971,
};

const INVARIANTS = ["TakenOnce", "OneOfAnId", "NotForgottenEarly", "Bounded"] as const;

/** The configuration of TLC; each history is printed if `isTold`. */
export function replayConfiguration(bound: ReplayBound, isTold: boolean): string {
  const set = (list: readonly number[]) => `{${list.join(", ")}}`;
  return [
    "CONSTANTS",
    `  Age = ${MAX_AGE_MS / UNIT_MS}`,
    `  Ahead = ${MAX_AHEAD_MS / UNIT_MS}`,
    `  Memory = ${ID_MEMORY_MS / UNIT_MS}`,
    `  Capacity = ${bound.capacity}`,
    `  Ids = ${set(bound.ids)}`,
    `  Times = ${set(bound.times)}`,
    `  Walls = ${set(bound.walls)}`,
    `  Waits = ${set(bound.waits)}`,
    `  Most = ${bound.moves}`,
    `  Tell = ${isTold ? "TRUE" : "FALSE"}`,
    "SPECIFICATION Spec",
    `INVARIANTS ${INVARIANTS.join(" ")}`,
    "CHECK_DEADLOCK FALSE",
    "",
  ].join("\n");
}

/** Changes of the model, each of which must be found. */
export const REPLAY_MUTANTS: readonly (Change & {
  readonly foundBy: (typeof INVARIANTS)[number] | "comparison";
  readonly bound?: keyof typeof REPLAY_BOUNDS;
})[] = [
  {
    what: "a forgotten id leaves no floor",
    edit: ["Floor == Highest(Gone \\cup {floor})", "Floor == floor"],
    foundBy: "TakenOnce",
  },
  {
    what: "the floor lets the same time pass",
    edit: ["ELSE IF sent <= Floor", "ELSE IF sent < Floor"],
    foundBy: "TakenOnce",
  },
  {
    what: "a full memory forgets its oldest id",
    edit: [
      'IF Len(Kept) >= Capacity THEN "busy"\n  ELSE "taken"',
      '"taken"',
    ],
    foundBy: "Bounded",
  },
  {
    what: "an id is remembered once the person is asked",
    edit: ["THEN Append(Kept, [id |-> id, sent |-> sent, until |-> now + Memory])", "THEN Kept"],
    foundBy: "NotForgottenEarly",
  },
  {
    what: "what waits is not looked at, since its id was new",
    edit: ['IF InUse(c.id) THEN "id_used" ELSE "waits"', '"waits"'],
    foundBy: "OneOfAnId",
    bound: "one id, more moves",
  },
  {
    what: "a request that is not fresh makes the memory forget",
    edit: [
      "ELSE UNCHANGED <<seen, floor>>\n     /\\ connections'",
      "ELSE seen' = Kept /\\ floor' = floor\n     /\\ connections'",
    ],
    foundBy: "TakenOnce",
  },
  {
    what: "an id is kept one moment longer",
    edit: ["one.until > now)", "one.until >= now)"],
    foundBy: "comparison",
  },
  {
    what: "a request may be a little older",
    edit: ["wall - sent <= Age", "wall - sent <= Age + 1"],
    foundBy: "comparison",
  },
];
