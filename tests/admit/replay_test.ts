import fc from "fast-check";
import { freshnessFault } from "../../lib/admit/freshness.ts";
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";

Deno.test("ReplayMemory.admit() admits an id once", () => {
  const memory = new ReplayMemory();
  assertEquals(memory.admit("a", 1000, 0), undefined);
  assertMatch(
    memory.admit("a", 1000, 0)?.message ?? "",
    /"id" must be new, and "a" was used before/,
  );
  assertMatch(memory.admit("a", 2000, 119_999)?.message ?? "", /"id" must be new/);
  assertEquals(memory.admit("b", 2000, 119_999), undefined);
});

Deno.test("ReplayMemory.admit() remembers an id longer than its request stays fresh", () => {
  const memory = new ReplayMemory();
  // Sent 30 s ahead, it passes for fresh until it is 60 s old: 90 s after its arrival.
  assertEquals(memory.admit("a", 30_000, 0), undefined);
  for (let now = 0; now <= 90_000; now += 1000) {
    assertMatch(memory.admit("a", 30_000, now)?.message ?? "", /"id" must be new/);
  }
});

Deno.test("ReplayMemory.admit() refuses what was sent before a request that it forgot", () => {
  const memory = new ReplayMemory();
  assertEquals(memory.admit("a", 50_000, 0), undefined);
  assertMatch(memory.admit("a", 50_000, 120_000)?.message ?? "", /"time" must be later/);
  assertEquals(memory.admit("a", 50_000, 120_000)?.code, "stale");
  assertMatch(memory.admit("new", 49_999, 120_001)?.message ?? "", /"time" must be later/);
  assertEquals(memory.admit("new", 50_001, 120_001), undefined);
});

Deno.test("ReplayMemory.admit() does not remember an id that it refused", () => {
  const memory = new ReplayMemory(1);
  assertEquals(memory.admit("a", 1, 0), undefined);
  assertMatch(memory.admit("b", 2, 10)?.message ?? "", /one of more than 1 in 120 seconds/);
  assertEquals(memory.admit("b", 2, 120_000), undefined);
});

Deno.test("ReplayMemory.admit() refuses when it is full and never forgets early", () => {
  const memory = new ReplayMemory(3);
  for (const [index, id] of ["a", "b", "c"].entries()) {
    assertEquals(memory.admit(id, 100 + index, index * 1000), undefined);
  }
  assertMatch(memory.admit("d", 200, 119_999)?.message ?? "", /one of more than 3/);
  for (const [index, id] of ["a", "b", "c"].entries()) {
    assertMatch(memory.admit(id, 100 + index, 119_999)?.message ?? "", /"id" must be new/);
  }
  assertEquals(memory.admit("d", 200, 120_000), undefined, "the oldest is forgotten in its time");
  assertMatch(memory.admit("e", 201, 120_000)?.message ?? "", /one of more than 3/);
});

Deno.test("ReplayMemory.admit() holds 65,536 ids unless told otherwise", () => {
  const memory = new ReplayMemory();
  for (let index = 0; index < 65_536; index++) {
    assertEquals(memory.admit(`id-${index}`, index + 1, 0), undefined);
  }
  assertMatch(memory.admit("one more", 70_000, 0)?.message ?? "", /one of more than 65536/);
  assertMatch(memory.admit("id-0", 1, 0)?.message ?? "", /"id" must be new/);
});

Deno.test("ReplayMemory.admit() admits a recorded request at most once, whatever the clocks do", () => {
  const step = fc.record({
    monotonicMs: fc.oneof(
      fc.integer({ min: 0, max: 5000 }),
      fc.constantFrom(0, 1, 89_999, 119_999, 120_000, 120_001, 600_000),
    ),
    // Between two arrivals the wall clock may be set, forth or back.
    wallJumpMs: fc.oneof(
      { weight: 3, arbitrary: fc.constant(0) },
      { weight: 2, arbitrary: fc.integer({ min: -700_000, max: 700_000 }) },
      { weight: 1, arbitrary: fc.constantFrom(-120_000, -120_001, -90_000, 90_000, -3_600_000) },
    ),
    request: fc.nat(5),
  });
  // Six requests on record; the same line is sent again and again.
  const sentAt = fc.array(fc.integer({ min: -200_000, max: 800_000 }), {
    minLength: 6,
    maxLength: 6,
  });
  const capacity = fc.constantFrom(2, 4, 65_536);
  let admissions = 0;
  let replays = 0;
  fc.assert(
    fc.property(
      sentAt,
      capacity,
      fc.array(step, { maxLength: 120, size: "max" }),
      (times, size, steps) => {
        const memory = new ReplayMemory(size);
        const admitted = new Set<number>();
        let now = 0;
        let wall = 0;
        for (const { monotonicMs, wallJumpMs, request } of steps) {
          now += monotonicMs;
          wall += monotonicMs + wallJumpMs;
          const sentAt = times[request] ?? 0;
          if (freshnessFault(sentAt, wall) !== undefined) continue;
          if (admitted.has(request)) replays++;
          if (memory.admit(`id-${request}`, sentAt, now) !== undefined) continue;
          assertTrue(!admitted.has(request), `request ${request} was admitted twice`);
          admitted.add(request);
          admissions++;
        }
      },
    ),
    { numRuns: 3000 },
  );
  assertTrue(admissions > 100 && replays > 100, "the property must have tried replays");
});

Deno.test("ReplayMemory.admit() admits every new request while the clocks run evenly", () => {
  const gaps = fc.array(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 100 });
  const skews = fc.infiniteStream(fc.integer({ min: -60_000, max: 30_000 }));
  fc.assert(fc.property(gaps, skews, (steps, skew) => {
    const memory = new ReplayMemory();
    let now = 0;
    for (const [index, gap] of steps.entries()) {
      now += gap;
      const sentAt = now + defined(skew.next().value);
      assertEquals(memory.admit(`id-${index}`, sentAt, now), undefined);
    }
  }));
});
