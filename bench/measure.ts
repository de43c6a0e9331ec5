/**
 * Measures the real daemon, prints one table, and keeps its numbers in `bench/results/` as JSON.
 * Arguments are keys of the rows that are wanted. With `--check` it measures less, prints only what is
 * compared with something of the same run, and fails where that is a third over its aim.
 *
 * @module
 */
import { ANSWER_GROUPS } from "./answers.ts";
import { BenchTrail } from "./audit.ts";
import { BENCH_FOLDER } from "./grants.ts";
import type { Groups, Place } from "./groups.ts";
import { MEMORY_GROUPS } from "./memory_rows.ts";
import { findOriginal } from "./original.ts";
import { READER_GROUPS } from "./reader_rows.ts";
import { measured, type Results, type Row, type RowKey, ROWS } from "./rows.ts";
import { STALL_GROUPS } from "./stalls.ts";
import { START_GROUPS } from "./starts.ts";
import { checkTable, excesses, table } from "./table.ts";
import { BenchDaemon } from "./terminal.ts";
import { answers, repeat } from "./tools.ts";
import { at } from "../tests/rig/assert.ts";

const FOLDER = new URL("results/", import.meta.url).pathname;

const AUDIT_GROUPS: Groups<Place> = [
  [["auditRecord", "auditList", "auditSearch", "auditVerify"], async ({ folder }) => {
    const trail = new BenchTrail(`${folder}/million`);
    trail.write(1_000_000);
    const search = ["list", "--text", "package-1000 "];
    return {
      auditRecord: measured({ ours: trail.appends(200) }),
      auditList: measured({ ours: await repeat(5, () => trail.command("list")) }),
      auditSearch: measured({ ours: await repeat(3, () => trail.command(...search)) }),
      auditVerify: measured({ ours: await repeat(3, () => trail.command("verify")) }),
    };
  }],
];

/**
 * Measures the groups that have one of the wanted rows.
 *
 * @param results Gets what was measured, group by group, also where a later one fails.
 */
async function measureAll(
  results: Results,
  place: Place,
  wanted: ReadonlySet<string>,
): Promise<void> {
  const measureGroups = async <Given>(groups: Groups<Given>, given: () => Promise<Given>) => {
    const chosen = groups.filter(([rows]) => rows.some((row) => wanted.has(row)));
    if (chosen.length === 0) return;
    const setting = await given();
    for (const [, measure] of chosen) Object.assign(results, await measure(setting));
  };
  const alone = () => Promise.resolve(place);
  await measureGroups(START_GROUPS, alone);
  const { folder, originals } = place;
  await using running = new AsyncDisposableStack();
  await measureGroups([...ANSWER_GROUPS, ...STALL_GROUPS], async () => {
    const ours = running.use(BenchDaemon.start(folder));
    const original = originals === undefined
      ? undefined
      : running.use(BenchDaemon.startOriginal(folder, `${originals}/sudo-proxy`));
    await answers(ours.socket);
    if (original) await answers(original.socket);
    return { ...place, ours, original };
  });
  await running.disposeAsync();
  await measureGroups([...MEMORY_GROUPS, ...READER_GROUPS], alone);
  await measureGroups(AUDIT_GROUPS, alone);
}

if (import.meta.main) {
  const isCheck = Deno.args.includes("--check");
  const named = Deno.args.filter((arg) => arg !== "--check");
  const keys = Object.keys(ROWS);
  const unknown = named.filter((name) => !keys.includes(name));
  if (unknown.length > 0) {
    console.error(`There is no row ${unknown.join(", ")}. There are ${keys.join(", ")}.`);
    Deno.exit(2);
  }
  const wanted = new Set(
    Object.entries<Row>(ROWS)
      .filter(([key, row]) =>
        named.length > 0 ? named.includes(key) : !isCheck || "times" in (row.aim ?? {})
      )
      .map(([key]) => key),
  );
  const folder = BENCH_FOLDER;
  // What a bench that was killed has left would be measured.
  await Deno.remove(folder, { recursive: true }).catch(() => {});
  await Deno.mkdir(folder, { mode: 0o700 });
  const loadBefore = at(Deno.loadavg(), 0);
  const found: Results = {};
  let failure: unknown;
  try {
    const place = {
      folder,
      originals: isCheck ? undefined : findOriginal(),
      runs: (full: number) => isCheck ? Math.ceil(full * 0.6) : full,
    };
    await measureAll(found, place, wanted);
    // Once more: what disturbed the machine is over, and what is too slow is still.
    const over = new Set(isCheck ? excesses(found).keys() : []);
    if (over.size > 0) await measureAll(found, place, over);
  } catch (error) {
    failure = error;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
  const results = Object.fromEntries(
    keys.filter((key) => wanted.has(key)).map((key) => [key, found[key as RowKey]] as const)
      .filter(([, row]) => row !== undefined),
  ) as Results;
  const surroundings = {
    at: new Date().toISOString(),
    deno: Deno.version.deno,
    cores: navigator.hardwareConcurrency,
    loadBefore,
    loadAfter: at(Deno.loadavg(), 0),
  };
  console.log(isCheck ? checkTable(results) : table(results));
  console.log(
    `${surroundings.cores} cores, Deno ${surroundings.deno}, load ${
      loadBefore.toFixed(2)
    } before and ${surroundings.loadAfter.toFixed(2)} after (other work disturbs every number)`,
  );
  if (failure !== undefined) throw failure;
  if (isCheck) {
    const faults = excesses(results);
    for (const fault of faults.values()) console.error(fault);
    Deno.exit(faults.size > 0 ? 1 : 0);
  }
  await Deno.mkdir(FOLDER, { recursive: true });
  const path = `${FOLDER}${surroundings.at.replace(/[:.]/g, "-")}.json`;
  await Deno.writeTextFile(path, `${JSON.stringify({ surroundings, results }, null, 2)}\n`);
}
