/**
 * Walks the real machine through random histories, and checks each step against a second, smaller
 * account of what may happen: it is written from the rules of the approval terminal and looks at
 * events and effects, not at the machine's own state.
 *
 * @module
 */
import fc from "fast-check";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { type Approved, takeApproved } from "../../lib/decide/approved.ts";
import { ARM_MS, MESSAGE_TIMEOUT_MS, REPLACED_ARM_MS, STALL_MS } from "../../lib/decide/times.ts";
import { refusal } from "../../lib/session/facts.ts";
import type { StopCause } from "../../lib/session/history.ts";
import type { IdleQuestion, SessionConfig } from "../../lib/session/state.ts";
import { KILL_AFTER_MS, STOP_WAIT_MS } from "../../lib/session/times.ts";
import { assertEquals, assertTrue, at } from "../rig/assert.ts";
import { FINISHED, type Happening, Machine, notes, only, type Result } from "./machine.ts";
import { resolved } from "./resolved.ts";

/** As seldom as the clock may move without being a stall, in milliseconds. */
const TICK_MS = 240;
/** How many requests can be under way at once; each slot gets a new id when its request is over. */
const SLOTS = 4;

/**
 * One random move. `slot` names a request, or, one past the last, an id that nobody knows; a move
 * that is `aimed` is about the request that the machine waits for.
 */
type Move =
  & {
    readonly afterMs: number;
    /** Whether the clock stands still meanwhile, as in a process that does not run. */
    readonly stalls: boolean;
    readonly slot: number;
    readonly aimed: boolean;
  }
  & (
    | { readonly do: "submit"; readonly shape: number }
    | { readonly do: "keys"; readonly burst: string }
    | { readonly do: "drawn"; readonly late: boolean; readonly visible: keyof typeof VISIBLE }
    | { readonly do: "probed"; readonly late: boolean; readonly ascii: boolean }
    | { readonly do: "resized"; readonly columns: number }
    /** The prompt that is there is drawn, and a key follows: what a person does. */
    | { readonly do: "answer"; readonly stillMs: number; readonly key: string }
    /** What sudo was asked for starts, and another request is approved before it has begun. */
    | { readonly do: "another" }
    /** Keys between prompts: the person asks to end a command, and answers. */
    | { readonly do: "endCommand"; readonly key: string }
    | {
      readonly do: "credentials";
      readonly present: boolean;
      readonly shared: boolean | undefined;
    }
    | {
      readonly do: "authenticated";
      readonly result: "kept" | "notKept" | "failed";
      readonly shared: boolean | undefined;
    }
    | {
      readonly do:
        | "started"
        | "begun"
        | "ended"
        | "clientGone"
        | "cancel"
        | "clock"
        | "interrupt"
        | "suspend"
        | "continued";
    }
    | { readonly do: "signalFailed"; readonly wouldAsk: boolean }
    | { readonly do: "stop"; readonly by: Exclude<StopCause, "person"> }
  );

/** What can be visible of a request. */
const VISIBLE = {
  whole: { first: 0, page: 10, total: 10 },
  begin: { first: 0, page: 6, total: 10 },
  end: { first: 5, page: 5, total: 10 },
  lastLines: { first: 7, page: 3, total: 10 },
  otherLayout: { first: 0, page: 9, total: 9 },
  nothing: { first: 0, page: 0, total: Infinity },
} as const;

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
  /** The first drawing of the layout that is there, or of the help. */
  firstDrawing: number;
  /** The lines that have been visible, of so many. */
  seen: Set<number>;
  total: number;
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
  readonly #config: SessionConfig;
  readonly #lives = new Map<string, Life>();
  readonly #slots: (Life | undefined)[] = Array(SLOTS).fill(undefined);
  readonly #uses = new Set<Approved>();
  #serial = 0;
  #shown: Shown | undefined;
  #checking: Life | undefined;
  /** Whether it waits until the command before has begun, and not for an answer. */
  #waitsForBegun = false;
  #terminal: "ours" | "sudo" | "command" = "ours";
  #takenBackAt = -Infinity;
  /** For which request sudo asks. */
  #askedFor: string | undefined;
  /** Which commands still need what sudo learned, and what for. */
  /** Whether the screen was still for long enough when the event came. */
  #wasStill = false;
  readonly #needs = new Map<string, "start" | "end">();
  /** sudo learned something, and has not forgotten it. */
  #isRemembered = false;
  /** Whether it is known what the terminal draws. */
  #isProbed = false;
  #isSuspended = false;
  /** When the clock moved, a key came, or no prompt was shown. */
  #lastAt = 10_000;
  #question: IdleQuestion | undefined;
  /** The command for which sudo asks how to end it. */
  #asksToEnd: string | undefined;
  /** The command that the person said to end, in this step. */
  #endedByPerson: string | undefined;
  /** All that ever came from the terminal. */
  #typed = "";
  #isPasted = false;
  #trust = false;
  /** Once sudo shares what it remembers, nothing is trusted any more. */
  #sharing: boolean | undefined;
  #stopped = false;
  #hardStopAt: number | undefined;
  /** This event asks for the end. */
  #stopsNow = false;
  /** When a key was pressed that was not for reading, or what a key could be meant for went away. */
  #disturbedAt = -Infinity;
  #exits = 0;

  constructor(config: SessionConfig) {
    this.#config = config;
    this.machine = new Machine(config);
  }

  make(move: Move): void {
    const { machine } = this;
    if (move.stalls) machine.now += move.afterMs;
    else this.#pass(move.afterMs);
    const life = this.#slots[move.slot];
    const id = (move.aimed ? this.#awaited(move.do) : undefined) ?? life?.request.id ?? "nobody";
    switch (move.do) {
      case "submit":
        return this.#submit(move.slot, move.shape);
      case "keys":
        return this.#press(move.burst);
      case "answer":
        if (!this.#shown) return;
        this.#probe();
        this.#draw("whole");
        this.#pass(move.stillMs);
        return this.#press(move.key);
      case "another":
        if (machine.phase !== "lent to start") return;
        this.step({ kind: "authenticated", id, result: "kept", shared: undefined });
        this.#submit(move.slot, 0);
        if (!this.#shown) return;
        this.#probe();
        this.#draw("whole");
        this.#pass(REPLACED_ARM_MS);
        return this.#press("y");
      case "endCommand":
        if (machine.phase !== "idle") return;
        this.#press("k");
        return this.#press(move.key);
      case "cancel": {
        const replyTo = `cancel-${this.#serial++}`;
        const results = this.step({ kind: "cancel", target: id, replyTo });
        assertEquals(only(results, "reply").filter((reply) => reply.id === replyTo).length, 1);
        return;
      }
      case "drawn":
        return this.#draw(move.visible, move.late);
      case "probed": {
        const reset = machine.state.terminal.resets - (move.late ? 1 : 0);
        return void this.step({ kind: "probed", reset, ascii: move.ascii });
      }
      case "resized":
        return void this.step({ kind: "resized", columns: move.columns, rows: 24 });
      case "credentials":
        return void this.step({
          kind: "credentials",
          id,
          present: move.present,
          shared: move.shared,
        });
      case "authenticated":
        return void this.step({
          kind: "authenticated",
          id,
          result: move.result,
          shared: move.shared,
        });
      case "ended":
        return void this.step({ kind: "ended", id, end: FINISHED });
      case "signalFailed":
        return void this.step({ kind: "signalFailed", id, wouldAsk: move.wouldAsk });
      case "stop":
        if (move.by === "hangup") return void this.step({ kind: "hangup" });
        if (move.by === "signal") return void this.step({ kind: "signal", signal: "SIGTERM" });
        return void this.step({ kind: "stop", by: move.by });
      case "interrupt":
        // Where it counts it ends the daemon, which is for the other walks.
        if (!this.#isOthersInterrupt) return;
        count("Ctrl+C for sudo");
        return void this.step({ kind: "signal", signal: "SIGINT" });
      case "clock":
      case "suspend":
      case "continued":
        return void this.step({ kind: move.do });
      case "started":
      case "begun":
      case "clientGone":
        return void this.step({ kind: move.do, id });
    }
  }

  /** Lets time pass as in a daemon whose clock moves. */
  #pass(ms: number): void {
    const until = this.machine.now + ms;
    while (this.#shown && this.#lastAt + TICK_MS < until) {
      this.machine.now = Math.max(this.machine.now, this.#lastAt + TICK_MS);
      this.step({ kind: "clock" });
    }
    this.machine.now = until;
  }

  #probe(): void {
    const { resets: reset } = this.machine.state.terminal;
    if (!this.#isProbed) this.step({ kind: "probed", reset, ascii: false });
  }

  #draw(visible: keyof typeof VISIBLE, late = false): void {
    const drawing = this.machine.state.terminal.drawings - (late ? 1 : 0);
    this.step({ kind: "drawn", drawing, visible: VISIBLE[visible] });
  }

  get #isOthersInterrupt(): boolean {
    return this.#terminal !== "ours" || this.machine.now - this.#takenBackAt < 1000;
  }

  /**
   * Lets everything end as it would in a daemon: prompts time out, sudo stops asking, commands end.
   */
  finish(): void {
    const { machine } = this;
    const settle = (): void => {
      for (let turn = 0; turn < 100; turn++) {
        const { phase, jobs } = machine.state;
        if (this.#isSuspended) {
          this.step({ kind: "continued" });
        } else if (phase.kind === "prompting") {
          machine.now += MESSAGE_TIMEOUT_MS + this.#config.promptTimeoutMs;
          this.step({ kind: "clock" });
        } else if (phase.kind === "checking" && phase.waitsFor === "answer") {
          const { id } = phase.approved.request;
          this.step({ kind: "credentials", id, present: true, shared: undefined });
        } else if (phase.kind === "lent" && phase.to.kind !== "command") {
          const id = phase.to.kind === "start" ? phase.to.approved.request.id : phase.to.id;
          this.step({ kind: "authenticated", id, result: "kept", shared: undefined });
        } else if (jobs.size > 0) {
          this.step({ kind: "ended", id: [...jobs.keys()][0] ?? "", end: FINISHED });
        } else {
          if (machine.phase === "asking") this.#press("x");
          assertEquals(machine.phase, "idle");
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
    if (!this.#stopped) this.step({ kind: "stop", by: "request" });
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
      const { now: _, ...before } = this.machine.state;
      const request = SHAPES[shape]?.(life.request.id) ?? life.request;
      assertEquals(refusal(this.machine.state, request.id)?.code, "id_used");
      const results = this.step({ kind: "submitted", request });
      assertEquals(results.map(({ kind }) => kind).filter((kind) => kind !== "exit"), []);
      const { now: __, ...after } = this.machine.state;
      assertEquals(after, before);
      count("id in use");
      return;
    }
    const request = (SHAPES[shape] ?? resolved)(`${slot}-${this.#serial++}`);
    assertEquals(refusal(this.machine.state, request.id), undefined);
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
    const { phase, jobs } = this.machine.state;
    if (phase.kind === "checking" && doing === "credentials") return phase.approved.request.id;
    if (phase.kind === "lent" && (doing === "authenticated" || doing === "another")) {
      return phase.to.kind === "start" ? phase.to.approved.request.id : phase.to.id;
    }
    if (["started", "begun", "ended", "signalFailed", "cancel"].includes(doing)) {
      return [...jobs.keys()].at(-1);
    }
  }

  #press(keys: string): void {
    this.step({ kind: "keys", burst: new TextEncoder().encode(keys) });
  }

  /** One step of the machine, and everything that must hold about it. */
  step(event: Happening): readonly Result[] {
    const { now } = this.machine;
    const isStall = now - this.#lastAt > STALL_MS;
    const shown = this.#shown && now < this.#shown.deadline ? this.#shown : undefined;
    // Clients can keep every other event coming while nobody reads the terminal.
    if (isStall || !shown || event.kind === "clock" || event.kind === "keys") this.#lastAt = now;
    if (isStall && shown?.still !== undefined) {
      shown.still = now;
      count("stalled");
    }
    this.#wasStill = shown?.still !== undefined && now - shown.still >= shown.stillMs;
    const isKey = event.kind === "keys" && !this.#isSuspended;
    if (isKey) this.#read(event.burst);
    const decision = isKey ? this.#decisionOf(event, shown) : undefined;
    const isFirstShared = "shared" in event && event.shared === true &&
      this.#sharing === undefined;
    if ("shared" in event) this.#sharing ??= event.shared;
    if (isFirstShared) {
      count(this.#trust ? "trust taken back" : "never trusted");
      this.#trust = false;
    }
    this.#before(event);
    const results = this.machine.send(event);
    const approvals: string[] = [];
    for (const result of results) this.#check(result, event, approvals);
    assertEquals(approvals, decision ? [decision.life.request.id] : [], "approvals by this event");

    const policies = notes(results).filter((what) => what === "policy");
    assertEquals(policies.length, decision?.key === "trust" || isFirstShared ? 1 : 0);
    assertEquals(this.machine.state.grant !== undefined, this.#trust);
    const isRedrawn = this.#shown === shown && shown ? this.#after(event, shown) : false;
    assertEquals(only(results, "redraw").length, isRedrawn ? 1 : 0, "drawn anew");
    if (event.kind === "ended") this.#end(event.id);
    if (event.kind === "signalFailed") {
      const life = this.#lives.get(event.id);
      if (life && life.termAt !== undefined) life.endingFailed = !event.wouldAsk;
    }
    const isNeeded = this.#needs.size > 0 || this.#terminal === "sudo";
    assertTrue(!this.#isRemembered || isNeeded, "sudo remembers what nobody needs");
    return results;
  }

  get #mayTrust(): boolean {
    return this.#config.mayTrust && this.#sharing !== true;
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
    const { life, seen, total } = shown;
    if (seen.size !== total || !this.#wasStill) return;
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
    const { now } = this.machine;
    if (event.kind === "suspend") this.#isSuspended = true;
    if (event.kind === "continued") {
      this.#isSuspended = false;
      this.#isProbed = false;
    }
    if (event.kind === "probed" && event.reset === this.machine.state.terminal.resets) {
      this.#isProbed = true;
    }
    const isKeys = event.kind === "keys" && !this.#isSuspended;
    if (isKeys && !READING.test(String.fromCharCode(...event.burst))) {
      this.#disturbedAt = now;
      if (this.#shown) this.#shown.stillMs = REPLACED_ARM_MS;
    }
    const isKey = (letters: string) => isKeys && !this.#isPasted && isLone(event.burst, letters);
    const isQuit = this.#question?.kind === "quit" && isKey("q\x03");
    this.#endedByPerson = this.#question?.kind === "end" && isKey("k")
      ? this.#question.id
      : undefined;
    if (isQuit || this.#endedByPerson !== undefined) {
      this.#question = undefined;
      this.#disturbedAt = now;
    }
    this.#stopsNow = this.#isStop(event) || isQuit;
    if (this.#stopsNow) {
      this.#stopped = true;
      if (event.kind === "signal" || isQuit) this.#hardStopAt ??= now;
      for (const life of this.#lives.values()) if (life.starts === 0) life.dead = true;
      return;
    }
    if (
      event.kind === "credentials" && this.#checking?.request.id === event.id &&
      !this.#waitsForBegun
    ) {
      this.#checking = undefined;
      this.#disturbedAt = now;
    }
    if (event.kind === "begun" && this.#needs.get(event.id) === "start") {
      this.#needs.delete(event.id);
    }
    if (event.kind === "authenticated" && event.id === this.#askedFor) {
      if (event.result === "kept" && this.#config.password === "each") this.#isRemembered = true;
      this.#askedFor = undefined;
    }
    if (event.kind === "authenticated" && event.id === this.#asksToEnd) {
      const life = this.#known(event.id);
      if (event.result !== "kept") [life.endingFailed, life.passwordRefused] = [true, true];
      else if (this.#runs(life)) this.#needs.set(event.id, "end");
    }
    if (event.kind === "started") {
      const life = this.#lives.get(event.id);
      if (life && life.starts > 0) life.startedAt ??= now;
    }
    if (event.kind === "ended") {
      this.#needs.delete(event.id);
      if (this.machine.state.jobs.has(event.id)) this.#isProbed = false;
    }
    if (event.kind === "clientGone" || event.kind === "cancel") {
      const life = this.#lives.get(event.kind === "cancel" ? event.target : event.id);
      if (!life) return;
      if (event.kind === "clientGone") life.client = false;
      if (life.starts === 0 && !life.dead) {
        life.dead = true;
        count(`withdrawn while ${this.machine.phase}`);
      }
    }
  }

  #isStop(event: Happening): boolean {
    if (event.kind === "signal") return event.signal !== "SIGINT" || !this.#isOthersInterrupt;
    return event.kind === "stop" || event.kind === "hangup";
  }

  #check(effect: Result, event: Happening, approvals: string[]): void {
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
        assertTrue(!this.#isSuspended, "a prompt while this process stops");
        this.#isProbed = false;
        const isReplacement = now - this.#disturbedAt < REPLACED_ARM_MS;
        count(isReplacement ? "shown in the place of something" : "shown by itself");
        this.#shown = {
          life,
          deadline,
          stillMs: isReplacement ? REPLACED_ARM_MS : ARM_MS,
          firstDrawing: this.machine.state.terminal.drawings,
          seen: new Set(),
          total: Infinity,
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
        assertTrue(this.#shown !== undefined && this.#terminal === "ours");
        return;
      case "ask":
        assertTrue(this.#shown === undefined && this.#terminal === "ours");
        assertTrue((effect.question === undefined) !== (this.#question === undefined));
        this.#question = effect.question;
        if (this.#question === undefined) this.#disturbedAt = now;
        return;
      case "checkCredentials": {
        const life = this.#known(effect.id);
        assertTrue(this.#mayStart(life) && life.request.privileged);
        assertTrue(this.#shown === undefined && this.#terminal === "ours");
        this.#checking = life;
        return;
      }
      case "authenticate": {
        const life = this.#known(effect.id);
        const isEnd = life.starts > 0;
        assertTrue(this.#shown === undefined, "the terminal is lent with a prompt on it");
        assertEquals(this.#terminal, "ours");
        // A daemon that lets its commands finish may still have to end one.
        assertTrue(
          !this.#stopped || (this.#hardStopAt === undefined && isEnd),
          "nothing is asked while the daemon stops",
        );
        if (isEnd) assertTrue(this.#runs(life));
        else assertTrue(this.#mayStart(life));
        assertEquals(effect.signal, undefined);
        assertEquals(effect.lookForSharing, this.#sharing === undefined);
        if (this.#config.password === "each") {
          assertTrue(!this.#isBeginning, "the question takes what another command needs");
        }
        if (this.#waitsForBegun && this.#checking === life) count("waited until it had begun");
        [this.#checking, this.#waitsForBegun] = [undefined, false];
        this.#question = undefined;
        this.#terminal = "sudo";
        this.#askedFor = effect.id;
        this.#asksToEnd = isEnd ? effect.id : undefined;
        count(`lent to ${isEnd ? "end" : "start"}`);
        return;
      }
      case "forget": {
        assertTrue(this.#isRemembered, "there is nothing to forget");
        const others = [...this.#needs.keys()];
        assertTrue(others.length === 0 && this.#terminal !== "sudo", "it is still needed");
        this.#isRemembered = false;
        count("forgotten");
        return;
      }
      case "suspend":
        assertEquals(event.kind, "suspend");
        return;
      case "takeBack":
        assertTrue(this.#terminal !== "ours", "the terminal is ours already");
        assertEquals(event.kind, this.#terminal === "sudo" ? "authenticated" : "ended");
        this.#terminal = "ours";
        [this.#disturbedAt, this.#takenBackAt] = [now, now];
        this.#asksToEnd = undefined;
        this.#isProbed = false;
        // The end of a paste may have gone to whoever had the terminal.
        this.#typed = "";
        return;
      case "start":
        return this.#start(effect, event);
      case "signal": {
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
        if (effect.id.startsWith("cancel-")) return;
        this.#known(effect.id).replies++;
        if (this.#known(effect.id).starts === 0) this.#known(effect.id).dead = true;
        return;
      case "record":
        if (effect.note.what === "decided") {
          const { request, decision } = effect.note;
          if (decision === "approved") {
            approvals.push(request.id);
            const waits = request.privileged && this.#config.authentication === "sudo" &&
              this.#config.password === "each" && this.#isBeginning;
            if (waits) [this.#checking, this.#waitsForBegun] = [this.#known(request.id), true];
          }
          if (decision === "denied" || decision === "timeout") this.#known(request.id).dead = true;
          count(decision);
        } else if (effect.note.what === "stopping") {
          assertTrue(this.#stopped, "nobody asked for the end");
        } else if (effect.note.what === "withdrawn") {
          if (this.#checking?.request.id !== effect.note.request.id) return;
          [this.#checking, this.#waitsForBegun] = [undefined, false];
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

  #start({ approved, withTerminal }: Extract<Result, { kind: "start" }>, event: Happening): void {
    const life = this.#known(approved.request.id);
    const { request } = life;
    assertTrue(approved.request === request, "what starts is what was shown");
    assertTrue(!this.#uses.has(approved));
    this.#uses.add(approved);
    assertTrue(takeApproved(approved) === request);
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
    const isAsked = event.kind === "authenticated" && event.id === request.id;
    if (isAsked && event.result === "kept") {
      this.#needs.set(request.id, "start");
    }
    life.starts++;
    life.withTerminal = withTerminal;
    count(`started by ${approved.basis}${withTerminal ? " with the terminal" : ""}`);
  }

  /** What an event does to the prompt that stays; tells whether it is drawn anew. */
  #after(event: Happening, shown: Shown): boolean {
    const { now } = this.machine;
    switch (event.kind) {
      case "drawn":
        this.#drawn(event, shown);
        return false;
      case "resized":
        return this.#readAnew(shown);
      case "probed":
        return this.#isProbed && event.reset === this.machine.state.terminal.resets &&
          this.#readAnew(shown);
      case "continued":
        return this.#readAnew(shown);
      case "ended":
        return this.#lives.get(event.id)?.starts === 1 && !this.#known(event.id).ended &&
          this.#readAnew(shown);
      case "keys":
        return !this.#isSuspended && this.#pressed(event.burst, shown, now);
      default:
        return false;
    }
  }

  #readAnew(shown: Shown): true {
    [shown.still, shown.total] = [undefined, Infinity];
    shown.firstDrawing = this.machine.state.terminal.drawings;
    shown.seen.clear();
    return true;
  }

  #drawn({ drawing, visible }: Extract<Happening, { kind: "drawn" }>, shown: Shown): void {
    const { drawings } = this.machine.state.terminal;
    if (drawing > drawings || drawing < shown.firstDrawing || !this.#isProbed) return;
    // Who reads on before the answer has seen the lines, but the last drawing alone settles.
    if (drawing === drawings) shown.still = this.machine.now;
    else count("seen in passing");
    const { first, page, total } = visible;
    if (shown.help || page === 0) return;
    if (total !== shown.total) shown.seen.clear();
    shown.total = total;
    for (let line = first; line < first + page; line++) shown.seen.add(line);
  }

  /** What a key does to the prompt that stays. */
  #pressed(burst: Uint8Array, shown: Shown, now: number): boolean {
    const scrolls = !this.#isPasted && !isLone(burst, "?") &&
      READING.test(String.fromCharCode(...burst));
    if (shown.typing) {
      if (!isLone(burst, "\x1b\x03")) return false;
      [shown.typing, shown.deadline] = [false, now + this.#config.promptTimeoutMs];
      shown.still = undefined;
      count("typed");
      return true;
    }
    if (shown.help) {
      // What scrolls leaves the help open; `?` is no such key here.
      shown.help = scrolls;
      if (!scrolls) shown.firstDrawing = this.machine.state.terminal.drawings;
      count(scrolls ? "scrolled in the help" : "closed the help");
      shown.still = undefined;
      return true;
    }
    if (isLone(burst, "r") && !this.#isPasted && this.#wasStill) {
      [shown.typing, shown.deadline] = [true, now + MESSAGE_TIMEOUT_MS];
      if (shown.still !== undefined) shown.still = now;
      return false;
    }
    if (isLone(burst, "?") && !this.#isPasted) {
      shown.help = true;
      shown.firstDrawing = this.machine.state.terminal.drawings;
      count("help");
    }
    if (scrolls || shown.help) {
      shown.still = undefined;
      return true;
    }
    if (shown.still !== undefined) shown.still = now;
    return false;
  }

  get #isBeginning(): boolean {
    return [...this.#needs.values()].includes("start");
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
    if (this.#stopsNow && this.#hardStopAt !== undefined) return "stop";
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
  return burst.length === 1 && letters.includes(String.fromCharCode(at(burst, 0)));
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
  const stalls = fc.nat(19).map((chance) => chance === 0);
  const arbitrary = fc.record({ do: fc.constant(doing), afterMs, stalls, slot, aimed, ...more });
  return { weight, arbitrary: arbitrary as unknown as fc.Arbitrary<Move> };
}

/** It is looked once, and rarely true, so that there is something to trust. */
const shared = fc.nat(29).map((chance) => [true, false][chance]);

const anyMove: fc.Arbitrary<Move> = fc.oneof(
  moves("submit", 16, { shape: fc.nat(SHAPES.length - 1) }),
  moves("keys", 14, { burst }),
  moves("drawn", 10, {
    visible: fc.constantFrom(...Object.keys(VISIBLE)),
    late: fc.nat(4).map((chance) => chance === 0),
  }),
  moves("probed", 6, { ascii: fc.boolean(), late: fc.nat(4).map((chance) => chance === 0) }),
  moves("resized", 2, { columns: fc.constantFrom(79, 80) }),
  moves("answer", 16, {
    key: oneKey,
    stillMs: fc.constantFrom(ARM_MS - 1, ARM_MS, ARM_MS, 1500, REPLACED_ARM_MS, REPLACED_ARM_MS),
  }),
  moves("credentials", 14, { present: fc.boolean(), shared }),
  moves("authenticated", 14, {
    result: fc.constantFrom(...["kept", "kept", "notKept", "notKept", "failed"] as const),
    shared,
  }),
  moves("endCommand", 5, { key: fc.oneof(fc.constant("k"), oneKey) }),
  moves("another", 8),
  moves("interrupt", 2),
  moves("suspend", 1),
  moves("continued", 4),
  moves("started", 8),
  moves("begun", 4),
  moves("ended", 8),
  moves("clientGone", 4),
  moves("cancel", 4),
  moves("clock", 6),
  moves("signalFailed", 6, { wouldAsk: fc.boolean() }),
);

const config: fc.Arbitrary<SessionConfig> = fc.record({
  promptTimeoutMs: fc.constantFrom(3000, 60_000),
  authentication: fc.constantFrom<"sudo" | "none">("sudo", "sudo", "sudo", "none"),
  password: fc.constantFrom<"each" | "cached">("cached", "cached", "each"),
  mayTrust: fc.boolean(),
  onlyId: fc.constant(undefined),
});

const stopMove = moves("stop", 1, {
  by: fc.constantFrom<Exclude<StopCause, "person">>("request", "signal", "itself", "hangup"),
}).arbitrary;

Deno.test("update() keeps every rule of the approval terminal through random histories", () => {
  reached.clear();
  fc.assert(
    fc.property(config, fc.array(anyMove, { maxLength: 300, size: "max" }), (given, history) => {
      const walk = new Walk(given);
      for (const move of history) walk.make(move);
      walk.finish();
    }),
    { numRuns: 4000 },
  );
  // The rarest come some ten times, so that none is missing by chance.
  const missing = [
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
    "stalled",
    "seen in passing",
    "forgotten",
    "waited until it had begun",
    "Ctrl+C for sudo",
  ].filter((what) => !reached.has(what));
  assertEquals(
    missing,
    [],
    `the walks must come to all of it, and came to ${JSON.stringify([...reached])}`,
  );
});

Deno.test("update() comes to its end from any state where the end is asked for", () => {
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
  assertTrue((reached.get("SIGTERM by stop") ?? 0) > 10, "it must come to commands that run");
});

Deno.test("update() starts nothing whatever is pressed while the prompt was never read whole", () => {
  const press = fc.record({ afterMs, burst });
  fc.assert(
    fc.property(fc.array(press, { maxLength: 100, size: "max" }), (presses) => {
      const machine = new Machine();
      machine.submit(resolved("one", { privileged: false }));
      for (const { afterMs, burst } of presses) {
        machine.draw(false);
        const effects = machine.press(burst, afterMs);
        assertEquals(only(effects, "start"), []);
        assertEquals(machine.state.grant, undefined);
      }
    }),
    { numRuns: 300 },
  );
});
