import { asciiJson, asciiOnly } from "../admit/text.ts";
import { followTrail } from "../audit/read/follow.ts";
import {
  type AuditRecord,
  linesFromEnd,
  linesInOrder,
  parseRecord,
  type TimelineFilter,
  timelinesFromEnd,
} from "../audit/read/timeline.ts";
import { checkTrail } from "../audit/read/verify.ts";
import { auditFolder, stateFolder } from "../platform/paths.ts";
import { wrapForTerminal } from "../platform/wrap_words.ts";
import { writeAll } from "../platform/write_all.ts";
import { visibleProse } from "../view/visible.ts";
import { recordLine, reportText, summaryLine, timelineText } from "./audit_text.ts";
import { errorMessage, fail, startAs } from "./fail.ts";

/** What the command line says about which requests are wanted; times may be ages such as `2h`. */
export interface AuditFilterOptions extends Omit<TimelineFilter, "since" | "until" | "id"> {
  /** A time, or an age. */
  readonly since?: string;
  /** A time, or an age. */
  readonly until?: string;
}

/** What the command line says about a list. */
export interface AuditListOptions extends AuditFilterOptions {
  /** How many requests at most. */
  readonly limit: number;
  /** Whether every record is listed, not every request. */
  readonly records?: true;
  /** Whether the answer is JSON. */
  readonly json?: true;
}

/** How many requests are looked at for one id. */
const MAX_FOUND = 100;

/** `sudo-proxy audit list`: requests and what became of them, the last at the end. */
export function auditListCommand(options: AuditListOptions): void {
  const { limit, json } = options;
  inTrail((folder) => {
    const filter = filterOf(options);
    if (!options.records) {
      const timelines = [...timelinesFromEnd(folder, filter).take(limit)].reverse();
      return print(timelines, json, ({ records }) => records, summaryLine);
    }
    const [ignored] = Object.keys(filter);
    if (ignored !== undefined) {
      fail(`Cannot use --${ignored} with --records: it chooses requests, not records`);
    }
    const records = [...linesFromEnd(folder).take(limit)].reverse()
      .map(parseRecord).filter((record) => record !== undefined);
    print(records, json, (record) => record, recordLine);
  });
}

/** `sudo-proxy audit show ID`: one request by the beginning of its id, with the prompt as shown. */
export function auditShowCommand(id: string, { json }: { readonly json?: true }): void {
  inTrail((folder) => {
    const found = [...timelinesFromEnd(folder, { id }).take(MAX_FOUND)];
    const ids = [...new Set(found.map((timeline) => timeline.id))];
    const cannot = `Cannot show "${visibleProse(id)}": `;
    if (ids.length === 0) fail(`${cannot}no request has such an id`);
    const wanted = ids.length === 1 ? ids[0] : id;
    // An id may come again after a while, and two daemons may have the same at once.
    const timelines = found.filter((timeline) => timeline.id === wanted).reverse();
    if (timelines.length === 0) {
      const list = ids.map((one) => `\n  ${visibleProse(one)}`).join("");
      fail(`${cannot}more than one request has an id that begins so:${list}`);
    }
    for (const timeline of timelines) {
      if (json) printLine(asciiJson(timeline.records));
      else timelineText(timeline).forEach(printLine);
    }
  });
}

/** `sudo-proxy audit follow`: each record as it is written, until Ctrl+C. */
export async function auditFollowCommand({ json }: { readonly json?: true }): Promise<void> {
  const folder = trailFolder();
  try {
    for await (const line of followTrail(folder)) {
      const record = parseRecord(line);
      if (json) printLine(asciiOnly(line));
      else printLine(record === undefined ? visibleProse(line) : recordLine(record));
    }
  } catch (error) {
    fail(errorMessage(error));
  }
}

/**
 * `sudo-proxy audit verify`: checks the chain, also against a hash that was kept elsewhere; exits
 * with 1 if anything is wrong.
 */
export function auditVerifyCommand(
  { head, json }: { readonly head?: string; readonly json?: true },
): void {
  const kept = head?.toLowerCase();
  inTrail((folder) => {
    if (kept !== undefined && !/^[0-9a-f]{16,64}$/.test(kept)) {
      fail(`Cannot use --head "${visibleProse(kept)}": it must be 16 to 64 hex digits`);
    }
    const report = checkTrail(folder, kept);
    if (json) printLine(asciiJson(report));
    else {
      for (const text of reportText(report, kept !== undefined)) {
        printLine(wrapForTerminal(text, Deno.stdout));
      }
    }
    Deno.exit(report.faults.length === 0 ? 0 : 1);
  });
}

/** `sudo-proxy audit export`: the records of the wanted requests, as they stand in the trail. */
export function auditExportCommand(options: AuditFilterOptions): void {
  inTrail((folder) => {
    const filter = filterOf(options);
    const isAll = Object.keys(filter).length === 0;
    const wanted = new Set<unknown>();
    for (const { records } of isAll ? [] : timelinesFromEnd(folder, filter)) {
      for (const { seq } of records) wanted.add(seq);
    }
    for (const line of linesInOrder(folder)) {
      const seq = Number(/^\{"seq":(\d+)/.exec(line)?.[1]);
      if (isAll || wanted.has(seq)) printLine(asciiOnly(line));
    }
  });
}

function trailFolder(): string {
  const state = stateFolder(startAs("audit"));
  if (state !== undefined) return auditFolder(state);
  fail("Cannot find the audit trail: HOME or XDG_STATE_HOME must be an absolute path");
}

function inTrail(work: (folder: string) => void): void {
  const folder = trailFolder();
  try {
    work(folder);
  } catch (error) {
    // The program at the other end of a pipe may have read enough.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    fail(errorMessage(error));
  }
}

function print<T>(
  items: readonly T[],
  json: true | undefined,
  data: (item: T) => AuditRecord | readonly AuditRecord[],
  line: (item: T) => string,
): void {
  if (json) return items.forEach((item) => printLine(asciiJson(data(item))));
  if (items.length === 0) console.error("sudo-proxy: the audit trail has no such request");
  items.forEach((item) => printLine(line(item)));
}

function filterOf(options: AuditFilterOptions): TimelineFilter {
  const { since, until, host, session, decision, privileged, text } = options;
  return {
    ...(since === undefined ? {} : { since: timeOf("since", since) }),
    ...(until === undefined ? {} : { until: timeOf("until", until) }),
    ...(host === undefined ? {} : { host }),
    ...(session === undefined ? {} : { session }),
    ...(decision === undefined ? {} : { decision }),
    ...(privileged === undefined ? {} : { privileged }),
    ...(text === undefined ? {} : { text }),
  };
}

const UNIT_MS: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** A time in ISO 8601, or how long ago. */
function timeOf(option: string, text: string): number {
  const [, count, unit = ""] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  const unitMs = UNIT_MS[unit];
  if (unitMs !== undefined) return Date.now() - Number(count) * unitMs;
  const time = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  fail(
    `Cannot use --${option} "${visibleProse(text)}": it must be a time such as 2026-01-31 or ` +
      "2026-01-31T12:00:00Z, or an age such as 30m, 2h or 7d",
  );
}

function printLine(line: string): void {
  writeAll(Deno.stdout, new TextEncoder().encode(`${line}\n`));
}
