/**
 * All our words on the daemon's terminal, except for the request, the keys and the risk notes.
 *
 * @module
 */
import type { Unarmed } from "../decide/prompt.ts";
import type { Decision, EndingReason, Entry, StopCause } from "../session/history.ts";
import type { IdleQuestion } from "../session/state.ts";
import { type Line, type Span, span } from "./paint.ts";

/** What happened: the beginning of a line of the history. */
export const HAPPENINGS = {
  approved: span("approved", "good"),
  trusted: span("trusted ", "warning"),
  denied: span("denied  ", "bad"),
  timeout: span("no answer", "bad"),
  withdrawn: span("withdrawn", "warning"),
  notRun: span("not run", "bad"),
  refused: span("not run ", "bad"),
  endedWell: span("ended   ", "good"),
  ended: span("ended   ", "warning"),
  ending: span("ending", "warning"),
  stillRunning: span("still running", "bad"),
  trust: span("trusted", "warning"),
  noTrust: span("no trust", "warning"),
  stopping: span("stopping", "warning"),
} as const satisfies Readonly<Record<Decision, Span>> & Readonly<Record<string, Span>>;

/** Why a running command is being ended. */
export const ENDING_REASONS: Readonly<Record<EndingReason, string>> = {
  limit: "its run limit is reached",
  cancel: "its client cancelled it",
  stop: "the daemon stops",
  person: "you end it",
};

/** Why the daemon ends. */
export const STOP_CAUSES: Readonly<Record<StopCause, string>> = {
  request: "a client asked for it",
  signal: "a signal asked for it",
  person: "you asked for it",
  itself: "the trial is over",
  hangup: "this terminal is gone",
};

/** What is asked between prompts. */
export const QUESTIONS: Readonly<Record<IdleQuestion["kind"], string>> = {
  quit: "Quit? Press q again to quit, any other key to stay.",
  end: "End it? Press k again to end it, any other key to leave it:",
};

type Lending = Extract<Entry, { kind: "lending" }>;

/** The line above a question of sudo or polkit, by the purpose of the question. */
export const LENDING = {
  start: (root) => `${root} asks for your password to run what you approved. Ctrl+C gives up.`,
  end: (root) => `${root} asks for your password to end the command. Ctrl+C gives up.`,
  again: (root) => `${root} keeps no credentials: it asks again, for the command itself.`,
} as const satisfies Readonly<
  Record<Lending["purpose"], (root: Lending["to"]) => string>
>;

/** Other lines of the history. */
export const HISTORY = {
  cancelled: "Cancelled.",
  notAuthenticated: "sudo did not authenticate you",
  needsPassword: "sudo needs your password to end it",
  notEnded: "it could not be ended: ",
  trust: "unprivileged commands run without a question until this daemon ends",
  noTrust: "sudo remembers you for every program of yours, not for this terminal",
  sharing:
    "sudo remembers you for all your programs (timestamp_type in sudoers): while it does, any of " +
    "them can become root. The key a is gone.",
  trailWorks: "The audit trail can be written again.",
  trailFault: "Nothing can run: the audit trail ",
  trailAdvice:
    "sudo-proxy audit verify tells more; a daemon that is started with --new-audit-trail " +
    "sets it aside and begins a new one.",
  stillRunning: (count: number): string =>
    count === 0 ? "" : `; ${count} command${count === 1 ? "" : "s"} still running`,
} as const;

/** The line below the history. */
export const STATUS = {
  nothing: "nothing waits",
  running: (seconds: number, others: number): string =>
    `running ${seconds} s${others === 0 ? "" : ` and ${others} more`}`,
  /** In whole minutes: a line that changes each second draws the eye. */
  up(ms: number): string {
    const minutes = Math.floor(ms / 60_000);
    const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
    if (days > 0) return `up ${days} d ${hours} h`;
    if (hours > 0) return `up ${hours} h ${minutes % 60} min`;
    return minutes > 0 ? `up ${minutes} min` : "just started";
  },
} as const;

/** The frame of the prompt, and what stands below it but for the keys. */
export const PROMPT = {
  name: "sudo-proxy",
  waiting: (count: number): string =>
    count === 0 ? "" : `${count} more wait${count === 1 ? "s" : ""}`,
  secondsLeft: (seconds: number): string => `${seconds} s left`,
  shortSecondsLeft: (seconds: number): string => `${seconds} s`,
  position: (first: number, page: number, total: number): string =>
    page < total
      ? `lines ${first + 1}-${first + page}${total === Infinity ? "" : ` of ${total}`}`
      : "",
  tooSmall: (columns: number, rows: number): string =>
    `A request waits. This window is too small to show it: make it at least ${columns} by ${rows}.`,
  canWriteHere: " A command runs: it can write here. ",
  followsWithdrawn: " The request before was withdrawn. ",
} as const;

/** Whether a key counts. */
export const ARMING: Readonly<Record<Unarmed | "armed", string>> = {
  armed: "Waiting for your key.",
  unread: "y counts after the end: space, arrows",
  unquiet: "y counts in a moment.",
  drawing: "y counts in a moment.",
  help: "",
};

/** Above the line that the person types for the model. */
export const REASON_HEAD: Line = [
  span(" Reason for denying", "strong"),
  span(" (the model reads it)", "muted"),
];

/** The line below the keys of the help: when a key counts. */
export function armingRule(mayTrust: boolean): string {
  const keys = mayTrust ? "y and a count" : "y counts";
  return `${keys} only alone, after all of the request was on the screen and half a second without ` +
    "a key. Pasted keys never count.";
}

/** The window's title; only plain letters of the machine's name are safe there. */
export function windowTitle(machine: string, waits: boolean): string {
  const name = `sudo-proxy ${machine.replace(/[^\w.-]/g, "")}`.trimEnd();
  return waits ? `${name}: a request waits` : name;
}
