/**
 * That the walk finds faults: for each promise there is a machine that breaks it, and so there is
 * for what only the account of the rules sees, and for waits without an end.
 *
 * @module
 */
import { type Approved, takeApproved } from "../../lib/decide/approved.ts";
import type { Effect, SessionEvent, SessionState } from "../../lib/session/state.ts";
import { initialState, update } from "../../lib/session/update.ts";
import { assertEquals, assertThrows } from "../rig/assert.ts";
import { decode, encode, NOW } from "./classes.ts";
import type { Scope } from "./moves.ts";
import { PROMISES } from "./promises.ts";
import { SETUPS, type ShapeName, SLOTS } from "./shapes.ts";
import { type Machine, walk } from "./walk.ts";

type Result = ReturnType<Machine>;

/** A machine with a fault, and from where the walk soon comes to it. */
interface Fault {
  readonly machine: Machine;
  /** Of the class in which the walk begins: who has the terminal, who waits, and who runs. */
  readonly phase?: string;
  readonly queue?: string;
  readonly jobs?: string;
  readonly granted?: boolean;
  readonly setup?: keyof typeof SETUPS;
  readonly slots?: 1 | 2;
  readonly shapes?: readonly ShapeName[];
}

/** A prompt on which a key counts. */
const ARMED = "paProl--A-010";
/** A command that runs, and one whose end failed. */
const [RUNS, FAILED] = ["aPr-----", "aPrff---"];

/** The real machine with another event. */
function hears(change: (event: SessionEvent, state: SessionState) => SessionEvent): Machine {
  return (state, event) => update(state, change(event, state));
}

/** The real machine that takes a request in another state. */
function onSubmitted(change: (state: SessionState) => Partial<SessionState>): Machine {
  return (state, event) =>
    update(event.kind === "submitted" ? { ...state, ...change(state) } : state, event);
}

/** The real machine that does something else in the end. */
function does(
  change: (result: Result, event: SessionEvent, state: SessionState) => Partial<Result>,
): Machine {
  return (state, event) => {
    const result = update(state, event);
    return { ...result, ...change(result, event, state) };
  };
}

/** The real machine with other effects. */
function changes(change: (effect: Effect) => readonly Effect[]): Machine {
  return does(({ effects }) => ({ effects: effects.flatMap(change) }));
}

function without(isLeftOut: (effect: Effect) => boolean): Machine {
  return changes((effect) => isLeftOut(effect) ? [] : [effect]);
}

/** An approval like that of the person, made by the key on another prompt. */
function approvalOf(shape: ShapeName): Approved {
  const { phase } = decode(`ca${shape}a||||`, SETUPS.root);
  if (phase.kind !== "checking") throw new Error("not the class that it should be");
  return phase.approved;
}

const START: Effect = {
  kind: "start",
  approved: approvalOf("P"),
  withTerminal: false,
  wasAsked: false,
};
const start = (shape: ShapeName): Effect => ({ ...START, approved: approvalOf(shape) });
const asks = (id: string): Effect => ({
  kind: "authenticate",
  id,
  signal: undefined,
  lookForSharing: false,
});
const isKey = (event: SessionEvent, letter: string) =>
  event.kind === "keys" && String.fromCharCode(...event.burst) === letter;

/** The faults, by the promise that each of them breaks. */
const FAULTS: Readonly<Record<keyof typeof PROMISES, Fault>> = {
  "nothing is approved without a lone key for what is armed": {
    machine: hears((event) =>
      event.kind === "keys" && event.burst.length > 1
        ? { ...event, burst: event.burst.subarray(0, 1) }
        : event
    ),
    phase: ARMED,
  },
  "nothing starts without such a key for it, or a grant that such a key gave": {
    machine: onSubmitted(({ config }) => ({ grant: decode("i|||T", config).grant })),
    shapes: ["U"],
  },
  "what starts is what was asked, and an approval is good for one start": {
    machine: changes((effect) => {
      if (effect.kind === "start") takeApproved(effect.approved);
      return [effect];
    }),
    phase: "caPa",
  },
  "nothing starts twice": {
    machine: changes((effect) => effect.kind === "start" ? [effect, start("P")] : [effect]),
    phase: "caPa",
  },
  "what was withdrawn, denied or not answered never starts": {
    machine: hears((event, { phase }) =>
      event.kind === "cancel" && phase.kind === "checking"
        ? { ...event, kind: "credentials", id: "a", present: true, shared: undefined }
        : event
    ),
    phase: "caPa",
  },
  "nothing starts where sudo did not let it": {
    machine: hears((event) =>
      event.kind === "authenticated" && event.result === "failed"
        ? { ...event, result: "kept" }
        : event
    ),
    phase: "lsaP",
  },
  "nothing starts while the daemon stops": {
    machine: does(({ effects }, { kind }, { phase }) =>
      kind === "stop" && phase.kind === "checking" ? { effects: [start("P")] } : { effects }
    ),
    phase: "caPa",
  },
  "no prompt is shown while somebody else has the terminal": {
    machine: does(({ effects, state }, { kind }) => ({
      effects: kind === "ended" && state.phase.kind === "prompting"
        ? [...effects, asks("a")]
        : effects,
    })),
    phase: "pbProl--A-010",
    jobs: RUNS,
    slots: 2,
  },
  "sudo asks only for what was approved, or for the end of what runs": {
    machine: does(({ effects, state }, { kind }) => ({
      effects: kind === "clock" && state.phase.kind === "idle" ? [asks("a")] : effects,
    })),
  },
  "each request has one response, unless its client left": {
    machine: without(({ kind }) => kind === "reply"),
    phase: ARMED,
  },
  "each wish to cancel has one response": {
    machine: without((effect) => effect.kind === "reply" && effect.id === "z"),
    phase: ARMED,
  },
  "a key that finds no prompt decides no request": {
    machine: does(({ effects }, event, { jobs }) => {
      const request = jobs.get("a")?.request;
      if (!request || !isKey(event, "n")) return { effects };
      return {
        effects: [{ kind: "record", note: { what: "decided", decision: "denied", request } }],
      };
    }),
    jobs: RUNS,
  },
  "what comes in the place of something, or after a key, waits the long time": {
    machine: onSubmitted(() => ({ disturbedAt: -Infinity })),
  },
  "no key that was meant for one question answers another": {
    machine: hears((event, { phase }) =>
      event.kind === "keys" && phase.kind === "asking" && isKey(event, "y")
        ? { ...event, burst: new TextEncoder().encode("q") }
        : event
    ),
  },
  "a question about a command is about that one alone": {
    machine: (state, event) =>
      state.phase.kind === "asking" && event.kind === "submitted"
        ? { state: { ...state, queue: [event.request] }, effects: [] }
        : update(state, event),
    phase: "aea",
  },
  "nobody is forgotten": {
    machine: does((result, event, { queue }) =>
      event.kind === "submitted"
        ? { state: { ...initialState(result.state.config), queue: [...queue, event.request] } }
        : result
    ),
  },
  "what is trusted waits for no question": {
    machine: does((result, event, state) =>
      event.kind === "submitted" && state.phase.kind === "prompting"
        ? { state: { ...state, queue: [event.request] }, effects: [] }
        : result
    ),
    phase: "pbProl--A-010",
    granted: true,
    shapes: ["U"],
    slots: 2,
  },
  "an ending that failed can be asked for again": {
    machine: without(({ kind }) => kind === "signal"),
    jobs: FAILED,
  },
  "SIGKILL comes after SIGTERM and its time": {
    machine: changes((effect) =>
      effect.kind === "signal" ? [{ ...effect, signal: "SIGKILL" }] : [effect]
    ),
    jobs: RUNS,
  },
  "the daemon ends when it was asked to, and leaves nothing that may run": {
    machine: does(({ effects }, { kind }) => ({
      effects: kind === "ended" ? [...effects, { kind: "exit" }] : effects,
    })),
    jobs: RUNS,
  },
  "sudo remembers nothing that no command needs": {
    machine: does(({ state }, { kind }) => ({
      state: kind === "ended" ? { ...state, mustForget: true } : state,
    })),
    jobs: RUNS,
    setup: "sudo, each",
  },
};

function scopeOf({ slots = 1, shapes = ["P"] }: Partial<Fault>): Scope {
  return {
    slots: SLOTS.slice(0, slots),
    shapes,
    bursts: [..."yqkn", "yy"],
    views: ["whole"],
    screen: false,
    sharing: false,
    causes: false,
  };
}

/** The class of a new daemon but for what a fault says. */
function firstOf({ phase, queue = "", jobs = "", granted = false }: Partial<Fault>): string {
  const [idle = "", , , flags = "", paste = ""] = encode(initialState(SETUPS.root), NOW).split("|");
  const grant = granted ? "T" : flags.charAt(0);
  return [phase ?? idle, queue, jobs, grant + flags.slice(1), paste].join("|");
}

for (const [promise, fault] of Object.entries(FAULTS)) {
  const { machine, setup = "sudo, cached, a" } = fault;
  const scope = { ...scopeOf(fault), config: SETUPS[setup], first: firstOf(fault) };
  Deno.test(`a machine that breaks it is found: ${promise}`, () => {
    assertThrows(() => walk({ ...scope, machine }), new RegExp(`^Error: Error: ${promise}\n`));
  });
}

Deno.test("there is a fault for each promise", () => {
  assertEquals(Object.keys(FAULTS), Object.keys(PROMISES));
});

const SMALL = { ...scopeOf({}), config: SETUPS["sudo, cached"] };

Deno.test("what breaks no promise, but no rule allows, is found", () => {
  const machine = without((effect) => effect.kind === "record" && effect.note.what === "withdrawn");
  assertThrows(
    () => walk({ ...SMALL, machine }),
    /^Error: Error: by the rules: record withdrawn a/,
  );
});

Deno.test("a wait without an end is found", () => {
  const waits = new Set<string>();
  const machine: Machine = (state, event) => {
    const result = update(state, event);
    return isKey(event, "d")
      ? { ...result, state: { ...result.state, deniesUntil: Infinity } }
      : result;
  };
  walk({
    ...SMALL,
    bursts: ["d"],
    machine,
    onFault: (finder, what) => void (finder === "wait" && waits.add(what)),
  });
  assertEquals([...waits], ['Error: the wait "denies" never ends']);
});
