import type { Response } from "../protocol/response.ts";
import type { Approved } from "./approved.ts";
import { NO_PASTE } from "./keys.ts";
import type { ResolvedRequest } from "./request.ts";
import type { Borrower, Effect, GateState, IdleQuestion, Note, Prompt, Run } from "./state.ts";
import { disturbed } from "./stillness.ts";

/** One step of the machine: the state as it changes, and the effects as they add up. */
export class Turn {
  /** Where the machine stands; replaced, never changed. */
  state: GateState;
  /** What is to be done, in order. */
  readonly effects: Effect[] = [];
  /** Monotonic milliseconds. */
  readonly now: number;

  /** Begins a step. */
  constructor(state: GateState, now: number) {
    this.state = state;
    this.now = now;
  }

  /**
   * A line for the person can be printed, though under a prompt it is seen later; not while the
   * terminal is lent.
   */
  canPrint(): boolean {
    const { kind } = this.state.holder;
    return kind === "idle" || kind === "prompting";
  }

  /**
   * A daemon that is to end soon waits for nobody: what it can't end is told of on the terminal,
   * and left.
   */
  isPatient(): boolean {
    return this.state.stopping === undefined || this.state.stopping.deadline === Infinity;
  }

  /** Whether it starts without a question. */
  runsUnderTrust(request: ResolvedRequest): boolean {
    // The agent reaches other machines; that was not what the person was asked.
    return this.state.trustUnprivileged && !request.asRoot && !request.forwardAgent;
  }

  /** Whether a request with this id waits, is shown, waits for sudo, or runs. */
  isKnown(id: string): boolean {
    const { holder, queue, running } = this.state;
    return running.has(id) || queue.some((request) => request.id === id) ||
      (holder.kind === "prompting" && holder.prompt.request.id === id) ||
      this.waitingForSudo()?.request.id === id ||
      (holder.kind === "lent" && holder.to.kind === "withdrawn" && holder.to.id === id);
  }

  /** The approved request that waits for sudo to know the person. */
  waitingForSudo(): Approved | undefined {
    const { holder } = this.state;
    if (holder.kind === "checking") return holder.approved;
    return holder.kind === "lent" && holder.to.kind === "start" ? holder.to.approved : undefined;
  }

  /** Whether sudo asks for the password that ends this command. */
  isLentToEnding(id: string): boolean {
    const { holder } = this.state;
    return holder.kind === "lent" && holder.to.kind === "ending" && holder.to.id === id;
  }

  /** Somebody else has the terminal now. */
  lend(to: Borrower): void {
    this.state = { ...this.state, holder: { kind: "lent", to } };
  }

  /** A key came: the stillness that arms the prompt begins anew. */
  touched(prompt: Prompt): number | undefined {
    return prompt.quietSince === undefined ? undefined : this.now;
  }

  /** Takes the prompt off the screen. */
  leavePrompt(): void {
    this.freeTerminal();
    this.effects.push({ kind: "withdraw" });
  }

  /** The terminal is ours again, if it was lent. */
  takeBack(): void {
    const { kind } = this.state.holder;
    this.freeTerminal();
    if (kind !== "lent") return;
    // What was typed meanwhile went to sudo, the end of a paste as well.
    this.state = { ...this.state, paste: NO_PASTE };
    this.effects.push({ kind: "takeBack" });
  }

  /** Nobody has the terminal, and keys may be on their way to whoever had it. */
  freeTerminal(): void {
    this.state = { ...this.state, holder: { kind: "idle", question: undefined } };
    this.disturb();
  }

  /** The prompt is another one; the screen follows. */
  setPrompt(prompt: Prompt): void {
    this.state = { ...this.state, holder: { kind: "prompting", prompt } };
    this.effects.push({ kind: "redraw" });
  }

  /** A command began, or something about it changed. */
  setRun(id: string, run: Run): void {
    this.state = { ...this.state, running: new Map(this.state.running).set(id, run) };
  }

  /** Takes a request out of the line. */
  removeFromQueue(id: string): void {
    this.state = { ...this.state, queue: this.state.queue.filter((request) => request.id !== id) };
  }

  /** Tells the person and the audit log. */
  note(note: Note): void {
    this.effects.push({ kind: "note", note });
  }

  /** Sends an event line to a client that wants them. */
  tell(request: ResolvedRequest, event: "shown" | "approved" | "started"): void {
    if (request.stream) this.effects.push({ kind: "tell", event: { id: request.id, event } });
  }

  /** Tells those that wait where in the line they are. */
  tellPositions(): void {
    this.state.queue.forEach((waiting, index) => this.tellPosition(waiting, index + 1));
  }

  /**
   * Counts whoever has the terminal; the first in line hears nothing, since it is shown at once.
   */
  tellPosition({ id, stream }: ResolvedRequest, inQueue: number): void {
    const position = inQueue + (this.state.holder.kind === "idle" ? 0 : 1);
    if (stream && position > 1) {
      this.effects.push({ kind: "tell", event: { id, event: "queued", position } });
    }
  }

  /** Sends the response of a request. */
  reply(id: string, response: Response): void {
    this.effects.push({ kind: "reply", id, response });
  }

  /** Answers with an error. */
  fail(id: string, message: string): void {
    this.reply(id, { id, status: "error", message });
  }

  /** See {@linkcode disturbed}. */
  disturb(): void {
    this.state = disturbed(this.state, this.now);
  }

  /** Puts a question between prompts, or takes it back. */
  ask(question: IdleQuestion | undefined): void {
    this.state = { ...this.state, holder: { kind: "idle", question } };
    this.effects.push({ kind: "ask", question });
    if (question === undefined) this.disturb();
  }
}
