import { checkTrail } from "../../lib/audit/read/verify.ts";
import { GENESIS, hashOf } from "../../lib/audit/write/chain.ts";
import { SEGMENT_BYTES, trailLockPath } from "../../lib/audit/write/segments.ts";
import { setTrailAside, takeRecorded } from "../../lib/audit/write/trail.ts";
import {
  assertEquals,
  assertMatch,
  assertThrows,
  assertTrue,
  at,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { lacks, succeed } from "../rig/tools.ts";
import { approvedByKey, TrailFolder } from "./folder.ts";

const POLICY = { event: "policy", by: "request" } as const;

Deno.test("AuditTrail makes its folder with mode 0700 and its files with 0600", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  const modes = ["", "000001.jsonl", "head", "lock"].map((name) =>
    (Deno.statSync(folder.file(name)).mode ?? 0) & 0o777
  );
  assertEquals(modes, [0o700, 0o600, 0o600, 0o600]);
});

Deno.test("AuditTrail joins each record to the line before it", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  trail.append({ event: "policy", by: "ünïcode \n \u2028" });
  const [first, second] = atLeast(2, folder.lines());
  assertEquals(JSON.parse(first).prev, GENESIS.hash);
  assertEquals(JSON.parse(second).prev, hashOf(first));
  assertEquals(trail.head, { seq: 2, hash: hashOf(second) });
  const { time, daemon, ...rest } = JSON.parse(first);
  assertMatch(time, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  assertEquals(daemon, "test");
  assertEquals(rest, { seq: 1, ...POLICY, prev: GENESIS.hash });
});

Deno.test("AuditTrail goes on with the chain after a restart", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  folder.open().append(POLICY);
  assertEquals(checkTrail(folder.path).faults, []);
  assertEquals(checkTrail(folder.path).records, 2);
});

Deno.test("AuditTrail of two daemons is one chain", async () => {
  await using folder = await TrailFolder.make();
  const trails = [folder.open("a"), folder.open("b")];
  for (let index = 0; index < 20; index++) defined(trails[index % 3 === 0 ? 1 : 0]).append(POLICY);
  assertEquals(trails.map(({ fault }) => fault), [undefined, undefined]);
  assertEquals(checkTrail(folder.path).faults, []);
  const writers = folder.lines().map((line) => JSON.parse(line).daemon);
  assertEquals(writers.filter((daemon) => daemon === "b").length, 7);
});

Deno.test("AuditTrail begins another segment when one is full, in the same chain", async () => {
  await using folder = await TrailFolder.make();
  const [trail, other] = [folder.open("a"), folder.open("b")];
  const message = "x".repeat(SEGMENT_BYTES / 4);
  for (let index = 0; index < 10; index++) {
    trail.append({ event: "rejected", message });
    // Where one has just filled a segment, the other begins the next.
    if (index % 4 === 3) other.append(POLICY);
  }
  assertEquals([trail.fault, other.fault], [undefined, undefined]);
  const report = checkTrail(folder.path);
  assertEquals(report.faults, []);
  assertEquals([report.records, report.segments], [12, 3]);
  folder.open().append(POLICY);
  assertEquals(checkTrail(folder.path).records, 13);
});

Deno.test("AuditTrail.recordStart() gives what runs, with its record on disk before", async () => {
  await using folder = await TrailFolder.make();
  const approved = approvedByKey();
  const recorded = folder.open().recordStart(approved);
  const record = JSON.parse(at(folder.lines(), 0));
  assertEquals([record.event, record.id, record.basis], ["started", "one", "key"]);
  assertTrue(takeRecorded(recorded) === approved.request);
});

Deno.test("AuditTrail sets a torn record aside, notes it, and goes on", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  // Cut within a letter of three bytes, as a crash may.
  const torn = new TextEncoder().encode('{"seq":2,"event":"policy","by":"€').slice(0, -1);
  await Deno.writeFile(folder.file("000001.jsonl"), torn, { append: true });
  assertMatch(at(checkTrail(folder.path).faults, 0).what, /the last 34 bytes are a torn record/);
  const trail = folder.open();
  trail.append(POLICY);
  const records = folder.lines().map((line) => JSON.parse(line));
  assertEquals(records.map(({ event }) => event), ["policy", "torn", "policy"]);
  assertEquals([records[1].bytes, records[1].sha256], [torn.length, hashOf(torn)]);
  assertEquals(await Deno.readFile(folder.file(records[1].kept)), torn);
  assertEquals(checkTrail(folder.path).faults, []);
});

Deno.test("AuditTrail takes nothing where the chain is broken, and says where", async () => {
  await using folder = await TrailFolder.make();
  const before = folder.open();
  for (let index = 0; index < 4; index++) before.append(POLICY);
  const lines = folder.lines();
  const breaks: readonly [name: string, change: () => void, fault: RegExp][] = [
    [
      "a record was changed",
      () => folder.write(lines.with(1, at(lines, 1).replace("request", "nobody!"))),
      /is broken: 000001\.jsonl line 3: record 2 was changed/,
    ],
    [
      "a record is missing",
      () => folder.write(lines.toSpliced(1, 1)),
      /line 2: record 2 is missing before record 3/,
    ],
    ["the end was cut off", () => folder.write(lines.slice(0, 2)), /no record 4 with the hash/],
    ["all was cut off", () => folder.write([]), /no record 4 with the hash/],
    ["the last record was changed", () => {
      folder.write(lines.with(3, at(lines, 3).replace("request", "nobody!")));
    }, /no record 4 with the hash/],
    ["the segment is gone", () => Deno.removeSync(folder.file("000001.jsonl")), /are missing/],
    ["the head is gone", () => {
      folder.write(lines);
      Deno.removeSync(folder.file("head"));
    }, /the file head is missing/],
    ["the head is no head", () => {
      folder.write(lines);
      Deno.writeTextFileSync(folder.file("head"), "1\n");
    }, /the file head is no head/],
  ];
  const head = await Deno.readTextFile(folder.file("head"));
  for (const [name, change, fault] of breaks) {
    await Deno.writeTextFile(folder.file("head"), head);
    await folder.nextTick();
    change();
    // The daemon that was there all the time, and one that begins now.
    for (const trail of [before, folder.open()]) {
      assertThrows(() => trail.recordStart(approvedByKey()), fault);
      assertThrows(() => trail.appendOrThrow(POLICY, false), /nothing ran: the audit trail is/);
      assertMatch(trail.fault ?? "", fault, name);
    }
  }
  await folder.nextTick();
  folder.write(lines);
  await Deno.writeTextFile(folder.file("head"), head);
  before.append(POLICY);
  assertEquals(before.fault, undefined);
  assertEquals(checkTrail(folder.path).faults, []);
});

Deno.test("AuditTrail finds a chain that was written anew while it ran", async () => {
  await using folder = await TrailFolder.make();
  await using other = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  trail.append(POLICY);
  // A chain that holds, from its first record on, with a head of its own.
  const forger = other.open();
  for (let index = 0; index < 3; index++) forger.append({ event: "policy", by: "forger" });
  await Deno.copyFile(other.file("000001.jsonl"), folder.file("000001.jsonl"));
  await Deno.copyFile(other.file("head"), folder.file("head"));
  assertEquals(checkTrail(folder.path).faults, []);
  assertThrows(() => trail.recordStart(approvedByKey()), /no record 2 with the hash/);
});

Deno.test("AuditTrail keeps what can't be written, and writes it before the next record", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  {
    using lock = await Deno.open(trailLockPath(folder.path), { write: true });
    lock.lockSync(true);
    trail.append({ event: "policy", by: "kept" });
    assertMatch(trail.fault ?? "", /is locked by another program/);
    assertThrows(() => trail.recordStart(approvedByKey("lost")), /nothing ran: .* is locked/);
  }
  trail.append({ event: "policy", by: "next" });
  assertEquals(trail.fault, undefined);
  const records = folder.lines().map((line) => JSON.parse(line));
  assertEquals(records.map(({ by }) => by), ["request", "kept", "next"]);
});

Deno.test("AuditTrail counts a flood of refused requests", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  for (let index = 0; index < 1000; index++) trail.reject(`id-${index}`, "refused");
  trail.append(POLICY);
  const rejected = folder.lines().map((line) => JSON.parse(line))
    .filter(({ event }) => event === "rejected");
  assertTrue(rejected.length < 100, `${rejected.length} records`);
  assertEquals(rejected.reduce((sum, { count = 1 }) => sum + count, 0), 1000);
});

Deno.test("AuditTrail uses no folder that is a link, someone else's or open to others", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  await Deno.chmod(folder.path, 0o755);
  const trail = folder.open();
  assertMatch(trail.fault ?? "", /it is open to other users \(its mode must be 0700\)/);
  assertThrows(() => trail.recordStart(approvedByKey()), /nothing ran/);
});

Deno.test("setTrailAside() keeps the old trail whole, and a new one begins", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  const old = folder.lines();
  const name = setTrailAside(folder.path, new Date("2026-01-31T12:00:00Z"));
  assertEquals(name, "audit-until-2026-01-31T120000.000Z");
  folder.open().append(POLICY);
  assertEquals(JSON.parse(at(folder.lines(), 0)).seq, 1);
  const kept = await Deno.readTextFile(folder.path.replace(/audit$/, `${name}/000001.jsonl`));
  assertEquals(kept, `${old[0]}\n`);
  assertEquals(setTrailAside(folder.path.replace(/audit$/, "none"), new Date()), undefined);
});

Deno.test({
  name: "AuditTrail on a disk that fills up leaves no half record, and goes on once there is room",
  ignore: lacks("root", "mount"),
  async fn() {
    await using folder = await TrailFolder.make();
    const trail = folder.open();
    trail.append(POLICY);
    const state = folder.path.replace(/\/audit$/, "");
    await succeed(["mount", "-t", "tmpfs", "-o", "size=256k,mode=0700", "tmpfs", state]);
    const full = folder.open();
    try {
      full.append(POLICY);
      const message = "x".repeat(50_000);
      for (let index = 0; full.fault === undefined && index < 20; index++) {
        full.append({ event: "rejected", message });
      }
      assertMatch(full.fault ?? "", /can't be written: .*[Nn]o space left on device/);
      assertThrows(() => full.recordStart(approvedByKey()), /nothing ran: .*[Nn]o space left/);
      const report = checkTrail(folder.path);
      assertEquals(report.faults, []);
      await succeed(["mount", "-o", "remount,size=1m", state]);
      full.recordStart(approvedByKey());
      assertEquals(full.fault, undefined);
      assertEquals(checkTrail(folder.path).faults, []);
      assertEquals(checkTrail(folder.path).records, report.records + 2);

      // A file that is open for writing keeps the file system writable.
      full.close();
      await succeed(["mount", "-o", "remount,ro", state]);
      assertThrows(() => full.recordStart(approvedByKey()), /nothing ran: .*Read-only file system/);
    } finally {
      full.close();
      await succeed(["umount", state]);
    }
  },
});

Deno.test("AuditTrail waits once for a program that keeps the lock, and goes on after it", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  {
    using lock = await Deno.open(trailLockPath(folder.path), { write: true });
    assertTrue(await lock.tryLock(true));
    let waits = 0;
    const wait = Atomics.wait;
    Atomics.wait = ((...args: Parameters<typeof wait>) => {
      waits++;
      return wait(...args);
    }) as typeof wait;
    try {
      trail.append(POLICY);
      assertMatch(defined(trail.fault), /^is locked by another program/);
      assertTrue(waits > 0);
      waits = 0;
      for (let index = 0; index < 20; index++) trail.append(POLICY);
      assertEquals(waits, 0);
    } finally {
      Atomics.wait = wait;
    }
    assertEquals([trail.isBroken, trail.fault === undefined], [false, false]);
  }
  trail.append(POLICY);
  assertEquals(trail.fault, undefined);
  assertEquals(checkTrail(folder.path).records, 23);
});

Deno.test("AuditTrail keeps its chain where the disk fails as a record is put on it", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  const sync = Deno.FsFile.prototype.syncDataSync;
  Deno.FsFile.prototype.syncDataSync = () => {
    throw new Error("Input/output error");
  };
  try {
    assertThrows(() => trail.recordStart(approvedByKey()), /nothing ran: .*Input\/output error/);
  } finally {
    Deno.FsFile.prototype.syncDataSync = sync;
  }
  trail.append(POLICY);
  assertEquals(trail.fault, undefined);
  assertEquals(checkTrail(folder.path).faults, []);
});
