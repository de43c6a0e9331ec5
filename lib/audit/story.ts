/**
 * The reading side of the audit trail: records, and what became of each request. Reading is from
 * the end, since what was asked last is looked for most often; nothing but what is shown is parsed.
 *
 * @module
 */
import { readSegment, segmentPath, segmentsIn } from "./segments.ts";

/** A record as it was parsed; nothing in it is trusted to be as this program writes it. */
export type AuditRecord = Readonly<Record<string, unknown>>;

/** All records of one request, in order. */
export interface Story {
  /** The request's id. */
  readonly id: string;
  /** The record `received`. */
  readonly received: AuditRecord;
  /** It and all others. */
  readonly records: readonly AuditRecord[];
}

/** Which requests are wanted; a field that is left out wants all. */
export interface StoryFilter {
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

/**
 * The lines of a trail from the last to the first.
 *
 * @param folder The trail's folder.
 */
export function* linesFromEnd(folder: string): Generator<string> {
  for (const segment of segmentsIn(folder).reverse()) {
    const { whole } = readSegment(segmentPath(folder, segment));
    for (let at = whole.length - 1; at >= 0; at--) yield whole[at];
  }
}

/**
 * The lines of a trail in order.
 *
 * @param folder The trail's folder.
 */
export function* linesInOrder(folder: string): Generator<string> {
  for (const segment of segmentsIn(folder)) yield* readSegment(segmentPath(folder, segment)).whole;
}

/**
 * Finds requests, the last first.
 *
 * @param folder The trail's folder.
 * @param filter Which are wanted.
 */
export function* storiesFromEnd(folder: string, filter: StoryFilter): Generator<Story> {
  // What happened to a request stands after its record `received`: from the end it comes first.
  const later = new Map<string, string[]>();
  const wanted = needles(filter);
  for (const line of linesFromEnd(folder)) {
    const { event, id, time, daemon } = fieldsOf(line);
    if (id === undefined || id === "") continue;
    // An id is new to one daemon; who has the sockets of two can send it to both.
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
    const story = { id, received, records: [received, ...rest] };
    if (isWanted(story, time, filter)) yield story;
  }
}

/**
 * Reads a line.
 *
 * @param line A line of the trail.
 * @returns The record, or `undefined` where the line is none.
 */
export function parseRecord(line: string): AuditRecord | undefined {
  try {
    const record = JSON.parse(line);
    return typeof record === "object" && record !== null ? record : undefined;
  } catch {
    return undefined;
  }
}

/**
 * What became of a request.
 *
 * @param story Its records.
 * @returns `approved`, `trusted`, `denied`, `timeout`, `withdrawn`, or `undecided` where there is
 * no record of a decision.
 */
export function decisionOf({ records }: Story): string {
  const decided = records.find(({ event }) => event === "decided");
  if (typeof decided?.decision === "string") return decided.decision;
  return records.some(({ event }) => event === "withdrawn") ? "withdrawn" : "undecided";
}

/** The first fields stand in a fixed order, so they are found without parsing the rest. */
const FIRST_FIELDS =
  /^\{"seq":\d+,"time":"([^"]{20,30})","daemon":"([^"]*)","event":"([a-z_]+)"(?:,"id":("(?:[^"\\]|\\.)*"))?/;

interface FirstFields {
  readonly event: string;
  readonly id: string | undefined;
  readonly time: number;
  readonly daemon: string;
}

function fieldsOf(line: string): FirstFields {
  const parts = FIRST_FIELDS.exec(line);
  if (!parts) return { event: "", id: undefined, time: NaN, daemon: "" };
  const [, time, daemon, event, id] = parts;
  return {
    event,
    id: id === undefined ? undefined : JSON.parse(id),
    time: Date.parse(time),
    daemon,
  };
}

/** What a line must contain to be worth parsing. */
function needles({ host, session, text, id }: StoryFilter): string[] {
  // A text may go over several words, which stand apart in the record.
  return [host, session, id, ...text?.split(" ") ?? []].filter((part) => part !== undefined)
    // Older lines have letters that are not ASCII as they are: only the rest of a part is looked for.
    .flatMap((part) => JSON.stringify(part).slice(1, -1).split(/[^ -~]+/))
    .filter((part) => part !== "");
}

function isWanted({ id, received, records }: Story, time: number, filter: StoryFilter): boolean {
  const { until, host, session, decision, privileged, text } = filter;
  if (until !== undefined && time > until) return false;
  if (filter.id !== undefined && !id.startsWith(filter.id)) return false;
  if (host !== undefined && received.host !== host) return false;
  if (session !== undefined && !String(received.session).includes(session)) return false;
  if (privileged !== undefined && received.privileged !== privileged) return false;
  if (decision !== undefined && decisionOf({ id, received, records }) !== decision) return false;
  return text === undefined || searchable(received).some((part) => part.includes(text));
}

function searchable({ reason, stages, cwd }: AuditRecord): string[] {
  const words = Array.isArray(stages)
    ? stages.flatMap((stage) => [stage?.program, ...(stage?.args ?? [])])
    : [];
  return [String(reason), String(cwd), words.join(" "), ...words.map(String)];
}
