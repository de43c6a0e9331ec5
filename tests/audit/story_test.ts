import { receivedRecord } from "../../lib/audit/record.ts";
import { decisionOf, storiesFromEnd, type StoryFilter } from "../../lib/audit/story.ts";
import { resolved } from "../gate/resolved.ts";
import { assertEquals } from "../rig/assert.ts";
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

Deno.test("storiesFromEnd() puts the records of each request together, the last first", async () => {
  await using folder = await trailWithRequests();
  const stories = [...storiesFromEnd(folder.path, {})];
  assertEquals(stories.map((story) => [story.id, decisionOf(story)]), [
    ["fifth", "timeout"],
    ["fourth", "undecided"],
    ['odd "id" \\', "withdrawn"],
    ["second", "denied"],
    ["first", "approved"],
  ]);
  assertEquals(stories.at(-1)!.records.map(({ event }) => event), [
    "received",
    "decided",
    "started",
    "ended",
  ]);
});

Deno.test("storiesFromEnd() tells two requests with one id apart, long after each other", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  for (const decision of ["denied", "timeout"]) {
    trail.append(receivedRecord(resolved("again")));
    trail.append({ event: "decided", id: "again", decision });
  }
  const stories = [...storiesFromEnd(folder.path, {})];
  assertEquals(stories.map((story) => [decisionOf(story), story.records.length]), [
    ["timeout", 2],
    ["denied", 2],
  ]);
});

Deno.test("storiesFromEnd() keeps requests of two daemons with the same id apart", async () => {
  await using folder = await TrailFolder.make();
  const [one, other] = [folder.open("a"), folder.open("b")];
  one.append(receivedRecord(resolved("same", { pipeline: [["/usr/bin/id"]] })));
  other.append(receivedRecord(resolved("same", { pipeline: [["/usr/bin/true"]] })));
  one.append({ event: "decided", id: "same", decision: "approved", key: "y" });
  other.append({ event: "decided", id: "same", decision: "denied", key: "n" });
  one.append({ event: "started", id: "same", basis: "key" });
  const stories = [...storiesFromEnd(folder.path, {})];
  assertEquals(stories.map((story) => [story.received.daemon, decisionOf(story)]), [
    ["b", "denied"],
    ["a", "approved"],
  ]);
  assertEquals(stories[1].records.length, 3);
});

Deno.test("storiesFromEnd() finds by every filter", async () => {
  await using folder = await trailWithRequests();
  const hour = 3_600_000;
  const cases: readonly (readonly [StoryFilter, readonly string[]])[] = [
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
    const found = [...storiesFromEnd(folder.path, filter)].map(({ id }) => id);
    assertEquals(found, ids, JSON.stringify(filter));
  }
});

Deno.test("storiesFromEnd() gives nothing where there is no trail", async () => {
  await using folder = await TrailFolder.make();
  assertEquals([...storiesFromEnd(folder.path, {})], []);
});
