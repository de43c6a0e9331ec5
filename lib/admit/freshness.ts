import { MAX_AGE_MS, MAX_AHEAD_MS } from "../protocol/limits.ts";

const ISO_8601_UTC = /^([1-9]\d{3}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:Z|[+-]00:00)$/;

/**
 * Reads a time in ISO 8601, in UTC.
 *
 * @param text Such as `2026-11-23T07:34:00Z`, with up to nine digits of a second; `+00:00` may
 * stand for `Z`.
 * @returns Milliseconds of the epoch, or `undefined` if it is no such time, or no such day exists.
 */
export function parseTime(text: string): number | undefined {
  const [, seconds, fraction = ""] = ISO_8601_UTC.exec(text) ?? [];
  const canonical = `${seconds}.${fraction.padEnd(3, "0").slice(0, 3)}Z`;
  const time = Date.parse(canonical);
  // 30 February rolls over to March: a time that does not read back the same is invalid.
  return !Number.isNaN(time) && isoTime(time) === canonical ? time : undefined;
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
  const [limit, direction] = age > 0 ? [MAX_AGE_MS, "old"] : [MAX_AHEAD_MS, "ahead"];
  return `must be at most ${limit / 1000} s ${direction}, and is ` +
    `${(Math.abs(age) / 1000).toFixed(1)} s ${direction} ` +
    `(sent ${isoTime(sentAt)}, here it is ${isoTime(wallNow)}; do the clocks agree?)`;
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
