/**
 * Holds `proofs/tla/Trail.tla` to the code that writes the audit trail: every history of two daemons
 * within a bound has the same answers and leaves the same files. A daemon dies here as it does when
 * it is killed: from some call of the system on, it makes no other. That the power fails is in the
 * model alone.
 *
 * @module
 */
import { AuditTrail } from "../../lib/audit/write/trail.ts";
import { headPath, readHead, readSegment, segmentPath } from "../../lib/audit/write/segments.ts";
import { readModule, runTlc } from "../../proofs/tla/tlc.ts";
import {
  TRAIL_BOUNDS,
  TRAIL_FURTHER,
  TRAIL_MUTANTS,
  type TrailBound,
  trailConfiguration,
} from "../../proofs/tla/trail.ts";
import { approvedByKey } from "../audit/folder.ts";
import { assertEquals, assertTrue, defined } from "../rig/assert.ts";
import { report } from "../rig/soak.ts";
import { foundTlc } from "./found_tlc.ts";

const tlc = foundTlc();
const ignore = tlc === undefined;
const APPROVED = approvedByKey();
const SMALL: TrailBound = { ...TRAIL_BOUNDS["one daemon, more moves"], writers: 2, moves: 2 };
const LETTERS: Readonly<Record<string, string>> = { started: "s", shown: "n", torn: "t" };

/**
 * Where a daemon dies: in the middle of a record, after so many whole ones, or after one of the
 * steps.
 */
const DEATHS = {
  start: ["torn 0", "torn 1", "torn 2", "torn 3", "checked", "written", "synced", "stored"],
  note: ["torn 0", "torn 1", "torn 2", "torn 3", "checked", "written"],
} as const;

type Kind = keyof typeof DEATHS;
type End = "done" | "full" | (typeof DEATHS)["start"][number];
type Move =
  & { readonly writer: number }
  & (
    | { readonly kind: Kind; readonly end: End }
    | { readonly kind: "open" }
    | { readonly kind: "die" }
  );

/** Fewer records were written than the daemon should have died after. */
class Impossible extends Error {}

/** What happens to the calls of the system, from the write of a record on. */
class Calls implements Disposable {
  readonly #parts = new DisposableStack();
  #end: End = "done";
  /** Whether the record is about to be written. */
  #isWriting = false;
  #isDead = false;
  #isImpossible = false;

  constructor() {
    const { prototype } = Deno.FsFile;
    this.#replace(prototype, "seekSync", () => {
      this.#isWriting = true;
      this.#dieAt("checked");
    });
    // To wait for the disk makes no difference to a daemon that is killed.
    this.#replace(prototype, "syncSync", () => {}, () => {});
    this.#replace(prototype, "syncDataSync", () => this.#dieAt("written"), () => {});
    this.#replace(prototype, "truncateSync", () => this.#dieAt());
    this.#replace(Deno, "openSync", (path) => {
      if (this.#isWriting && path === headPath(String(path).replace(/\/head$/, ""))) {
        this.#dieAt("synced");
      }
    });
    const { writeSync } = prototype;
    this.#parts.defer(() => prototype.writeSync = writeSync);
    const before = (file: Deno.FsFile, bytes: Uint8Array) => {
      this.#dieAt();
      const count = this.#end === "full" ? 0 : Number(/^torn (\d)$/.exec(this.#end)?.[1]);
      if (!this.#isWriting || Number.isNaN(count)) return;
      const lines = new TextDecoder().decode(bytes).split("\n").slice(0, -1);
      const cut = lines[count];
      this.#isImpossible = cut === undefined;
      this.#isDead = this.#end !== "full";
      if (cut !== undefined) {
        const whole = lines.slice(0, count).map((line) => `${line}\n`).join("");
        writeSync.call(file, new TextEncoder().encode(whole + cut.slice(0, cut.length / 2)));
      }
      throw new Error("No space left on device");
    };
    prototype.writeSync = function (bytes) {
      before(this, bytes);
      return writeSync.call(this, bytes);
    };
  }

  /**
   * Lets a daemon do something, up to some end.
   *
   * @throws {Impossible} If it can't end like that.
   */
  upTo(end: End, act: () => void): void {
    [this.#end, this.#isImpossible] = [end, false];
    try {
      act();
    } catch {
      // It is dead, or was told that nothing can be recorded.
    } finally {
      [this.#end, this.#isWriting, this.#isDead] = ["done", false, false];
    }
    if (this.#isImpossible) throw new Impossible();
  }

  [Symbol.dispose](): void {
    this.#parts.dispose();
  }

  /** The dead make no call. */
  #dieAt(step?: End): void {
    if (this.#isWriting && step !== undefined && this.#end === step) this.#isDead = true;
    if (this.#isDead) throw new Error("killed");
  }

  #replace<Name extends string>(
    owner: { [Key in Name]: (...args: never[]) => unknown },
    name: Name,
    before: (first: unknown) => void,
    instead = owner[name],
  ): void {
    const original = owner[name];
    this.#parts.defer(() => void (owner[name] = original));
    owner[name] = function (this: unknown, ...args: never[]) {
      before(args[0]);
      return instead.apply(this, args);
    };
  }
}

/** Daemons that write a trail in a folder; disposing of them closes what the dead left open, too. */
class Daemons implements Disposable {
  readonly trails: (AuditTrail | undefined)[];
  readonly #all: AuditTrail[] = [];
  readonly #folder: string;
  readonly #calls: Calls;

  constructor(folder: string, writers: number, calls: Calls) {
    this.#folder = folder;
    this.#calls = calls;
    this.trails = Array.from({ length: writers }, () => this.#open());
  }

  #open(): AuditTrail {
    const writer = { daemon: "test", uid: Deno.uid() ?? 0 };
    const trail = new AuditTrail(`${this.#folder}/audit`, writer);
    this.#all.push(trail);
    return trail;
  }

  /** Makes a move, and tells it with its answer and what is in the files, as the model does. */
  make(move: Move): string {
    return `${move.kind} ${move.writer} ${this.#answer(move)} ${this.#files()}`;
  }

  [Symbol.dispose](): void {
    for (const trail of this.#all) trail.close();
  }

  #answer(move: Move): string {
    const index = move.writer - 1;
    if (move.kind === "open") {
      this.trails[index] = this.#open();
      return "done";
    }
    const trail = defined(this.trails[index]);
    if (move.kind === "die") {
      this.trails[index] = undefined;
      return "idle";
    }
    const { kind, end } = move;
    let isRecorded = false;
    this.#calls.upTo(end, () => {
      if (kind === "start") trail.recordStart(APPROVED);
      else trail.append({ event: "shown", id: "one" });
      isRecorded = trail.fault === undefined;
    });
    if (end === "done" || end === "full") {
      const answer = isRecorded ? "done" : "full";
      assertEquals(answer, end);
      return answer;
    }
    this.trails[index] = undefined;
    return end.startsWith("torn") ? end : `died ${end}`;
  }

  #files(): string {
    const folder = `${this.#folder}/audit`;
    const { whole, torn } = readSegment(segmentPath(folder, 1));
    const letters = whole.map((line) => LETTERS[JSON.parse(line).event]).join("");
    const head = readHead(folder);
    assertTrue(head !== undefined && head !== "unreadable");
    return `${letters}${torn.length > 0 ? "~" : ""} ${head.seq}`;
  }
}

function movesOf({ trails }: Daemons, { kinds, moves }: TrailBound, begun: number): Move[] {
  return trails.flatMap((trail, index): Move[] => {
    const writer = index + 1;
    if (begun === 0 && writer > 1) return [];
    if (trail === undefined) return begun === moves ? [] : [{ writer, kind: "open" }];
    const die = { writer, kind: "die" } as const;
    if (begun === moves) return [die];
    const ends = (kind: Kind): readonly End[] => ["done", "full", ...DEATHS[kind]];
    return [...kinds.flatMap((kind) => ends(kind).map((end) => ({ writer, kind, end }))), die];
  });
}

/** Every history of the code. */
async function realHistories(bound: TrailBound): Promise<Set<string>> {
  const above = await Deno.makeTempDir({ prefix: "sudo-proxy-trail-" });
  const histories = new Set<string>();
  let count = 0;
  try {
    using calls = new Calls();
    const extend = (history: readonly Move[]): void => {
      const folder = `${above}/${count++}`;
      let next: readonly Move[] = [];
      try {
        using daemons = new Daemons(folder, bound.writers, calls);
        const said = history.map((move) => daemons.make(move));
        if (said.length > 0) histories.add(` > ${said.join(" > ")}`);
        next = movesOf(daemons, bound, history.filter(({ kind }) => kind !== "die").length);
      } catch (error) {
        if (!(error instanceof Impossible)) throw error;
      }
      Deno.removeSync(folder, { recursive: true });
      for (const move of next) extend([...history, move]);
    };
    extend([]);
  } finally {
    await Deno.remove(above, { recursive: true });
  }
  return histories;
}

function modelHistories(printed: readonly string[]): Set<string> {
  return new Set(printed.map((line) => line.slice(1, -1)));
}

function difference(real: ReadonlySet<string>, model: ReadonlySet<string>): string | undefined {
  const onlyReal = [...real].find((history) => !model.has(history));
  if (onlyReal !== undefined) return `only the code has${onlyReal}`;
  const onlyModel = [...model].find((history) => !real.has(history));
  return onlyModel && `only the model has${onlyModel}`;
}

for (const [name, { histories, ...bound }] of Object.entries(TRAIL_BOUNDS)) {
  Deno.test({
    name: `the writers of the audit trail are their model: ${name}`,
    ignore,
    fn: async () => {
      const run = await runTlc(defined(tlc), trailConfiguration(bound, true), { root: "Trail" });
      assertEquals(run.fault, undefined, run.trace);
      const real = await realHistories(bound);
      report(name, { histories: real.size });
      const fault = difference(real, modelHistories(run.printed));
      assertTrue(fault === undefined, fault);
      assertEquals(real.size, histories);
    },
  });
}

Deno.test(
  { name: "no death and no loss of power breaks the model of the trail", ignore },
  async () => {
    const configuration = trailConfiguration(TRAIL_FURTHER, false);
    const { fault, trace, states } = await runTlc(defined(tlc), configuration, { root: "Trail" });
    report("audit trail", { states });
    assertEquals(fault, undefined, trace);
    assertEquals(states, TRAIL_FURTHER.states);
  },
);

Deno.test({ name: "each mutant of the trail's model is found", ignore }, async (t) => {
  const model = readModule("Trail");
  for (const { what, edit: [from, to], foundBy } of TRAIL_MUTANTS) {
    await t.step(what, async () => {
      assertEquals(model.split(from).length, 2, "it must be in the model once");
      const changed = { root: "Trail", text: model.replace(from, () => to) } as const;
      const isCompared = foundBy === "comparison";
      const bound = isCompared ? SMALL : { ...SMALL, powers: true };
      const run = await runTlc(defined(tlc), trailConfiguration(bound, isCompared), changed);
      if (run.fault !== undefined || !isCompared) return assertEquals(run.fault, foundBy);
      const real = await realHistories(bound);
      assertTrue(difference(real, modelHistories(run.printed)) !== undefined);
    });
  }
});
