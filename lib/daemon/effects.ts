/**
 * Performs exactly what the machine asks for, and reports the results. It decides nothing.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { nextTurn, within } from "../platform/deadline.ts";
import { messageOf } from "../platform/message_of.ts";
import { freeOutputs } from "../run/outcome.ts";
import type { RunHandle } from "../run/run.ts";
import type { Effect } from "../session/state.ts";
import type { Client, Happening, Ports } from "./ports.ts";

/** How long the last responses may take on their way, in milliseconds. */
const FLUSH_MS = 1000;

type EffectOf<Kind extends Effect["kind"]> = Extract<Effect, { kind: Kind }>;

/** Performs effects. */
export class Effects {
  readonly #ports: Ports;
  readonly #report: (happening: Happening) => void;
  readonly #log = getLogger(["sudo-proxy", "daemon"]);
  readonly #commands = new Map<string, RunHandle>();
  /** The clients of the requests that have no response yet, by id. */
  readonly #clients = new Map<string, Client>();
  /** Resolves once the responses are on their way, or lost. */
  #replied: Promise<void> = Promise.resolve();
  readonly #exit = Promise.withResolvers<void>();
  #isSuspending = false;

  /** Prepares to perform effects with these ports and to report their results. */
  constructor(ports: Ports, report: (happening: Happening) => void) {
    this.#ports = ports;
    this.#report = report;
  }

  /** Resolves when the daemon is to end, and its last responses had time to go. */
  get exit(): Promise<void> {
    return this.#exit.promise;
  }

  /** Whether this process is about to stop, so that it can't go on. */
  get isSuspending(): boolean {
    return this.#isSuspending;
  }

  /**
   * Performs an effect. What takes no time is done when this returns: records are written before
   * the replies that follow them.
   */
  perform(effect: Effect): void {
    switch (effect.kind) {
      case "reply":
        return this.#reply(effect);
      case "tell":
        return this.#clients.get(effect.event.id)?.tell(effect.event);
      case "record":
        return this.#record(effect);
      case "checkCredentials":
        return void this.checkCredentials(effect);
      case "authenticate":
        return void this.#authenticate(effect);
      case "start":
        return this.#start(effect);
      case "signal":
        return void this.#signal(effect);
      case "forget":
        return this.#forget();
      case "suspend":
        return void this.#suspend();
      case "exit":
        return void within(FLUSH_MS, this.#replied).then(() => this.#exit.resolve());
    }
  }

  /** Remembers who sent a request. */
  addClient(id: string, client: Client): void {
    this.#clients.set(id, client);
  }

  /** Forgets who sent a request; false if it was somebody else, or has its response. */
  removeClient(id: string, client: Client): boolean {
    return this.#clients.get(id) === client && this.#clients.delete(id);
  }

  #reply({ id, response }: EffectOf<"reply">): void {
    const client = this.#clients.get(id);
    this.#clients.delete(id);
    // In this turn of the loop, the picture without the prompt is written: it comes before the
    // reply.
    const reply = nextTurn().then(() => client?.reply(response)).finally(() =>
      freeOutputs(response)
    );
    this.#replied = Promise.all([this.#replied, reply]).then(() => {});
  }

  /** A failure is only logged: the end of the daemon tries again. */
  #forget(): void {
    try {
      this.#ports.root?.forget();
    } catch (error) {
      this.#log.error("sudo still remembers you: {error}", { error });
    }
  }

  /** Reports whether the audit trail can be written. */
  reportTrail(): void {
    const { fault, isBroken } = this.#ports.trail;
    this.#report({ kind: "trail", fault, isBroken });
  }

  #record({ note }: EffectOf<"record">): void {
    const id = "request" in note ? ` ${note.request.id}` : "";
    this.#log.info("{what}{id}", { ...note, id });
    this.#ports.trail.note(note);
    this.reportTrail();
  }

  /** Asks the way to root whether it would ask, and reports it. */
  async checkCredentials(
    { id, lookForSharing }: { readonly id: string; readonly lookForSharing: boolean },
  ): Promise<void> {
    const { root } = this.#ports;
    const present = await root?.can("now") ?? false;
    const shared = present && lookForSharing ? await root?.shares() : undefined;
    this.#report({ kind: "credentials", id, present, shared });
  }

  async #authenticate({ id, signal, lookForSharing }: EffectOf<"authenticate">): Promise<void> {
    const { root, terminal } = this.#ports;
    await terminal.lent();
    if (signal !== undefined) {
      const sent = await this.#commands.get(id)?.terminate(signal, true) ?? "sent";
      const result = sent === "sent" ? "sent" : "failed";
      return this.#report({ kind: "authenticated", id, result, shared: undefined });
    }
    const result = await root?.authenticate() ?? "failed";
    const shared = result === "kept" && lookForSharing ? await root?.shares() : undefined;
    this.#report({ kind: "authenticated", id, result, shared });
  }

  #start({ approved, withTerminal, wasAsked }: EffectOf<"start">): void {
    const { runner, terminal, trail } = this.#ports;
    const { id, stream } = approved.request;
    let recorded: ReturnType<typeof trail.recordStart>;
    try {
      recorded = trail.recordStart(approved);
    } catch (error) {
      const end = { kind: "refused", ...notRecorded(error) } as const;
      return this.#report({ kind: "ended", id, end });
    } finally {
      this.reportTrail();
    }
    const command = runner.run(recorded, {
      withTerminal,
      lent: () => terminal.lent(),
      onStarted: () => this.#report({ kind: "started", id }),
      onOutput: (stage, name, bytes) => {
        if (!stream) return;
        this.#clients.get(id)?.tell({ id, event: "output", stage, stream: name, data: bytes });
      },
    });
    this.#commands.set(id, command);
    if (wasAsked) void command.begun().then(() => this.#report({ kind: "begun", id }));
    void command.ended.then((end) => {
      this.#commands.delete(id);
      this.#report({ kind: "ended", id, end });
    });
  }

  async #signal({ id, signal }: EffectOf<"signal">): Promise<void> {
    const sent = await this.#commands.get(id)?.terminate(signal) ?? "sent";
    if (sent !== "sent") {
      this.#report({ kind: "signalFailed", id, wouldAsk: sent === "wouldAsk" });
    }
  }

  async #suspend(): Promise<void> {
    this.#isSuspending = true;
    await this.#ports.terminal.lent();
    this.#ports.suspend();
    this.#isSuspending = false;
    this.#report({ kind: "continued" });
  }
}

/** What a client learns if the audit trail can't be written. */
export function notRecorded(error: unknown): { code: "not_recorded"; message: string } {
  return { code: "not_recorded", message: messageOf(error) };
}
