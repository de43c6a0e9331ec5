/**
 * Walks the real machine through random histories, and checks each step against a second, smaller
 * account of what may happen: it is written from the rules of the approval terminal and looks at
 * events and effects, not at the machine's own state.
 *
 * @module
 */
import fc from "fast-check";
import {
  ARM_MS,
  KILL_AFTER_MS,
  MESSAGE_TIMEOUT_MS,
  REPLACED_ARM_MS,
  STOP_WAIT_MS,
} from "../../lib/gate/times.ts";
import { type Approved, recorded, takeRecorded } from "../../lib/gate/approved.ts";
import type { ResolvedRequest } from "../../lib/gate/request.ts";
import type { Effect, GateConfig, IdleQuestion, StopCause } from "../../lib/gate/state.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { FINISHED, type Happening, Machine, notes, only } from "./machine.ts";
import { resolved } from "./resolved.ts";

/** How many requests can be under way at once; each slot gets a new id when its request is over. */
const SLOTS = 4;

/**
 * One random move. `slot` names a request, or, one past the last, an id that nobody knows; a move
 * that is `aimed` is about the request that the machine waits for.
 */
type Move =
  & { readonly afterMs: number; readonly slot: number; readonly aimed: boolean }
  & (
    | { readonly do: "submit"; readonly shape: number }
    | { readonly do: "keys"; readonly burst: string }
    | { readonly do: "drawn"; readonly whole: boolean }
    /** The prompt that is there is drawn, and a key follows: what a person does. */
    | { readonly do: "answer"; readonly stillMs: number; readonly key: string }
    /** Keys between prompts: the person asks to end a command, and answers. */
    | { readonly do: "endCommand"; readonly key: string }
    | { readonly do: "credentials"; readonly present: boolean }
    | { readonly do: "authenticated"; readonly result: "kept" | "notKept" | "failed" }
    | {
      readonly do:
        | "started"
        | "ended"
        | "clientGone"
        | "cancel"
        | "clock"
        | "credentialsShared"
        | "stalled";
    }
    | { readonly do: "endingFailed"; readonly password: boolean }
    | { readonly do: "stop"; readonly by: StopCause }
  );

const SHAPES: readonly ((id: string) => ResolvedRequest)[] = [
  (id) => resolved(id),
  (id) => resolved(id, { stream: true, timeoutMs: 1000 }),
  (id) => resolved(id, { pipeline: [["/usr/bin/cat"], ["/usr/bin/wc"]] }),
  (id) => resolved(id, { privileged: false }),
  (id) => resolved(id, { privileged: false, stream: true, timeoutMs: 3000 }),
];

/** What the account knows about one request. */
interface Life {
  readonly request: ResolvedRequest;
  /** Whether its client is there to hear. */
  client: boolean;
  /** A lone armed key was pressed for it. */
  approved: boolean;
  /** Denied, timed out, withdrawn or cancelled: it must never start. */
  dead: boolean;
  starts: number;
  startedAt: number | undefined;
  ended: boolean;
  withTerminal: boolean;
  termAt: number | undefined;
  /** Ending it failed, and nothing is under way to end it: it may be asked for again. */
  endingFailed: boolean;
  /** The person gave no password to end it: no signal follows by itself. */
  passwordRefused: boolean;
  replies: number;
}

/** The account's own prompt. */
interface Shown {
  readonly life: Life;
  deadline: number;
  whole: boolean;
  still: number | undefined;
  typing: boolean;
  help: boolean;
  /** How long the screen must be still, in milliseconds. */
  stillMs: number;
}

/**
 * How often the walks came to what they are about, so that a property can't hold for want of a try.
 */
const reached = new Map<string, number>();

function count(what: string): void {
  reached.set(what, (reached.get(what) ?? 0) + 1);
}

/** The machine and the account of it, side by side. */
class Walk {
  readonly machine: Machine;
  readonly #config: GateConfig;
  readonly #lives = new Map<string, Life>();
  readonly #slots: (Life | undefined)[] = Array(SLOTS).fill(undefined);
  readonly #uses = new Set<Approved>();
  #serial = 0;
  #shown: Shown | undefined;
  #checking: Life | undefined;
  #terminal: "ours" | "sudo" | "command" = "ours";
  #question: IdleQuestion | undefined;
  /** The command for which sudo asks how to end it. */
  #asksToEnd: string | undefined;
  /** The command that the person said to end, in this step. */
  #endedByPerson: string | undefined;
  /** All that ever came from the terminal. */
  #typed = "";
  #isPasted = false;
  #trust = false;
  /** sudo shares what it remembers: nothing is trusted from then on. */
  #isShared = false;
  #stopped = false;
  #hardStopAt: number | undefined;
  /** When a key was pressed that was not for reading, or what a key could be meant for went away. */
  #disturbedAt = -Infinity;
  #exits = 0;
  /** Whether the step is about an id that is in use. */
  #isAgain = false;

  constructor(config: GateConfig) {
    this.#config = config;
    this.machine = new Machine(config);
  }

  make(move: Move): void {
    const { machine } = this;
    machine.now += move.afterMs;
    const life = this.#slots[move.slot];
    const id = (move.aimed ? this.#awaited(move.do) : undefined) ?? life?.request.id ?? "nobody";
    switch (move.do) {
      case "submit":
        return this.#submit(move.slot, move.shape);
      case "keys":
        return this.#press(move.burst);
      case "answer":
        if (!this.#shown) return;
        this.step({ kind: "drawn", id: this.#shown.life.request.id, whole: true });
        machine.now += move.stillMs;
        return this.#press(move.key);
      case "endCommand":
        if (machine.holder !== "idle") return;
        this.#press("k");
        return this.#press(move.key);
      case "cancel": {
        const replyTo = `cancel-${this.#serial++}`;
        const effects = this.step({ kind: "cancel", target: id, replyTo });
        assertEquals(only(effects, "reply").filter((reply) => reply.id === replyTo).length, 1);
        return;
      }
      case "drawn":
        return void this.step({ kind: "drawn", id, whole: move.whole });
      case "credentials":
        return void this.step({ kind: "credentials", id, present: move.present });
      case "authenticated":
        return void this.step({ kind: "authenticated", id, result: move.result });
      case "ended":
        return void this.step({ kind: "ended", id, end: FINISHED });
      case "endingFailed":
        return void this.step({ kind: "endingFailed", id, password: move.password });
      case "stop":
        return void this.step({ kind: "stop", by: move.by });
      case "clock":
      case "stalled":
      case "credentialsShared":
        return void this.step({ kind: move.do });
      case "started":
      case "clientGone":
        return void this.step({ kind: move.do, id });
    }
  }

  /**
   * Lets everything end as it would in a daemon: prompts time out, sudo stops asking, commands end.
   */
  finish(): void {
    const { machine } = this;
    const settle = (): void => {
      for (let turn = 0; turn < 100; turn++) {
        const { holder, running } = machine.state;
        if (holder.kind === "prompting") {
          machine.now += MESSAGE_TIMEOUT_MS + this.#config.promptTimeoutMs;
          this.step({ kind: "clock" });
        } else if (holder.kind === "checking") {
          this.step({ kind: "credentials", id: holder.approved.request.id, present: true });
        } else if (holder.kind === "lent" && holder.to.kind !== "command") {
          const id = holder.to.kind === "start" ? holder.to.approved.request.id : holder.to.id;
          this.step({ kind: "authenticated", id, result: "kept" });
        } else if (running.size > 0) {
          this.step({ kind: "ended", id: [...running.keys()][0], end: FINISHED });
        } else {
          assertEquals(machine.holder, "idle");
          assertEquals(machine.state.queue, []);
          return;
        }
      }
      throw new Error("the machine does not come to rest");
    };
    settle();
    for (const [id, life] of this.#lives) {
      const expected = life.client ? [1] : [0, 1];
      assertTrue(expected.includes(life.replies), `${id} got ${life.replies} replies`);
    }
    if (!this.#stopped) this.step({ kind: "stop", by: "person" });
    settle();
    assertTrue(this.#exits > 0, "exit must come once all has ended");
  }

  #submit(slot: number, shape: number): void {
    if (slot >= SLOTS) return;
    const life = this.#slots[slot];
    if (life && !life.dead && !life.ended) {
      // Deadlines first, so that the id is surely one that is in use.
      this.step({ kind: "clock" });
      if (life.dead || life.ended) return;
      const { queue, holder } = this.machine.state;
      this.#isAgain = true;
      const effects = this.step({ kind: "submitted", request: SHAPES[shape](life.request.id) });
      this.#isAgain = false;
      assertEquals(effects.map(({ kind }) => kind).filter((kind) => kind !== "exit"), ["reply"]);
      assertTrue(this.machine.state.queue === queue && this.machine.state.holder === holder);
      count("id in use");
      return;
    }
    const request = SHAPES[shape](`${slot}-${this.#serial++}`);
    const fresh: Life = {
      request,
      client: true,
      approved: false,
      dead: this.#stopped,
      starts: 0,
      startedAt: undefined,
      ended: false,
      withTerminal: false,
      termAt: undefined,
      endingFailed: false,
      passwordRefused: false,
      replies: 0,
    };
    this.#lives.set(request.id, fresh);
    this.#slots[slot] = fresh;
    this.step({ kind: "submitted", request });
  }

  /** The request that such an event would be about in a daemon. */
  #awaited(doing: Move["do"]): string | undefined {
    const { holder, running } = this.machine.state;
    if (holder.kind === "checking" && doing === "credentials") return holder.approved.request.id;
    if (holder.kind === "lent" && doing === "authenticated") {
      return holder.to.kind === "start" ? holder.to.approved.request.id : holder.to.id;
    }
    if (holder.kind === "prompting" && doing === "drawn") return holder.prompt.request.id;
    if (["started", "ended", "endingFailed", "cancel"].includes(doing)) {
      return [...running.keys()].at(-1);
    }
  }

  #press(keys: string): void {
    this.step({ kind: "keys", burst: new TextEncoder().encode(keys) });
  }

  /** One step of the machine, and everything that must hold about it. */
  step(event: Happening): readonly Effect[] {
    const { now } = this.machine;
    const shown = this.#shown && now < this.#shown.deadline ? this.#shown : undefined;
    if (event.kind === "keys") this.#read(event.burst);
    const decision = this.#decisionOf(event, shown);
    const isFirstShared = event.kind === "credentialsShared" && !this.#isShared;
    if (isFirstShared) {
      count(this.#trust ? "trust taken back" : "never trusted");
      [this.#isShared, this.#trust] = [true, false];
    }
    this.#before(event);
    const effects = this.machine.send(event);
    const approvals: string[] = [];
    for (const effect of effects) this.#check(effect, event, approvals);
    assertEquals(approvals, decision ? [decision.life.request.id] : [], "approvals by this event");

    const policies = notes(effects).filter((what) => what === "policy");
    assertEquals(policies.length, decision?.key === "trust" || isFirstShared ? 1 : 0);
    assertEquals(this.machine.state.trustUnprivileged, this.#trust);
    if (this.#shown === shown && shown) this.#after(event, shown);
    if (event.kind === "ended") this.#end(event.id);
    if (event.kind === "endingFailed") {
      const life = this.#lives.get(event.id);
      if (life && life.termAt !== undefined) life.endingFailed = !event.password;
    }
    return effects;
  }

  get #mayTrust(): boolean {
    return this.#config.mayTrust && !this.#isShared;
  }

  /** Whether any of a burst was pasted, out of all that was ever read. */
  #read(burst: Uint8Array): void {
    const before = this.#typed;
    this.#typed += String.fromCharCode(...burst);
    const isOpen = (text: string) => text.lastIndexOf("\x1b[200~") > text.lastIndexOf("\x1b[201~");
    const recent = this.#typed.slice(Math.max(0, before.length - 5));
    const hasMark = recent.includes("\x1b[200~") || recent.includes("\x1b[201~");
    this.#isPasted = isOpen(before) || hasMark;
    if (this.#isPasted) count("pasted");
  }

  /**
   * Whether this very event approves the shown request: the rule of the key table and of arming,
   * once more.
   */
  #decisionOf(
    event: Happening,
    shown: Shown | undefined,
  ): { readonly life: Life; readonly key: "approve" | "trust" } | undefined {
    if (event.kind !== "keys" || !shown || shown.typing || shown.help || this.#isPasted) return;
    const { life, whole, still } = shown;
    const isArmed = whole && still !== undefined && this.machine.now - still >= shown.stillMs;
    if (!isArmed) return;
    if (isLone(event.burst, "yY")) {
      count("approved");
      life.approved = true;
      return { life, key: "approve" };
    }
    if (isLone(event.burst, "a") && !life.request.privileged && this.#mayTrust) {
      count("trusted");
      life.approved = true;
      this.#trust = true;
      return { life, key: "trust" };
    }
  }

  /** What an event changes before the machine answers it. */
  #before(event: Happening): void {
    if (event.kind === "keys" && !READING.test(String.fromCharCode(...event.burst))) {
      this.#disturbedAt = this.machine.now;
      if (this.#shown) this.#shown.stillMs = REPLACED_ARM_MS;
    }
    const isKey = (letters: string) =>
      event.kind === "keys" && !this.#isPasted && isLone(event.burst, letters);
    const isQuit = this.#question?.kind === "quit" && isKey("q\x03");
    this.#endedByPerson = this.#question?.kind === "end" && isKey("k")
      ? this.#question.request.id
      : undefined;
    if (isQuit || this.#endedByPerson !== undefined) this.#question = undefined;
    if (event.kind === "stop" || isQuit) {
      this.#stopped = true;
      if (event.kind !== "stop" || event.by === "signal" || event.by === "person") {
        this.#hardStopAt ??= this.machine.now;
      }
      for (const life of this.#lives.values()) if (life.starts === 0) life.dead = true;
      return;
    }
    if (event.kind === "credentials" && this.#checking?.request.id === event.id) {
      this.#checking = undefined;
      this.#disturbedAt = this.machine.now;
    }
    if (event.kind === "authenticated" && event.id === this.#asksToEnd && event.result !== "kept") {
      const life = this.#known(event.id);
      [life.endingFailed, life.passwordRefused] = [true, true];
    }
    if (event.kind === "started") {
      const life = this.#lives.get(event.id);
      if (life && life.starts > 0) life.startedAt ??= this.machine.now;
    }
    if (event.kind === "clientGone" || event.kind === "cancel") {
      const life = this.#lives.get(event.kind === "cancel" ? event.target : event.id);
      if (!life) return;
      if (event.kind === "clientGone") life.client = false;
      if (life.starts === 0 && !life.dead) {
        life.dead = true;
        count(`withdrawn while ${this.machine.holder}`);
      }
    }
  }

  #check(effect: Effect, event: Happening, approvals: string[]): void {
    const { now } = this.machine;
    switch (effect.kind) {
      case "show": {
        const life = this.#known(effect.request.id);
        assertTrue(effect.request === life.request && !life.dead && life.starts === 0);
        assertTrue(this.#shown === undefined, "two prompts at once");
        assertEquals(this.#terminal, "ours", "a prompt on a terminal that is lent");
        assertTrue(this.#checking === undefined, "a prompt while credentials are checked");
        const deadline = now + this.#config.promptTimeoutMs;
        assertTrue(this.#question === undefined, "a prompt below a question");
        const isReplacement = now - this.#disturbedAt < REPLACED_ARM_MS;
        count(isReplacement ? "shown in the place of something" : "shown by itself");
        this.#shown = {
          life,
          deadline,
          stillMs: isReplacement ? REPLACED_ARM_MS : ARM_MS,
          whole: false,
          still: undefined,
          typing: false,
          help: false,
        };
        return;
      }
      case "withdraw":
        assertTrue(this.#shown !== undefined, "nothing to take off the screen");
        this.#disturbedAt = now;
        this.#shown = undefined;
        return;
      case "bell":
        assertTrue(this.#shown !== undefined);
        return;
      case "redraw":
      case "drawAnew":
      case "scroll":
        assertTrue(this.#shown !== undefined && this.#terminal === "ours");
        return;
      case "ask":
        assertTrue(this.#shown === undefined && this.#terminal === "ours");
        assertTrue((effect.question === undefined) !== (this.#question === undefined));
        this.#question = effect.question;
        if (this.#question === undefined) this.#disturbedAt = now;
        return;
      case "help":
        assertTrue(this.#shown === undefined && this.#terminal === "ours");
        return;
      case "checkCredentials": {
        const life = this.#known(effect.id);
        assertTrue(this.#mayStart(life) && life.request.privileged);
        assertTrue(this.#shown === undefined && this.#terminal === "ours");
        this.#checking = life;
        return;
      }
      case "lend":
        assertTrue(this.#shown === undefined, "the terminal is lent with a prompt on it");
        assertEquals(this.#terminal, "ours");
        // A daemon that lets its commands finish may still have to end one.
        assertTrue(
          !this.#stopped || (this.#hardStopAt === undefined && effect.purpose === "end"),
          "nothing is asked while the daemon stops",
        );
        if (effect.purpose === "start") assertTrue(this.#mayStart(this.#known(effect.id)));
        else assertTrue(this.#runs(this.#known(effect.id)));
        this.#question = undefined;
        this.#terminal = "sudo";
        this.#asksToEnd = effect.purpose === "end" ? effect.id : undefined;
        count(`lent to ${effect.purpose}`);
        return;
      case "takeBack":
        assertTrue(this.#terminal !== "ours", "the terminal is ours already");
        assertEquals(event.kind, this.#terminal === "sudo" ? "authenticated" : "ended");
        this.#terminal = "ours";
        this.#disturbedAt = now;
        this.#asksToEnd = undefined;
        // The end of a paste may have gone to whoever had the terminal.
        this.#typed = "";
        return;
      case "start":
        return this.#start(effect, event);
      case "terminate": {
        const life = this.#known(effect.id);
        assertTrue(this.#runs(life), "a signal for what does not run");
        if (effect.signal === "SIGTERM") {
          const why = this.#mayEnd(life, event);
          assertTrue(why !== undefined, "nobody asked to end it");
          count(`SIGTERM by ${why}${life.endingFailed ? " once more" : ""}`);
          life.termAt = now;
          [life.endingFailed, life.passwordRefused] = [false, false];
        } else {
          assertTrue(life.termAt !== undefined && now - life.termAt >= KILL_AFTER_MS);
          assertTrue(!life.withTerminal && !life.passwordRefused);
          count("SIGKILL");
        }
        return;
      }
      case "reply":
        assertEquals(effect.response.id, effect.id);
        // The answer to a cancel, or to whoever used an id again.
        if (effect.id.startsWith("cancel-") || this.#isAgain) return;
        this.#known(effect.id).replies++;
        if (this.#known(effect.id).starts === 0) this.#known(effect.id).dead = true;
        return;
      case "note":
        if (effect.note.what === "decided") {
          const { request, decision } = effect.note;
          if (decision === "approved") approvals.push(request.id);
          else if (decision !== "trusted") this.#known(request.id).dead = true;
          count(decision);
        } else if (effect.note.what === "stopping") {
          assertTrue(this.#stopped, "nobody asked for the end");
        } else if (effect.note.what === "withdrawn") {
          if (this.#checking?.request.id !== effect.note.request.id) return;
          this.#checking = undefined;
          this.#disturbedAt = now;
        }
        return;
      case "exit": {
        const runs = [...this.#lives.values()].some((life) => this.#runs(life, event));
        assertTrue(this.#stopped && this.#shown === undefined && this.#terminal !== "sudo");
        const isTime = this.#hardStopAt !== undefined && now - this.#hardStopAt >= STOP_WAIT_MS;
        assertTrue(!runs || isTime, "the end must wait for what runs");
        this.#exits++;
        return;
      }
    }
  }

  #start({ approved, withTerminal }: Extract<Effect, { kind: "start" }>, event: Happening): void {
    const life = this.#known(approved.request.id);
    const { request } = life;
    assertTrue(approved.request === request, "what starts is what was shown");
    assertTrue(!this.#uses.has(approved));
    this.#uses.add(approved);
    assertTrue(takeRecorded(recorded(approved)) === request);
    assertTrue(!life.dead, "it was denied, timed out or withdrawn");
    assertEquals(life.starts, 0, "it started before");
    assertTrue(!this.#stopped, "nothing starts while the daemon stops");
    if (approved.basis === "trust") assertTrue(this.#trust && !request.privileged);
    else assertTrue(life.approved, "no key approved it");
    if (request.privileged && this.#config.authentication === "sudo") {
      const isKept = event.kind === "authenticated"
        ? event.result === "kept"
        // What sudo remembers counts only where it need not ask for each command.
        : event.kind === "credentials" && event.present && this.#config.password === "cached";
      assertEquals(withTerminal, !isKept, "without credentials sudo must ask on the terminal");
      if (event.kind === "authenticated") assertTrue(event.result !== "failed");
      if ("id" in event) assertEquals(event.id, request.id);
    }
    if (withTerminal) {
      assertTrue(request.privileged && request.stages.length === 1 && this.#shown === undefined);
      this.#terminal = "command";
    } else assertEquals(this.#terminal, "ours");
    life.starts++;
    life.withTerminal = withTerminal;
    count(`started by ${approved.basis}${withTerminal ? " with the terminal" : ""}`);
  }

  /** What an event does to the prompt that stays. */
  #after(event: Happening, shown: Shown): void {
    const { now } = this.machine;
    if (event.kind === "drawn" && event.id === shown.life.request.id) {
      shown.whole = event.whole;
      shown.still = now;
    }
    if (event.kind === "stalled" && shown.still !== undefined) shown.still = now;
    if (event.kind !== "keys") return;
    if (shown.typing) {
      if (!isLone(event.burst, "\x1b\x03")) return;
      shown.typing = false;
      shown.deadline = now + this.#config.promptTimeoutMs;
      shown.still = now;
      count("typed");
    } else if (shown.help) {
      // What scrolls leaves the help open; `?` is no such key here.
      const scrolls = !isLone(event.burst, "?") && !this.#isPasted &&
        READING.test(String.fromCharCode(...event.burst));
      shown.help = scrolls;
      count(scrolls ? "scrolled in the help" : "closed the help");
      if (shown.still !== undefined) shown.still = now;
    } else if (isLone(event.burst, "r") && !this.#isPasted) {
      shown.typing = true;
      shown.deadline = now + MESSAGE_TIMEOUT_MS;
    } else {
      if (isLone(event.burst, "?") && !this.#isPasted) {
        shown.help = true;
        count("help");
      }
      if (shown.still !== undefined) shown.still = now;
    }
  }

  #end(id: string): void {
    const life = this.#lives.get(id);
    if (!life || life.starts === 0) return;
    life.ended = true;
  }

  /** Why a command may be sent SIGTERM by this event. */
  #mayEnd(life: Life, event: Happening): string | undefined {
    const { now } = this.machine;
    const { timeoutMs, id } = life.request;
    if (event.kind === "authenticated" && event.id === id && life.termAt !== undefined) {
      return "password";
    }
    if (life.termAt !== undefined && !life.endingFailed) return undefined;
    if (event.kind === "cancel" && event.target === id) return "cancel";
    if (this.#hardStopAt === now || event.kind === "stop" && this.#hardStopAt !== undefined) {
      return "stop";
    }
    if (this.#endedByPerson === id) return "person";
    if (
      timeoutMs !== undefined && life.startedAt !== undefined && now - life.startedAt >= timeoutMs
    ) return "limit";
  }

  #mayStart(life: Life): boolean {
    return life.approved && !life.dead && life.starts === 0;
  }

  #runs(life: Life, event?: Happening): boolean {
    const endsNow = event?.kind === "ended" && event.id === life.request.id;
    return life.starts > 0 && !life.ended && !endsNow;
  }

  #known(id: string): Life {
    const life = this.#lives.get(id);
    assertTrue(life !== undefined, `nobody knows ${id}`);
    return life;
  }
}

/** What only moves the text or explains the keys. */
// deno-lint-ignore no-control-regex -- arrows and their kin begin with ESC
const READING = /^(?:[ ?]|\x1b[[O][ABHF]|\x1b\[[145678]~)$/;

function isLone(burst: Uint8Array, letters: string): boolean {
  return burst.length === 1 && letters.includes(String.fromCharCode(burst[0]));
}

const afterMs = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom(0, 1, 100) },
  { weight: 2, arbitrary: fc.constantFrom(ARM_MS - 1, ARM_MS, ARM_MS + 1) },
  { weight: 2, arbitrary: fc.integer({ min: 0, max: 2000 }) },
);
const slot = fc.integer({ min: 0, max: SLOTS });
const aimed = fc.boolean();
const oneKey = fc.constantFrom(..."yyyYaanNdr qk?\r\x1b\x03");
/** Pastes in one read, in many, and with a mark that is cut in two; most of them end. */
const PASTES: readonly string[] = [
  "\x1b[200~y\x1b[201~",
  "\x1b[200~y",
  "\x1b[201~",
  "\x1b[201~",
  "\x1b[201~",
  "x\x1b[20",
  "0~",
  "1~",
];
const burst = fc.oneof(
  { weight: 6, arbitrary: oneKey },
  {
    weight: 2,
    arbitrary: fc.constantFrom(
      "yy",
      "ya",
      "y\r",
      "\x1by",
      "\x1b[A",
      "\x1b[6~",
      "ý",
      "é",
      "ok\r",
      "",
    ),
  },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 4 }) },
  {
    weight: 2,
    arbitrary: fc.constantFrom(...PASTES),
  },
);

/**
 * `weight` of 100 or so; the common road to a running command is walked often, and nonsense too.
 */
function moves(
  doing: Move["do"],
  weight: number,
  more: Record<string, fc.Arbitrary<unknown>> = {},
) {
  const arbitrary = fc.record({ do: fc.constant(doing), afterMs, slot, aimed, ...more });
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Move> };
}

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  moves("submit", 16, { shape: fc.nat(SHAPES.length - 1) }),
  moves("keys", 14, { burst }),
  moves("drawn", 10, { whole: fc.boolean() }),
  moves("answer", 16, {
    key: oneKey,
    stillMs: fc.constantFrom(ARM_MS - 1, ARM_MS, ARM_MS, 1500, REPLACED_ARM_MS, REPLACED_ARM_MS),
  }),
  moves("credentials", 14, { present: fc.boolean() }),
  moves("authenticated", 14, {
    result: fc.constantFrom<"kept" | "notKept" | "failed">("kept", "kept", "notKept", "failed"),
  }),
  moves("endCommand", 5, { key: fc.oneof(fc.constant("k"), oneKey) }),
  moves("stalled", 2),
  moves("credentialsShared", 1),
  moves("started", 8),
  moves("ended", 8),
  moves("clientGone", 4),
  moves("cancel", 4),
  moves("clock", 6),
  moves("endingFailed", 6, { password: fc.boolean() }),
);

const config: fc.Arbitrary<GateConfig> = fc.record({
  promptTimeoutMs: fc.constantFrom(3000, 60_000),
  authentication: fc.constantFrom<"sudo" | "none">("sudo", "sudo", "sudo", "none"),
  password: fc.constantFrom<"each" | "cached">("cached", "cached", "each"),
  mayTrust: fc.boolean(),
});

const stopMove = moves("stop", 1, {
  by: fc.constantFrom<StopCause>("request", "signal", "person", "itself", "hangup"),
}).arbitrary;

Deno.test("step() keeps every rule of the approval terminal through random histories", () => {
  reached.clear();
  fc.assert(
    fc.property(config, fc.array(anyMove, { maxLength: 300, size: "max" }), (given, history) => {
      const walk = new Walk(given);
      for (const move of history) walk.make(move);
      walk.finish();
    }),
    { numRuns: 4000 },
  );
  const rare = [
    "approved",
    "trusted",
    "trust taken back",
    "denied",
    "timeout",
    "typed",
    "id in use",
    "started by key",
    "started by key with the terminal",
    "started by trust",
    "lent to start",
    "lent to end",
    "SIGTERM by cancel",
    "SIGTERM by limit",
    "SIGTERM by password",
    "SIGTERM by person",
    "SIGTERM by cancel once more",
    "SIGTERM by person once more",
    "shown by itself",
    "shown in the place of something",
    "pasted",
    "help",
    "scrolled in the help",
    "closed the help",
    "SIGKILL",
    "withdrawn while prompting",
    "withdrawn while checking",
    "withdrawn while lent to start",
    "withdrawn while lent to command",
    "withdrawn while lent to ending",
  ].filter((what) => (reached.get(what) ?? 0) < 10);
  assertEquals(
    rare,
    [],
    `the walks must come to all of it, and came to ${JSON.stringify([...reached])}`,
  );
});

Deno.test("step() comes to its end from any state where the end is asked for", () => {
  reached.clear();
  const history = fc.array(anyMove, { maxLength: 60, size: "max" });
  // After the first stop everything may go on happening, other stops too.
  const afterwards = fc.array(
    fc.oneof({ weight: 8, arbitrary: anyMove }, { weight: 1, arbitrary: stopMove }),
    { maxLength: 40, size: "max" },
  );
  fc.assert(
    fc.property(config, history, stopMove, afterwards, (given, before, stop, after) => {
      const walk = new Walk(given);
      for (const move of [...before, stop, ...after]) walk.make(move);
      walk.finish();
    }),
    { numRuns: 4000 },
  );
  assertTrue((reached.get("SIGTERM by stop") ?? 0) > 10);
});

Deno.test("step() starts nothing whatever is pressed while the prompt was never read whole", () => {
  const press = fc.record({ afterMs, burst });
  fc.assert(
    fc.property(fc.array(press, { maxLength: 100, size: "max" }), (presses) => {
      const machine = new Machine();
      machine.submit(resolved("one", { privileged: false }));
      for (const { afterMs, burst } of presses) {
        machine.draw("one", false);
        const effects = machine.press(burst, afterMs);
        assertEquals(only(effects, "start"), []);
        assertEquals(machine.state.trustUnprivileged, false);
      }
    }),
    { numRuns: 300 },
  );
});
