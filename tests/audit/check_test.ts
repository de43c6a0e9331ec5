import fc from "fast-check";
import { checkLine, GENESIS, hashOf, linkOf, sealRecord } from "../../lib/audit/write/chain.ts";
import { checkTrail } from "../../lib/audit/read/verify.ts";
import { assertEquals, assertMatch, assertTrue, at, defined } from "../rig/assert.ts";
import { TrailFolder } from "./folder.ts";

const POLICY = { event: "policy", by: "request" } as const;

/** A chain of records in memory. */
function chain(length: number): string[] {
  const lines: string[] = [];
  let head = GENESIS;
  for (let index = 0; index < length; index++) {
    const sealed = sealRecord(head, { event: "test", text: `record ${index}` });
    lines.push(sealed.line);
    head = sealed.head;
  }
  return lines;
}

function faultsOf(lines: readonly string[]): readonly string[] {
  let head = GENESIS;
  return lines.flatMap((line, at) => {
    const next = checkLine(head, line);
    head = next.head;
    return next.fault === undefined ? [] : [`${at + 1}: ${next.fault}`];
  });
}

Deno.test("linkOf() reads the number and the joint of every record that was sealed", () => {
  // Names as this program has them: JSON writes numbers that are names first.
  const name = fc.string({ unit: fc.constantFrom(..."abcdefghij_") });
  fc.assert(fc.property(fc.dictionary(name, fc.jsonValue()), (rest) => {
    const { line } = sealRecord({ seq: 41, hash: hashOf("x") }, rest);
    assertEquals(linkOf(line), { seq: 42, prev: hashOf("x") });
  }));
});

Deno.test("checkLine() finds nothing wrong with a chain that holds", () => {
  assertEquals(faultsOf(chain(50)), []);
});

Deno.test("checkLine() says what was done to a chain, and where", () => {
  const lines = chain(6);
  assertEquals(faultsOf(lines.with(2, at(lines, 2).replace("record", "RECORD"))), [
    "4: record 3 was changed after record 4 was joined to it",
  ]);
  assertEquals(faultsOf(lines.toSpliced(2, 2)), ["3: records 3 to 4 are missing before record 5"]);
  assertEquals(faultsOf(lines.slice(1)), ["1: record 1 is missing before record 2"]);
  assertEquals(faultsOf([...lines.slice(0, 3), at(lines, 1), ...lines.slice(3)]), [
    "4: record 2 stands after record 3",
    "5: record 3 is missing before record 4",
  ]);
  assertEquals(faultsOf([`{"seq":1,broken,"prev":"${GENESIS.hash}"}`]), [
    "1: record 1 is not JSON",
  ]);
  assertEquals(faultsOf(lines.with(2, "hello")), [
    "3: this is no record; it should be record 3",
    "4: record 3 is missing before record 4",
  ]);
});

Deno.test("checkLine() finds every change of a record but the last, removal and exchange", () => {
  const lines = chain(12);
  const place = fc.nat(10);
  fc.assert(
    fc.property(place, fc.nat(60), fc.integer({ min: 32, max: 126 }), (index, offset, code) => {
      const letter = String.fromCharCode(code);
      const line = at(lines, index);
      const changed = line.slice(0, offset) + letter + line.slice(offset + 1);
      if (changed !== line) assertTrue(faultsOf(lines.with(index, changed)).length > 0, changed);
    }),
  );
  fc.assert(fc.property(place, (at) => {
    assertTrue(faultsOf(lines.toSpliced(at, 1)).length > 0);
  }));
  fc.assert(fc.property(place, place, (a, b) => {
    if (a !== b) {
      assertTrue(faultsOf(lines.with(a, defined(lines[b])).with(b, defined(lines[a]))).length > 0);
    }
  }));
});

Deno.test("checkTrail() finds a missing end, a missing segment and a missing head", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  for (let index = 0; index < 5; index++) trail.append(POLICY);
  const lines = folder.lines();
  const words = (kept?: string) => checkTrail(folder.path, kept).faults.map(({ what }) => what);

  folder.write(lines.slice(0, 3));
  assertEquals(words(), ["records 4 to 5 are missing at the end: the head was record 5"]);
  folder.write(lines.with(4, at(lines, 4).replace("request", "nobody!")));
  assertEquals(words(), ["record 5 is not the one that the head was: it was changed"]);
  folder.write(lines);
  assertEquals(words(), []);
  await Deno.rename(folder.file("000001.jsonl"), folder.file("000002.jsonl"));
  assertEquals(words(), ["the segment before this one is missing"]);
  await Deno.rename(folder.file("000002.jsonl"), folder.file("000001.jsonl"));
  await Deno.remove(folder.file("head"));
  assertMatch(at(words(), 0), /^it is missing/);
});

Deno.test("checkTrail() lists the first thousand faults of a file that has no record", async () => {
  await using folder = await TrailFolder.make();
  folder.open().append(POLICY);
  folder.write(Array<string>(5000).fill(""));
  const { faults } = checkTrail(folder.path);
  assertEquals([faults.length, at(faults, -1).what], [1001, "more is wrong"]);
});

Deno.test("checkTrail() finds a byte that only looks the same once it is read as text", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append({ event: "policy", by: "\uFFFD" });
  trail.append(POLICY);
  const path = folder.file("000001.jsonl");
  const bytes = await Deno.readFile(path);
  const mark = bytes.indexOf(0xef);
  await Deno.writeFile(
    path,
    Uint8Array.of(...bytes.slice(0, mark), 0xff, ...bytes.slice(mark + 3)),
  );
  assertMatch(at(checkTrail(folder.path).faults, 0).what, /not UTF-8/);
});

Deno.test("checkTrail() finds a chain that was written anew by a hash that was kept", async () => {
  await using folder = await TrailFolder.make();
  const trail = folder.open();
  trail.append(POLICY);
  const kept = trail.head.hash;
  trail.append(POLICY);
  assertEquals(checkTrail(folder.path, kept.slice(0, 16)).faults, []);
  await Deno.remove(folder.path, { recursive: true });
  const forger = folder.open();
  for (let index = 0; index < 3; index++) forger.append({ event: "policy", by: "forger" });
  assertEquals(checkTrail(folder.path).faults, [], "the chain alone can't tell");
  assertMatch(at(checkTrail(folder.path, kept.slice(0, 16)).faults, 0).what, /which was kept/);
});
