/**
 * Writes a time as the protocol and the registry of hosts have it: ISO 8601 in UTC, in whole
 * seconds, since sudo-proxy 1.x refuses a time with a fraction.
 *
 * @param date The time; now if left out.
 * @returns Such as `2026-01-31T12:00:00Z`.
 */
export function wireTime(date: Date = new Date()): string {
  return date.toISOString().replace(/\.\d+Z$/, "Z");
}
