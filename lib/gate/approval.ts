/**
 * The approval machine: everything that waits, is shown, is decided and runs. It is one pure
 * function of a state and an event, so that a test can walk the states of the code that really
 * decides.
 *
 * @module
 */
import { MAX_MESSAGE_LENGTH } from "../protocol/limits.ts";
import type { Response } from "../protocol/response.ts";
import { approve, type Approved } from "./approved.ts";
import { editLine, followPaste, isReadingKey, type Key, keyName, keyOf, NO_PASTE } from "./keys.ts";
import { outcomeFields, type RunEnd } from "./outcome.ts";
import type { ResolvedRequest } from "./request.ts";
import type {
  Borrower,
  Effect,
  EndingReason,
  GateConfig,
  GateEvent,
  GateState,
  IdleQuestion,
  Note,
  Prompt,
  Run,
  StopCause,
} from "./state.ts";
import { textFault } from "./text.ts";

/** How long the screen must have been still before a key can approve, in milliseconds. */
export const ARM_MS = 500;
/**
 * The same where a key may be on its way that was meant for something else. X11 repeats a held key
 * after 660 ms; tmux, screen and mosh answer that a prompt is drawn before the person can see it.
 */
export const REPLACED_ARM_MS = 2000;
/** How long new requests are denied at once after `d`, in milliseconds. */
export const DENY_ALL_MS = 10_000;
/** How long a command may take to end after SIGTERM before SIGKILL follows, in milliseconds. */
export const KILL_AFTER_MS = 5000;
/** How long the end of the daemon waits for commands that are being ended, in milliseconds. */
export const STOP_WAIT_MS = 7000;
/** How long a person may type the line that goes with a denial, in milliseconds. */
export const MESSAGE_TIMEOUT_MS = 300_000;

/** The state in which the machine begins: nothing waits, nothing runs, nothing is trusted. */
export function initialState(config: GateConfig): GateState {
  return {
    config,
    holder: { kind: "idle", question: undefined },
    queue: [],
    running: new Map(),
    trustUnprivileged: false,
    sharesCredentials: false,
    keepsCredentials: true,
    disturbedAt: -Infinity,
    deniesUntil: -Infinity,
    paste: NO_PASTE,
    stopping: undefined,
  };
}

/**
 * Tells whether the key `a` exists.
 *
 * @param state Where the machine stands.
 * @returns False for good once sudo was seen to share what it remembers.
 */
export function mayTrust({ config, sharesCredentials }: GateState): boolean {
  return config.mayTrust && !sharesCredentials;
}

/** Why `y` does not count yet. */
export type Unarmed = "drawing" | "help" | "unread" | "unquiet";

/** Why `y` would not count yet, for the screen; `undefined` once the prompt is armed. */
export function unarmedReason(
  prompt: Prompt,
  now: number,
): Unarmed | undefined {
  if (prompt.quietSince === undefined) return "drawing";
  if (prompt.help) return "help";
  if (!prompt.readWhole) return "unread";
  return now - prompt.quietSince >= prompt.stillMs ? undefined : "unquiet";
}

/**
 * Moves the machine on by one event.
 *
 * @param state Where it stands; not changed.
 * @param event What happened.
 * @returns Where it stands now, and what is to be done, in order.
 */
export function step(
  state: GateState,
  event: GateEvent,
): { readonly state: GateState; readonly effects: readonly Effect[] } {
  const turn = new Turn(state, event.now);
  // Deadlines come first: a key that arrives after the last second approves nothing, even if the
  // clock's own event is late.
  turn.passDeadlines();
  turn.take(event);
  turn.fillTerminal();
  turn.finishStop();
  return { state: turn.state, effects: turn.effects };
}

/** One call of {@linkcode step}: the state as it changes, and the effects as they add up. */
class Turn {
  state: GateState;
  readonly effects: Effect[] = [];
  readonly #now: number;

  constructor(state: GateState, now: number) {
    this.state = state;
    this.#now = now;
  }

  take(event: GateEvent): void {
    switch (event.kind) {
      case "submitted":
        return this.#submitted(event.request);
      case "keys":
        return this.#keys(event.burst);
      case "drawing":
        return this.#drawing(event.id);
      case "drawn":
        return this.#drawn(event.id, event.whole);
      case "undrawable":
        return this.#undrawable(event.id);
      case "stalled":
        return this.#stalled();
      case "clientGone":
        this.#withdraw(event.id, "the client went away");
        return;
      case "cancel":
        return this.#cancel(event.target, event.replyTo);
      case "credentials":
        return this.#credentials(event.id, event.present);
      case "credentialsShared":
        return this.#credentialsShared();
      case "authenticated":
        return this.#authenticated(event.id, event.result);
      case "started":
        return this.#started(event.id);
      case "ended":
        return this.#ended(event.id, event.end);
      case "endingFailed":
        return this.#endingFailed(event.id, event.password);
      case "stop":
        return this.#stop(event.by);
      case "clock":
        return;
    }
  }

  // Deadlines

  passDeadlines(): void {
    const { holder } = this.state;
    if (holder.kind === "prompting" && this.#now >= holder.prompt.deadline) {
      const { request, message } = holder.prompt;
      this.#leavePrompt();
      // Who pressed `r` has decided; only the words are missing.
      if (message !== undefined) this.#deny(request, { message, key: "r" });
      else this.#decide(request, "timeout", { id: request.id, status: "timeout" });
    }
    for (const [id, run] of this.state.running) {
      const { startedAt, ending, request } = run;
      if (ending !== undefined) {
        // Where sudo is to ask for a password first, the grace begins after that.
        const asks = run.needsPassword || this.#isLentToEnding(id);
        if (!ending.killed && !run.withTerminal && !asks && this.#now >= ending.killAt) {
          this.#setRun(id, { ...run, ending: { ...ending, killed: true } });
          this.effects.push({ kind: "terminate", id, signal: "SIGKILL" });
        }
      } else if (
        startedAt !== undefined && request.timeoutMs !== undefined &&
        this.#now - startedAt >= request.timeoutMs
      ) {
        this.#terminate(run, "limit");
      }
    }
  }

  // Arrival and line

  #submitted(request: ResolvedRequest): void {
    if (this.#isKnown(request.id)) {
      return this.#fail(
        request.id,
        `refused request: "id" must be new, and "${request.id}" is in use`,
      );
    }
    if (this.state.stopping) return this.#refuseAtEnd(request);
    if (this.#now < this.state.deniesUntil) {
      return this.#deny(request, { message: "all requests are denied for a moment" });
    }
    this.state = { ...this.state, queue: [...this.state.queue, request] };
    const starts = this.#runsUnderTrust(request) && this.#canPrint();
    if (!starts) this.#tellPosition(request, this.state.queue.length);
  }

  /** Starts what runs under trust, and shows the next request where the terminal is free. */
  fillTerminal(): void {
    const { holder } = this.state;
    const trusted = this.state.queue.filter((request) => this.#runsUnderTrust(request));
    if (this.#canPrint() && trusted.length > 0) {
      for (const request of trusted) {
        this.#removeFromQueue(request.id);
        this.#note({ what: "decided", request, decision: "trusted" });
        this.#begin(approve(request, "trust"), false);
      }
      this.#tellPositions();
    }
    if (holder.kind !== "idle") return;
    const blocked = [...this.state.running.values()].find((run) => run.ending && run.needsPassword);
    if (blocked && this.#isPatient()) {
      const { id } = blocked.request;
      this.#setRun(id, { ...blocked, needsPassword: false });
      this.#lend({ kind: "ending", id });
      this.effects.push({ kind: "lend", id, purpose: "end" });
      return;
    }
    const [request, ...queue] = this.state.queue;
    if (request === undefined) return;
    if (holder.question !== undefined) this.#ask(undefined);
    const isDisturbed = this.#now - this.state.disturbedAt < REPLACED_ARM_MS;
    const prompt: Prompt = {
      request,
      deadline: this.#now + this.state.config.promptTimeoutMs,
      stillMs: isDisturbed ? REPLACED_ARM_MS : ARM_MS,
      readWhole: false,
      quietSince: undefined,
      message: undefined,
      help: false,
    };
    this.state = { ...this.state, queue, holder: { kind: "prompting", prompt } };
    this.effects.push({ kind: "show", request });
    this.#note({ what: "shown", request });
    this.#tell(request, "shown");
    this.#tellPositions();
  }

  /**
   * A line for the person can be printed, though under a prompt it is seen later; not while the
   * terminal is lent.
   */
  #canPrint(): boolean {
    const { kind } = this.state.holder;
    return kind === "idle" || kind === "prompting";
  }

  /**
   * A daemon that is to end soon waits for nobody: what it can't end is told of on the terminal,
   * and left.
   */
  #isPatient(): boolean {
    return this.state.stopping === undefined || this.state.stopping.deadline === Infinity;
  }

  #runsUnderTrust(request: ResolvedRequest): boolean {
    // The agent reaches other machines; that was not what the person was asked.
    return this.state.trustUnprivileged && !request.asRoot && !request.forwardAgent;
  }

  // Keys

  #keys(burst: Uint8Array): void {
    const { paste, pasted } = followPaste(this.state.paste, burst);
    this.state = { ...this.state, paste };
    // What this key finds; what it disturbs counts for the keys that follow.
    const armed = this.#isArmed();
    if (!isReadingKey(keyOf(burst))) this.#disturb();
    const { holder } = this.state;
    if (holder.kind === "idle") return this.#idleKeys(holder.question, pasted ? undefined : burst);
    if (holder.kind !== "prompting") return;
    const { prompt } = holder;
    if (prompt.message !== undefined) {
      return this.#typeMessage(prompt, prompt.message, burst, pasted);
    }
    const pressed = keyOf(burst);
    // Denying is always safe, even where the end of a paste got lost.
    const key = pasted && pressed !== "deny" ? undefined : pressed;
    if (prompt.help && key !== "deny") return this.#setHelp(prompt, false);
    switch (key) {
      case "approve":
        if (armed) return this.#approve(prompt.request, keyName(burst));
        break;
      case "trust":
        if (armed && !prompt.request.asRoot && mayTrust(this.state)) {
          return this.#trust(prompt.request);
        }
        break;
      case "deny":
        this.#leavePrompt();
        return this.#deny(prompt.request, { key: keyName(burst) });
      case "reason":
        this.#setPrompt({
          ...prompt,
          message: "",
          deadline: this.#now + MESSAGE_TIMEOUT_MS,
        });
        return;
      case "denyAll": {
        const all = [prompt.request, ...this.state.queue];
        this.#leavePrompt();
        // Who floods the line has the next requests ready: a moment of rest lets the person quit.
        this.state = { ...this.state, queue: [], deniesUntil: this.#now + DENY_ALL_MS };
        return all.forEach((request) => this.#deny(request, { key: "d" }));
      }
      case "help":
        return this.#setHelp(prompt, true);
      case "lineUp":
      case "lineDown":
      case "pageUp":
      case "pageDown":
      case "top":
      case "end":
        this.#setPrompt({ ...prompt, quietSince: this.#touched(prompt) });
        this.effects.push({ kind: "scroll", id: prompt.request.id, key });
        return;
    }
    this.#setPrompt({ ...prompt, quietSince: this.#touched(prompt) });
    this.effects.push({ kind: "bell" });
  }

  #isArmed(): boolean {
    const { holder } = this.state;
    return holder.kind === "prompting" && unarmedReason(holder.prompt, this.#now) === undefined;
  }

  /**
   * A key decided or could have, or what it could have been meant for is gone. Whatever is shown
   * within the next two seconds, or is shown now, needs the longer stillness.
   */
  #disturb(): void {
    const { holder } = this.state;
    this.state = { ...this.state, disturbedAt: this.#now };
    if (holder.kind !== "prompting") return;
    const prompt = { ...holder.prompt, stillMs: REPLACED_ARM_MS };
    this.state = { ...this.state, holder: { kind: "prompting", prompt } };
  }

  /** The request is drawn anew afterwards, so that it is armed anew. */
  #setHelp(prompt: Prompt, help: boolean): void {
    this.#setPrompt({ ...prompt, help, quietSince: this.#touched(prompt) });
  }

  #typeMessage(prompt: Prompt, message: string, burst: Uint8Array, pasted: boolean): void {
    const isAllowed = (text: string) => textFault(text) === undefined;
    const edit = editLine(message, burst, MAX_MESSAGE_LENGTH, isAllowed);
    const { text } = edit;
    // A newline in a paste sends nothing.
    const end = pasted && edit.end === "send" ? undefined : edit.end;
    if (end === "send") {
      this.#leavePrompt();
      return this.#deny(prompt.request, { message: text, key: "r" });
    }
    if (end === "cancel") {
      // Back to the question, with the time that it has from anew: the person is there.
      const deadline = this.#now + this.state.config.promptTimeoutMs;
      return this.#setPrompt({ ...prompt, message: undefined, deadline, quietSince: this.#now });
    }
    this.#setPrompt({ ...prompt, message: text });
  }

  #idleKeys(question: IdleQuestion | undefined, burst: Uint8Array | undefined): void {
    const key = burst && (burst.length === 1 && burst[0] === 3 ? "quit" : keyOf(burst));
    if (question !== undefined) {
      // Never the key that approves: a request may take the question's place.
      if (key !== QUESTION_KEYS[question.kind]) return this.#ask(undefined);
      this.#freeTerminal();
      if (question.kind === "quit") return this.#stop("person");
      const run = this.state.running.get(question.request.id);
      return run && this.#terminate(run, "person");
    }
    if (key === "help") return void this.effects.push({ kind: "help" });
    if (key === "quit") return this.#ask({ kind: "quit" });
    const [run] = [...this.state.running.values()].filter(mayBeEnded);
    if (key === "endCommand" && run) this.#ask({ kind: "end", request: run.request });
  }

  #ask(question: IdleQuestion | undefined): void {
    this.state = { ...this.state, holder: { kind: "idle", question } };
    this.effects.push({ kind: "ask", question });
    if (question === undefined) this.#disturb();
  }

  /** What can't be shown can't be approved; the daemon goes on. */
  #undrawable(id: string): void {
    if (this.#withdraw(id, "it could not be shown")) {
      this.#fail(id, "it could not be shown: nothing ran");
    }
  }

  #stalled(): void {
    const { holder } = this.state;
    if (holder.kind === "prompting") {
      this.#setPrompt({ ...holder.prompt, quietSince: this.#touched(holder.prompt) });
    }
  }

  /** What was armed in another layout is armed no more, however long the terminal takes. */
  #drawing(id: string): void {
    const { holder } = this.state;
    if (holder.kind !== "prompting" || holder.prompt.request.id !== id) return;
    this.#setPrompt({ ...holder.prompt, readWhole: false, quietSince: undefined });
  }

  #drawn(id: string, whole: boolean): void {
    const { holder } = this.state;
    if (holder.kind !== "prompting" || holder.prompt.request.id !== id) return;
    this.#setPrompt({ ...holder.prompt, readWhole: whole, quietSince: this.#now });
  }

  // Decisions

  #approve(request: ResolvedRequest, key: string): void {
    this.#leavePrompt();
    this.#note({ what: "decided", request, decision: "approved", key });
    this.#tell(request, "approved");
    const approved = approve(request, "key");
    if (!request.privileged || this.state.config.authentication === "none") {
      return this.#begin(approved, false);
    }
    if (this.state.config.password === "each") {
      if (!this.state.keepsCredentials) return this.#beginWithTerminal(approved);
      this.#lend({ kind: "start", approved });
      this.effects.push({ kind: "lend", id: request.id, purpose: "start" });
      return;
    }
    this.state = { ...this.state, holder: { kind: "checking", approved } };
    this.effects.push({ kind: "checkCredentials", id: request.id });
  }

  #trust(request: ResolvedRequest): void {
    this.#approve(request, "a");
    this.state = { ...this.state, trustUnprivileged: true };
    this.#note({ what: "policy", trustUnprivileged: true, by: "person" });
  }

  #deny(
    request: ResolvedRequest,
    how: { readonly message?: string; readonly key?: string },
  ): void {
    const message = how.message?.trim() ?? "";
    const words = message === "" ? {} : { message };
    const key = how.key === undefined ? {} : { key: how.key };
    this.#note({ what: "decided", request, decision: "denied", ...key, ...words });
    this.#reply(request.id, { id: request.id, status: "denied", ...words });
  }

  #decide(request: ResolvedRequest, decision: "timeout", response: Response): void {
    this.#note({ what: "decided", request, decision });
    this.#reply(request.id, response);
  }

  // Authentication

  #credentials(id: string, present: boolean): void {
    const { holder } = this.state;
    if (holder.kind !== "checking" || holder.approved.request.id !== id) return;
    const { approved } = holder;
    if (present) {
      this.#freeTerminal();
      return this.#begin(approved, false);
    }
    if (this.state.keepsCredentials) {
      this.#lend({ kind: "start", approved });
      this.effects.push({ kind: "lend", id, purpose: "start" });
    } else this.#beginWithTerminal(approved);
  }

  /** An unprivileged command could become root by itself: trust would give root away. */
  #credentialsShared(): void {
    if (this.state.sharesCredentials) return;
    this.state = { ...this.state, sharesCredentials: true, trustUnprivileged: false };
    this.#note({ what: "policy", trustUnprivileged: false, by: "sudo" });
  }

  #authenticated(id: string, result: "kept" | "notKept" | "failed"): void {
    const { holder } = this.state;
    if (holder.kind !== "lent") return;
    const { to } = holder;
    if (to.kind === "withdrawn" && to.id === id) return this.#takeBack();
    if (to.kind === "ending" && to.id === id) return this.#endWithPassword(id, result === "kept");
    if (to.kind !== "start" || to.approved.request.id !== id) return;
    const { approved } = to;
    if (result === "notKept") {
      this.state = { ...this.state, keepsCredentials: false };
      return this.#beginWithTerminal(approved);
    }
    this.#takeBack();
    if (result === "kept") return this.#begin(approved, false);
    this.#note({ what: "notAuthenticated", request: approved.request });
    this.#fail(id, "approved, but sudo did not authenticate the person: nothing ran");
  }

  // Running

  #begin(approved: Approved, withTerminal: boolean): void {
    const { request } = approved;
    this.#setRun(request.id, {
      request,
      startedAt: undefined,
      ending: undefined,
      needsPassword: false,
      withTerminal,
    });
    this.effects.push({ kind: "start", approved, withTerminal });
  }

  /**
   * Each stage would ask for a password of its own, all at once on one terminal: only one stage can
   * be started so.
   */
  #beginWithTerminal(approved: Approved): void {
    const { request } = approved;
    if (request.stages.length > 1) {
      const message = "approved, but sudo keeps no credentials here (timestamp_timeout=0), so a " +
        "privileged pipeline can't be started: send its stages one by one";
      this.#takeBack();
      this.#note({ what: "ended", request, end: { kind: "refused", message } });
      return this.#fail(request.id, message);
    }
    this.#lend({ kind: "command", id: request.id });
    this.#begin(approved, true);
  }

  #started(id: string): void {
    const run = this.state.running.get(id);
    if (!run || run.startedAt !== undefined) return;
    this.#setRun(id, { ...run, startedAt: this.#now });
    this.#note({ what: "started", request: run.request });
    this.#tell(run.request, "started");
  }

  #ended(id: string, end: RunEnd): void {
    const run = this.state.running.get(id);
    if (!run) return;
    const running = new Map(this.state.running);
    running.delete(id);
    this.state = { ...this.state, running };
    const { holder } = this.state;
    if (holder.kind === "lent" && holder.to.kind === "command" && holder.to.id === id) {
      this.#takeBack();
    }
    this.#note({ what: "ended", request: run.request, end });
    this.#reply(id, endResponse(run, end));
  }

  #terminate(run: Run, why: EndingReason): void {
    if (!mayBeEnded(run)) return;
    const { request } = run;
    const ending = { why, killAt: this.#now + KILL_AFTER_MS, killed: false, failed: false };
    this.#setRun(request.id, { ...run, ending });
    this.#note({ what: "ending", request, why });
    this.effects.push({ kind: "terminate", id: request.id, signal: "SIGTERM" });
  }

  #endingFailed(id: string, password: boolean): void {
    const run = this.state.running.get(id);
    if (!run) return;
    this.#note({ what: "endingFailed", request: run.request, password });
    const ending = run.ending && { ...run.ending, failed: !password };
    this.#setRun(id, { ...run, ending, needsPassword: run.needsPassword || password });
  }

  #endWithPassword(id: string, authenticated: boolean): void {
    this.#takeBack();
    const run = this.state.running.get(id);
    if (!run?.ending) return;
    if (!authenticated) {
      // SIGKILL would fail for the same reason.
      this.#setRun(id, { ...run, ending: { ...run.ending, killAt: Infinity, failed: true } });
      return this.#note({ what: "endingFailed", request: run.request, password: false });
    }
    this.#setRun(id, {
      ...run,
      ending: {
        ...run.ending,
        killAt: this.#now + KILL_AFTER_MS,
        killed: false,
        failed: false,
      },
    });
    this.effects.push({ kind: "terminate", id, signal: "SIGTERM" });
  }

  // Going away

  #withdraw(id: string, why: string): boolean {
    const { holder } = this.state;
    const queued = this.state.queue.find((request) => request.id === id);
    if (queued) {
      this.#removeFromQueue(id);
      this.#note({ what: "withdrawn", request: queued, why });
      this.#tellPositions();
      return true;
    }
    if (holder.kind === "prompting" && holder.prompt.request.id === id) {
      this.#leavePrompt();
      this.#note({ what: "withdrawn", request: holder.prompt.request, why });
      return true;
    }
    const approved = this.#waitingForSudo();
    if (approved?.request.id === id) {
      // sudo may still ask: what asks runs as root and can't be stopped from here. Its end only
      // gives the terminal back.
      if (holder.kind === "checking") this.#freeTerminal();
      else this.#lend({ kind: "withdrawn", id });
      this.#note({ what: "withdrawn", request: approved.request, why });
      return true;
    }
    return false;
  }

  #cancel(target: string, replyTo: string): void {
    const ok = (message: string) => this.#reply(replyTo, { id: replyTo, status: "ok", message });
    const run = this.state.running.get(target);
    if (run) {
      this.#terminate(run, "cancel");
      return ok("the command is being ended");
    }
    if (this.#withdraw(target, "cancelled by its client")) {
      this.#fail(target, "cancelled before it ran");
      return ok("withdrawn");
    }
    this.#fail(replyTo, `nothing to cancel: no request with the id "${target}" waits or runs`);
  }

  #stop(by: StopCause): void {
    const first = this.state.stopping === undefined;
    const { holder, queue, running } = this.state;
    // A `stop` request lets running commands finish, since half a package upgrade helps nobody, and
    // so does a connection that breaks; a person or a signal ends them.
    const patience = by === "person" || by === "signal" ? this.#now + STOP_WAIT_MS : Infinity;
    const deadline = Math.min(patience, this.state.stopping?.deadline ?? Infinity);
    this.state = { ...this.state, queue: [], stopping: { by, deadline } };
    if (first) this.#note({ what: "stopping", by, running: running.size });
    for (const request of queue) this.#refuseAtEnd(request);
    if (holder.kind === "prompting") {
      this.#leavePrompt();
      this.#refuseAtEnd(holder.prompt.request);
    }
    const approved = this.#waitingForSudo();
    if (approved) {
      this.#withdraw(approved.request.id, "the daemon is stopping");
      this.#fail(approved.request.id, "the daemon is stopping");
    }
    if (deadline !== Infinity) {
      for (const run of this.state.running.values()) this.#terminate(run, "stop");
    }
  }

  #refuseAtEnd(request: ResolvedRequest): void {
    this.#note({ what: "withdrawn", request, why: "the daemon is stopping" });
    this.#fail(request.id, "the daemon is stopping");
  }

  /**
   * Ends the daemon once nothing is left to wait for. sudo's question is waited for: whoever left
   * it would leave it the terminal.
   */
  finishStop(): void {
    const { stopping, running, holder } = this.state;
    const sudoAsks = holder.kind === "lent" && holder.to.kind !== "command";
    if (!stopping || sudoAsks) return;
    if (running.size === 0 || this.#now >= stopping.deadline) this.effects.push({ kind: "exit" });
  }

  // Small moves

  #isKnown(id: string): boolean {
    const { holder, queue, running } = this.state;
    return running.has(id) || queue.some((request) => request.id === id) ||
      (holder.kind === "prompting" && holder.prompt.request.id === id) ||
      this.#waitingForSudo()?.request.id === id ||
      (holder.kind === "lent" && holder.to.kind === "withdrawn" && holder.to.id === id);
  }

  /** The approved request that waits for sudo to know the person. */
  #waitingForSudo(): Approved | undefined {
    const { holder } = this.state;
    if (holder.kind === "checking") return holder.approved;
    return holder.kind === "lent" && holder.to.kind === "start" ? holder.to.approved : undefined;
  }

  #isLentToEnding(id: string): boolean {
    const { holder } = this.state;
    return holder.kind === "lent" && holder.to.kind === "ending" && holder.to.id === id;
  }

  #lend(to: Borrower): void {
    this.state = { ...this.state, holder: { kind: "lent", to } };
  }

  /** A key came: the stillness that arms the prompt begins anew. */
  #touched(prompt: Prompt): number | undefined {
    return prompt.quietSince === undefined ? undefined : this.#now;
  }

  #leavePrompt(): void {
    this.#freeTerminal();
    this.effects.push({ kind: "withdraw" });
  }

  #takeBack(): void {
    const { kind } = this.state.holder;
    this.#freeTerminal();
    if (kind !== "lent") return;
    // What was typed meanwhile went to sudo, the end of a paste as well.
    this.state = { ...this.state, paste: NO_PASTE };
    this.effects.push({ kind: "takeBack" });
  }

  #freeTerminal(): void {
    this.state = { ...this.state, holder: { kind: "idle", question: undefined } };
    this.#disturb();
  }

  #setPrompt(prompt: Prompt): void {
    this.state = { ...this.state, holder: { kind: "prompting", prompt } };
    this.effects.push({ kind: "redraw" });
  }

  #setRun(id: string, run: Run): void {
    this.state = { ...this.state, running: new Map(this.state.running).set(id, run) };
  }

  #removeFromQueue(id: string): void {
    this.state = { ...this.state, queue: this.state.queue.filter((request) => request.id !== id) };
  }

  #note(note: Note): void {
    this.effects.push({ kind: "note", note });
  }

  #tell(request: ResolvedRequest, event: "shown" | "approved" | "started"): void {
    if (request.stream) this.effects.push({ kind: "tell", event: { id: request.id, event } });
  }

  #tellPositions(): void {
    this.state.queue.forEach((waiting, index) => this.#tellPosition(waiting, index + 1));
  }

  /**
   * Counts whoever has the terminal; the first in line hears nothing, since it is shown at once.
   */
  #tellPosition({ id, stream }: ResolvedRequest, inQueue: number): void {
    const position = inQueue + (this.state.holder.kind === "idle" ? 0 : 1);
    if (stream && position > 1) {
      this.effects.push({ kind: "tell", event: { id, event: "queued", position } });
    }
  }

  #reply(id: string, response: Response): void {
    this.effects.push({ kind: "reply", id, response });
  }

  #fail(id: string, message: string): void {
    this.#reply(id, { id, status: "error", message });
  }
}

/** The key that says yes to a question between prompts: the one that asked it, once more. */
const QUESTION_KEYS = { quit: "quit", end: "endCommand" } as const satisfies Record<
  IdleQuestion["kind"],
  Key
>;

/** A command whose end was tried in vain may be ended again. */
function mayBeEnded({ ending }: Run): boolean {
  return ending === undefined || ending.failed;
}

/** What the client learns at the end of its command. */
function endResponse({ request, ending }: Run, end: RunEnd): Response {
  const { id } = request;
  if (end.kind === "refused") return { id, status: "error", message: end.message };
  const fields = outcomeFields(end.outcome);
  if (!ending) return { id, status: "ok", ...fields };
  const messages: Readonly<Record<EndingReason, string>> = {
    limit: `the run limit of ${request.timeoutMs} ms was reached and the command was ended`,
    cancel: "the command was cancelled and ended",
    stop: "the daemon is stopping and the command was ended",
    person: "the person at the terminal ended the command",
  };
  return { id, status: "error", message: messages[ending.why], ...fields };
}
