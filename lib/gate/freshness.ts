import { MAX_AGE_MS, MAX_AHEAD_MS } from "../protocol/limits.ts";

const ISO_8601_UTC = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]00:00)$/;

/**
 * Reads a time in ISO 8601, in UTC.
 *
 * @param text Such as `2026-11-23T07:34:00Z`, with up to nine digits of a second; `+00:00` may
 * stand for `Z`.
 * @returns Milliseconds of the epoch, or `undefined` if it is not such a time or no such day
 * exists.
 */
export function parseTime(text: string): number | undefined {
  const parts = ISO_8601_UTC.exec(text);
  if (!parts) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const fraction = Number((parts[7] ?? "").padEnd(3, "0").slice(0, 3));
  const time = Date.UTC(year, month - 1, day, hour, minute, second, fraction);
  const date = new Date(time);
  // Date.UTC rolls 30 February over to March; a time that does not read back is none.
  const readsBack = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 &&
    date.getUTCDate() === day && date.getUTCHours() === hour && date.getUTCMinutes() === minute &&
    date.getUTCSeconds() === second;
  return readsBack ? time : undefined;
}

/**
 * Judges whether a request is fresh enough to be accepted.
 *
 * @param sentAt The request's own time in milliseconds of the epoch.
 * @param wallNow This machine's time in milliseconds of the epoch.
 * @returns The rule that the request breaks, with the difference and both times, or `undefined`.
 */
export function freshnessFault(sentAt: number, wallNow: number): string | undefined {
  const age = wallNow - sentAt;
  if (age <= MAX_AGE_MS && -age <= MAX_AHEAD_MS) return undefined;
  const rule = age > 0
    ? `must be at most ${MAX_AGE_MS / 1000} s old`
    : `must be at most ${MAX_AHEAD_MS / 1000} s ahead`;
  const difference = `${(Math.abs(age) / 1000).toFixed(1)} s ${age > 0 ? "old" : "ahead"}`;
  const times = `sent ${isoTime(sentAt)}, here it is ${isoTime(wallNow)}`;
  return `${rule}, and is ${difference} (${times}; do the clocks agree?)`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
