/**
 * Records of the audit trail as text for people. All text of a record passes the same escaping as
 * on the approval terminal.
 *
 * @module
 */
import { type Asked, askedIn } from "../audit/read/asked.ts";
import { headText } from "../audit/write/chain.ts";
import { digestOf } from "../audit/write/record.ts";
import {
  type AuditRecord,
  decisionOf,
  type RequestTimeline,
  textOf,
} from "../audit/read/timeline.ts";
import type { TrailReport } from "../audit/read/verify.ts";
import { commandLine } from "../view/history.ts";
import { MIN_COLUMNS } from "../view/prompt_lines.ts";
import { requestText } from "../view/request_lines.ts";
import { visibleProse } from "../view/visible.ts";

/** No window is wider. */
const MAX_COLUMNS = 10_000;
/** How many characters of an id tell it from others, in a list. */
const ID_LENGTH = 8;

/** A request in one line: time, id, decision, end, who runs it, command. */
export function summaryLine(timeline: RequestTimeline): string {
  const { id, received } = timeline;
  const asked = askedIn(received);
  return [
    clock(received["time"]),
    visibleProse(id.slice(0, ID_LENGTH)).padEnd(ID_LENGTH),
    // A word of ours, unless somebody wrote the record by hand.
    visibleProse(decisionOf(timeline)).padEnd(9),
    endText(timeline).padEnd(16),
    (received["as_root"] === true ? "root" : "user").padEnd(4),
    asked ? commandLine(asked.request) : "(the record can't be read)",
  ].join("  ");
}

/** A record in one line. */
export function recordLine(record: AuditRecord): string {
  const { time, event, id } = record;
  const name = textOf(event);
  const details = Object.hasOwn(DETAILS, name) ? DETAILS[name] : OTHER_DETAILS;
  return [
    clock(time),
    visibleProse(typeof id === "string" ? id.slice(0, ID_LENGTH) : "").padEnd(ID_LENGTH),
    visibleProse(name).padEnd(17),
    details?.(record).filter((part) => part !== "").join(", "),
  ].join("  ").trimEnd();
}

/** Everything about a request, with the prompt as the person saw it. */
export function timelineText(timeline: RequestTimeline): string[] {
  const asked = askedIn(timeline.received);
  return [
    `request ${visibleProse(timeline.id)}`,
    ...timeline.records.map((record) => `  ${recordLine(record)}`),
    "",
    ...(asked ? shownText(timeline, asked) : ["The record of what was asked can't be read."]),
  ];
}

/** The prompt again, from the record, and whether it is what the person saw. */
function shownText({ records }: RequestTimeline, asked: Asked): string[] {
  const screen = records.find(({ event }) => event === "decided")?.["screen"];
  const shown = isScreen(screen) ? screen : undefined;
  const { columns, ...where } = shown ?? { columns: 80, machine: "(unknown)", user: "(unknown)" };
  const text = requestText(asked.request, where, columns);
  return [
    shownHeading(shown, asked, text),
    "",
    ...text.split("\n").slice(0, -1),
    ...(asked.stdin
      ? [`     input   ${asked.stdin.bytes} bytes, sha256 ${visibleProse(asked.stdin.sha256)}`]
      : []),
  ];
}

function shownHeading(
  shown: ScreenFields | undefined,
  { stdin }: Asked,
  text: string,
): string {
  if (shown === undefined) return "It was not decided on the screen. What it asked for:";
  const size = `in a window of ${shown.columns} columns`;
  if (stdin !== undefined) {
    return `As it was shown ${size}, but for the input, which no record has:`;
  }
  return digestOf(text).sha256 === shown.sha256
    ? `Exactly as it was shown ${size} (the hash is the same):`
    : `As this version shows it ${size}. By the hash, the person saw another text:`;
}

interface ScreenFields {
  readonly columns: number;
  readonly machine: string;
  readonly user: string;
  readonly ascii?: boolean;
  readonly sha256: string;
}

function isScreen(value: unknown): value is ScreenFields {
  if (typeof value !== "object" || value === null) return false;
  const { columns, machine, user, ascii, sha256 }: Partial<Record<string, unknown>> = { ...value };
  return Number.isInteger(columns) && Number(columns) >= MIN_COLUMNS &&
    Number(columns) <= MAX_COLUMNS && typeof machine === "string" && typeof user === "string" &&
    (ascii === undefined || typeof ascii === "boolean") && typeof sha256 === "string";
}

function endText({ records }: RequestTimeline): string {
  const ended = records.find(({ event }) => event === "ended");
  if (ended !== undefined) return runText(ended);
  if (records.some(({ event }) => event === "not_authenticated")) return "no password";
  return records.some(({ event }) => event === "started") ? "no end recorded" : "";
}

function runText({ ran, stages, ran_ms }: AuditRecord): string {
  if (ran !== true || !Array.isArray(stages)) return "not run";
  const codes = stages.map((stage) => textOf(stage?.signal ?? stage?.exit_code)).join("|");
  const seconds = typeof ran_ms === "number" ? `, ${(ran_ms / 1000).toFixed(2)} s` : "";
  return visibleProse(`exit ${codes}${seconds}`);
}

/** What a record says beside its time, its event and its id; empty parts are left out. */
const DETAILS: Readonly<Record<string, (record: AuditRecord) => readonly string[]>> = {
  received: (record) => {
    const asked = askedIn(record);
    return asked ? [commandLine(asked.request)] : [];
  },
  ended: (record) => {
    const message = text(record["message"]);
    return [message === "" ? runText(record) : `${runText(record)}: ${message}`];
  },
  decided: ({ decision, key, message }) => [
    text(decision),
    key === undefined ? "" : `key ${text(key)}`,
    text(message),
  ],
  daemon_started: ({ user, machine, version }) => [
    `${text(user)} on ${text(machine)}, version ${text(version)}`,
  ],
};

const OTHER_DETAILS = ({ basis, why, message, by, kept, count }: AuditRecord) =>
  [basis, why, message, by, kept, count].map(text);

/** What `audit verify` found: the faults, the size, and which cuts can't be seen. */
export function reportText(
  { faults, records, segments, head, certain }: TrailReport,
  hasKept: boolean,
): string[] {
  const count = (number: number, noun: string) => `${number} ${noun}${number === 1 ? "" : "s"}`;
  const size = `${count(records, "record")} in ${count(segments, "file")}`;
  const isWhole = faults.length === 0;
  const cut = `If the trail was cut after record ${certain}, that can't be seen.`;
  const earlier = " Nor can an earlier cut, if the file head was set back to fit: --head finds " +
    "it, with a hash that was kept elsewhere.";
  return [
    ...faults.map(({ file, line, what }) =>
      `${visibleProse(file)}${line > 0 ? `, line ${line}` : ""}: ${visibleProse(what)}`
    ),
    `${size}: the chain ${isWhole ? "holds" : "is broken"}; ${headText(head)}`,
    ...(isWhole ? [hasKept ? cut : cut + earlier] : []),
  ];
}

function text(value: unknown): string {
  return visibleProse(textOf(value));
}

/** In the time of this machine, as people read it. */
function clock(time: unknown): string {
  const date = new Date(textOf(time));
  if (Number.isNaN(date.getTime())) return "(no time)".padEnd(19);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}
