import { initialState, step } from "../../lib/gate/approval.ts";
import type { RunEnd } from "../../lib/gate/outcome.ts";
import type { ResolvedRequest } from "../../lib/gate/request.ts";
import type { Effect, GateConfig, GateEvent, GateState } from "../../lib/gate/state.ts";
import { assertTrue } from "../rig/assert.ts";

type WithoutTime<Event> = Event extends GateEvent ? Omit<Event, "now"> : never;

/** An event without its time, which the machine's own clock gives. */
export type Happening = WithoutTime<GateEvent>;

/** A command that ran one stage to a good end. */
export const FINISHED: RunEnd = {
  kind: "finished",
  outcome: {
    stages: [{
      exitCode: 0,
      signal: undefined,
      stderr: new Uint8Array(),
      stderrTruncated: false,
    }],
    stdout: new TextEncoder().encode("done\n"),
    stdoutTruncated: false,
    durationMs: 12,
  },
};

/** The real machine with a clock that the test moves. Every state is frozen before it is used. */
export class Machine {
  /** Where it stands. */
  state: GateState;
  /** Monotonic milliseconds. */
  now = 10_000;

  /** @param config What differs from a daemon with sudo's own memory, whose person may trust. */
  constructor(config: Partial<GateConfig> = {}) {
    this.state = initialState({
      promptTimeoutMs: 60_000,
      authentication: "sudo",
      password: "cached",
      mayTrust: true,
      ...config,
    });
  }

  /** Who holds the terminal. */
  get holder(): string {
    const { holder } = this.state;
    return holder.kind === "lent" ? `lent to ${holder.to.kind}` : holder.kind;
  }

  /** Lets an event happen, and gives what is to be done. */
  send(event: Happening, afterMs = 0): readonly Effect[] {
    this.now += afterMs;
    const before = this.state;
    freeze(before);
    const running = [...before.running];
    const { state, effects } = step(before, { ...event, now: this.now } as GateEvent);
    // A frozen Map can still be written to, so its entries are compared.
    const kept = before.running.size === running.length &&
      [...before.running].every(([id, run], index) =>
        id === running[index][0] && run === running[index][1]
      );
    assertTrue(kept, "step() changed the map of commands that it was given");
    this.state = state;
    return effects;
  }

  /** A request arrives. */
  submit(...requests: ResolvedRequest[]): readonly Effect[] {
    return requests.flatMap((request) => this.send({ kind: "submitted", request }));
  }

  /** The prompt was drawn. */
  draw(id: string, whole = true): readonly Effect[] {
    return this.send({ kind: "drawn", id, whole });
  }

  /** The prompt was drawn whole, and nothing moved for long enough. */
  arm(id: string): void {
    this.draw(id);
    const { holder } = this.state;
    if (holder.kind === "prompting") this.now += holder.prompt.stillMs;
  }

  /** One read from the terminal. */
  press(keys: string | Uint8Array, afterMs = 0): readonly Effect[] {
    const burst = typeof keys === "string" ? new TextEncoder().encode(keys) : keys;
    return this.send({ kind: "keys", burst }, afterMs);
  }

  /** Time passes, and the clock says so. */
  wait(ms: number): readonly Effect[] {
    return this.send({ kind: "clock" }, ms);
  }

  /** A request comes, is shown whole, and is approved. */
  approve(request: ResolvedRequest): readonly Effect[] {
    this.submit(request);
    this.arm(request.id);
    return this.press("y");
  }

  /**
   * A privileged request is approved and sudo knows the person, or an unprivileged one is approved:
   * it starts.
   */
  run(request: ResolvedRequest): readonly Effect[] {
    const effects = this.approve(request);
    const rest = this.state.holder.kind === "checking"
      ? this.send({ kind: "credentials", id: request.id, present: true })
      : [];
    return [...effects, ...rest, ...this.send({ kind: "started", id: request.id })];
  }
}

/** The effects of one kind, in order. */
export function only<Kind extends Effect["kind"]>(
  effects: readonly Effect[],
  kind: Kind,
): readonly Extract<Effect, { kind: Kind }>[] {
  return effects.filter((effect): effect is Extract<Effect, { kind: Kind }> =>
    effect.kind === kind
  );
}

/** The kinds of the effects in order, without notes and event lines. */
export function kinds(effects: readonly Effect[]): readonly string[] {
  return effects.map(({ kind }) => kind).filter((kind) => kind !== "note" && kind !== "tell");
}

/** What was noted, in order. */
export function notes(effects: readonly Effect[]): readonly string[] {
  return only(effects, "note").map(({ note }) =>
    note.what === "decided" ? note.decision : note.what
  );
}

/** Freezes a value and everything in it. */
export function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null) return;
  // Requests are frozen through and through by the code that makes them.
  if (Object.isFrozen(value) && !(value instanceof Map)) return;
  Object.freeze(value);
  const parts = value instanceof Map ? value.values() : Object.values(value);
  for (const part of parts) freeze(part);
}
