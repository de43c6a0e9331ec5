/**
 * Changes the rooms that decide in one place at a time, and prints who notices: a unit test, a
 * promise, or the account of the rules. Works in copies of the project, two at a time.
 *
 *     deno run -A tests/proofs/mutants.ts FOLDER [EACH [FIRST [ROOM...]]]
 *
 * Of all mutants every EACH-th is tried, from number FIRST on. The rooms are `decide` and `session`
 * if none is named; only these are walked. A line is printed for each mutant, and a table in the
 * end.
 *
 * @module
 */
import { SETUPS, SLOTS } from "./shapes.ts";
import { type Finder, walk } from "./walk.ts";

/** The rooms that the walk goes through. */
const WALKED = ["decide", "session"];
const LANES = 2;
const TIMEOUT_MS = 120_000;
/** Tests that take long, or measure time. */
const SLOW = ["model_test.ts", "code_points_test.ts", "prompt_test.ts", "shells_test.ts"];
/** What a walk of a mutant looks at. */
const STATES = 800;

/** One change of one place. */
interface Mutant {
  readonly file: string;
  readonly line: number;
  readonly from: string;
  readonly to: string;
  readonly text: string;
}

/** What becomes of each piece of code; comments, and what only the compiler reads, stay. */
const CHANGES: readonly (readonly [pattern: RegExp, to: string])[] = [
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/(?<=[(\s])!(?=[a-zA-Z(])/g, ""],
  [/\bif \((?=[a-zA-Z!(])/g, "if (true || "],
  [/\bif \((?=[a-zA-Z!(])/g, "if (false && "],
  [/(?<=\n) +(?:return )?(?:turn|this)\.\w+\([^\n]*\);(?=\n)/g, ""],
  [/(?<=\n) +(?:terminate|withdraw|stop|begin|deny|ask|show)\w*\([^\n]*\);(?=\n)/g, ""],
];
/** Lines that have no code of their own. */
const NO_CODE = /^\s*(?:\/\/|\/\*|\*|import |export type |readonly |\| )/;

function* mutantsOf(file: string, source: string): Generator<Mutant> {
  for (const [pattern, to] of CHANGES) {
    for (const { 0: from, index } of source.matchAll(pattern)) {
      const line = source.slice(0, index).split("\n").length;
      if (NO_CODE.test(source.split("\n")[line - 1] ?? "")) continue;
      const text = source.slice(0, index) + to + source.slice(index + from.length);
      yield { file, line, from, to, text };
    }
  }
}

async function allMutants(rooms: readonly string[]): Promise<Mutant[]> {
  const found: Mutant[] = [];
  for (const room of rooms) {
    const names = await Array.fromAsync(Deno.readDir(`lib/${room}`), ({ name }) => name);
    for (const path of names.sort().map((name) => `lib/${room}/${name}`)) {
      found.push(...mutantsOf(path, await Deno.readTextFile(path)));
    }
  }
  return found;
}

/** Runs the unit tests within this process, up to the first that fails. */
async function unitTest(rooms: readonly string[]): Promise<string | undefined> {
  const tests: { name: string; fn: () => unknown }[] = [];
  const test = (first: string | { name: string; fn: () => unknown }, fn?: () => unknown) =>
    void tests.push(typeof first === "string" ? { name: first, fn: fn ?? (() => {}) } : first);
  Object.defineProperty(Deno, "test", { value: test });
  for (const room of rooms) {
    for await (const { name } of Deno.readDir(`tests/${room}`)) {
      if (SLOW.includes(name) || !name.endsWith("_test.ts")) continue;
      await import(`${Deno.cwd()}/tests/${room}/${name}`);
    }
  }
  for (const { name, fn } of tests) {
    try {
      await fn();
    } catch {
      return name;
    }
  }
}

class Enough extends Error {
  constructor(readonly finder: Finder, readonly what: string) {
    super(what);
  }
}

/** Who of the walk notices first. */
function walked(): readonly [Finder, string] | undefined {
  const scope = {
    slots: SLOTS.slice(0, 1),
    bursts: [..."yankqrd?", "\x1b[200~"],
    views: ["whole", "begin"],
    screen: true,
    sharing: true,
    causes: true,
    most: STATES,
    onFault: (finder: Finder, what: string) => {
      throw new Enough(finder, what);
    },
  } as const;
  try {
    walk({ ...scope, shapes: ["U", "P"], config: SETUPS["sudo, cached, a"] });
    walk({ ...scope, shapes: ["L", "Q"], config: SETUPS["sudo, each, a"] });
    walk({ ...scope, shapes: ["P"], config: SETUPS.polkit, first: "i||aPr-----|-K----u-|-" });
    const two = { slots: SLOTS.slice(0, 2), screen: false, sharing: false };
    walk({ ...scope, ...two, shapes: ["P", "V"], config: SETUPS["sudo, cached, a"] });
  } catch (error) {
    if (error instanceof Enough) return [error.finder, error.what];
    return ["error", String(error)];
  }
}

/** In the copy: prints what noticed. */
async function tryHere(rooms: readonly string[]): Promise<void> {
  const finder = rooms.some((room) => WALKED.includes(room)) ? walked() : undefined;
  const unit = await unitTest(rooms).catch((error) => `error: ${error}`);
  console.log(JSON.stringify({ unit, finder: finder?.[0], what: finder?.[1]?.split("\n", 1)[0] }));
}

async function tryAll(
  folder: string,
  each: number,
  first: number,
  rooms: readonly string[],
): Promise<void> {
  const wanted = (await allMutants(rooms)).filter((_, index) => index % each === first);
  const table = new Map<string, number>();
  const queue = [...wanted.entries()];
  const lane = async (copy: string): Promise<void> => {
    await new Deno.Command("cp", { args: ["-r", "deno.json", "deno.lock", "lib", "tests", copy] })
      .output();
    for (let next = queue.shift(); next; next = queue.shift()) {
      const [number, { file, line, from, to, text }] = next;
      const source = await Deno.readTextFile(file);
      await Deno.writeTextFile(`${copy}/${file}`, text);
      const { stdout } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "-A",
          "--no-check",
          "--cached-only",
          "tests/proofs/mutants.ts",
          "here",
          ...rooms,
        ],
        cwd: copy,
        stderr: "null",
        signal: AbortSignal.timeout(TIMEOUT_MS),
      }).output();
      await Deno.writeTextFile(`${copy}/${file}`, source);
      const answer = new TextDecoder().decode(stdout).trim().split("\n").at(-1) ?? "";
      // It was not compiled, threw while it was loaded, or never ended.
      const { unit, finder, what } = answer.startsWith("{")
        ? JSON.parse(answer)
        : { unit: "did not run", finder: "error", what: "" };
      const who = `${unit ? "unit" : "-"} ${finder ?? "-"}`;
      table.set(who, (table.get(who) ?? 0) + 1);
      const change = `${JSON.stringify(from.trim())} -> ${JSON.stringify(to.trim())}`;
      console.log([number, `${file}:${line}`, change, who, unit ?? "", what ?? ""].join("\t"));
    }
  };
  await Promise.all(Array.from({ length: LANES }, async (_, index) => {
    await Deno.mkdir(`${folder}/${index}`, { recursive: true });
    return lane(`${folder}/${index}`);
  }));
  for (const [who, count] of table) console.log(`${who}: ${count}`);
}

if (import.meta.main) {
  const [folder = "", ...rest] = Deno.args;
  if (folder === "here") {
    await tryHere(rest);
  } else if (folder !== "") {
    const [each = "4", first = "0", ...rooms] = rest;
    await tryAll(folder, Number(each), Number(first), rooms.length > 0 ? rooms : WALKED);
  }
}
