/**
 * The daemon passes all events to the machine, and performs what the machine asks for. It decides
 * nothing itself.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { ReplayMemory } from "../admit/replay.ts";
import type { ResolvedRequest, ValidatedRequest } from "../admit/request.ts";
import { validateRequest } from "../admit/validate.ts";
import type { Fault } from "../protocol/codes.ts";
import { ProtocolError } from "../protocol/errors.ts";
import type { Request } from "../protocol/request.ts";
import { idFault, refusal, tickMs, waitingCount } from "../session/facts.ts";
import type { SessionConfig, SessionState } from "../session/state.ts";
import { initialState, update } from "../session/update.ts";
import type { Picture } from "../view/picture.ts";
import { Effects, notRecorded } from "./effects.ts";
import type { Client, Happening, Ports } from "./ports.ts";

/** What a daemon is made of. */
export interface DaemonParts extends Ports {
  /** How the machine is set up. */
  readonly config: SessionConfig;
  /** What the terminal is to show. */
  readonly picture: (state: SessionState) => Picture;
  /** Finds the programs of a request, or says why it can't run here. */
  readonly resolve: (request: ValidatedRequest) => Promise<Step<ResolvedRequest>>;
}

/** A request that passed a step, or why it did not. */
export type Step<Passed> = { readonly request: Passed } | { readonly fault: Fault };

/** A daemon with its state, its terminal and its commands. */
export class Daemon {
  readonly #parts: DaemonParts;
  readonly #effects: Effects;
  readonly #memory = new ReplayMemory();
  readonly #log = getLogger(["sudo-proxy", "daemon"]);
  readonly #happenings: Happening[] = [];
  #state: SessionState;
  #isBusy = false;
  #clock = { ms: Infinity, stop: () => {} };

  /** Makes a daemon in which nothing has happened yet. */
  constructor(parts: DaemonParts) {
    this.#parts = parts;
    this.#state = initialState(parts.config);
    this.#effects = new Effects(parts, (happening) => this.dispatch(happening));
  }

  /** What it knows. */
  get state(): SessionState {
    return this.#state;
  }

  /** Resolves when it is to end, and its last responses had time to go. */
  get ended(): Promise<void> {
    return this.#effects.exit;
  }

  /** Handles one event after another, each with all its effects. */
  dispatch(happening: Happening): void {
    this.#happenings.push(happening);
    if (this.#isBusy) return;
    this.#isBusy = true;
    try {
      for (let next = this.#happenings.shift(); next; next = this.#happenings.shift()) {
        this.#take(next);
      }
    } finally {
      this.#isBusy = false;
    }
  }

  #take(happening: Happening): void {
    const { clock, picture, terminal } = this.#parts;
    const { state, effects } = update(this.#state, {
      ...happening,
      now: clock.now(),
      wall: clock.wall(),
    });
    this.#state = state;
    this.#setClock(tickMs(state));
    // First, so that effects which need the lent terminal wait for this picture.
    terminal.show(() => picture(this.#state));
    for (const effect of effects) this.#effects.perform(effect);
  }

  #setClock(ms: number): void {
    if (ms === this.#clock.ms) return;
    this.#clock.stop();
    const stop = this.#parts.clock.every(ms, () => this.dispatch({ kind: "clock" }));
    this.#clock = { ms, stop };
  }

  // The terminal and the system

  /** This process continues; ignored while it is about to stop. */
  continued(): void {
    if (this.#effects.isSuspending) return;
    this.#parts.terminal.continued();
    this.dispatch({ kind: "continued" });
  }

  /** Tests, before anything is asked, whether sudo's memory counts beyond this terminal. */
  lookForSharing(): Promise<void> {
    return this.#effects.checkCredentials({ id: "", lookForSharing: true });
  }

  /** Tells whether the audit trail can be written. */
  reportTrail(): void {
    this.#effects.reportTrail();
  }

  /** Gives the terminal back and drops what sudo remembers; synchronous, for any end. */
  close(): void {
    this.#clock.stop();
    this.#parts.terminal.close();
    if (this.#state.usedCredentials) this.#parts.root?.forget();
  }

  // What connections ask for; a refusal throws a ProtocolError

  /** How many requests wait for the person. */
  get waiting(): number {
    return waitingCount(this.#state);
  }

  /** Checks all that can be checked without looking at the machine; remembers the id. */
  check(request: Request): ValidatedRequest {
    const { clock } = this.#parts;
    const arrival = { wallNow: clock.wall(), now: clock.now() };
    return passed(request.id, validateRequest(request, arrival, this.#memory));
  }

  /** Finds the programs of a request. */
  async resolve(request: ValidatedRequest): Promise<ResolvedRequest> {
    return passed(request.id, await this.#parts.resolve(request));
  }

  /** Puts a request into the queue. */
  submit(request: ResolvedRequest, client: Client): void {
    const { id } = request;
    const fault = refusal(this.#state, id) ?? this.#receive(request);
    if (fault !== undefined) throw refused(id, fault);
    this.#effects.addClient(id, client);
    this.dispatch({ kind: "submitted", request });
  }

  #receive(request: ResolvedRequest): Fault | undefined {
    try {
      this.#parts.trail.receive(request);
      return undefined;
    } catch (error) {
      return notRecorded(error);
    } finally {
      this.reportTrail();
    }
  }

  /** Ends a waiting or running request. */
  cancel(target: string, replyTo: string, client: Client): void {
    const fault = idFault(this.#state, replyTo);
    if (fault !== undefined) throw refused(replyTo, fault);
    this.#effects.addClient(replyTo, client);
    this.dispatch({ kind: "cancel", target, replyTo });
  }

  /** Withdraws a request whose client is gone, without a response. */
  clientGone(id: string, client: Client): void {
    if (this.#effects.removeClient(id, client)) this.dispatch({ kind: "clientGone", id });
  }

  /** Records a request that was refused before anybody was asked. */
  rejected(id: string, message: string): void {
    this.#log.info("rejected {id}: {fault}", { id, fault: message });
    this.#parts.trail.reject(id, message);
    this.reportTrail();
  }
}

function passed<Passed>(id: string, step: Step<Passed>): Passed {
  if ("fault" in step) throw refused(id, step.fault);
  return step.request;
}

function refused(id: string, { message, code }: Fault): ProtocolError {
  return new ProtocolError(message, id, code);
}
