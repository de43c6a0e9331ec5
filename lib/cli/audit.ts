import { headWords } from "../audit/chain.ts";
import { checkTrail } from "../audit/check.ts";
import {
  type AuditRecord,
  linesFromEnd,
  linesInOrder,
  parseRecord,
  storiesFromEnd,
  type StoryFilter,
} from "../audit/story.ts";
import { followTrail } from "../audit/follow.ts";
import { asciiJson, asciiOnly } from "../gate/text.ts";
import { auditFolder, stateFolder } from "../paths.ts";
import { visibleProse } from "../terminal/visible.ts";
import { writeAll } from "./answer.ts";
import { recordLine, storyLine, storyText } from "./audit_text.ts";
import { errorMessage, fail, startAs } from "./fail.ts";
import { wrapForTerminal } from "../wrap_words.ts";

/** What the command line says about which requests are wanted. */
export interface AuditFilterOptions {
  /** A time, or an age such as `2h`. */
  readonly since?: string;
  /** A time, or an age. */
  readonly until?: string;
  /** The host that a request was for. */
  readonly host?: string;
  /** A part of the name of who asked. */
  readonly session?: string;
  /** What was decided. */
  readonly decision?: string;
  /** True or false where one of the two options was given. */
  readonly privileged?: boolean;
  /** A part of the command or the reason. */
  readonly text?: string;
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

/**
 * `sudo-proxy audit list`: requests and what became of them, the last at the end.
 *
 * @param options Which, and how they are printed.
 */
export function auditListCommand(options: AuditListOptions): void {
  const folder = openFolder();
  reporting(() => {
    if (options.records) return listRecords(folder, options);
    const stories = [...take(storiesFromEnd(folder, filterOf(options)), options.limit)].reverse();
    print(stories, options.json, (story) => story.records, storyLine);
  });
}

/**
 * `sudo-proxy audit show ID`: everything about one request, with the prompt as it was shown.
 *
 * @param id The beginning of its id.
 * @param options How it is printed.
 */
export function auditShowCommand(id: string, options: { readonly json?: true }): void {
  const folder = openFolder();
  reporting(() => {
    const found = [...take(storiesFromEnd(folder, { id }), MAX_FOUND)];
    const ids = [...new Set(found.map((story) => story.id))];
    if (ids.length === 0) fail(`Cannot show "${visibleProse(id)}": no request has such an id`);
    const wanted = ids.length === 1 ? ids[0] : id;
    // An id may come again after a while, and two daemons may have the same at once.
    const stories = found.filter((story) => story.id === wanted).reverse();
    if (stories.length === 0) {
      const words = ids.map((one) => `\n  ${visibleProse(one)}`).join("");
      fail(
        `Cannot show "${
          visibleProse(id)
        }": more than one request has an id that begins so:${words}`,
      );
    }
    for (const story of stories) {
      if (options.json) printLine(asciiJson(story.records));
      else storyText(story).forEach(printLine);
    }
  });
}

/**
 * `sudo-proxy audit follow`: each record as it is written, until Ctrl+C.
 *
 * @param options How they are printed.
 */
export async function auditFollowCommand(options: { readonly json?: true }): Promise<void> {
  const folder = openFolder();
  try {
    for await (const line of followTrail(folder)) {
      const record = parseRecord(line);
      if (options.json) printLine(asciiOnly(line));
      else printLine(record === undefined ? visibleProse(line) : recordLine(record));
    }
  } catch (error) {
    fail(errorMessage(error));
  }
}

/**
 * `sudo-proxy audit verify`: checks the chain; exits with 1 if anything is wrong.
 *
 * @param options A hash that was kept elsewhere, and how the answer is printed.
 */
export function auditVerifyCommand(
  options: { readonly head?: string; readonly json?: true },
): void {
  const folder = openFolder();
  const kept = options.head?.toLowerCase();
  if (kept !== undefined && !/^[0-9a-f]{16,64}$/.test(kept)) {
    fail(`Cannot use --head "${visibleProse(kept)}": it must be 16 to 64 hex digits`);
  }
  reporting(() => {
    const report = checkTrail(folder, kept);
    if (options.json) printLine(asciiJson(report));
    else {
      for (const { file, line, what } of report.faults) {
        printProse(
          `${visibleProse(file)}${line > 0 ? `, line ${line}` : ""}: ${visibleProse(what)}`,
        );
      }
      const words = report.faults.length === 0 ? "the chain holds" : "the chain is broken";
      printProse(
        `${counted(report.records, "record")} in ${counted(report.segments, "file")}: ${words}; ${
          headWords(report.head)
        }`,
      );
      if (report.faults.length === 0) printProse(certainty(report.certain, kept));
    }
    Deno.exit(report.faults.length === 0 ? 0 : 1);
  });
}

/** A number with its noun. */
function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

/** Prints sentences; a terminal breaks no word of them. */
function printProse(text: string): void {
  printLine(wrapForTerminal(text, Deno.stdout));
}

/** Which cuts can't be seen. */
function certainty(certain: number, kept: string | undefined): string {
  const first = `If the trail was cut after record ${certain}, that can't be seen.`;
  return kept === undefined
    ? `${first} Nor can an earlier cut, if the file head was set back to fit: --head finds it, with ` +
      "a hash that was kept elsewhere."
    : first;
}

/**
 * `sudo-proxy audit export`: the records of the wanted requests, as they stand in the trail.
 *
 * @param options Which.
 */
export function auditExportCommand(options: AuditFilterOptions): void {
  const folder = openFolder();
  reporting(() => {
    const filter = filterOf(options);
    if (Object.keys(filter).length === 0) {
      for (const line of linesInOrder(folder)) printLine(asciiOnly(line));
      return;
    }
    const wanted = new Set<unknown>();
    for (const { records } of storiesFromEnd(folder, filter)) {
      for (const { seq } of records) wanted.add(seq);
    }
    for (const line of linesInOrder(folder)) {
      const seq = Number(/^\{"seq":(\d+)/.exec(line)?.[1]);
      if (wanted.has(seq)) printLine(asciiOnly(line));
    }
  });
}

function openFolder(): string {
  const here = startAs("audit");
  const state = stateFolder(here);
  if (state === undefined) {
    fail("Cannot find the audit trail: HOME or XDG_STATE_HOME must be an absolute path");
  }
  return auditFolder(state);
}

function listRecords(folder: string, options: AuditListOptions): void {
  const ignored = Object.keys(filterOf(options));
  if (ignored.length > 0) {
    fail(`Cannot use --${ignored[0]} with --records: it chooses requests, not records`);
  }
  const lines = [...take(linesFromEnd(folder), options.limit)].reverse();
  const records = lines.map(parseRecord).filter((record) => record !== undefined);
  print(records, options.json, (record) => record, recordLine);
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

function* take<T>(items: Iterable<T>, limit: number): Generator<T> {
  let count = 0;
  for (const item of items) {
    yield item;
    if (++count >= limit) return;
  }
}

function filterOf(options: AuditFilterOptions): StoryFilter {
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
  const age = /^(\d{1,6})([smhd])$/.exec(text);
  if (age) return Date.now() - Number(age[1]) * UNIT_MS[age[2]];
  const time = /^\d{4}-\d\d-\d\d(?:T|$)/.test(text) ? Date.parse(text) : NaN;
  if (!Number.isNaN(time)) return time;
  fail(
    `Cannot use --${option} "${visibleProse(text)}": it must be a time such as 2026-01-31 or ` +
      "2026-01-31T12:00:00Z, or an age such as 30m, 2h or 7d",
  );
}

function reporting(work: () => void): void {
  try {
    work();
  } catch (error) {
    // Whoever reads on the other side of a pipe may have seen enough.
    if (error instanceof Deno.errors.BrokenPipe) Deno.exit(0);
    fail(errorMessage(error));
  }
}

function printLine(line: string): void {
  writeAll(Deno.stdout, new TextEncoder().encode(`${line}\n`));
}
