/**
 * That the walk stands for the real machine: along random histories with real times, the class of
 * the next state is the next state of the class, and the effects are the same.
 *
 * @module
 */
import fc from "fast-check";
import {
  ARM_MS,
  DENY_ALL_MS,
  MESSAGE_TIMEOUT_MS,
  REPLACED_ARM_MS,
  STALL_MS,
} from "../../lib/decide/times.ts";
import type { SessionEvent, SessionState } from "../../lib/session/state.ts";
import { KILL_AFTER_MS, STOP_WAIT_MS } from "../../lib/session/times.ts";
import { initialState, update } from "../../lib/session/update.ts";
import { assertEquals } from "../rig/assert.ts";
import { report, size } from "../rig/soak.ts";
import type { Happening } from "../session/machine.ts";
import { decode, encode } from "./classes.ts";
import { wordsOf } from "./follow.ts";
import { ALL_BURSTS, DRAWING, RESET, type Step, stepsOf } from "./moves.ts";
import { SETUPS, SLOTS } from "./shapes.ts";
import { stepFrom } from "./walk.ts";

const STEPS = stepsOf({
  slots: SLOTS,
  shapes: ["P", "L", "Q", "U", "V", "A", "R"],
  bursts: ALL_BURSTS,
  views: ["whole", "begin", "end", "nothing"],
  screen: true,
  sharing: true,
  causes: true,
}).filter(({ stalls }) => !stalls);
const LIKELY = STEPS.filter(({ event: { kind } }) =>
  ["submitted", "keys", "probed", "credentials", "authenticated", "started"].includes(kind)
);
const WHOLE = STEPS.filter(({ label }) =>
  label.startsWith(`drawn ${DRAWING} {"first":0,"page":10`)
);
/** Times about which something changes, in milliseconds. */
const MARKS = [
  0,
  0,
  1,
  100,
  STALL_MS,
  ARM_MS - 1,
  ARM_MS,
  REPLACED_ARM_MS - 1,
  REPLACED_ARM_MS,
  KILL_AFTER_MS,
  STOP_WAIT_MS,
  DENY_ALL_MS,
  60_000,
  MESSAGE_TIMEOUT_MS,
];

const move = fc.record({
  afterMs: fc.oneof(fc.constantFrom(...MARKS), fc.double({ min: 0, max: 9000, noNaN: true })),
  step: fc.oneof(
    { weight: 2, arbitrary: fc.constantFrom(...STEPS) },
    { weight: 3, arbitrary: fc.constantFrom(...LIKELY) },
    { weight: 2, arbitrary: fc.constantFrom(...WHOLE) },
  ),
  /** Whether the event is about the request that the machine waits for. */
  isAimed: fc.boolean(),
  /** Whether the clock moved meanwhile. */
  ticks: fc.boolean(),
});

/** Numbers of drawings and resets are counted from the last one. */
function real(state: SessionState, event: Happening): Happening {
  const { drawings, resets } = state.terminal;
  switch (event.kind) {
    case "drawn":
    case "undrawable":
      return { ...event, drawing: event.drawing - DRAWING + drawings };
    case "probed":
      return { ...event, reset: event.reset - RESET + resets };
    // The canonical window has 80 columns.
    case "resized":
      return { ...event, columns: 161 - state.terminal.window.columns };
    default:
      return event;
  }
}

function aimed({ phase, jobs }: SessionState, step: Step): Step {
  const { event } = step;
  if (!("id" in event)) return step;
  const [job] = jobs.keys();
  const id = phase.kind === "checking"
    ? phase.approved.request.id
    : phase.kind === "lent"
    ? phase.to.kind === "start" ? phase.to.approved.request.id : phase.to.id
    : job;
  return id === undefined ? step : { ...step, event: { ...event, id } };
}

/** The real machine, at a real time. */
function updated(state: SessionState, event: Happening, now: number) {
  // Safe: an event without its time, and the time.
  return update(state, { ...event, now, wall: 0 } as SessionEvent);
}

Deno.test("the class of the next state is the next state of the class", () => {
  const classes = new Set<string>();
  let steps = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(SETUPS)),
      fc.array(move, { maxLength: 150, size: "max" }),
      (config, moves) => {
        let now = 0.5;
        let state = updated(initialState(config), { kind: "clock" }, now).state;
        for (const { afterMs, step: any, isAimed, ticks } of moves) {
          now += afterMs;
          // A stall is a move of its own in the walk: here the clock says so first.
          const stalls = state.phase.kind === "prompting" && now - state.ranAt > STALL_MS;
          if (ticks || stalls) {
            const tick = { event: { kind: "clock" }, stalls } as const;
            state = compared(state, { ...tick, label: "clock" }, now);
          }
          state = compared(state, isAimed ? aimed(state, any) : any, now);
          steps++;
          classes.add(encode(state, now));
        }
      },
    ),
    { numRuns: size(400, 10_000) },
  );
  report("commuting", { steps, classes: classes.size });

  function compared(state: SessionState, step: Step, now: number): SessionState {
    const { event } = step;
    // Whether a Ctrl+C is sudo's depends on a time that the classes leave out.
    const isLate = event.kind === "signal" && event.signal === "SIGINT" &&
      state.takenBackAt > now - 1000;
    const meant: Step = isLate ? { ...step, event: { kind: "clock" } } : step;
    const expected = stepFrom(decode(encode(state, now), state.config), meant);
    const next = updated(state, real(state, event), now);
    const about = `${encode(state, now)} --${step.label}`;
    assertEquals(encode(next.state, now), encode(expected.state, 1_000_000), about);
    assertEquals(wordsOf(next.effects), wordsOf(expected.effects), about);
    return next.state;
  }
});

Deno.test("a stall before an event is a stall, and then the event", () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...Object.values(SETUPS)),
      fc.array(move, { maxLength: 60, size: "max" }),
      (config, moves) => {
        let now = 0;
        let state = initialState(config);
        for (const { afterMs, step } of moves) {
          now += afterMs;
          const event = real(state, step.event);
          const first = updated(state, { kind: "clock" }, now);
          const direct = updated(state, event, now);
          // A prompt that is over makes room first, which is another history.
          if (state.phase.kind === "prompting" && now < state.phase.prompt.deadline) {
            const after = updated(first.state, event, now);
            assertEquals(encode(after.state, now), encode(direct.state, now));
          }
          state = direct.state;
        }
      },
    ),
    { numRuns: size(200, 5000) },
  );
});
