import type { Effect, Phase, SessionEvent } from "../../lib/session/state.ts";
import { table } from "./blocks.ts";

/** The mode of the terminal, and the events that only this phase handles. */
const PHASES: Readonly<Record<Phase["kind"], readonly [mode: string, events: string]>> = {
  idle: ["raw", "`keys`: `k`, `q`, Ctrl+C ask; `?` explains"],
  asking: ["raw", "`keys` confirm quitting, or ending a command"],
  prompting: [
    "raw",
    "`keys` approve, deny, read or type; `drawn`: lines were seen; `undrawable`: it is refused",
  ],
  checking: ["raw", "`credentials` starts the command, or lends the terminal"],
  lent: [
    "normal",
    "`authenticated` starts or ends a command; `started` takes the terminal back from polkit",
  ],
};

/** What each event does in every phase. The compiler asks for all but those of one phase alone. */
const EVENTS: Readonly<
  Record<Exclude<SessionEvent["kind"], "drawn" | "undrawable">, string>
> = {
  submitted: "queues a request",
  clientGone: "withdraws a waiting request",
  cancel: "the same, or ends a command",
  stop: "refuses waiting requests, lets commands end",
  hangup: "refuses waiting requests, lets commands end",
  signal: "refuses waiting requests, ends commands",
  keys: "follows pastes; disturbs the prompt, except by reading",
  clock: "checks deadlines",
  resized: "makes the person read the prompt anew",
  continued: "makes the person read the prompt anew",
  probed: "says whether the terminal gets ASCII alone",
  suspend: "gives the terminal to the shell",
  credentials: "says whether other programs share what sudo remembers",
  authenticated: "says whether other programs share what sudo remembers",
  started: "starts the run limit",
  begun: "lets sudo forget",
  ended: "answers the client",
  signalFailed: "asks for a password, if that helps",
  said: "prints a line",
  trail: "prints a line",
};

/** What the daemon does for each effect. */
const EFFECTS: Readonly<Record<Effect["kind"], string>> = {
  record: "writes a record, and a line into the log",
  reply: "sends the response after the prompt has left the screen",
  tell: "sends an event line",
  checkCredentials: "asks sudo or polkit whether it would ask",
  authenticate: "waits until the terminal is lent, and lets sudo or polkit ask",
  start: "records the start of an `Approved` and runs it",
  signal: "sends a signal",
  forget: "makes sudo forget (`sudo -k`)",
  suspend: "waits until the terminal is lent, and stops this process",
  exit: "ends the daemon",
};

/** The phases of docs/architecture.md. */
export function phaseTable(): string {
  return table(
    ["phase", "mode", "events that only this phase handles"],
    ...Object.entries(PHASES).map(([phase, [mode, events]]) => [`\`${phase}\``, mode, events]),
  );
}

/** What events do, for the same page. */
export function machineEventTable(): string {
  return meanings("event", "what it does in every phase", EVENTS);
}

/** What effects do, for the same page. */
export function effectTable(): string {
  return meanings("effect", "what the daemon does", EFFECTS);
}

function meanings(head: string, what: string, of: Readonly<Record<string, string>>): string {
  return table(
    [head, what],
    ...Object.entries(of).map(([name, meaning]) => [`\`${name}\``, meaning]),
  );
}
