/**
 * The rules once more, written from docs/security/display-and-keys.md and docs/reference/keys.md: what has to follow from an
 * event, and where everything stands then. It shares no code with the machine.
 *
 * @module
 */
import type { SessionConfig } from "../../lib/session/state.ts";
import { defined } from "../rig/assert.ts";
import { type Account, copyOf, type Life } from "./account.ts";
import { SHAPES } from "./shapes.ts";

/** An account as it changes in one step, and what the step has to do. */
export class Follower {
  /** Where it stands. */
  readonly a: Account;
  /** What is to be done, in words, in order. */
  readonly expected: string[] = [];
  readonly #config: SessionConfig;

  /** Begins a step. */
  constructor(before: Account, config: SessionConfig) {
    this.a = copyOf(before);
    this.#config = config;
  }

  /** Something has to be done. */
  do(...what: readonly string[]): void {
    this.expected.push(...what);
  }

  /** Where a request stands. */
  life(id: string): Life {
    return defined(this.a.lives.get(id), `no ${id}`);
  }

  /** The terminal is ours again, or stays so; a key may be on its way to what was there. */
  free(): void {
    const { a } = this;
    if (a.terminal === "sudo" || a.terminal === "command") [a.open, a.mark] = [false, ""];
    a.terminal = "ours";
    a.question = "";
    a.screen = undefined;
    a.disturbed = true;
  }

  /** What is on the screen counts for nothing any more. */
  readAnew(isReset: boolean): void {
    const { screen } = this.a;
    if (!screen) return;
    Object.assign(screen, { still: "-", seen: "", again: false });
    if (isReset) screen.known = false;
  }

  /** Answers a request, which is over. */
  answer(id: string, status: string): void {
    this.do(`reply ${id} ${status}`);
    this.a.lives.delete(id);
  }

  /** A key approved what was shown. */
  approve(id: string, grants: boolean): void {
    const { a } = this;
    this.free();
    this.life(id).stage = "approved";
    this.do(`record approved ${id}`);
    const { privileged, stream } = SHAPES[this.life(id).shape];
    if (stream) this.do(`tell approved ${id}`);
    const { authentication, password } = this.#config;
    a.about = id;
    if (!privileged || authentication === "none") this.start(id, "key");
    else if (authentication === "sudo" && password === "cached") {
      a.terminal = "checking";
      this.do(`check ${id} ${a.shared === "u"}`);
    } else if (this.#someBegin) a.terminal = "beginning";
    else this.#ask(id);
    if (!grants) return;
    a.trust = true;
    this.do("record policy true");
  }

  get #someBegin(): boolean {
    return this.a.lives.values().some(({ needs }) => needs === "s");
  }

  /** sudo asks so that it can start; where it keeps nothing, it asks for the command itself. */
  #ask(id: string): void {
    const { a } = this;
    a.about = id;
    if (!a.keeps) return this.#lend(id);
    a.terminal = "sudo";
    this.do(`ask ${id} undefined ${a.shared === "u"}`);
  }

  #lend(id: string): void {
    if (SHAPES[this.life(id).shape].stages > 1) {
      this.free();
      this.do(`record ended ${id}`);
      return this.answer(id, "error");
    }
    this.a.terminal = "command";
    this.start(id, "key", { terminal: true });
  }

  /** It starts. */
  start(
    id: string,
    basis: "key" | "trust",
    { terminal = false, asked = false }: { terminal?: boolean; asked?: boolean } = {},
  ): void {
    const life = this.life(id);
    this.a.running.push(id);
    Object.assign(life, { stage: "started", terminal, needs: asked ? "s" : "-" });
    this.do(`start ${id} ${basis} ${terminal} ${asked}`);
  }

  /** It is to end, unless that is under way. */
  end(id: string): void {
    const life = this.life(id);
    if (life.kill !== "-" && !life.failed) return;
    Object.assign(life, { kill: "r", failed: false });
    this.do(`record ending ${id}`, `signal ${id} SIGTERM`);
  }

  /** It does not start any more; tells whether it waited at all. */
  withdraw(id: string): boolean {
    const { a } = this;
    const life = a.lives.get(id);
    if (!life || life.stage === "started" || life.stage === "withdrawn") return false;
    this.do(`record withdrawn ${id}`);
    if (life.stage === "approved" && a.terminal === "sudo") {
      // sudo goes on to ask, and the id is taken until then.
      life.stage = "withdrawn";
      return true;
    }
    if (life.stage === "waiting") a.line = a.line.filter((other) => other !== id);
    else this.free();
    a.lives.delete(id);
    return true;
  }

  /** The daemon is to end: soon, or when all has ended. */
  stop(isSoon: boolean): void {
    const { a } = this;
    if (a.stopped === "-") this.do("record stopping");
    if (isSoon) a.stopped = a.stopped === "o" ? "o" : "h";
    else if (a.stopped === "-") a.stopped = "p";
    const approved = [...a.lives.keys()].filter((id) => this.life(id).stage === "approved");
    for (const id of [...a.line, ...(a.screen ? [a.screen.id] : []), ...approved]) {
      this.withdraw(id);
      this.do(`reply ${id} error`);
    }
    if (a.stopped !== "p") a.running.forEach((id) => this.end(id));
  }

  /** What is over by now comes before the event. */
  passDeadlines(): void {
    const { a } = this;
    if (a.screen?.over) {
      const { id, typed } = a.screen;
      // Who began to type has decided.
      const status = typed === "-" ? "timeout" : "denied";
      this.free();
      this.do(`record ${status} ${id}`);
      this.answer(id, status);
    }
    for (const id of a.running) {
      const life = this.life(id);
      const isAsked = life.password || (a.terminal === "sudo" && a.about === id);
      if (life.kill === "o" && !life.terminal && !isAsked) {
        life.kill = "x";
        this.do(`signal ${id} SIGKILL`);
      }
      if (life.limit === "o" && life.kill === "-") this.end(id);
    }
  }

  /** What follows from an event besides: whoever waits is next. */
  goOn(): void {
    const { a } = this;
    if (a.terminal === "beginning" && !this.#someBegin) this.#ask(a.about);
    this.#fill();
    const isNeeded = a.terminal === "sudo" || a.lives.values().some(({ needs }) => needs !== "-");
    if (a.remembered && !isNeeded) {
      a.remembered = false;
      this.do("forget");
    }
    const isTime = a.running.length === 0 || a.stopped === "o";
    if (a.stopped !== "-" && a.terminal !== "sudo" && isTime) this.do("exit");
  }

  #fill(): void {
    const { a } = this;
    if (a.suspended || a.terminal !== "ours") return;
    for (const id of a.trust ? a.line : []) {
      const { asRoot, forwardAgent } = SHAPES[this.life(id).shape];
      if (asRoot || forwardAgent) continue;
      a.line = a.line.filter((other) => other !== id);
      this.do(`record trusted ${id}`);
      this.start(id, "trust");
    }
    if (a.screen) return;
    const isPatient = a.stopped === "-" || a.stopped === "p";
    const stuck = a.running.find((id) => this.life(id).password && this.life(id).kill !== "-");
    if (stuck !== undefined && isPatient) {
      if (this.#config.password === "each" && this.#someBegin) return;
      return this.#askForEnd(stuck);
    }
    const [id, ...line] = a.line;
    if (id === undefined) return;
    if (a.question !== "") this.free();
    a.line = line;
    const life = this.life(id);
    life.stage = "shown";
    a.screen = {
      id,
      over: false,
      still: "-",
      long: a.disturbed,
      typed: "-",
      help: false,
      known: false,
      again: false,
      seen: "",
    };
    this.do(`record shown ${id}`);
    if (SHAPES[life.shape].stream) this.do(`tell shown ${id}`);
  }

  #askForEnd(id: string): void {
    const { a } = this;
    const life = this.life(id);
    life.password = false;
    a.question = "";
    [a.terminal, a.about] = ["sudo", id];
    const signal = this.#config.authentication !== "polkit"
      ? undefined
      : life.kill === "x"
      ? "SIGKILL"
      : "SIGTERM";
    this.do(`ask ${id} ${signal} ${a.shared === "u"}`);
  }

  /** sudo said whether what it remembers counts elsewhere. */
  learn(shared: boolean | undefined): void {
    const { a } = this;
    if (shared === undefined || a.shared !== "u") return;
    a.shared = shared ? "s" : "p";
    if (!shared) return;
    a.trust = false;
    this.do("record policy false");
  }

  /** sudo has looked. */
  looked(id: string, present: boolean): void {
    const { a } = this;
    if (a.terminal !== "checking" || a.about !== id) return;
    if (!present) return this.#ask(id);
    this.free();
    this.start(id, "key");
  }

  /** sudo has asked. */
  asked(id: string, result: "kept" | "notKept" | "failed" | "sent"): void {
    const { a } = this;
    if (a.terminal !== "sudo" || a.about !== id) return;
    if (result === "kept" && this.#config.password === "each") a.remembered = true;
    const life = a.lives.get(id);
    if (life?.stage === "approved" && result === "notKept") {
      a.keeps = false;
      return this.#lend(id);
    }
    this.free();
    if (life?.stage === "withdrawn") a.lives.delete(id);
    if (life?.stage === "approved") {
      if (result === "kept") return this.start(id, "key", { asked: true });
      this.do(`record notAuthenticated ${id}`);
      this.answer(id, "error");
    }
    if (life?.stage !== "started" || life.kill === "-") return;
    if (result === "kept" || result === "sent") {
      life.kill = result === "sent" && life.kill === "x" ? "x" : "r";
      life.failed = false;
      if (result === "sent") return;
      life.needs = "e";
      this.do(`signal ${id} SIGTERM`);
    } else {
      life.kill = life.kill === "x" ? "x" : "f";
      life.failed = true;
      this.do(`record endingFailed ${id}`);
    }
  }
}
