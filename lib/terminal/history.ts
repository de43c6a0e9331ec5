import type { EndingReason, IdleQuestion, Note, StopCause } from "../gate/state.ts";
import type { ResolvedRequest } from "../gate/request.ts";
import { type Line, span, type Style } from "./paint.ts";
import { quoteWord } from "./quote.ts";
import { visibleProse, visibleRow } from "./visible.ts";

/** More characters of a command than these say nothing more in one line. */
const COMMAND_LENGTH = 400;

/**
 * Writes what happened as lines for the history.
 *
 * @param note What happened.
 * @param time When, as it is printed.
 * @param withOutput Whether the first lines of what came out are among them.
 * @returns No line for what needs none.
 */
export function noteLines(note: Note, time: string, withOutput = true): Line[] {
  const at = span(`${time}  `, "muted");
  switch (note.what) {
    case "shown":
    case "started":
      return [];
    case "decided":
      return [[at, ...decision(note), span(`  ${commandLine(note.request)}`)]];
    case "withdrawn":
      return [[
        at,
        span("withdrawn", "warning"),
        span(`  ${commandLine(note.request)}  (${note.why})`),
      ]];
    case "notAuthenticated":
      return [[at, span("not run", "bad"), span("  sudo did not authenticate you")]];
    case "ended":
      return [[at, ...ending(note)], ...(withOutput ? outputLines(note) : [])];
    case "ending":
      return [[
        at,
        span("ending", "warning"),
        span(`  ${ENDING_WORDS[note.why]}: ${commandLine(note.request)}`),
      ]];
    case "endingFailed":
      return [[
        at,
        span("still running", "bad"),
        span(
          note.password
            ? "  sudo needs your password to end it"
            : `  it could not be ended: ${commandLine(note.request)}`,
        ),
      ]];
    case "policy":
      if (!note.trustUnprivileged) {
        return [[
          at,
          span("no trust", "warning"),
          span("  sudo remembers you for every program of yours, not for this terminal"),
        ]];
      }
      return [[
        at,
        span("trusted", "warning"),
        span("  unprivileged commands run without a question until this daemon ends"),
      ]];
    case "stopping":
      return [[
        at,
        span("stopping", "warning"),
        span(`  ${STOP_WORDS[note.by]}${runningWords(note.running)}`),
      ]];
  }
}

const ENDING_WORDS: Readonly<Record<EndingReason, string>> = {
  limit: "its run limit is reached",
  cancel: "its client cancelled it",
  stop: "the daemon stops",
  person: "you end it",
};

const STOP_WORDS: Readonly<Record<StopCause, string>> = {
  request: "a client asked for it",
  signal: "a signal asked for it",
  person: "you asked for it",
  itself: "the trial is over",
  hangup: "this terminal is gone",
};

function runningWords(running: number): string {
  return running === 0 ? "" : `; ${running} command${running === 1 ? "" : "s"} still running`;
}

function decision(note: Note & { what: "decided" }): Line {
  switch (note.decision) {
    case "approved":
      return [span("approved", "good")];
    case "trusted":
      return [span("trusted ", "warning")];
    case "denied":
      return [span("denied  ", "bad")];
    case "timeout":
      return [span("no answer", "bad")];
  }
}

function ending({ request, end }: Note & { what: "ended" }): Line {
  if (end.kind === "refused") {
    return [span("not run ", "bad"), span(`  ${visibleProse(end.message)}`)];
  }
  const { stages, stdout, stdoutTruncated, durationMs } = end.outcome;
  const codes = stages.map(({ exitCode, signal }) => signal ?? String(exitCode)).join(" | ");
  const good = stages.every(({ exitCode }) => exitCode === 0);
  const size = `${stdout.length} bytes out${stdoutTruncated ? " (cut)" : ""}`;
  return [
    span("ended   ", good ? "good" : "warning"),
    span(`  exit ${codes}, ${(durationMs / 1000).toFixed(2)} s, ${size}: ${commandLine(request)}`),
  ];
}

/** How much of each stream is repeated for the person. */
const OUTPUT_LINES = 5;
const OUTPUT_BYTES = 4096;

/**
 * The first lines of what came out, escaped: output must not move the cursor, or look like a
 * prompt.
 */
function outputLines({ end }: Note & { what: "ended" }): Line[] {
  if (end.kind === "refused") return [];
  const { stages, stdout } = end.outcome;
  return [
    ...stages.flatMap(({ stderr }) => firstLines(stderr, "bad")),
    ...firstLines(stdout, "plain"),
  ];
}

function firstLines(bytes: Uint8Array, style: Style): Line[] {
  if (bytes.length === 0) return [];
  const text = new TextDecoder().decode(bytes.subarray(0, OUTPUT_BYTES)).replace(/\n$/, "");
  const rows = text.split("\n");
  const lines = rows.slice(0, OUTPUT_LINES).map((
    row,
  ) => [span("          ┊ ", "muted"), span(visibleRow(row), style)]);
  const more = rows.length > OUTPUT_LINES || bytes.length > OUTPUT_BYTES;
  return more ? [...lines, [span("          ┊ …", "muted")]] : lines;
}

/** What the line below the history says. */
export interface IdleStatus {
  /** What runs, and for how many whole seconds. */
  readonly runs: readonly { readonly request: ResolvedRequest; readonly seconds: number }[];
  /** How long the daemon has been up, in milliseconds. */
  readonly upMs: number;
}

/**
 * The line that stands below the history: what is going on, for how long the daemon has been up,
 * and the keys.
 *
 * @param status What it says.
 * @param columns The width of the window; in a narrow one, how long it has been up is left out.
 * @returns The line; a command at its end may have to be cut.
 */
export function statusLine({ runs, upMs }: IdleStatus, columns: number): Line {
  const [first, ...others] = runs;
  const more = others.length === 0 ? "" : ` and ${others.length} more`;
  const what = first ? `running ${first.seconds} s${more}` : "nothing waits";
  const keys = `${first ? "[k] end " : ""}[q] quit [?] keys`;
  const long = ` · ${upWords(upMs)} · ${keys}`;
  const rest = what.length + long.length < columns ? long : `  ${keys}`;
  return [
    span(what, first ? "strong" : "plain"),
    span(rest, "muted"),
    ...(first ? [span(`  ${commandLine(first.request)}`)] : []),
  ];
}

const MINUTE_MS = 60_000;

/** Whole minutes: a line that changes each second draws the eye. */
function upWords(ms: number): string {
  const minutes = Math.floor(ms / MINUTE_MS);
  const [days, hours] = [Math.floor(minutes / 1440), Math.floor(minutes / 60) % 24];
  if (days > 0) return `up ${days} d ${hours} h`;
  if (hours > 0) return `up ${hours} h ${minutes % 60} min`;
  return minutes > 0 ? `up ${minutes} min` : "just started";
}

/**
 * A question between prompts.
 *
 * @param question What is asked, or `undefined` where it was taken back.
 * @returns The line that asks.
 */
export function questionLine(question: IdleQuestion | undefined): Line {
  switch (question?.kind) {
    case undefined:
      return [span("Cancelled.", "muted")];
    case "quit":
      return [span("Quit? Press q again to quit, any other key to stay.", "strong")];
    case "end":
      return [
        span("End it? Press k again to end it, any other key to leave it:", "strong"),
        span(` ${commandLine(question.request)}`),
      ];
  }
}

/** The command in one line, cut: the prompt has shown all of it. */
export function commandLine({ stages }: Pick<ResolvedRequest, "stages">): string {
  let line = "";
  for (const [index, { program, args }] of stages.entries()) {
    if (index > 0) line += " | ";
    for (const [at, word] of [program, ...args].entries()) {
      // A word may have a million letters.
      line += `${at > 0 ? " " : ""}${quoteWord(word.slice(0, COMMAND_LENGTH)).text}`;
      if (line.length > COMMAND_LENGTH || word.length > COMMAND_LENGTH) return cutLine(line);
    }
  }
  return line;
}

/** No letter of two UTF-16 units is cut in half. */
function cutLine(line: string): string {
  return `${line.slice(0, COMMAND_LENGTH).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
