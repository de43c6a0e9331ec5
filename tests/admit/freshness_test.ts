import fc from "fast-check";
import { freshnessFault, parseTime } from "../../lib/admit/freshness.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";

const NOON = Date.UTC(2026, 0, 31, 12, 0, 0);

Deno.test("parseTime() reads ISO 8601 in UTC", () => {
  assertEquals(parseTime("2026-01-31T12:00:00Z"), NOON);
  assertEquals(parseTime("2026-01-31T12:00:00+00:00"), NOON);
  assertEquals(parseTime("2026-01-31T12:00:00.5Z"), NOON + 500);
  assertEquals(parseTime("2026-01-31T12:00:00.25+00:00"), NOON + 250);
  assertEquals(parseTime("2026-01-31T12:00:00.042Z"), NOON + 42);
  assertEquals(parseTime("2024-02-29T23:59:59.999Z"), Date.UTC(2024, 1, 29, 23, 59, 59, 999));
});

Deno.test("parseTime() cuts microseconds and nanoseconds to milliseconds", () => {
  assertEquals(parseTime("2026-01-31T12:00:00.123456Z"), NOON + 123);
  assertEquals(parseTime("2026-01-31T12:00:00.123999999Z"), NOON + 123);
  assertEquals(parseTime("2026-01-31T12:00:00.000999999+00:00"), NOON);
});

Deno.test("parseTime() refuses what is no such time", () => {
  const refused = [
    "",
    "now",
    "2026-02-30T12:00:00Z",
    "2025-02-29T12:00:00Z",
    "2026-04-31T12:00:00Z",
    "2026-13-01T12:00:00Z",
    "2026-00-10T12:00:00Z",
    "2026-01-00T12:00:00Z",
    "2026-01-32T12:00:00Z",
    "2026-01-31T24:00:00Z",
    "2026-01-31T12:60:00Z",
    "2026-01-31T12:00:60Z",
    "2026-06-30T23:59:60Z",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00:00+01:00",
    "2026-01-31T12:00:00-05:00",
    "2026-01-31T12:00:00+0000",
    "2026-01-31T12:00:00+00",
    "2026-01-31T12:00:00.Z",
    "2026-01-31T12:00:00.1234567890Z",
    "2026-01-31T12:00:00,5Z",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00Z",
    "2026-01-31",
    "20260131T120000Z",
    "2026-1-31T12:00:00Z",
    " 2026-01-31T12:00:00Z",
    "2026-01-31T12:00:00Z ",
    "2026-01-31T12:00:00Z\n",
    "+002026-01-31T12:00:00Z",
    "0026-01-31T12:00:00Z",
    "２０２６-01-31T12:00:00Z",
    "1769860800000",
  ];
  for (const text of refused) assertEquals(parseTime(text), undefined, JSON.stringify(text));
});

Deno.test("parseTime() reads back every time that a clock can write", () => {
  const date = fc.date({
    min: new Date("1970-01-01T00:00:00Z"),
    max: new Date("9999-12-31T23:59:59.999Z"),
    noInvalidDate: true,
  });
  fc.assert(fc.property(date, (time) => {
    assertEquals(parseTime(time.toISOString()), time.getTime());
  }));
});

Deno.test("freshnessFault() accepts up to the edges of the window and nothing beyond", () => {
  assertEquals(freshnessFault(NOON, NOON), undefined);
  assertEquals(freshnessFault(NOON - 60_000, NOON), undefined);
  assertMatch(freshnessFault(NOON - 60_001, NOON) ?? "", /^must be at most 60 s old/);
  assertEquals(freshnessFault(NOON + 30_000, NOON), undefined);
  assertMatch(freshnessFault(NOON + 30_001, NOON) ?? "", /^must be at most 30 s ahead/);
});

Deno.test("freshnessFault() accepts exactly the times from 60 s old to 30 s ahead", () => {
  fc.assert(fc.property(fc.integer({ min: -100_000, max: 100_000 }), (age) => {
    const isFresh = freshnessFault(NOON - age, NOON) === undefined;
    assertEquals(isFresh, age <= 60_000 && age >= -30_000);
  }));
});

Deno.test("freshnessFault() tells the difference and both times", () => {
  assertEquals(
    freshnessFault(NOON - 3_600_000, NOON),
    "must be at most 60 s old, and is 3600.0 s old " +
      "(sent 2026-01-31T11:00:00.000Z, here it is 2026-01-31T12:00:00.000Z; do the clocks agree?)",
  );
  assertEquals(
    freshnessFault(NOON + 31_500, NOON),
    "must be at most 30 s ahead, and is 31.5 s ahead " +
      "(sent 2026-01-31T12:00:31.500Z, here it is 2026-01-31T12:00:00.000Z; do the clocks agree?)",
  );
});
