import type { ResolvedRequest } from "../../lib/admit/request.ts";
import type { RunEnd } from "../../lib/run/outcome.ts";
import type {
  Effect,
  IdleQuestion,
  Phase,
  SessionConfig,
  SessionEvent,
  SessionState,
} from "../../lib/session/state.ts";
import type { Entry, StopCause } from "../../lib/session/history.ts";
import { historyLines } from "../../lib/view/history.ts";
import { initialState, update } from "../../lib/session/update.ts";
import { assertTrue } from "../rig/assert.ts";
import { captured } from "../rig/captured.ts";

type WithoutTime<Event> = Event extends SessionEvent ? Omit<Event, "now" | "wall"> : never;

/** An event without its time, which the machine's own clock gives. */
export type Happening = WithoutTime<SessionEvent>;

/** What a person at the terminal would notice of an update, derived from the two states. */
export type Sight =
  /** A prompt left the screen. */
  | { readonly kind: "withdraw" }
  /** The terminal came back. */
  | { readonly kind: "takeBack" }
  /** A request came up. */
  | { readonly kind: "show"; readonly request: ResolvedRequest }
  /** The request on the screen is drawn anew, so that no key counts before the terminal answers. */
  | { readonly kind: "redraw" }
  /** The bell rang for a key, not for a request. */
  | { readonly kind: "bell" }
  /** A question was put between prompts, or taken back. */
  | { readonly kind: "ask"; readonly question: IdleQuestion | undefined };

/** What is to be done, and what can be seen. */
export type Result = Effect | Sight;

/** How often the clock of a daemon moves while a prompt is shown, in milliseconds. */
const TICK_MS = 100;

/** A command that ran one stage to a good end. */
export const FINISHED: RunEnd = {
  kind: "finished",
  outcome: {
    stages: [{
      exitCode: 0,
      signal: undefined,
      stderr: captured(),
    }],
    stdout: captured("done\n"),
    durationMs: 12,
  },
};

/** What an entry of the history says, line by line. */
function textsOf(entry: Entry): string[] {
  return historyLines(entry, 80).map(({ line }) => line.map(({ text }) => text).join(""));
}

/** The real machine with a clock that the test moves. Every state is frozen before it is used. */
export class Machine {
  /** Where it stands. */
  state: SessionState;
  /** Monotonic milliseconds. */
  now = 10_000;

  /** @param config What differs from a daemon with sudo's own memory, whose person may trust. */
  constructor(config: Partial<SessionConfig> = {}) {
    this.state = initialState({
      promptTimeoutMs: 60_000,
      authentication: "sudo",
      password: "cached",
      mayTrust: true,
      onlyId: undefined,
      ...config,
    });
  }

  /** Who has the terminal. */
  get phase(): string {
    const { phase } = this.state;
    return phase.kind === "lent" ? `lent to ${phase.to.kind}` : phase.kind;
  }

  /** What the history says, line by line. */
  get history(): readonly string[] {
    return this.state.history.entries.flatMap(textsOf);
  }

  /** Lets an event happen, and gives what is to be done and what can be seen. */
  send(event: Happening, afterMs = 0): readonly Result[] {
    return [...this.pass(afterMs), ...this.#update(event)];
  }

  /** Lets time pass; while a prompt is shown the clock moves, so that nothing is a stall. */
  pass(ms: number): readonly Result[] {
    const until = this.now + ms;
    const results: Result[] = [];
    while (this.state.phase.kind === "prompting" && this.now + TICK_MS < until) {
      this.now += TICK_MS;
      results.push(...this.#update({ kind: "clock" }));
    }
    this.now = until;
    return results;
  }

  #update(event: Happening): readonly Result[] {
    const before = this.state;
    freeze(before);
    const jobs = [...before.jobs];
    const wall = Date.UTC(2026, 0, 1) + this.now;
    // Safe: an event without its time, and the time.
    const { state, effects } = update(before, { ...event, now: this.now, wall } as SessionEvent);
    // A frozen Map can still be written to, so its entries are compared.
    const kept = before.jobs.size === jobs.length &&
      [...before.jobs].every(([id, job], index) =>
        id === jobs[index]?.[0] && job === jobs[index]?.[1]
      );
    assertTrue(kept, "update() changed the map of commands that it was given");
    this.state = state;
    return withSights(effects, before, state);
  }

  /** A request arrives. */
  submit(...requests: ResolvedRequest[]): readonly Result[] {
    return requests.flatMap((request) => this.send({ kind: "submitted", request }));
  }

  /** The terminal has drawn the prompt that is there: all of its ten lines, or the first five. */
  draw(whole = true): readonly Result[] {
    this.probe();
    const { terminal: { drawings: drawing } } = this.state;
    return this.send({
      kind: "drawn",
      drawing,
      visible: { first: 0, page: whole ? 10 : 5, total: 10 },
    });
  }

  /** The terminal answers what it draws, unless that is known. */
  probe(): void {
    const { terminal } = this.state;
    if (terminal.ascii === undefined) {
      this.send({ kind: "probed", reset: terminal.resets, ascii: false });
    }
  }

  /** The prompt was drawn whole, and nothing moved for long enough. */
  arm(): void {
    this.draw();
    const { phase } = this.state;
    if (phase.kind === "prompting") this.pass(phase.prompt.stillness.neededMs);
  }

  /** One read from the terminal. */
  press(keys: string | Uint8Array<ArrayBuffer>, afterMs = 0): readonly Result[] {
    const burst = typeof keys === "string" ? new TextEncoder().encode(keys) : keys;
    return this.send({ kind: "keys", burst }, afterMs);
  }

  /** Time passes, and the clock says so. */
  wait(ms: number): readonly Result[] {
    return this.send({ kind: "clock" }, ms);
  }

  /** sudo says whether it would ask. */
  checked(id: string, present: boolean, shared?: boolean): readonly Result[] {
    return this.send({ kind: "credentials", id, present, shared });
  }

  /** sudo has asked. */
  asked(
    id: string,
    result: "kept" | "notKept" | "failed" | "sent",
    afterMs = 0,
  ): readonly Result[] {
    return this.send({ kind: "authenticated", id, result, shared: undefined }, afterMs);
  }

  /** Somebody but the person asks for the end. */
  stop(by: Exclude<StopCause, "person">, afterMs = 0): readonly Result[] {
    if (by === "signal") return this.send({ kind: "signal", signal: "SIGTERM" }, afterMs);
    return this.send(by === "hangup" ? { kind: "hangup" } : { kind: "stop", by }, afterMs);
  }

  /** A request comes, is shown whole, and is approved. */
  approve(request: ResolvedRequest): readonly Result[] {
    this.submit(request);
    this.arm();
    return this.press("y");
  }

  /**
   * A privileged request is approved and sudo knows the person, or an unprivileged one is approved:
   * it starts.
   */
  run(request: ResolvedRequest): readonly Result[] {
    const results = this.approve(request);
    const rest = this.phase === "checking" ? this.checked(request.id, true) : [];
    return [...results, ...rest, ...this.send({ kind: "started", id: request.id })];
  }
}

function withSights(
  effects: readonly Effect[],
  before: SessionState,
  after: SessionState,
): readonly Result[] {
  const [was, is] = [shownIn(before.phase), shownIn(after.phase)];
  const sights: Result[] = [];
  if (was && was.request !== is?.request) sights.push({ kind: "withdraw" });
  if (isTakenBack(before.phase, after.phase)) sights.push({ kind: "takeBack" });
  const [askedBefore, asksNow] = [questionIn(before.phase), questionIn(after.phase)];
  const isCancelled = askedBefore &&
    after.history.entries.some((entry) =>
      entry.kind === "question" && entry.question === "dropped" &&
      !before.history.entries.includes(entry)
    );
  // Only what was asked before this event can be taken back by it, and first of all.
  if (isCancelled) sights.push({ kind: "ask", question: undefined });
  sights.push(...effects);
  if (asksNow && asksNow !== askedBefore) sights.push({ kind: "ask", question: asksNow });
  if (is && was?.request !== is.request) sights.push({ kind: "show", request: is.request });
  if (is && was?.request === is.request && was.drawing !== is.drawing) {
    sights.push({ kind: "redraw" });
  }
  const rings = after.terminal.bells - before.terminal.bells;
  if (rings > after.terminal.notices - before.terminal.notices) sights.push({ kind: "bell" });
  return sights;
}

/** Between two loans the terminal comes back, unless one goes on as the other. */
function isTakenBack(before: Phase, after: Phase): boolean {
  if (before.kind !== "lent") return false;
  if (after.kind !== "lent") return true;
  const goesOn = before.to.kind === "start" &&
    (after.to.kind === "withdrawn" || after.to.kind === "command");
  return before.to !== after.to && !goesOn;
}

function shownIn(phase: Phase) {
  return phase.kind === "prompting" ? phase.prompt : undefined;
}

function questionIn(phase: Phase) {
  return phase.kind === "asking" ? phase.question : undefined;
}

/** The results of one kind, in order. */
export function only<Kind extends Result["kind"]>(
  results: readonly Result[],
  kind: Kind,
): readonly Extract<Result, { kind: Kind }>[] {
  return results.filter((result): result is Extract<Result, { kind: Kind }> =>
    result.kind === kind
  );
}

/** The kinds of the results in order, without records and event lines. */
export function kinds(results: readonly Result[]): readonly string[] {
  return results.map(({ kind }) => kind).filter((kind) => kind !== "record" && kind !== "tell");
}

/** What was noted, in order. */
export function notes(results: readonly Result[]): readonly string[] {
  return only(results, "record").map(({ note }) =>
    note.what === "decided" ? note.decision : note.what
  );
}

/** Freezes a value and everything in it. */
export function freeze(value: unknown): void {
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return;
  // Requests and prompts are frozen through and through by the code that makes them.
  if (Object.isFrozen(value) && !(value instanceof Map)) return;
  Object.freeze(value);
  const parts = value instanceof Map ? value.values() : Object.values(value);
  for (const part of parts) freeze(part);
}
