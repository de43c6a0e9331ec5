import type { ResolvedRequest } from "../admit/request.ts";
import { NO_PASTE } from "../decide/paste.ts";
import { type Prompt, readAnew } from "../decide/prompt.ts";
import type { Fault } from "../protocol/codes.ts";
import type { Response } from "../protocol/response.ts";
import { type Entry, headOfNote, type Note, remember } from "./history.ts";
import type { Borrower, Effect, Job, Phase, SessionState, TerminalState } from "./state.ts";

/** One update of the machine: the state as it changes, and the effects as they add up. */
export class Turn {
  /** Where the machine stands; replaced, never changed. */
  state: SessionState;
  /** What is to be done, in order. */
  readonly effects: Effect[] = [];
  /** Monotonic milliseconds. */
  readonly now: number;
  readonly #wall: number;

  /** Begins an update. */
  constructor(state: SessionState, { now, wall }: { readonly now: number; readonly wall: number }) {
    this.state = { ...state, now };
    this.now = now;
    this.#wall = wall;
  }

  /** Changes some of the state. */
  set(changes: Partial<SessionState>): void {
    this.state = { ...this.state, ...changes };
  }

  // Who has the terminal

  /** Shows a prompt, or its next state. */
  setPrompt(prompt: Prompt): void {
    this.set({ phase: { kind: "prompting", prompt } });
    this.setTerminal({ drawings: prompt.drawing });
  }

  /** Somebody else has the terminal now. */
  lend(to: Borrower): void {
    this.set({ phase: { kind: "lent", to } });
  }

  /** Nobody has the terminal now; a key may still be meant for the program that had it. */
  free(): void {
    const { phase } = this.state;
    if (phase.kind === "lent") {
      // What was typed meanwhile went to sudo, perhaps with the end of a paste.
      this.set({ paste: NO_PASTE, takenBackAt: this.now });
      this.reset();
    }
    this.set({ phase: { kind: "idle" } });
    this.disturb();
  }

  /** A key came, or something left the screen that a key could be meant for. */
  disturb(): void {
    this.set({ disturbedAt: this.now });
  }

  /** Changes what is known of the terminal. */
  setTerminal(changes: Partial<TerminalState>): void {
    this.set({ terminal: { ...this.state.terminal, ...changes } });
  }

  /** Something may have changed the terminal: nothing on the screen counts as seen any more. */
  reset(): void {
    this.setTerminal({ resets: this.state.terminal.resets + 1, ascii: undefined });
    this.redraw();
  }

  /** The request that is shown has to be drawn and read anew. */
  redraw(): void {
    const { phase } = this.state;
    if (phase.kind === "prompting") this.setPrompt(readAnew(phase.prompt));
  }

  /** Rings the bell. */
  bell(): void {
    this.setTerminal({ bells: this.state.terminal.bells + 1 });
  }

  /** Tells the person, who may look elsewhere, that a request waits. */
  announce(): void {
    this.bell();
    this.setTerminal({ notices: this.state.terminal.notices + 1 });
  }

  // Requests and commands

  /** A command began, or something about it changed. */
  setJob(id: string, job: Job): void {
    this.set({ jobs: new Map(this.state.jobs).set(id, job) });
  }

  /** Takes a request out of the queue. */
  removeFromQueue(id: string): void {
    this.set({ queue: this.state.queue.filter((request) => request.id !== id) });
  }

  // What others learn

  /** Tells the person. */
  print(entry: Entry): void {
    this.set({ history: remember(this.state.history, entry) });
  }

  /** Tells the person and the audit trail. */
  note(note: Note): void {
    if (note.what !== "shown" && note.what !== "started") {
      // The output of a trial follows on this terminal, as the model gets it.
      const head = headOfNote(note, this.state.config.onlyId === undefined);
      this.print({ kind: "note", wall: this.#wall, note: head });
    }
    this.effects.push({ kind: "record", note });
  }

  /** Sends an event line to a client that wants them. */
  tell({ id, stream }: ResolvedRequest, event: "approved" | "started"): void {
    if (stream) this.effects.push({ kind: "tell", event: { id, event } });
  }

  /** Tells waiting requests their positions in the queue. */
  tellPositions(): void {
    this.state.queue.forEach((waiting, index) => this.tellPosition(waiting, index + 1));
  }

  /**
   * Tells one its position, counting the request that has the terminal. The first is shown at once,
   * so it is not told.
   */
  tellPosition({ id, stream }: ResolvedRequest, inQueue: number): void {
    const isFree = FREE.has(this.state.phase.kind);
    const position = inQueue + (isFree ? 0 : 1);
    if (stream && position > 1) {
      this.effects.push({ kind: "tell", event: { id, event: "queued", position } });
    }
  }

  /** Sends the response of a request. */
  reply(id: string, response: Omit<Response, "id">): void {
    this.effects.push({ kind: "reply", id, response: { id, ...response } });
  }

  /** Answers with an error. */
  fail(id: string, code: Fault["code"], message: string): void {
    this.reply(id, { status: "error", code, message });
  }
}

/** The phases in which nobody has the terminal. */
const FREE: ReadonlySet<Phase["kind"]> = new Set(["idle", "asking"]);
