/**
 * What happened, as lines of the history. They only remind: a command in them is cut.
 *
 * @module
 */
import {
  COMMAND_LENGTH,
  type CommandHead,
  type EndHead,
  type Entry,
  type Note,
  OUTPUT_BYTES,
  type Tone,
} from "../session/history.ts";
import { helpRows } from "./help.ts";
import { type Line, type Span, span, type Style } from "./paint.ts";
import { quoteWord } from "./quote.ts";
import { visibleProse, visibleRow } from "./visible.ts";
import { ENDING_REASONS, HAPPENINGS, HISTORY, LENDING, QUESTIONS, STOP_CAUSES } from "./strings.ts";

/** How much of each stream is repeated for the person. */
const OUTPUT_LINES = 5;

/** A line of the history. */
export interface HistoryLine {
  /** What it says. */
  readonly line: Line;
  /** Whether it must be read whole: then it wraps at the window's edge, else it is cut there. */
  readonly isWhole: boolean;
}

type NoteHead = Note<CommandHead, EndHead>;
type Ended = Extract<NoteHead, { what: "ended" }>;

/** Writes what the person is told, in a window of so many columns. */
export function historyLines(entry: Entry, columns: number): HistoryLine[] {
  switch (entry.kind) {
    case "note":
      return noteLines(entry.note, entry.wall);
    case "said":
      return saidLines(entry.text, entry.tone);
    case "question":
      return [questionLine(entry)];
    case "help":
      return helpRows(columns, entry.mayTrust).map(reminder);
    case "lending":
      return saidLines(LENDING[entry.purpose](entry.to), "strong");
    case "sharing":
      return saidLines(HISTORY.sharing, "warning");
    case "trail":
      if (entry.fault === undefined) return saidLines(HISTORY.trailWorks, "good");
      return [
        ...saidLines(HISTORY.trailFault + entry.fault, "bad"),
        ...(entry.isBroken ? saidLines(HISTORY.trailAdvice, "warning") : []),
      ];
  }
}

/** Not everything needs a line. */
function noteLines(note: NoteHead, wall: number): HistoryLine[] {
  const happening = happeningOf(note);
  if (happening === undefined) return [];
  const [what, rest] = happening;
  const time = new Date(wall).toTimeString().slice(0, 8);
  const line = [span(`${time}  `, "muted"), what, span(`  ${rest}`)];
  return [line, ...note.what === "ended" ? outputLines(note) : []].map(reminder);
}

/** What it is called, and what else there is to say. */
function happeningOf(note: NoteHead): readonly [Span, string] | undefined {
  switch (note.what) {
    case "shown":
    case "started":
      return undefined;
    case "decided":
      return [HAPPENINGS[note.decision], commandLine(note.request)];
    case "withdrawn":
      return [HAPPENINGS.withdrawn, `${commandLine(note.request)}  (${note.why})`];
    case "notAuthenticated":
      return [HAPPENINGS.notRun, HISTORY.notAuthenticated];
    case "ended":
      return endOf(note);
    case "ending":
      return [HAPPENINGS.ending, `${ENDING_REASONS[note.why]}: ${commandLine(note.request)}`];
    case "endingFailed":
      return [
        HAPPENINGS.stillRunning,
        note.password ? HISTORY.needsPassword : HISTORY.notEnded + commandLine(note.request),
      ];
    case "policy":
      return note.trustUnprivileged
        ? [HAPPENINGS.trust, HISTORY.trust]
        : [HAPPENINGS.noTrust, HISTORY.noTrust];
    case "stopping":
      return [HAPPENINGS.stopping, STOP_CAUSES[note.by] + HISTORY.stillRunning(note.running)];
  }
}

function endOf({ request, end }: Ended): readonly [Span, string] {
  if (end.kind === "refused") return [HAPPENINGS.refused, visibleProse(end.message)];
  const { stages, stdout, durationMs } = end.outcome;
  const codes = stages.map(({ exitCode, signal }) => signal ?? String(exitCode)).join(" | ");
  const isGood = stages.every(({ exitCode }) => exitCode === 0);
  const size = `${end.size} bytes out${stdout.isTruncated ? " (cut)" : ""}`;
  return [
    isGood ? HAPPENINGS.endedWell : HAPPENINGS.ended,
    `exit ${codes}, ${(durationMs / 1000).toFixed(2)} s, ${size}: ${commandLine(request)}`,
  ];
}

/**
 * The first lines of what came out, escaped: output must not move the cursor, or look like a
 * prompt.
 */
function outputLines({ end }: Ended): Line[] {
  if (end.kind === "refused") return [];
  const { stages, stdout } = end.outcome;
  return [
    ...stages.flatMap(({ stderr }) => firstLines(stderr.bytes, "bad")),
    ...firstLines(stdout.bytes, "plain"),
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

/**
 * Words for the person, which must be read whole. A line of the log may quote a client, so it is
 * cut: several rows of it could look like a prompt.
 */
function saidLines(text: string, tone: Tone): HistoryLine[] {
  if (tone === "log") {
    const line = text.length > COMMAND_LENGTH ? cutLine(text) : text;
    return [reminder([span(visibleProse(line), "muted")])];
  }
  return [{ line: [span(visibleProse(text), tone)], isWhole: true }];
}

function questionLine({ question, about }: Extract<Entry, { kind: "question" }>): HistoryLine {
  if (question === "dropped") return reminder([span(HISTORY.cancelled, "muted")]);
  const line = span(QUESTIONS[question], "strong");
  if (about === undefined) return { line: [line], isWhole: true };
  return reminder([line, span(` ${commandLine(about)}`)]);
}

function reminder(line: Line): HistoryLine {
  return { line, isWhole: false };
}

/** The command in one line, cut: the prompt has shown all of it. */
export function commandLine({ stages }: CommandHead): string {
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

/** Cuts no letter of two UTF-16 units in half. */
function cutLine(line: string): string {
  return `${line.slice(0, COMMAND_LENGTH).replace(/[\uD800-\uDBFF]$/, "")}…`;
}
