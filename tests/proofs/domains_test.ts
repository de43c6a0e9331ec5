/**
 * Arithmetic over whole domains: every date, every time of day, every age of a request, and every
 * history of the memory of ids on a grid.
 *
 * @module
 */
import { freshnessFault, parseTime } from "../../lib/admit/freshness.ts";
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { ID_MEMORY_MS, MAX_AGE_MS, MAX_AHEAD_MS } from "../../lib/protocol/limits.ts";
import { assertEquals, assertTrue } from "../rig/assert.ts";
import { report, size } from "../rig/soak.ts";

const DAY_MS = 86_400_000;
const digits = (value: number, count = 2) => String(value).padStart(count, "0");

Deno.test("every date from 1970 to 2099, with months and days from 00 to 99, is read or refused", () => {
  // Days are counted one by one, by the rules of the Gregorian calendar.
  let day = 0;
  for (let year = 1970; year <= 2099; year++) {
    const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
    const lengths = [0, 31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    for (let month = 0; month < 100; month++) {
      for (let date = 0; date < 100; date++) {
        const exists = date >= 1 && date <= (lengths[month] ?? 0);
        const text = `${year}-${digits(month)}-${digits(date)}T00:00:00Z`;
        const time = parseTime(text);
        if (time !== (exists ? day * DAY_MS : undefined)) assertEquals(time, day * DAY_MS, text);
        if (exists) day++;
      }
    }
  }
  assertEquals(day, 47_482);
});

Deno.test("every time of day, with hours, minutes and seconds from 00 to 99, is read or refused", () => {
  let count = 0;
  for (let hour = 0; hour < 100; hour++) {
    for (let minute = 0; minute < 100; minute++) {
      for (let second = 0; second < 100; second++) {
        const exists = hour < 24 && minute < 60 && second < 60;
        const ms = exists ? ((hour * 60 + minute) * 60 + second) * 1000 : undefined;
        const text = `1970-01-01T${digits(hour)}:${digits(minute)}:${digits(second)}Z`;
        const time = parseTime(text);
        if (time !== ms) assertEquals(time, ms, text);
        if (exists) count++;
      }
    }
  }
  assertEquals(count, 86_400);
});

Deno.test("every microsecond of a second is cut to its millisecond", () => {
  const step = size(7, 1);
  for (let micros = 0; micros < 1_000_000; micros += step) {
    const text = `1970-01-01T00:00:00.${digits(micros, 6)}Z`;
    const time = parseTime(text);
    if (time !== Math.floor(micros / 1000)) assertEquals(time, Math.floor(micros / 1000), text);
  }
});

Deno.test("every age of a request, in milliseconds, is fresh or not", () => {
  for (const now of [0, Date.UTC(2026, 0, 1), Date.UTC(2099, 11, 31)]) {
    for (let age = -2 * MAX_AHEAD_MS; age <= 2 * MAX_AGE_MS; age++) {
      const isFresh = freshnessFault(now - age, now) === undefined;
      assertTrue(isFresh === (age <= MAX_AGE_MS && age >= -MAX_AHEAD_MS));
    }
  }
});

Deno.test("no history of clocks on a grid lets the same bytes be taken twice", () => {
  const step = MAX_AHEAD_MS;
  const depth = size(3, 4);
  const times = [0, 1, 2, 3, 4].map((index) => index * step);
  const moves = ["a", "b"].flatMap((id) =>
    times.slice(0, 4).flatMap((sentAt) =>
      times.flatMap((wall) =>
        [0, 1, ID_MEMORY_MS - 1, ID_MEMORY_MS].map((wait) => ({ id, sentAt, wall, wait }))
      )
    )
  );
  type Move = (typeof moves)[number];
  const numbers = { histories: 0, taken: 0 };
  const history: Move[] = [];
  const extend = (): void => {
    if (history.length === depth) return run();
    for (const move of moves) {
      // The letters are alike, and the first moment is any.
      const isSame = history.length === 0 && (move.id !== "a" || move.wait !== 0);
      if (isSame) continue;
      history.push(move);
      extend();
      history.pop();
    }
  };
  const run = (): void => {
    const memory = new ReplayMemory(8);
    const taken = new Set<string>();
    let now = 0;
    for (const { id, sentAt, wall, wait } of history) {
      now += wait;
      if (freshnessFault(sentAt, wall) !== undefined) continue;
      if (memory.admit(id, sentAt, now) !== undefined) continue;
      if (taken.has(id + sentAt)) assertEquals(history, [], "taken twice");
      taken.add(id + sentAt);
      numbers.taken++;
    }
    numbers.histories++;
  };
  extend();
  assertEquals(numbers.histories, 20 * 160 ** (depth - 1));
  report("memory of ids", numbers);
});
