/**
 * The daemon performs what the approval machine asks for and feeds back what happens. It decides
 * nothing.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { digestOf, type ScreenDigest } from "../audit/record.ts";
import type { AuditTrail } from "../audit/trail.ts";
import { initialState, mayTrust, step } from "../gate/approval.ts";
import type { Approved, Recorded } from "../gate/approved.ts";
import { ReplayMemory } from "../gate/replay.ts";
import type { ResolvedRequest } from "../gate/request.ts";
import type { ProgressEvent } from "../protocol/response.ts";
import type { Effect, GateEvent, GateState, Note, Prompt } from "../gate/state.ts";
import { unarmedReason } from "../gate/stillness.ts";
import type { Login } from "../run/login.ts";
import type { Launchers } from "../run/programs.ts";
import type { RootWay } from "../run/root/way.ts";
import { resolveRequest } from "../run/resolve.ts";
import { run, type RunHandle } from "../run/run.ts";
import { canStop, stopSelf } from "../run/stop.ts";
import { setNormalMode } from "../run/terminal_mode.ts";
import { noteLines, questionLine, statusLine } from "../terminal/history.ts";
import type { Terminal } from "../terminal/mode.ts";
import { type Line, span, type Style } from "../terminal/paint.ts";
import { drawsUnicode } from "../terminal/probe.ts";
import { helpLines } from "../terminal/prompt.ts";
import { requestText } from "../terminal/request_lines.ts";
import type { ApprovalScreen } from "../terminal/screen.ts";
import { visibleProse } from "../terminal/visible.ts";
import { wrapChunks } from "../terminal/wrap.ts";
import type { Client, Door } from "./connection.ts";
import { Journal } from "./journal.ts";
import { giveToCommand } from "./takeover.ts";

/** How often the clock moves while something depends on it, in milliseconds. */
const TICK_MS = 100;
/** How often the line below the history is looked at, in milliseconds; it has whole minutes. */
const STATUS_MS = 10_000;
/**
 * A longer time between two turns of the clock means that this process did not run, in
 * milliseconds.
 */
const STALL_MS = 250;
/** How long after sudo's end the Ctrl+C that ended it may still reach us, in milliseconds. */
const LATE_SIGNAL_MS = 1000;
/** How long the last responses may take on their way, in milliseconds. */
const FLUSH_MS = 1000;
/** How long the terminal may take to read our last words, in milliseconds. */
const LEAVE_MS = 1000;

/** What a daemon is made of. */
export interface DaemonParts {
  /** The terminal that the person sits at. */
  readonly terminal: Terminal;
  /** What is drawn on it. */
  readonly screen: ApprovalScreen;
  /** Where the launchers are. */
  readonly launchers: Launchers;
  /** How privileged commands become root; `undefined` where they can't. */
  readonly root: RootWay | undefined;
  /** The daemon's user. */
  readonly login: Login;
  /** The user's id. */
  readonly uid: number;
  /** The name of this machine, for the prompt. */
  readonly machine: string;
  /** How long a request stays on the screen, in milliseconds. */
  readonly promptTimeoutMs: number;
  /** The only request that is taken, for a trial; any if left out. */
  readonly onlyId?: string;
  /** Whether sudo asks its question for every privileged command. */
  readonly password: "each" | "cached";
  /** Whether the key `a` exists, which stops the questions about unprivileged commands. */
  readonly mayTrust: boolean;
  /** Where everything is recorded. */
  readonly trail: AuditTrail;
}

/** A daemon with its gate, its terminal and its commands. */
export class Daemon implements Door {
  readonly memory: ReplayMemory = new ReplayMemory();
  readonly #parts: DaemonParts;
  readonly #log = getLogger(["sudo-proxy", "daemon"]);
  readonly #clients = new Map<string, Client>();
  readonly #runs = new Map<string, RunHandle>();
  readonly #replies = new Set<Promise<void>>();
  readonly #journal: Journal;
  readonly #exit = Promise.withResolvers<void>();
  #state: GateState;
  #events: GateEvent[] = [];
  #isStepping = false;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Keeps the time in the line below the history right. */
  #statusTimer: ReturnType<typeof setInterval> | undefined;
  #drawnSize = "";
  #usedCredentials = false;
  /** Whether it was looked, with credentials there, whether sudo shares them. */
  #hasLooked = false;
  /** The commands for which sudo was asked, and which may still need its credentials. */
  readonly #needCredentials = new Set<string>();
  /** Resolves once sudo has started the command that it was asked for last. */
  #beginning: Promise<void> | undefined;
  #takenBackAt = -Infinity;
  #lastTurn = 0;
  /** The fault of the audit trail that the person was told last. */
  #toldFault: string | undefined;
  #isSuspended = false;
  /** Counts the drawings of prompts. */
  #drawing = 0;
  /** Counts the questions about what the terminal draws. */
  #probe = 0;

  /**
   * Makes a daemon that has not taken its terminal yet.
   *
   * @param parts What it is made of.
   */
  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#journal = new Journal(parts.trail);
    this.#state = initialState({
      promptTimeoutMs: parts.promptTimeoutMs,
      // sudo asks root nothing (check_user() in its sources, sudo(8) on who needs no password).
      authentication: parts.uid === 0 ? "none" : parts.root?.openAgent ? "atStart" : "sudo",
      password: parts.password,
      mayTrust: parts.mayTrust,
    });
  }

  /** Resolves when the daemon is to end. */
  get ended(): Promise<void> {
    return this.#exit.promise;
  }

  /** Takes the terminal and begins to listen to keys. */
  open(): void {
    this.#takeTerminal();
    this.#statusTimer ??= setInterval(() => this.#drawStatus(), STATUS_MS);
  }

  /**
   * Gives the terminal back, once it has no answers for us any more.
   *
   * @returns False where it does not read, so that only its mode could be put back.
   */
  async leave(): Promise<boolean> {
    const { launchers, screen, terminal } = this.#parts;
    // An answer that comes later would come to the shell.
    await within(LEAVE_MS, terminal.settled());
    screen.close();
    if (await within(LEAVE_MS, terminal.flushed())) return true;
    await setNormalMode(launchers);
    return false;
  }

  /**
   * Gives the terminal back, drops sudo's credentials and stops the clock; synchronous, so that it
   * works at any end.
   */
  close(): void {
    clearInterval(this.#timer);
    clearInterval(this.#statusTimer);
    this.#parts.screen.close();
    this.#parts.terminal.writeLast();
    this.#parts.terminal.release();
    if (this.#usedCredentials) this.#parts.root?.forget();
  }

  /**
   * Records that this daemon begins, and prints the head of the audit trail.
   *
   * @param facts How it was started.
   */
  recordStart(facts: Readonly<Record<string, unknown>>): void {
    const { machine, login, uid, trail } = this.#parts;
    trail.append({ event: "daemon_started", machine, user: login.user, uid, ...facts });
    this.#tellOfTrail();
    if (trail.fault !== undefined) return;
    const { seq, hash } = trail.head;
    this.print([span(`audit trail: record ${seq}, ${hash.slice(0, 16)}…`, "muted")]);
  }

  /** Records that this daemon ends, and why. */
  recordEnd(): void {
    const { stopping, running } = this.#state;
    const why = stopping?.by ?? "itself";
    this.#parts.trail.append({ event: "daemon_stopped", why, still_running: running.size });
  }

  /** Says in words that something is not as it should be. */
  warn(words: string): void {
    this.say(`sudo-proxy: ${words}`, "warning");
  }

  /** Adds a line to the history on the terminal. */
  print(line: Line): void {
    this.#parts.screen.print(line);
  }

  /** Waits, for a moment, until the last responses are on their way. */
  async flush(): Promise<void> {
    await within(FLUSH_MS, Promise.all(this.#replies));
  }

  // The door for connections

  get waiting(): number {
    const { holder, queue } = this.#state;
    const isWaiting = holder.kind === "prompting" || holder.kind === "checking" ||
      (holder.kind === "lent" && holder.to.kind === "start");
    return queue.length + (isWaiting ? 1 : 0);
  }

  async resolve(
    request: Parameters<Door["resolve"]>[0],
  ): ReturnType<Door["resolve"]> {
    const { login, uid, root } = this.#parts;
    if (request.privileged && root === undefined) {
      return {
        fault: 'invalid request: "privileged" must be false, since sudo is not installed here',
      };
    }
    if (request.privileged && root?.openAgent !== undefined && request.pipeline.length > 1) {
      return {
        fault: 'invalid request: "pipeline" must have one stage where it is privileged, since ' +
          "this daemon uses polkit, which asks for each program: send the stages one by one",
      };
    }
    // Run without the agent, it would fail for a reason that nobody could see.
    if (request.forwardAgent && login.sshAgent === undefined) {
      return {
        fault: 'invalid request: "forward_agent" must be false, since this daemon has no ssh ' +
          "agent: SSH_AUTH_SOCK is not set here; a tunnel brings one only with --forward-agent",
      };
    }
    return await resolveRequest(request, { userPath: login.path, uid });
  }

  submit(request: ResolvedRequest, client: Client): boolean {
    const { onlyId } = this.#parts;
    if (onlyId !== undefined && request.id !== onlyId) {
      const message = "refused request: this daemon serves one trial, and no other request";
      void client.reply({ id: request.id, status: "error", message });
      return false;
    }
    if (!this.#register(request.id, client)) return false;
    try {
      this.#journal.receive(request, now());
    } catch (error) {
      this.#reply(request.id, { id: request.id, status: "error", message: messageOf(error) });
      return false;
    } finally {
      this.#tellOfTrail();
    }
    this.#dispatch({ kind: "submitted", request, now: now() });
    return true;
  }

  cancel(target: string, replyTo: string, client: Client): void {
    if (!this.#register(replyTo, client)) return;
    this.#dispatch({ kind: "cancel", target, replyTo, now: now() });
  }

  /** An id may outlive its memory where its command runs for long: it stays its first client's. */
  #register(id: string, client: Client): boolean {
    if (this.#clients.has(id) || this.#runs.has(id)) {
      const message = `refused request: "id" must be new, and "${id}" is in use`;
      void client.reply({ id, status: "error", message });
      return false;
    }
    this.#clients.set(id, client);
    return true;
  }

  stop(): void {
    this.#dispatch({ kind: "stop", by: "request", now: now() });
  }

  /** Ends the daemon after the one request that it was started for. */
  finish(): void {
    this.#dispatch({ kind: "stop", by: "itself", now: now() });
  }

  clientGone(id: string): void {
    this.#clients.delete(id);
    this.#dispatch({ kind: "clientGone", id, now: now() });
  }

  rejected(id: string, fault: string): void {
    this.#log.info("rejected {id}: {fault}", { id, fault });
    this.#parts.trail.reject(id, fault);
    this.#tellOfTrail();
  }

  /** Says on the terminal when the audit trail stops or begins to work. */
  #tellOfTrail(): void {
    const { fault, isBroken } = this.#parts.trail;
    if (fault === this.#toldFault) return;
    this.#toldFault = fault;
    if (fault === undefined) {
      return this.say("The audit trail can be written again.", "good");
    }
    this.say(`Nothing can run: the audit trail ${fault}`, "bad");
    if (!isBroken) return;
    const advice = "sudo-proxy audit verify tells more; a daemon that is started with " +
      "--new-audit-trail sets it aside and begins a new one.";
    this.say(advice, "warning");
  }

  /** Lines of the history are cut to the window; what must be read whole is broken into lines. */
  say(words: string, style: Style): void {
    const chunks = visibleProse(words).split(" ").map((text) => ({ text, style }));
    const { columns } = this.#parts.terminal.size;
    for (const { line } of wrapChunks(chunks, columns - 1)) this.print(line);
  }

  // Signals

  /**
   * A signal asks the daemon to end. While the terminal is lent, Ctrl+C is meant for sudo, and may
   * reach us after sudo's end.
   */
  signalled(signal: Deno.Signal): void {
    const isSudos = this.#state.holder.kind === "lent" ||
      now() - this.#takenBackAt < LATE_SIGNAL_MS;
    if (signal === "SIGINT" && isSudos) return;
    this.#log.info("received {signal}", { signal });
    this.#dispatch({ kind: "stop", by: "signal", now: now() });
  }

  /**
   * The terminal is gone, and with it the person: nothing new runs, and what runs goes on to its
   * end.
   */
  hungUp(): void {
    this.#log.info("the terminal is gone");
    this.#dispatch({ kind: "stop", by: "hangup", now: now() });
  }

  /**
   * Stops this process as job control does (SIGTSTP), after it has given the terminal back; the
   * commands that run go on. Lent out, the terminal is in its normal mode already.
   */
  async suspend(): Promise<void> {
    const { launchers, screen, terminal } = this.#parts;
    if (this.#isSuspended || !canStop(launchers)) return;
    this.#isSuspended = true;
    // An answer of the terminal that is on its way would come to the shell.
    await terminal.settled();
    if (this.#state.holder.kind !== "lent") {
      screen.close();
      await terminal.flushed();
      terminal.release();
    }
    stopSelf(launchers);
    this.#isSuspended = false;
    await this.resume();
  }

  /**
   * Takes the terminal anew after this process was stopped, whatever stopped it: a shell that read
   * meanwhile has left a mode of its own. The request that is shown has to be read and armed anew.
   */
  async resume(): Promise<void> {
    if (this.#isLent || this.#isSuspended) return;
    this.#isSuspended = true;
    const { screen, terminal } = this.#parts;
    this.#disarm();
    screen.close();
    await terminal.flushed();
    this.#isSuspended = false;
    if (this.#isLent) return;
    terminal.release();
    this.open();
    if (this.#prompt()) this.#showPrompt();
  }

  get #isLent(): boolean {
    return this.#state.holder.kind === "lent";
  }

  /** The window has another size. */
  resized(): void {
    if (this.#state.holder.kind !== "prompting") return;
    this.#parts.screen.forgetLayout();
    this.#drawAndReport(this.#state.holder.prompt);
  }

  /**
   * While nothing of this process ran, keys piled up unseen, pressed for what was on the screen
   * then: they must not find the prompt armed by time that passed in the dark.
   */
  #noteTurn(): void {
    const gap = now() - this.#lastTurn;
    this.#lastTurn = now();
    if (gap > STALL_MS) this.#dispatch({ kind: "stalled", now: now() });
  }

  #keys(burst: Uint8Array): void {
    if (this.#timer !== undefined) this.#noteTurn();
    // The signal may come after the key: what was drawn for another window does not arm this one.
    if (this.#state.holder.kind === "prompting" && this.#windowSize() !== this.#drawnSize) {
      this.resized();
    }
    this.#dispatch({ kind: "keys", burst, now: now() });
  }

  // The machine

  #dispatch(event: GateEvent): void {
    this.#events.push(event);
    if (this.#isStepping) return;
    this.#isStepping = true;
    try {
      for (let next = this.#events.shift(); next; next = this.#events.shift()) {
        const { state, effects } = step(this.#state, next);
        this.#state = state;
        for (const effect of effects) this.#perform(effect);
      }
    } finally {
      this.#isStepping = false;
      this.#setClock();
    }
  }

  #perform(effect: Effect): void {
    const { screen, terminal } = this.#parts;
    switch (effect.kind) {
      case "show":
        return this.#showPrompt();
      case "redraw":
        return void this.#draw(this.#prompt());
      case "drawAnew":
        return this.#drawAndReport(this.#prompt());
      case "scroll":
        screen.scroll(effect.key);
        return this.#drawAndReport(this.#prompt());
      case "withdraw":
        return screen.hidePrompt();
      case "bell":
        return screen.bell();
      case "checkCredentials":
        return void this.#checkCredentials(effect.id);
      case "lend":
        return void this.#lend(effect.id, effect.purpose);
      case "takeBack":
        this.#takenBackAt = now();
        return this.#takeTerminal();
      case "start":
        return void this.#start(effect.approved, effect.withTerminal);
      case "terminate":
        return void this.#terminate(effect.id, effect.signal);
      case "reply":
        return this.#reply(effect.id, effect.response);
      case "tell":
        return this.#clients.get(effect.event.id)?.tell(this.#timed(effect.event));
      case "note":
        return this.#note(effect.note);
      case "ask":
        return screen.print(questionLine(effect.question));
      case "help":
        return helpLines(terminal.size.columns, mayTrust(this.#state))
          .forEach((line) => screen.print(line));
      case "exit":
        return this.#exit.resolve();
    }
  }

  #note(note: Note): void {
    // The output of a trial follows on this terminal, as the model gets it.
    noteLines(note, clockTime(), this.#parts.onlyId === undefined)
      .forEach((line) => this.print(line));
    this.#log.info("{what} {id}", { ...note, id: noteSubject(note) });
    this.#journal.note(note, now(), (request) => this.#screenDigest(request));
    this.#tellOfTrail();
  }

  #screenDigest(request: ResolvedRequest): ScreenDigest {
    const { screen, terminal } = this.#parts;
    const { columns } = terminal.size;
    const shown = { ...this.#place(), ...(screen.ascii ? { ascii: true as const } : {}) };
    return { columns, ...shown, ...digestOf(requestText(request, shown, columns)) };
  }

  /** The names in the title of a prompt. */
  #place(): { readonly machine: string; readonly user: string } {
    const { machine, login, uid } = this.#parts;
    return { machine, user: `${login.user} (uid ${uid})` };
  }

  /** The machine knows a deadline by its own clock; a client gets what is left of it. */
  #timed(event: ProgressEvent): ProgressEvent {
    const prompt = this.#prompt();
    if (event.event !== "shown" || prompt === undefined) return event;
    return { ...event, timeout_ms: Math.max(0, Math.round(prompt.deadline - now())) };
  }

  #prompt(): Prompt | undefined {
    const { holder } = this.#state;
    return holder.kind === "prompting" ? holder.prompt : undefined;
  }

  #draw(prompt: Prompt | undefined): boolean {
    if (!prompt) return false;
    return this.#parts.screen.draw({
      request: prompt.request,
      waiting: this.#state.queue.length,
      secondsLeft: Math.max(0, Math.ceil((prompt.deadline - now()) / 1000)),
      unarmed: unarmedReason(prompt, now()),
      message: prompt.message,
      mayTrust: mayTrust(this.#state),
      running: this.#state.running.size,
      ...this.#place(),
    });
  }

  #showPrompt(): void {
    this.#parts.screen.showPrompt();
    void this.#beginDrawing();
  }

  #takeTerminal(): void {
    const { screen, terminal } = this.#parts;
    terminal.takeKeys((burst) => this.#keys(burst), () => this.#drawFromReset());
    screen.open();
    void this.#beginDrawing();
  }

  /** Whatever a command, or nobody's reading, left of the terminal's state and of the picture. */
  #drawFromReset(): void {
    const { screen } = this.#parts;
    screen.reset();
    if (screen.isOpen) void this.#beginDrawing();
  }

  /** Asks the terminal what it draws, and draws. */
  async #beginDrawing(): Promise<void> {
    const { screen, terminal } = this.#parts;
    this.#disarm();
    const probe = ++this.#probe;
    const isUnicode = await drawsUnicode(terminal);
    if (probe !== this.#probe || !screen.isOpen) return;
    screen.begin(!isUnicode);
    this.#drawStatus();
    this.#drawAndReport(this.#prompt());
  }

  #drawAndReport(prompt: Prompt | undefined): void {
    this.#drawnSize = this.#windowSize();
    if (!prompt || !this.#parts.screen.hasBegun) return;
    const { id } = prompt.request;
    let whole: boolean;
    try {
      whole = this.#draw(prompt);
    } catch (error) {
      this.#log.error("could not draw the request {id}: {error}", { id, error });
      return this.#dispatch({ kind: "undrawable", id, now: now() });
    }
    this.#disarm();
    const drawing = this.#drawing;
    void this.#parts.terminal.drawn().then(() => {
      // A later drawing has a question of its own.
      if (drawing === this.#drawing) this.#dispatch({ kind: "drawn", id, whole, now: now() });
    });
  }

  /** The request that is shown has to be drawn anew before a key counts: no earlier answer does. */
  #disarm(): void {
    this.#drawing++;
    const id = this.#prompt()?.request.id;
    if (id !== undefined) this.#dispatch({ kind: "drawing", id, now: now() });
  }

  /** The line below the history; nothing flickers for what ends at once. */
  #drawStatus(): void {
    const { screen, terminal } = this.#parts;
    if (this.#state.holder.kind !== "idle") return;
    const runs = [...this.#state.running.values()]
      .flatMap(({ request, startedAt }) =>
        startedAt === undefined
          ? []
          : [{ request, seconds: Math.floor((now() - startedAt) / 1000) }]
      )
      .filter(({ seconds }) => seconds >= 1);
    // The clock began with this process.
    screen.setStatus(statusLine({ runs, upMs: now() }, terminal.size.columns));
  }

  #windowSize(): string {
    const { columns, rows } = this.#parts.terminal.size;
    return `${columns}x${rows}`;
  }

  /** The clock moves only while something depends on it. */
  #setClock(): void {
    const { holder, running, stopping } = this.#state;
    const needed = holder.kind === "prompting" || stopping !== undefined || running.size > 0;
    if (needed && this.#timer === undefined) {
      this.#lastTurn = now();
      this.#timer = setInterval(() => {
        this.#noteTurn();
        this.#dispatch({ kind: "clock", now: now() });
        this.#draw(this.#prompt());
        this.#drawStatus();
      }, TICK_MS);
    } else if (!needed && this.#timer !== undefined) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      this.#drawStatus();
    }
  }

  // sudo and commands

  /** Looks whether what sudo remembers counts beyond this terminal; trust ends where it does. */
  async lookForSharing(): Promise<void> {
    const { root } = this.#parts;
    if (this.#state.sharesCredentials || this.#hasLooked || root === undefined) return;
    // How sudo remembers does not change while it remembers: one look at it is enough.
    this.#hasLooked = await root.can("now");
    if (!await root.can("elsewhere") || await root.can("afresh")) return;
    this.#dispatch({ kind: "credentialsShared", now: now() });
    this.say(
      "sudo remembers you for all your programs (timestamp_type in sudoers): while it does, any of " +
        "them can become root. The key a is gone.",
      "warning",
    );
  }

  async #checkCredentials(id: string): Promise<void> {
    this.#usedCredentials = true;
    const present = await this.#parts.root?.can("now") === true;
    if (present) await this.lookForSharing();
    this.#dispatch({ kind: "credentials", id, present, now: now() });
  }

  async #lend(id: string, purpose: "start" | "end"): Promise<void> {
    const { root } = this.#parts;
    await this.#handOver(purpose);
    if (root?.openAgent !== undefined) {
      const isKilled = this.#state.running.get(id)?.ending?.killed === true;
      const isSent = await this.#runs.get(id)?.terminate(isKilled ? "SIGKILL" : "SIGTERM", true);
      const result = isSent === false ? "failed" : "sent";
      return this.#dispatch({ kind: "authenticated", id, result, now: now() });
    }
    this.#needCredentials.add(id);
    const result = await root?.authenticate() ?? "failed";
    if (result === "kept") await this.lookForSharing();
    this.#dispatch({ kind: "authenticated", id, result, now: now() });
    if (result === "kept") await this.#useCredentials(this.#runs.get(id), purpose);
    this.#needCredentials.delete(id);
    // Each question was for one command; another one may have been answered since.
    const isEach = this.#parts.password === "each";
    if (isEach && result === "kept" && this.#needCredentials.size === 0) root?.forget();
  }

  /** Waits until a command has no use any more for what sudo learned. */
  async #useCredentials(run: RunHandle | undefined, purpose: "start" | "end"): Promise<void> {
    if (purpose === "end") return void await run?.ended;
    this.#beginning = run?.begun();
    await this.#beginning;
  }

  /** Gives the terminal to what asks for a password. */
  async #handOver(purpose: "start" | "end"): Promise<void> {
    const { root, screen, terminal } = this.#parts;
    const why = purpose === "start" ? "to run what you approved" : "to end the command";
    // The question makes sudo forget what the command before it may still need.
    await this.#beginning;
    await terminal.settled();
    if (!screen.hasBegun) screen.begin(true);
    screen.print([span(`${root?.name} asks for your password ${why}. Ctrl+C gives up.`, "strong")]);
    screen.close();
    await terminal.flushed();
    terminal.release();
  }

  async #start(approved: Approved, withTerminal: boolean): Promise<void> {
    const { launchers, login, root, screen, terminal } = this.#parts;
    const { id, stream } = approved.request;
    let recorded: Recorded;
    try {
      recorded = this.#parts.trail.recordStart(approved);
    } catch (error) {
      const end = { kind: "refused", message: messageOf(error) } as const;
      return this.#dispatch({ kind: "ended", id, end, now: now() });
    } finally {
      this.#tellOfTrail();
    }
    this.#usedCredentials ||= approved.request.privileged;
    if (withTerminal && root?.openAgent === undefined) giveToCommand(screen, terminal);
    const handle = run(recorded, {
      launchers,
      login,
      root,
      withTerminal,
      handOver: () => this.#handOver("start"),
      onStarted: () => this.#dispatch({ kind: "started", id, now: now() }),
      onOutput: (stage, name, bytes) => {
        if (!stream) return;
        this.#clients.get(id)?.tell({
          id,
          event: "output",
          stage,
          stream: name,
          data: bytes.toBase64(),
        });
      },
    });
    this.#runs.set(id, handle);
    const end = await handle.ended;
    this.#runs.delete(id);
    this.#dispatch({ kind: "ended", id, end, now: now() });
    this.#drawFromReset();
  }

  async #terminate(id: string, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    const handle = this.#runs.get(id);
    if (!handle || await handle.terminate(signal)) return;
    // Where it ended meanwhile, the machine does not know it any more.
    const { launchers, root } = this.#parts;
    const password = root !== undefined && launchers.kill !== undefined && !await root.can("now");
    this.#dispatch({ kind: "endingFailed", id, password, now: now() });
  }

  #reply(id: string, response: Parameters<Client["reply"]>[0]): void {
    const client = this.#clients.get(id);
    this.#clients.delete(id);
    if (!client) return;
    const reply = client.reply(response).finally(() => this.#replies.delete(reply));
    this.#replies.add(reply);
  }
}

/** A line of the log for the terminal. */
export function logLine(text: string): Line {
  return [span(visibleProse(text), "muted")];
}

/** Waits for something, for so many milliseconds; false where it took longer. */
async function within(ms: number, done: Promise<unknown>): Promise<boolean> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLong = new Promise<false>((resolve) => timer = setTimeout(() => resolve(false), ms));
  const isInTime = await Promise.race([done.then(() => true), tooLong]);
  clearTimeout(timer);
  return isInTime;
}

function noteSubject(note: Note): string {
  return "request" in note ? note.request.id : "";
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Monotonic time in milliseconds. */
function now(): number {
  return performance.now();
}

function clockTime(): string {
  return new Date().toTimeString().slice(0, 8);
}
