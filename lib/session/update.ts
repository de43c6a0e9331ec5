/**
 * The machine: everything that waits, is shown, is decided and runs. It is one pure function of a
 * state and an event, so that a test can walk the states of the code that really decides.
 *
 * @module
 */
import { NO_PASTE } from "../decide/paste.ts";
import {
  askIfBegun,
  authenticated,
  credentials,
  forgetUnneeded,
  learnSharing,
} from "./authentication.ts";
import { said } from "./history.ts";
import { begun, ended, giveBack, passJobDeadlines, signalFailed, started } from "./jobs.ts";
import { drawn, noteStall, passPromptDeadline, pressed, undrawable } from "./prompting.ts";
import { pressedAnswer, pressedIdle } from "./questions.ts";
import { cancel, fillTerminal, submitted } from "./queue.ts";
import type {
  Effect,
  EventOf,
  Phase,
  PhaseOf,
  SessionConfig,
  SessionEvent,
  SessionState,
} from "./state.ts";
import { finishStop, signalled, stop } from "./stopping.ts";
import { continued, probed, read, resized, suspend } from "./screen.ts";
import { Turn } from "./turn.ts";
import { withdraw } from "./withdraw.ts";

type Kind = SessionEvent["kind"];

/** What events do in every phase. */
const ALWAYS: { readonly [K in Kind]?: (turn: Turn, event: EventOf<K>) => void } = {
  submitted,
  clientGone: (turn, { id }) => void withdraw(turn, id, "the client went away"),
  cancel,
  stop: (turn, { by }) => stop(turn, by),
  signal: signalled,
  hangup: (turn) => stop(turn, "hangup"),
  keys: read,
  resized,
  probed,
  suspend,
  continued,
  credentials: (turn, { shared }) => learnSharing(turn, shared),
  authenticated: (turn, { shared }) => learnSharing(turn, shared),
  started: (turn, { id }) => started(turn, id),
  begun: (turn, { id }) => begun(turn, id),
  ended: (turn, { id, end }) => ended(turn, id, end),
  signalFailed: (turn, { id, wouldAsk }) => signalFailed(turn, id, wouldAsk),
  said: (turn, { text, tone }) => turn.print(said(text, tone)),
  trail: (turn, { fault, isBroken }) => {
    if (fault === turn.state.trailFault) return;
    turn.set({ trailFault: fault });
    turn.print({ kind: "trail", fault, isBroken });
  },
};

/** What events also do in one phase; an event that is not listed does nothing more. */
const PHASES: {
  readonly [P in Phase["kind"]]: {
    readonly [K in Kind]?: (turn: Turn, phase: PhaseOf<P>, event: EventOf<K>) => void;
  };
} = {
  idle: { keys: pressedIdle },
  asking: { keys: pressedAnswer },
  prompting: { keys: pressed, drawn, undrawable },
  checking: { credentials },
  lent: { authenticated, started: (turn, _phase, { id }) => giveBack(turn, id) },
};

/**
 * The steps before every event. A key that arrives after the last second approves nothing, even if
 * the clock's own event is late.
 */
const BEFORE = [passPromptDeadline, passJobDeadlines, noteStall] as const;

/** The steps after every event. */
const AFTER = [askIfBegun, fillTerminal, forgetUnneeded, finishStop] as const;

/** The state in which the machine begins: nothing waits, nothing runs, nothing is granted. */
export function initialState(config: SessionConfig): SessionState {
  return {
    config,
    now: -Infinity,
    ranAt: -Infinity,
    phase: { kind: "idle" },
    queue: [],
    jobs: new Map(),
    grant: undefined,
    sharing: "unknown",
    keepsCredentials: config.authentication !== "polkit",
    usedCredentials: false,
    mustForget: false,
    disturbedAt: -Infinity,
    takenBackAt: -Infinity,
    deniesUntil: -Infinity,
    paste: NO_PASTE,
    stopping: undefined,
    terminal: {
      window: { columns: 80, rows: 24 },
      resets: 1,
      ascii: undefined,
      drawings: 0,
      bells: 0,
      notices: 0,
      suspended: false,
    },
    history: { dropped: 0, entries: [] },
    trailFault: undefined,
  };
}

/**
 * Moves the machine on by one event.
 *
 * @param state Where it stands; not changed.
 * @param event What happened.
 * @returns Where it stands now, and what is to be done, in order.
 */
export function update(
  state: SessionState,
  event: SessionEvent,
): { readonly state: SessionState; readonly effects: readonly Effect[] } {
  const turn = new Turn(state, event);
  for (const pass of BEFORE) pass(turn, event);
  take(turn, event);
  for (const goOn of AFTER) goOn(turn);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, event: SessionEvent): void {
  // While this process is about to stop, keys are the shell's.
  if (event.kind === "keys" && turn.state.terminal.suspended) return;
  // Safe: each table's type gives every kind a handler for just that kind.
  const always = ALWAYS[event.kind] as ((turn: Turn, event: SessionEvent) => void) | undefined;
  always?.(turn, event);
  const { phase } = turn.state;
  // Safe for the same reason, with the phase.
  const here = PHASES[phase.kind][event.kind] as
    | ((turn: Turn, phase: Phase, event: SessionEvent) => void)
    | undefined;
  here?.(turn, phase, event);
}
