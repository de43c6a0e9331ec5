/**
 * The reading side of the audit trail: records, and what became of each request. Reading begins at
 * the end, since the latest requests are wanted most often; only records to be shown are parsed.
 *
 * @module
 */
import { readSegment, segmentPath, segmentsIn } from "../write/segments.ts";

/** The fields of records that are looked at. */
type Field =
  | ("seq" | "time" | "daemon" | "event" | "id" | "decision" | "key" | "message" | "screen")
  | ("host" | "session" | "reason" | "privileged" | "as_root" | "stages" | "cwd")
  | ("ran" | "ran_ms" | "basis" | "why" | "by" | "kept" | "count" | "user" | "machine" | "version");

/**
 * A record as it was parsed; its fields may hold anything.
 *
 * @internal
 */
export type AuditRecord = { readonly [K in Field]?: unknown };

/** All records of one request, in order. */
export interface RequestTimeline {
  /** The request's id. */
  readonly id: string;
  /** The record `received`. */
  readonly received: AuditRecord;
  /** It and all others. */
  readonly records: readonly AuditRecord[];
}

/** Which requests are wanted; a field that is left out wants all. */
export interface TimelineFilter {
  /** Received at this time or later, in milliseconds of the epoch. */
  readonly since?: number;
  /** Received at this time or earlier, in milliseconds of the epoch. */
  readonly until?: number;
  /** The host that the request was for, as it said. */
  readonly host?: string;
  /** A part of the name of who asked. */
  readonly session?: string;
  /** What was decided, such as `approved`, `denied`, `trusted`, `timeout` or `withdrawn`. */
  readonly decision?: string;
  /** Whether it was to run as root. */
  readonly privileged?: boolean;
  /** A part of the command or of the reason. */
  readonly text?: string;
  /** The beginning of the id. */
  readonly id?: string;
}

const CLOCK_SLACK_MS = 24 * 3600 * 1000;

/** The lines of a trail from the last to the first. */
export function* linesFromEnd(folder: string): Generator<string> {
  for (const segment of segmentsIn(folder).reverse()) {
    yield* readSegment(segmentPath(folder, segment)).whole.toReversed();
  }
}

/** The lines of a trail in order. */
export function* linesInOrder(folder: string): Generator<string> {
  for (const segment of segmentsIn(folder)) yield* readSegment(segmentPath(folder, segment)).whole;
}

/** Finds requests, the last first. */
export function* timelinesFromEnd(
  folder: string,
  filter: TimelineFilter,
): Generator<RequestTimeline> {
  // The later records of a request follow its record `received`, so from the end they come first.
  const later = new Map<string, string[]>();
  const wanted = needles(filter);
  for (const line of linesFromEnd(folder)) {
    const { event, id, time, daemon } = fieldsOf(line);
    if (id === "") continue;
    // One daemon never accepts an id twice, but a client of two daemons can send it to both.
    const key = `${daemon} ${id}`;
    if (event !== "received") {
      const lines = later.get(key);
      if (lines) lines.push(line);
      else later.set(key, [line]);
      continue;
    }
    if (filter.since !== undefined && time < filter.since) {
      // A clock that was set back by less than this hides nothing.
      if (time < filter.since - CLOCK_SLACK_MS) return;
      later.delete(key);
      continue;
    }
    const lines = later.get(key) ?? [];
    later.delete(key);
    if (wanted.some((needle) => !line.includes(needle))) continue;
    const received = parseRecord(line);
    if (received === undefined) continue;
    const rest = lines.reverse().map(parseRecord).filter((record) => record !== undefined);
    const timeline = { id, received, records: [received, ...rest] };
    if (isWanted(timeline, time, filter)) yield timeline;
  }
}

/** Parses a line of the trail; `undefined` if it is no record. */
export function parseRecord(line: string): AuditRecord | undefined {
  const record = parse(line);
  return typeof record === "object" && record !== null ? record : undefined;
}

/** What became of a request: its decision, `withdrawn`, or `undecided`. */
export function decisionOf({ records }: RequestTimeline): string {
  const decided = records.find(({ event }) => event === "decided");
  if (typeof decided?.decision === "string") return decided.decision;
  return records.some(({ event }) => event === "withdrawn") ? "withdrawn" : "undecided";
}

/** The first fields stand in a fixed order, so they are found without parsing the rest. */
const FIRST_FIELDS =
  /^\{"seq":\d+,"time":"([^"]{20,30})","daemon":"([^"]*)","event":"([a-z_]+)"(?:,"id":("(?:[^"\\]|\\.){0,1000}"))?/;

function fieldsOf(line: string) {
  const [, time = "", daemon = "", event = "", id = '""'] = FIRST_FIELDS.exec(line) ?? [];
  return { event, id: textOf(parse(id)), time: Date.parse(time), daemon };
}

/** The text of a field; nothing for a list or an object, which may be nested without end. */
export function textOf(value: unknown): string {
  return typeof value === "object" || value === undefined ? "" : String(value);
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

/** What a line must contain to be worth parsing. */
function needles({ host, session, text, id }: TimelineFilter): string[] {
  // A text may go over several words, which stand apart in the record.
  return [host, session, id, ...text?.split(" ") ?? []].filter((part) => part !== undefined)
    // Older lines have letters beyond ASCII as they are, so only the ASCII parts of a text are looked
    // for.
    .flatMap((part) => JSON.stringify(part).slice(1, -1).split(/[^ -~]+/))
    .filter((part) => part !== "");
}

function isWanted(
  { id, received, records }: RequestTimeline,
  time: number,
  filter: TimelineFilter,
): boolean {
  const { until, host, session, decision, privileged, text } = filter;
  if (until !== undefined && time > until) return false;
  if (filter.id !== undefined && !id.startsWith(filter.id)) return false;
  if (host !== undefined && received.host !== host) return false;
  if (session !== undefined && !textOf(received.session).includes(session)) return false;
  if (privileged !== undefined && received.privileged !== privileged) return false;
  if (decision !== undefined && decisionOf({ id, received, records }) !== decision) return false;
  return text === undefined || searchable(received).some((part) => part.includes(text));
}

function searchable({ reason, stages, cwd }: AuditRecord): string[] {
  const argv = Array.isArray(stages)
    ? stages.flatMap((stage) =>
      [stage?.program, ...(Array.isArray(stage?.args) ? stage.args : [])].map(textOf)
    )
    : [];
  return [textOf(reason), textOf(cwd), argv.join(" "), ...argv];
}
