import { receivedRecord } from "../../lib/audit/write/record.ts";
import {
  decisionOf,
  type TimelineFilter,
  timelinesFromEnd,
} from "../../lib/audit/read/timeline.ts";
import { resolved } from "../session/resolved.ts";
import { assertEquals, at } from "../rig/assert.ts";
import { TrailFolder } from "./folder.ts";

/** A trail with five requests whose records are interleaved. */
async function trailWithRequests(): Promise<TrailFolder> {
  const folder = await TrailFolder.make();
  const trail = folder.open();
  const requests = [
    resolved("first", { pipeline: [["/usr/bin/apt-get", "install", "nginx"]], host: "web1" }),
    resolved("second", { privileged: false, session: "agent 2", reason: 'say "hi"' }),
    resolved('odd "id" \\', { session: "agent 2" }),
    resolved("fourth"),
    resolved("fifth"),
  ];
  trail.append({ event: "daemon_started" });
  for (const request of requests) trail.append(receivedRecord(request));
  trail.append({ event: "decided", id: "second", decision: "denied", key: "n" });
  trail.append({ event: "decided", id: "first", decision: "approved", key: "y" });
  trail.append({ event: "withdrawn", id: 'odd "id" \\', why: "the client went away" });
  trail.append({ event: "started", id: "first", basis: "key" });
  trail.append({ event: "ended", id: "first", ran: true });
  trail.append({ event: "decided", id: "fifth", decision: "timeout" });
  return folder;
}

Deno.test("timelinesFromEnd() puts the records of each request together, the last first", async () => {
  await using folder = await trailWithRequests();
  const timelines = [...timelinesFromEnd(folder.path, {})];
  assertEquals(timelines.map((timeline) => [timeline.id, decisionOf(timeline)]), [
    ["fifth", "timeout"],
    ["fourth", "undecided"],
    ['odd "id" \\', "withdrawn"],
    ["second", "denied"],
    ["first", "approved"],
  ]);
  assertEquals(at(timelines, -1).records.map(({ event }) => event), [
    "received",
    "decided",
    "started",
    "ended",
  ]);
});

Deno.test("timelinesFromEnd() goes on after records that nobody could have asked for", async () => {
  await using folder = await trailWithRequests();
  const nested = "[".repeat(20_000) + "]".repeat(20_000);
  const begin = '{"seq":1,"time":"2026-01-31T12:00:00.000Z","daemon":"d","event":"received","id":';
  folder.write([
    ...folder.lines(),
    `${begin}"nested","session":${nested},"reason":${nested},"stages":[{"args":5}]}`,
    `${begin}"${"a".repeat(9_000_000)}"}`,
  ]);
  for (const filter of [{}, { text: "nginx" }]) {
    const ids = [...timelinesFromEnd(folder.path, filter)].map(({ id }) => id);
    assertEquals(ids.at(-1), "first");
  }
  assertEquals([...timelinesFromEnd(folder.path, { session: "agent 3" })], []);
});

Deno.test("timelinesFromEnd() tells two requests with one id apart, long after each other", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  for (const decision of ["denied", "timeout"]) {
    trail.append(receivedRecord(resolved("again")));
    trail.append({ event: "decided", id: "again", decision });
  }
  const timelines = [...timelinesFromEnd(folder.path, {})];
  assertEquals(timelines.map((timeline) => [decisionOf(timeline), timeline.records.length]), [
    ["timeout", 2],
    ["denied", 2],
  ]);
});

Deno.test("timelinesFromEnd() keeps requests of two daemons with the same id apart", async () => {
  await using folder = await TrailFolder.make();
  const [one, other] = [folder.open("a"), folder.open("b")];
  one.append(receivedRecord(resolved("same", { pipeline: [["/usr/bin/id"]] })));
  other.append(receivedRecord(resolved("same", { pipeline: [["/usr/bin/true"]] })));
  one.append({ event: "decided", id: "same", decision: "approved", key: "y" });
  other.append({ event: "decided", id: "same", decision: "denied", key: "n" });
  one.append({ event: "started", id: "same", basis: "key" });
  const timelines = [...timelinesFromEnd(folder.path, {})];
  assertEquals(timelines.map((timeline) => [timeline.received.daemon, decisionOf(timeline)]), [
    ["b", "denied"],
    ["a", "approved"],
  ]);
  assertEquals(at(timelines, 1).records.length, 3);
});

Deno.test("timelinesFromEnd() finds by every filter", async () => {
  await using folder = await trailWithRequests();
  const hour = 3_600_000;
  const cases: readonly (readonly [TimelineFilter, readonly string[]])[] = [
    [{ host: "web1" }, ["first"]],
    [{ host: "web" }, []],
    [{ session: "agent" }, ['odd "id" \\', "second"]],
    [{ decision: "denied" }, ["second"]],
    [{ decision: "approved" }, ["first"]],
    [{ privileged: false }, ["second"]],
    [{ text: "install nginx" }, ["first"]],
    [{ text: 'say "hi"' }, ["second"]],
    [{ text: "true", privileged: true, session: "tests" }, ["fifth", "fourth"]],
    [{ id: "odd" }, ['odd "id" \\']],
    [{ since: Date.now() - hour }, ["fifth", "fourth", 'odd "id" \\', "second", "first"]],
    [{ since: Date.now() + hour }, []],
    [{ until: Date.now() - hour }, []],
  ];
  for (const [filter, ids] of cases) {
    const found = [...timelinesFromEnd(folder.path, filter)].map(({ id }) => id);
    assertEquals(found, ids, JSON.stringify(filter));
  }
});

Deno.test("timelinesFromEnd() gives nothing where there is no trail", async () => {
  await using folder = await TrailFolder.make();
  assertEquals([...timelinesFromEnd(folder.path, {})], []);
});
