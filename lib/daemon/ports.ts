/**
 * The ports through which the daemon acts. `compose.ts` makes the real ones; tests record the calls
 * to theirs.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import type { Approved } from "../decide/approved.ts";
import type { Recorded } from "../audit/write/trail.ts";
import type { ProgressEvent, Response } from "../protocol/response.ts";
import type { Note } from "../session/history.ts";
import type { SessionEvent } from "../session/state.ts";
import type { RootWay } from "../run/root/way.ts";
import type { RunHandle, RunPlan } from "../run/run.ts";
import type { Picture } from "../view/picture.ts";

/** Everything that the daemon works with. */
export interface Ports {
  /** What time it is. */
  readonly clock: Clock;
  /** Where the person sits. */
  readonly terminal: TerminalPort;
  /** Where everything is recorded. */
  readonly trail: TrailPort;
  /** `undefined` if nothing makes commands root. */
  readonly root: RootPort | undefined;
  /** What runs commands. */
  readonly runner: RunnerPort;
  /** Stops this process, as job control does, until it is told to go on. */
  readonly suspend: () => void;
}

/** What time it is. */
export interface Clock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Wall-clock milliseconds of the epoch. */
  wall(): number;
  /** Calls `turn` periodically; the function that it returns ends that. */
  every(ms: number, turn: () => void): () => void;
}

/** The terminal that the person sits at. */
export interface TerminalPort {
  /** Shows the picture; if it has a borrower, gives the terminal away. */
  show(make: () => Picture): void;
  /** Resolves once the borrower of the latest picture has the terminal. */
  lent(): Promise<void>;
  /**
   * This process continues after a stop; a program may have changed the terminal's mode meanwhile.
   */
  continued(): void;
  /** Leaves the terminal as it was found, at any end; synchronous. */
  close(): void;
}

/** The side of a client that the daemon speaks to. */
export interface Client {
  /** Sends an event line. */
  tell(event: ProgressEvent): void;
  /** Sends the response and closes the connection; resolves when it is on its way, or lost. */
  reply(response: Response): Promise<void>;
}

/** The audit trail, and the log. */
export interface TrailPort {
  /** Why nothing can be recorded, as the end of a sentence; `undefined` if it can. */
  readonly fault: string | undefined;
  /** Whether the trail itself is wrong. */
  readonly isBroken: boolean;
  /** Records a request before it waits for anybody; throws if it can't. */
  receive(request: ResolvedRequest): void;
  /** Records a start, on disk; throws if it can't. */
  recordStart(approved: Approved): Recorded;
  /** Records what happened. */
  note(note: Note): void;
  /** Records a request that was refused before anybody was asked. */
  reject(id: string, message: string): void;
}

/** The way to root, as far as the daemon itself uses it. */
export type RootPort = Pick<RootWay, "can" | "shares" | "authenticate" | "forget">;

/** What runs commands. */
export interface RunnerPort {
  /** Runs a command whose start is recorded. */
  run(recorded: Recorded, plan: RunPlan): RunHandle;
}

/** An event without its time. */
export type WithoutTime<Event> = Event extends SessionEvent ? Omit<Event, "now" | "wall"> : never;

/** An event without its time, which the daemon's clock gives. */
export type Happening = WithoutTime<SessionEvent>;
