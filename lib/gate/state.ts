/**
 * The state of the approval machine, what happens to it, and what it asks for.
 *
 * @module
 */
import type { ProgressEvent, Response } from "../protocol/response.ts";
import type { Approved } from "./approved.ts";
import type { Key, PasteState } from "./keys.ts";
import type { RunEnd } from "./outcome.ts";
import type { ResolvedRequest } from "./request.ts";

/** How the machine was set up. */
export interface GateConfig {
  /** How long a request stays on the screen before it counts as unanswered, in milliseconds. */
  readonly promptTimeoutMs: number;
  /**
   * `sudo` where sudo may ask its question before a privileged command; `atStart` where starting one
   * asks, every time; `none` where the daemon is root.
   */
  readonly authentication: "sudo" | "atStart" | "none";
  /**
   * `each` where sudo asks its question for every privileged command; `cached` where its own memory
   * decides.
   */
  readonly password: "each" | "cached";
  /**
   * Whether the key `a` exists: true only with `--unattended-eligible`, and not where trust would
   * give root away.
   */
  readonly mayTrust: boolean;
}

/** The one request that is on the screen. */
export interface Prompt {
  /** What is shown. */
  readonly request: ResolvedRequest;
  /** Monotonic milliseconds at which it counts as unanswered. */
  readonly deadline: number;
  /** How long the screen must have been still before a key can approve, in milliseconds. */
  readonly stillMs: number;
  /** Whether all of it has been on the screen in the layout that is there now. */
  readonly readWhole: boolean;
  /** Monotonic milliseconds of the last drawing or key; `undefined` until it was drawn. */
  readonly quietSince: number | undefined;
  /** The line that the person types for the model after `r`; `undefined` while no line is typed. */
  readonly message: string | undefined;
  /** Whether the keys are explained in place of the request. */
  readonly help: boolean;
}

/**
 * Who holds the terminal: exactly one, so that no prompt can be shown while sudo asks for a
 * password.
 */
export type Holder =
  | { readonly kind: "idle"; readonly question: IdleQuestion | undefined }
  | { readonly kind: "prompting"; readonly prompt: Prompt }
  /** Keys are thrown away while `sudo -nv` looks for credentials. */
  | { readonly kind: "checking"; readonly approved: Approved }
  /** The terminal is in its normal mode and nobody here reads it. */
  | { readonly kind: "lent"; readonly to: Borrower };

/** What the person is asked between prompts: whether to quit, or to end a command. */
export type IdleQuestion =
  | { readonly kind: "quit" }
  | { readonly kind: "end"; readonly request: ResolvedRequest };

/** Whom the terminal is lent to. */
export type Borrower =
  /** `sudo -v`, so that the approved request can start. */
  | { readonly kind: "start"; readonly approved: Approved }
  /**
   * `sudo -v` for a request that was withdrawn meanwhile; it can't be stopped from here, and its
   * end starts nothing.
   */
  | { readonly kind: "withdrawn"; readonly id: string }
  /** The command itself, since sudo keeps no credentials, or what asks while it starts. */
  | { readonly kind: "command"; readonly id: string }
  /** `sudo -v`, since ending the command takes a password. */
  | { readonly kind: "ending"; readonly id: string };

/** Why a running command is being ended. */
export type EndingReason = "limit" | "cancel" | "stop" | "person";

/** A command that runs. */
export interface Run {
  /** What was approved. */
  readonly request: ResolvedRequest;
  /** Monotonic milliseconds of the start; `undefined` until the first process is there. */
  readonly startedAt: number | undefined;
  /** Set once the command is being ended. */
  readonly ending:
    | {
      readonly why: EndingReason;
      /** Monotonic milliseconds at which SIGKILL follows; never at `Infinity`. */
      readonly killAt: number;
      readonly killed: boolean;
      /** Whether it failed, so that it may be asked for again. */
      readonly failed: boolean;
    }
    | undefined;
  /** Whether ending it failed for want of sudo's credentials. */
  readonly needsPassword: boolean;
  /** Whether the command has the terminal. */
  readonly withTerminal: boolean;
}

/** Everything that the machine knows. */
export interface GateState {
  /** How it was set up. */
  readonly config: GateConfig;
  /** Who holds the terminal. */
  readonly holder: Holder;
  /** Requests that wait to be shown, in order. */
  readonly queue: readonly ResolvedRequest[];
  /** Commands that run, by request id. */
  readonly running: ReadonlyMap<string, Run>;
  /** Whether a person said `a`: unprivileged commands run without a question. */
  readonly trustUnprivileged: boolean;
  /** Whether what sudo remembers was seen to count beyond this terminal. */
  readonly sharesCredentials: boolean;
  /** False once sudo was seen to keep no credentials, and where starting a command asks. */
  readonly keepsCredentials: boolean;
  /**
   * When a key was pressed that was not for reading, or something that a key could have been meant
   * for left the terminal, in monotonic milliseconds.
   */
  readonly disturbedAt: number;
  /** Until when the person wants no requests, after `d`, in monotonic milliseconds. */
  readonly deniesUntil: number;
  /** What of a bracketed paste has come so far; nothing that is pasted is a key. */
  readonly paste: PasteState;
  /** Set once the end was asked for; monotonic milliseconds after which nothing is waited for. */
  readonly stopping: { readonly by: StopCause; readonly deadline: number } | undefined;
}

/**
 * Who asked for the end: a `stop` request, a signal, the person with `q`, a daemon that was started
 * for one request, or the terminal, which is gone.
 */
export type StopCause = "request" | "signal" | "person" | "itself" | "hangup";

/** What happens to the machine. `now` is monotonic time in milliseconds and never goes back. */
export type GateEvent =
  & {
    /** Monotonic milliseconds. */
    readonly now: number;
  }
  & (
    | { readonly kind: "submitted"; readonly request: ResolvedRequest }
    | { readonly kind: "keys"; readonly burst: Uint8Array }
    | { readonly kind: "clock" }
    /**
     * The prompt of `id` was drawn anew; `whole` says whether all of it has been on the screen in
     * this layout.
     */
    | { readonly kind: "drawn"; readonly id: string; readonly whole: boolean }
    /**
     * The prompt of `id` was written to the terminal, which has not answered yet that it drew it, or
     * is about to be.
     */
    | { readonly kind: "drawing"; readonly id: string }
    /** The prompt of `id` could not be drawn. */
    | { readonly kind: "undrawable"; readonly id: string }
    /** This process did not run for a while: keys that come now may have been pressed before. */
    | { readonly kind: "stalled" }
    | { readonly kind: "clientGone"; readonly id: string }
    | { readonly kind: "cancel"; readonly target: string; readonly replyTo: string }
    /** What `sudo -nv` said. */
    | { readonly kind: "credentials"; readonly id: string; readonly present: boolean }
    /** What sudo remembers counts beyond this terminal: every process of the user can use it. */
    | { readonly kind: "credentialsShared" }
    /**
     * How `sudo -v` ended, and whether `sudo -nv` finds credentials now; `sent` where the signal that
     * ends a command went with the question.
     */
    | {
      readonly kind: "authenticated";
      readonly id: string;
      readonly result: "kept" | "notKept" | "failed" | "sent";
    }
    | { readonly kind: "started"; readonly id: string }
    | { readonly kind: "ended"; readonly id: string; readonly end: RunEnd }
    /** Ending a command failed; with `password`, sudo would need one. */
    | { readonly kind: "endingFailed"; readonly id: string; readonly password: boolean }
    | { readonly kind: "stop"; readonly by: StopCause }
  );

/** Something worth remembering: a line for the person, and a record for the audit log. */
export type Note =
  | { readonly what: "shown"; readonly request: ResolvedRequest }
  | {
    readonly what: "decided";
    readonly request: ResolvedRequest;
    readonly decision: "approved" | "trusted" | "denied" | "timeout";
    /** The key that decided; absent where none was pressed. */
    readonly key?: string;
    readonly message?: string;
  }
  | { readonly what: "withdrawn"; readonly request: ResolvedRequest; readonly why: string }
  | { readonly what: "notAuthenticated"; readonly request: ResolvedRequest }
  | { readonly what: "started"; readonly request: ResolvedRequest }
  | { readonly what: "ended"; readonly request: ResolvedRequest; readonly end: RunEnd }
  | { readonly what: "ending"; readonly request: ResolvedRequest; readonly why: EndingReason }
  | { readonly what: "endingFailed"; readonly request: ResolvedRequest; readonly password: boolean }
  /** The person granted trust with `a`, or what sudo remembers took it away. */
  | { readonly what: "policy"; readonly trustUnprivileged: true; readonly by: "person" }
  | { readonly what: "policy"; readonly trustUnprivileged: false; readonly by: "sudo" }
  | { readonly what: "stopping"; readonly by: StopCause; readonly running: number };

/** What the machine asks the daemon to do. */
export type Effect =
  /** Put the request on the screen, ring the bell, and report back with `drawn`. */
  | { readonly kind: "show"; readonly request: ResolvedRequest }
  /** Bring what is on the screen up to date. */
  | { readonly kind: "redraw" }
  /** Draw the request in the place of the help, and report back with `drawn`. */
  | { readonly kind: "drawAnew"; readonly id: string }
  /** Move within a long request, or within the help, and report back with `drawn`. */
  | { readonly kind: "scroll"; readonly id: string; readonly key: Key }
  /** Take the prompt off the screen. */
  | { readonly kind: "withdraw" }
  /** Ring the bell: a key meant nothing. */
  | { readonly kind: "bell" }
  /** Run `sudo -nv` and report back with `credentials`. */
  | { readonly kind: "checkCredentials"; readonly id: string }
  /** Hand the terminal to `sudo -v` and report back with `authenticated`. */
  | { readonly kind: "lend"; readonly id: string; readonly purpose: "start" | "end" }
  /** The terminal is ours again. */
  | { readonly kind: "takeBack" }
  /** Run it and report back with `started` and `ended`. */
  | { readonly kind: "start"; readonly approved: Approved; readonly withTerminal: boolean }
  /** Send a signal to the whole command; report back with `endingFailed` if it can't be sent. */
  | { readonly kind: "terminate"; readonly id: string; readonly signal: "SIGTERM" | "SIGKILL" }
  /** Send the final response of a request. */
  | { readonly kind: "reply"; readonly id: string; readonly response: Response }
  /** Send an event line. */
  | { readonly kind: "tell"; readonly event: ProgressEvent }
  /** Tell the person and the audit log. */
  | { readonly kind: "note"; readonly note: Note }
  /** Put a question between prompts, or take it back. */
  | { readonly kind: "ask"; readonly question: IdleQuestion | undefined }
  /** Show what the keys do. */
  | { readonly kind: "help" }
  /** End the daemon. */
  | { readonly kind: "exit" };
