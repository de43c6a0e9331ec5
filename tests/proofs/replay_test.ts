/**
 * Holds `proofs/tla/Replay.tla` to the code: every history of connections, clocks and requests
 * within a bound has the same answers. The calls are those of `lib/daemon/connection.ts`, in its
 * order.
 *
 * @module
 */
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { validateRequest } from "../../lib/admit/validate.ts";
import { parseRequest, type Request } from "../../lib/protocol/request.ts";
import { refusal } from "../../lib/session/facts.ts";
import type { SessionState } from "../../lib/session/state.ts";
import { initialState, update } from "../../lib/session/update.ts";
import {
  REPLAY_BOUNDS,
  REPLAY_FURTHER,
  REPLAY_MUTANTS,
  type ReplayBound,
  replayConfiguration,
  UNIT_MS,
} from "../../proofs/tla/replay.ts";
import { readModule, runTlc } from "../../proofs/tla/tlc.ts";
import { assertEquals, assertTrue, defined } from "../rig/assert.ts";
import { report } from "../rig/soak.ts";
import { resolved } from "../session/resolved.ts";
import { foundTlc } from "./found_tlc.ts";

const EPOCH = Date.UTC(2026, 0, 1);
const tlc = foundTlc();
const ignore = tlc === undefined;

type Move =
  | { readonly kind: "check"; readonly id: number; readonly sent: number; readonly wall: number }
  | { readonly kind: "submit" | "leave"; readonly k: number }
  | { readonly kind: "wait"; readonly time: number };

/** A request that was taken, and what its connection does. */
interface Connection {
  readonly id: string;
  does: "looks" | "waits" | "over";
}

const lines = new Map<string, Request>();

/** The request, as it comes off the wire. */
function requestOf(id: number, sent: number): Request {
  const time = new Date(EPOCH + sent * UNIT_MS).toISOString();
  const line = JSON.stringify({ id: String(id), pipeline: [["true"]], time });
  return lines.getOrInsertComputed(line, parseRequest);
}

/** The daemon, as far as ids and times are concerned. */
class Real {
  readonly #memory: ReplayMemory;
  // No prompt times out: that is of other models.
  #state: SessionState = initialState({
    promptTimeoutMs: Infinity,
    authentication: "sudo",
    password: "cached",
    mayTrust: true,
    onlyId: undefined,
  });
  #now = 0;
  readonly connections: Connection[] = [];

  constructor(capacity: number) {
    this.#memory = new ReplayMemory(capacity);
  }

  /** Makes a move, and gives it with its answer, in the words of the model. */
  make(move: Move): string {
    switch (move.kind) {
      case "check": {
        const { id, sent, wall } = move;
        const arrival = { wallNow: EPOCH + wall * UNIT_MS, now: this.#now };
        const step = validateRequest(requestOf(id, sent), arrival, this.#memory);
        if ("request" in step) this.connections.push({ id: step.request.id, does: "looks" });
        return `check ${id} ${sent} ${wall} ${"request" in step ? "taken" : step.fault.code}`;
      }
      case "submit": {
        const connection = defined(this.connections[move.k - 1]);
        const fault = refusal(this.#state, connection.id);
        connection.does = fault === undefined ? "waits" : "over";
        if (fault === undefined) {
          this.#update({ kind: "submitted", request: resolved(connection.id) });
        }
        return `submit ${move.k} ${fault?.code ?? "waits"}`;
      }
      case "leave": {
        const connection = defined(this.connections[move.k - 1]);
        const { does, id } = connection;
        connection.does = "over";
        if (does === "looks") return `leave ${move.k} never`;
        const before = refusal(this.#state, id)?.code;
        this.#update({ kind: "clientGone", id });
        const isWithdrawn = before === "id_used" && refusal(this.#state, id) === undefined;
        return `leave ${move.k} ${isWithdrawn ? "withdrawn" : "kept"}`;
      }
      case "wait":
        this.#now += move.time * UNIT_MS;
        return `wait ${move.time} over`;
    }
  }

  #update(
    event:
      | { readonly kind: "submitted"; readonly request: ReturnType<typeof resolved> }
      | { readonly kind: "clientGone"; readonly id: string },
  ): void {
    this.#state = update(this.#state, { ...event, now: this.#now, wall: EPOCH }).state;
  }
}

/** Every history of the code, each move with its answer. */
function realHistories({ ids, times, walls, waits, capacity, moves }: ReplayBound): Set<string> {
  const checks = ids.flatMap((id) =>
    times.flatMap((sent) => walls.map((wall): Move => ({ kind: "check", id, sent, wall })))
  );
  const pauses = waits.map((time): Move => ({ kind: "wait", time }));
  const histories = new Set<string>();
  const extend = (history: readonly Move[]): void => {
    const real = new Real(capacity);
    const said = history.map((move) => real.make(move));
    if (said.length > 0) histories.add(` > ${said.join(" > ")}`);
    if (history.length === moves) return;
    const open = real.connections.flatMap(({ does }, index): Move[] => {
      const leave = { kind: "leave", k: index + 1 } as const;
      if (does === "over") return [];
      return does === "waits" ? [leave] : [{ kind: "submit", k: index + 1 }, leave];
    });
    for (const move of [...checks, ...open, ...pauses]) extend([...history, move]);
  };
  extend([]);
  return histories;
}

/** The histories that TLC printed. */
function modelHistories(printed: readonly string[]): Set<string> {
  return new Set(printed.map((line) => line.slice(1, -1)));
}

/** The first history that only one of both has. */
function difference(real: ReadonlySet<string>, model: ReadonlySet<string>): string | undefined {
  const onlyReal = [...real].find((history) => !model.has(history));
  if (onlyReal !== undefined) return `only the code has${onlyReal}`;
  const onlyModel = [...model].find((history) => !real.has(history));
  return onlyModel && `only the model has${onlyModel}`;
}

for (const [name, { histories, ...bound }] of Object.entries(REPLAY_BOUNDS)) {
  Deno.test({ name: `the memory of ids is its model: ${name}`, ignore }, async () => {
    const run = await runTlc(defined(tlc), replayConfiguration(bound, true), { root: "Replay" });
    assertEquals(run.fault, undefined, run.trace);
    const real = realHistories(bound);
    report(name, { histories: real.size });
    const fault = difference(real, modelHistories(run.printed));
    assertTrue(fault === undefined, fault);
    assertEquals(real.size, histories);
  });
}

Deno.test({ name: "no clock lets the model of the memory take bytes twice", ignore }, async () => {
  const configuration = replayConfiguration(REPLAY_FURTHER, false);
  const { fault, trace, states } = await runTlc(defined(tlc), configuration, { root: "Replay" });
  report("memory of ids", { states });
  assertEquals(fault, undefined, trace);
  assertEquals(states, REPLAY_FURTHER.states);
});

Deno.test({ name: "each mutant of the memory's model is found", ignore }, async (t) => {
  const model = readModule("Replay");
  for (const { what, edit: [from, to], foundBy, bound: name = "two ids" } of REPLAY_MUTANTS) {
    await t.step(what, async () => {
      const bound = REPLAY_BOUNDS[name];
      assertEquals(model.split(from).length, 2, "it must be in the model once");
      const changed = { root: "Replay", text: model.replace(from, () => to) } as const;
      const run = await runTlc(defined(tlc), replayConfiguration(bound, true), changed);
      if (run.fault !== undefined) return assertEquals(run.fault, foundBy);
      const isOther = difference(realHistories(bound), modelHistories(run.printed)) !== undefined;
      assertEquals(isOther ? "comparison" : "nothing", foundBy);
    });
  }
});
