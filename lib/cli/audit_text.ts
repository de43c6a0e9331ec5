/**
 * Records of the audit trail as text for people. Whatever stands in a record passes the same
 * escaping as on the approval terminal.
 *
 * @module
 */
import { type Asked, askedIn } from "../audit/asked.ts";
import { digestOf } from "../audit/record.ts";
import { type AuditRecord, decisionOf, type Story } from "../audit/story.ts";
import { commandLine } from "../terminal/history.ts";
import { MIN_COLUMNS } from "../terminal/prompt.ts";
import { requestText } from "../terminal/request_lines.ts";
import { visibleProse } from "../terminal/visible.ts";

/** No window is wider. */
const MAX_COLUMNS = 10_000;
/** How many characters of an id tell it from others, in a list. */
const ID_LENGTH = 8;

/** A request in one line: time, id, decision, end, who runs it, command. */
export function storyLine(story: Story): string {
  const { id, received } = story;
  const asked = askedIn(received);
  return [
    clock(received.time),
    visibleProse(id.slice(0, ID_LENGTH)).padEnd(ID_LENGTH),
    // A word of ours, unless somebody wrote the record by hand.
    visibleProse(decisionOf(story)).padEnd(9),
    endWords(story).padEnd(16),
    (received.as_root === true ? "root" : "user").padEnd(4),
    asked ? commandLine(asked.request) : "(the record can't be read)",
  ].join("  ");
}

/** A record in one line. */
export function recordLine(record: AuditRecord): string {
  const { time, event, id } = record;
  const subject = typeof id === "string" ? visibleProse(id.slice(0, ID_LENGTH)) : "";
  return [
    clock(time),
    subject.padEnd(ID_LENGTH),
    visibleProse(String(event)).padEnd(17),
    detailWords(record),
  ].join("  ").trimEnd();
}

/** Everything about a request, with the prompt as the person saw it. */
export function storyText(story: Story): string[] {
  const asked = askedIn(story.received);
  return [
    `request ${visibleProse(story.id)}`,
    ...story.records.map((record) => `  ${recordLine(record)}`),
    "",
    ...(asked ? shownText(story, asked) : ["The record of what was asked can't be read."]),
  ];
}

/** The prompt again, from the record, and whether it is what the person saw. */
function shownText({ records }: Story, asked: Asked): string[] {
  const screen = records.find(({ event }) => event === "decided")?.screen;
  const shown = isScreen(screen) ? screen : undefined;
  const { columns, ...place } = shown ?? { columns: 80, machine: "(unknown)", user: "(unknown)" };
  const text = requestText(asked.request, place, columns);
  return [
    shownWords(shown, asked, text),
    "",
    ...text.split("\n").slice(0, -1),
    ...(asked.stdin
      ? [`     input   ${asked.stdin.bytes} bytes, sha256 ${visibleProse(asked.stdin.sha256)}`]
      : []),
  ];
}

function shownWords(
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
  const { columns, machine, user, ascii, sha256 } = value as Record<string, unknown>;
  return Number.isInteger(columns) && Number(columns) >= MIN_COLUMNS &&
    Number(columns) <= MAX_COLUMNS && typeof machine === "string" && typeof user === "string" &&
    (ascii === undefined || typeof ascii === "boolean") && typeof sha256 === "string";
}

function endWords({ records }: Story): string {
  const ended = records.find(({ event }) => event === "ended");
  if (ended !== undefined) return runWords(ended);
  if (records.some(({ event }) => event === "not_authenticated")) return "no password";
  return records.some(({ event }) => event === "started") ? "no end recorded" : "";
}

function runWords({ ran, stages, ran_ms }: AuditRecord): string {
  if (ran !== true || !Array.isArray(stages)) return "not run";
  const codes = stages.map((stage) => stage?.signal ?? stage?.exit_code).join("|");
  const seconds = typeof ran_ms === "number" ? `, ${(ran_ms / 1000).toFixed(2)} s` : "";
  return visibleProse(`exit ${codes}${seconds}`);
}

/** What a record says beside its time, its event and its id. */
function detailWords(record: AuditRecord): string {
  switch (record.event) {
    case "received": {
      const asked = askedIn(record);
      return asked ? commandLine(asked.request) : "";
    }
    case "ended":
      return [runWords(record), text(record.message)].filter((part) => part !== "").join(": ");
    case "decided":
      return [text(record.decision), key(record.key), text(record.message)]
        .filter((part) => part !== "").join(", ");
    case "daemon_started":
      return `${text(record.user)} on ${text(record.machine)}, version ${text(record.version)}`;
    default:
      return [record.basis, record.why, record.message, record.by, record.kept, record.count]
        .map(text).filter((part) => part !== "").join(", ");
  }
}

function key(value: unknown): string {
  return value === undefined ? "" : `key ${text(value)}`;
}

function text(value: unknown): string {
  return value === undefined ? "" : visibleProse(String(value));
}

/** In the time of this machine, as people read it. */
function clock(time: unknown): string {
  const date = new Date(String(time));
  if (Number.isNaN(date.getTime())) return "(no time)".padEnd(19);
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19).replace("T", " ");
}
