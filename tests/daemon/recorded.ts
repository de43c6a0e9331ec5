import { Daemon } from "../../lib/daemon/daemon.ts";
import type { RunHandle, RunPlan } from "../../lib/run/run.ts";
import type { Client, RootPort } from "../../lib/daemon/ports.ts";
import type { ResolvedRequest } from "../../lib/admit/request.ts";
import { pause } from "../../lib/platform/deadline.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import type { RunEnd } from "../../lib/run/outcome.ts";
import type { Response } from "../../lib/protocol/response.ts";
import type { SessionConfig } from "../../lib/session/state.ts";
import { type Picture, picture } from "../../lib/view/picture.ts";
import { assertTrue, defined } from "../rig/assert.ts";
import { resolved } from "../session/resolved.ts";
import { captured } from "../rig/captured.ts";

/** A command that ran one stage to a good end. */
export const FINISHED: RunEnd = {
  kind: "finished",
  outcome: {
    stages: [{ exitCode: 0, signal: undefined, stderr: captured() }],
    stdout: captured("done\n"),
    durationMs: 12,
  },
};

const WINDOW = { kind: "resized", columns: 80, rows: 24 } as const;
const NAMES = { machine: "test", user: "someone (uid 1000)" };

/** The real daemon and machine, with ports that write down what happens to them. */
export class RecordedDaemon {
  /** What happened, in order. */
  readonly log: string[] = [];
  /** Who sent the requests, by request id. */
  readonly #clients = new Map<string, Client>();
  /** The responses, by request id. */
  readonly responses = new Map<string, Response>();
  /** How long the output of each response was when its client got it. */
  readonly lengths: number[] = [];
  /** Commands that run, by request id. */
  readonly commands = new Map<string, FakeCommand>();
  /** How many events the machine took. */
  turns = 0;
  /** What the audit trail can't write. */
  readonly unrecordable = new Set<"received" | "start" | "note">();
  /** Whether `sudo -k` can be started. */
  canForget = true;
  /** What looking up programs waits for. */
  lookup: Promise<void> = Promise.resolve();
  /** What sudo says. */
  root: { can: boolean; shares: boolean } = { can: false, shares: false };
  readonly daemon: Daemon;
  #now = 1000;
  #turn = () => {};
  #tickMs = Infinity;
  #make: () => Picture = () => assertNever();
  /** Whether the terminal has been given away, as the fake renderer does when it is told to. */
  #isGiven = false;
  #lentWaits: (() => void)[] = [];
  #questions: ((result: Awaited<ReturnType<RootPort["authenticate"]>>) => void)[] = [];
  #starting: string | undefined;

  /** @param config What differs from a daemon with sudo's own memory, whose person may trust. */
  constructor(config: Partial<SessionConfig> = {}) {
    const { log } = this;
    const trail = { fault: undefined as string | undefined, isBroken: false };
    const record = (what: "received" | "start", id: string) => {
      const fails = this.unrecordable.has(what);
      log.push(`${fails ? "can't record" : "record"} ${what} ${id}`);
      trail.fault = fails ? "can't be written: the disk is full" : undefined;
      if (fails) throw new Error("nothing ran: the audit trail can't be written: the disk is full");
    };
    this.daemon = new Daemon({
      config: {
        promptTimeoutMs: 60_000,
        authentication: "sudo",
        password: "cached",
        mayTrust: true,
        onlyId: undefined,
        ...config,
      },
      clock: {
        now: () => this.#now,
        wall: () => 1_760_000_000_000 + this.#now,
        every: (ms, turn) => {
          [this.#tickMs, this.#turn] = [ms, turn];
          return () => [this.#tickMs, this.#turn] = [Infinity, () => {}];
        },
      },
      terminal: {
        show: (make) => {
          this.turns++;
          this.#make = make;
          if (make().borrower !== undefined || !this.#isGiven) return;
          this.#isGiven = false;
          log.push("terminal is ours");
        },
        lent: () => {
          log.push("waits for the terminal");
          return new Promise((resolve) => {
            this.#lentWaits.push(resolve);
            if (this.#isGiven) this.giveTerminal();
          });
        },
        continued: () => log.push("terminal is taken anew"),
        close: () => log.push("terminal is closed"),
      },
      trail: {
        get fault() {
          return trail.fault;
        },
        get isBroken() {
          return trail.isBroken;
        },
        receive: ({ id }) => record("received", id),
        recordStart: (approved) => {
          this.#starting = approved.request.id;
          record("start", approved.request.id);
          // Opened by nothing here: the fake runner knows the id from the line above.
          return {} as ReturnType<ConstructorParameters<typeof Daemon>[0]["trail"]["recordStart"]>;
        },
        note: (note) => {
          const what = note.what === "decided" ? note.decision : note.what;
          // It is kept, and written once that is possible.
          if (this.unrecordable.has("note")) trail.fault = "can't be written: the disk is full";
          log.push(`record ${what}${"request" in note ? ` ${note.request.id}` : ""}`);
        },
        reject: (id) => log.push(`record rejected ${id}`),
      },
      root: {
        can: () => Promise.resolve(this.root.can),
        shares: () => {
          log.push("looks for sharing");
          return Promise.resolve(this.root.shares);
        },
        authenticate: () => {
          assertTrue(this.#isGiven, "sudo asks only on a terminal that was given away");
          log.push("sudo asks");
          return new Promise((resolve) => this.#questions.push(resolve));
        },
        forget: () => {
          log.push("forget");
          if (this.canForget) return;
          throw new Error("there is no timeout");
        },
      },
      runner: { run: (_, plan) => this.#run(plan) },
      suspend: () => {
        assertTrue(this.#isGiven, "the shell gets a terminal that was given away");
        log.push("process stops");
      },
      picture: (state) => picture(state, NAMES),
      resolve: async (request) => {
        log.push(`looks up ${request.id}`);
        await this.lookup;
        return { request: resolved(request.id, { ...request }) };
      },
    });
    this.daemon.dispatch(WINDOW);
    this.#probe();
  }

  /** What the terminal is to show. */
  get picture(): Picture {
    return this.#make();
  }

  /** Whether the terminal is to be ours. */
  get isOurs(): boolean {
    return this.picture.borrower === undefined;
  }

  /** What happened since this was asked last, but for what only other tests are about. */
  news(): readonly string[] {
    return this.log.splice(0).filter((line) =>
      !/^(?:tell|looks for sharing|waits until)/.test(line)
    );
  }

  /** Requests come, from clients of their own, which hear what a connection would write. */
  submit(...requests: readonly ResolvedRequest[]): void {
    for (const request of requests) {
      const client = this.client();
      this.#clients.set(request.id, client);
      try {
        this.daemon.submit(request, client);
      } catch (error) {
        if (!(error instanceof ProtocolError)) throw error;
        this.log.push(`refused ${error.id} ${error.code}`);
      }
    }
  }

  /** Who sent a request. */
  clientOf(id: string): Client {
    return defined(this.#clients.get(id));
  }

  /** The client of a request goes away. */
  leave(id: string): void {
    this.daemon.clientGone(id, this.clientOf(id));
  }

  /** A client that writes down what it hears. */
  client(): Client {
    return {
      tell: ({ id, event }) => void this.log.push(`tell ${id} ${event}`),
      reply: (response) => {
        const { id, status, code } = response;
        this.log.push(`reply ${id} ${status}${code ? ` ${code}` : ""}`);
        this.responses.set(id, response);
        this.lengths.push(response.stdout?.length ?? 0);
        return Promise.resolve();
      },
    };
  }

  /** Time passes; the clock turns as often as the daemon asked for. */
  wait(ms: number): void {
    const until = this.#now + ms;
    while (this.#now + this.#tickMs <= until) {
      this.#now += this.#tickMs;
      this.#turn();
    }
    this.#now = until;
  }

  /** The prompt is drawn and read, and time passes until it is armed; then a key is pressed. */
  answer(key: string): void {
    this.#probe();
    const { prompt } = this.picture;
    assertTrue(prompt !== undefined, "a prompt is shown");
    const { drawing, visible } = prompt;
    this.daemon.dispatch({ kind: "drawn", drawing, visible });
    this.wait(3000);
    this.press(key);
  }

  press(key: string): void {
    this.daemon.dispatch({ kind: "keys", burst: new TextEncoder().encode(key) });
  }

  #probe(): void {
    const { resets } = this.picture;
    this.daemon.dispatch({ kind: "probed", reset: resets, ascii: false });
  }

  /** The renderer has given the terminal away, and says so. */
  giveTerminal(): void {
    assertTrue(this.picture.borrower !== undefined, "the terminal is to be given away");
    if (!this.#isGiven) this.log.push("terminal is given away");
    this.#isGiven = true;
    for (const resolve of this.#lentWaits.splice(0)) resolve();
  }

  /** A command that runs. */
  command(id: string): FakeCommand {
    const command = this.commands.get(id);
    assertTrue(command !== undefined, `${id} runs`);
    return command;
  }

  /** sudo's question ends. */
  async sudoAnswers(result: "kept" | "notKept" | "failed"): Promise<void> {
    const question = this.#questions.shift();
    assertTrue(question !== undefined, "sudo asks");
    question(result);
    await settled();
  }

  #run(plan: RunPlan): RunHandle {
    const id = this.#starting;
    assertTrue(id !== undefined, "a start was recorded");
    this.#starting = undefined;
    this.log.push(`run ${id}`);
    const command = new FakeCommand(id, plan, this.log);
    this.commands.set(id, command);
    return command;
  }
}

/** A command that does what the test says. */
export class FakeCommand implements RunHandle {
  readonly plan: RunPlan;
  readonly #id: string;
  readonly #log: string[];
  readonly #ended = Promise.withResolvers<RunEnd>();
  readonly #begun = Promise.withResolvers<void>();
  /** How signals fare. */
  signals: "sent" | "wouldAsk" | "failed" = "sent";

  constructor(id: string, plan: RunPlan, log: string[]) {
    [this.#id, this.plan, this.#log] = [id, plan, log];
  }

  get ended(): Promise<RunEnd> {
    return this.#ended.promise;
  }

  begun(): Promise<void> {
    this.#log.push(`waits until ${this.#id} has begun`);
    return this.#begun.promise;
  }

  terminate(signal: string): Promise<"sent" | "wouldAsk" | "failed"> {
    this.#log.push(`${signal} to ${this.#id}`);
    return Promise.resolve(this.signals);
  }

  async begin(): Promise<void> {
    this.#begun.resolve();
    await settled();
  }

  async end(end: RunEnd = FINISHED): Promise<void> {
    this.#ended.resolve(end);
    await settled();
  }
}

/** Lets every promise that can go on go on; a reply waits for the end of the turn before it. */
export async function settled(): Promise<void> {
  await pause(0);
  await pause(0);
}

function assertNever(): never {
  throw new Error("nothing was shown");
}
