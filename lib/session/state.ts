/**
 * What the daemon knows, what happens to it, and what it asks for: the types of
 * `update(state, event) → { state, effects }`.
 *
 * @module
 */
import type { ResolvedRequest } from "../admit/request.ts";
import type { Approved, SessionGrant } from "../decide/approved.ts";
import type { PasteState } from "../decide/paste.ts";
import type { Prompt, Visible } from "../decide/prompt.ts";
import type { ProgressEvent, Response } from "../protocol/response.ts";
import type { RunEnd } from "../run/outcome.ts";
import type { EndingReason, History, Note, StopCause, Tone } from "./history.ts";

/** How the daemon was set up. */
export interface SessionConfig {
  /** How long a request stays on the screen before it counts as unanswered, in milliseconds. */
  readonly promptTimeoutMs: number;
  /** Whether sudo may ask before a privileged command, polkit at each start, or nobody (root). */
  readonly authentication: "sudo" | "polkit" | "none";
  /** `each` if sudo asks for every privileged command; `cached` if its own memory decides. */
  readonly password: "each" | "cached";
  /**
   * Whether the key `a` exists: with `--unattended-eligible`, unless a grant would give root away.
   */
  readonly mayTrust: boolean;
  /** In a trial, the only request that is accepted; `undefined` accepts any. */
  readonly onlyId: string | undefined;
}

/** Who has the terminal. There is exactly one, so no prompt can be shown while sudo asks. */
export type Phase =
  /** Nobody: the history is shown. */
  | { readonly kind: "idle" }
  /** The person is asked whether to quit, or to end a command. */
  | { readonly kind: "asking"; readonly question: IdleQuestion }
  /** A request is shown. */
  | { readonly kind: "prompting"; readonly prompt: Prompt }
  /** Keys are dropped until sudo says whether it would ask, or has begun the previous command. */
  | {
    readonly kind: "checking";
    readonly approved: Approved;
    readonly waitsFor: "answer" | "begun";
  }
  /** The terminal is in its normal mode and nobody here reads it. */
  | { readonly kind: "lent"; readonly to: Borrower };

/** What the person is asked between prompts. */
export type IdleQuestion =
  | { readonly kind: "quit" }
  | { readonly kind: "end"; readonly id: string };

/** Whom the terminal is lent to, and what for. */
export type Borrower =
  /** `sudo -v`, so that the approved request can start. */
  | { readonly kind: "start"; readonly approved: Approved }
  /** `sudo -v` for a request that was withdrawn meanwhile: its end starts nothing. */
  | { readonly kind: "withdrawn"; readonly id: string }
  /** The command itself, since sudo keeps no credentials; or polkit's agent while it starts. */
  | { readonly kind: "command"; readonly id: string }
  /** The question for the password that ends a command. */
  | { readonly kind: "ending"; readonly id: string };

/** A command that runs. */
export interface Job {
  /** What was approved. */
  readonly request: ResolvedRequest;
  /** Monotonic milliseconds of the start; `undefined` until the first process is there. */
  readonly startedAt: number | undefined;
  /** What it still needs sudo's credentials for: it has not begun, or sudo is to end it. */
  readonly needsCredentials: "start" | "end" | undefined;
  /** Set once the command is being ended. */
  readonly ending:
    | {
      readonly why: EndingReason;
      /** Monotonic milliseconds at which SIGKILL follows; never at `Infinity`. */
      readonly killAt: number;
      readonly killed: boolean;
      /** Whether that failed; it may then be tried again. */
      readonly failed: boolean;
    }
    | undefined;
  /** Whether ending it failed for want of sudo's credentials. */
  readonly needsPassword: boolean;
}

/** Everything that the daemon knows. Values are replaced, never changed. */
export interface SessionState {
  /** How it was set up. */
  readonly config: SessionConfig;
  /** Monotonic milliseconds of the last event. */
  readonly now: number;
  /** The last time the clock moved, a key came, or no prompt was shown (monotonic ms). */
  readonly ranAt: number;
  /** Who has the terminal. */
  readonly phase: Phase;
  /** Requests that wait to be shown, in order. */
  readonly queue: readonly ResolvedRequest[];
  /** Commands that run, by request id, in the order of their starts. */
  readonly jobs: ReadonlyMap<string, Job>;
  /** What the person granted with `a`: unprivileged commands run without a question. */
  readonly grant: SessionGrant | undefined;
  /** Whether what sudo remembers counts beyond this terminal. */
  readonly sharing: "unknown" | "private" | "shared";
  /** False once sudo was seen to keep no credentials. */
  readonly keepsCredentials: boolean;
  /** Whether sudo may remember something that has to be dropped at the end. */
  readonly usedCredentials: boolean;
  /** Whether sudo learned something that has to be dropped as soon as no command needs it. */
  readonly mustForget: boolean;
  /**
   * The last time that a key came, unless it only scrolled or opened the help, or that something
   * left the screen which a key could be meant for (monotonic ms).
   */
  readonly disturbedAt: number;
  /**
   * When the terminal was last taken back (monotonic ms); a Ctrl+C soon after may be meant for
   * sudo.
   */
  readonly takenBackAt: number;
  /** Until when the person wants no requests, after `d`, in monotonic milliseconds. */
  readonly deniesUntil: number;
  /** What of a bracketed paste has come so far; nothing that is pasted is a key. */
  readonly paste: PasteState;
  /** Set once the end was asked for; nothing is waited for after `deadline`. */
  readonly stopping: { readonly by: StopCause; readonly deadline: number } | undefined;
  /** What is known of the terminal. */
  readonly terminal: TerminalState;
  /** What stands in the history. */
  readonly history: History;
  /** Why nothing can be recorded, as the person was last told. */
  readonly trailFault: string | undefined;
}

/** What is known of the terminal. */
export interface TerminalState {
  /** The window in cells and rows. */
  readonly window: { readonly columns: number; readonly rows: number };
  /** How often it had to be reset; after each reset it is asked again what it draws. */
  readonly resets: number;
  /**
   * Whether it gets only ASCII; until it has answered, this is `undefined` and no text is written.
   */
  readonly ascii: boolean | undefined;
  /** The number of the last drawing of a prompt. */
  readonly drawings: number;
  /** How often the bell has rung. */
  readonly bells: number;
  /** How many requests have been shown, for the desktop's notification. */
  readonly notices: number;
  /** Whether job control has stopped this process, so that the terminal is the shell's. */
  readonly suspended: boolean;
}

/** What happens. */
export type SessionEvent =
  & {
    /** Monotonic milliseconds; never goes back. */
    readonly now: number;
    /** Wall-clock milliseconds of the epoch, for the history alone. */
    readonly wall: number;
  }
  & (
    // From connections.
    | { readonly kind: "submitted"; readonly request: ResolvedRequest }
    | { readonly kind: "clientGone"; readonly id: string }
    | { readonly kind: "cancel"; readonly target: string; readonly replyTo: string }
    /** A `stop` request, or the end of a trial. */
    | { readonly kind: "stop"; readonly by: "request" | "itself" }
    // From the terminal and the system.
    /** The bytes of one read from the terminal, without the terminal's own answers. */
    | { readonly kind: "keys"; readonly burst: Uint8Array }
    | { readonly kind: "clock" }
    | { readonly kind: "resized"; readonly columns: number; readonly rows: number }
    /** The terminal answered what it draws, after the reset of this number. */
    | { readonly kind: "probed"; readonly reset: number; readonly ascii: boolean }
    /** The terminal answered that it has drawn this drawing of the prompt, and what was visible. */
    | { readonly kind: "drawn"; readonly drawing: number; readonly visible: Visible }
    /** This drawing of the prompt could not be made. */
    | { readonly kind: "undrawable"; readonly drawing: number }
    /** A signal that ends the daemon in good order, such as SIGTERM. */
    | { readonly kind: "signal"; readonly signal: string }
    /** The terminal is gone. */
    | { readonly kind: "hangup" }
    /** SIGTSTP: job control wants this process to stop. */
    | { readonly kind: "suspend" }
    /** SIGCONT: this process goes on, whatever stopped it. */
    | { readonly kind: "continued" }
    // From sudo and commands.
    /**
     * Whether root needs no question now; `shared`, if tested, whether that holds elsewhere, too.
     */
    | {
      readonly kind: "credentials";
      readonly id: string;
      readonly present: boolean;
      readonly shared: boolean | undefined;
    }
    /** How the question ended; `sent` if the signal that ends a command went with it. */
    | {
      readonly kind: "authenticated";
      readonly id: string;
      readonly result: "kept" | "notKept" | "failed" | "sent";
      readonly shared: boolean | undefined;
    }
    /** Every stage was spawned; if starting asks for a password, that is over. */
    | { readonly kind: "started"; readonly id: string }
    /** sudo has started every stage, so the command no longer needs the credentials. */
    | { readonly kind: "begun"; readonly id: string }
    | { readonly kind: "ended"; readonly id: string; readonly end: RunEnd }
    /** A signal could not be sent; `wouldAsk` if the way to root wants a password for it. */
    | { readonly kind: "signalFailed"; readonly id: string; readonly wouldAsk: boolean }
    /** Words for the person: a warning, a greeting, a line of the log. */
    | { readonly kind: "said"; readonly text: string; readonly tone: Tone }
    /** Whether the audit trail can be written. */
    | { readonly kind: "trail"; readonly fault: string | undefined; readonly isBroken: boolean }
  );

/** An event of one kind. */
export type EventOf<Kind extends SessionEvent["kind"]> = Extract<SessionEvent, { kind: Kind }>;

/** A phase of one kind. */
export type PhaseOf<Kind extends Phase["kind"]> = Extract<Phase, { kind: Kind }>;

/** The signals that end a command; after SIGTERM it may tidy up. */
export type KillSignal = "SIGTERM" | "SIGKILL";

/** What is to be done. */
export type Effect =
  /** Send the response of a request, and close its connection. */
  | { readonly kind: "reply"; readonly id: string; readonly response: Response }
  /** Send an event line. */
  | { readonly kind: "tell"; readonly event: ProgressEvent }
  /** Write it into the audit trail and the log. */
  | { readonly kind: "record"; readonly note: Note }
  /** Ask the way to root whether it would ask; report `credentials`. */
  | { readonly kind: "checkCredentials"; readonly id: string; readonly lookForSharing: boolean }
  /**
   * Let the way to root ask, once the terminal is lent; `signal` is the one that polkit's question
   * is about.
   */
  | {
    readonly kind: "authenticate";
    readonly id: string;
    readonly signal: KillSignal | undefined;
    readonly lookForSharing: boolean;
  }
  /** Record the start, run it; report `started`, `ended`, and `begun` if sudo was asked. */
  | {
    readonly kind: "start";
    readonly approved: Approved;
    readonly withTerminal: boolean;
    readonly wasAsked: boolean;
  }
  /** Send a signal to the whole command; report `signalFailed` if that fails. */
  | { readonly kind: "signal"; readonly id: string; readonly signal: KillSignal }
  /** Drop what sudo remembers. */
  | { readonly kind: "forget" }
  /** Stop this process, once the terminal is lent; report `continued`. */
  | { readonly kind: "suspend" }
  /** End the daemon. */
  | { readonly kind: "exit" };
