/**
 * Holds the walls between the rooms of lib/: who may import whom, who may make an approval, and
 * what decides may not know.
 *
 * @module
 */
import { assertEquals, assertTrue, at, defined } from "./rig/assert.ts";

const LIB = new URL("../lib/", import.meta.url);

/** What each room may import besides itself; `cli` and the entry points may import anything. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  platform: [],
  protocol: ["platform"],
  admit: ["protocol"],
  decide: ["admit", "protocol"],
  session: ["decide", "admit", "protocol", "run/outcome.ts"],
  view: ["session", "decide", "admit", "protocol", "platform"],
  terminal: ["view", "decide", "platform"],
  run: ["decide", "admit", "protocol", "platform", "audit/write/trail.ts"],
  "audit/write": ["session", "decide", "admit", "platform", "run/outcome.ts"],
  "audit/read": ["audit/write", "platform", "admit"],
  daemon: [
    "audit/write",
    "terminal",
    "view",
    "run",
    "session",
    "decide",
    "admit",
    "protocol",
    "platform",
  ],
  remote: ["protocol", "platform"],
  mcp: ["protocol", "remote", "platform"],
  setup: ["platform", "grants.ts", "start.ts", "remote/names.ts"],
  "guard.ts": ["platform"],
  "start.ts": ["platform", "guard.ts", "grants.ts", "narrow.ts", "remote/names.ts"],
  "narrow.ts": ["platform", "grants.ts", "mcp/terminals.ts"],
  "audit/grants": ["platform"],
  "grants.ts": [
    "platform",
    "audit/grants.ts",
    "cli/grants.ts",
    "daemon/grants.ts",
    "mcp/grants.ts",
    "remote/grants.ts",
    "run/grants.ts",
    "setup/grants.ts",
  ],
};

/** The rooms that decide. */
const DECIDING: readonly string[] = ["admit", "decide", "session"];
/** The rooms without I/O, without a clock of their own and without randomness. */
const PURE: readonly string[] = [...DECIDING, "view"];

/** What is pure in a room that is not, for the rooms that are. */
const PURE_FILES: readonly string[] = ["run/outcome.ts"];

/** Single files that may import more than their room. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // It hands the daemon that it opens the permissions of that entry point.
  "mcp/launch.ts": ["grants.ts", "start.ts"],
  // The version stands in one place.
  "protocol/version.ts": ["../deno.json"],
};

/** The data by which rooms declare grants: terminals, clients, ssh, the registry. */
const GRANTED: readonly string[] = [
  "mcp/terminals.ts",
  "remote/names.ts",
  "remote/registry_file.ts",
  "remote/ssh.ts",
  "setup/clients.ts",
  "setup/own_file.ts",
];

interface Import {
  /** Relative to lib/ for a file of this project, else the name of a package. */
  readonly to: string;
  readonly isFile: boolean;
  /** Whether it is gone at run time. */
  readonly isType: boolean;
  /** The whole statement. */
  readonly text: string;
}

function sources(folder = ""): readonly string[] {
  return [...Deno.readDirSync(new URL(folder, LIB))].flatMap(({ name, isDirectory }) => {
    const path = folder + name;
    if (isDirectory) return sources(`${path}/`);
    return /\.[cm]?[jt]sx?$/.test(name) ? [path] : [];
  }).sort();
}

function read(path: string): string {
  return Deno.readTextFileSync(new URL(path, LIB));
}

/** Every `import … from`, `export … from`, bare import, and `import()` of a value or a type. */
function importsOf(path: string): readonly Import[] {
  const statements = read(path).matchAll(
    /(?:^|\n)\s*(?:import|export)\b[^;'"`]*?\bfrom\s*["']([^"']+)["']|(?:^|\n)\s*import\s*["']([^"']+)["']|\bimport\s*\(\s*["'`]([^"'`]+)["'`]/g,
  );
  return [...statements].map(([text, from, bare, dynamic]) => {
    const specifier = defined(from ?? bare ?? dynamic);
    const isType = /^\s*(?:import|export)\s+type\b/.test(text);
    if (!specifier.startsWith(".")) return { to: specifier, isFile: false, isType, text };
    // A folder deeper than any file, so that a path that leaves lib/ shows as `..`.
    const url = new URL(specifier, `file:///main/lib/${path}`);
    const to = url.pathname.startsWith("/main/lib/")
      ? url.pathname.slice("/main/lib/".length)
      : url.pathname.replace("/main/", "../");
    return { to, isFile: true, isType, text };
  });
}

/** The first folder of a path; both parts of the audit trail are rooms of their own. */
const roomOf = (path: string) => /^audit\/\w+|^[^/]+/.exec(path)?.[0] ?? path;

Deno.test("lib/ has only rooms whose imports are ruled", () => {
  const known = new Set([...Object.keys(ROOMS), "cli"]);
  for (const path of sources()) assertTrue(known.has(roomOf(path)), path);
});

Deno.test("lib/ imports only across the walls where there are doors", () => {
  const faults: string[] = [];
  let seen = 0;
  for (const path of sources()) {
    const room = roomOf(path);
    if (room === "cli") continue;
    for (const { to, isFile } of importsOf(path)) {
      seen++;
      if (!isFile) continue;
      const doors = [room, ...(ROOMS[room] ?? []), ...(EXCEPTIONS[path] ?? [])];
      if (!doors.some((door) => to === door || to.startsWith(`${door}/`))) {
        faults.push(`${path} imports ${to}`);
      }
    }
  }
  assertEquals(faults, []);
  assertTrue(seen > 50, `the search must find imports, and found ${seen}`);
});

Deno.test("docs/architecture.md says who may import whom as it is held here", () => {
  const page = Deno.readTextFileSync(new URL("../docs/architecture.md", LIB));
  const documented = [...page.matchAll(/^\| `([a-z/]+)` +\| [^|]+ \| ([^|;]*)(?:;[^|]*)?\|$/gm)]
    .flatMap(([, room = "", cell = ""]) =>
      room in ROOMS
        ? [[room, [...cell.matchAll(/`([^`]+)`/g)].map(([, name]) => name).sort()] as const]
        : []
    );
  const folders = Object.entries(ROOMS).filter(([room]) => !/\.ts$|grants$/.test(room));
  assertEquals(
    Object.fromEntries(documented),
    Object.fromEntries(folders.map(([room, doors]) => [room, [...doors].sort()])),
  );
});

/** Everything that some files import, also through others. */
function reachedFrom(paths: readonly string[]): ReadonlySet<string> {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { to, isFile } of importsOf(path)) {
      if (isFile && !to.startsWith("..")) follow(to);
    }
  };
  paths.forEach(follow);
  return reached;
}

Deno.test("lib/mcp/ never reaches daemon/, terminal/ or run/, not through others either", () => {
  const forbidden = [...reachedFrom(sources("mcp/"))].filter((path) =>
    // What these rooms declare for themselves is data.
    /^(?:daemon|session|view|terminal|run|cli)\/(?!grants\.ts$)/.test(path)
  );
  assertEquals(forbidden, []);
});

Deno.test("what computes grants reaches nothing but declarations, and the data that they are about", () => {
  const reached = [...reachedFrom(["grants.ts"])].filter((path) =>
    !/(?:^|\/)grants\.ts$|^platform\//.test(path) && !GRANTED.includes(path)
  );
  assertEquals(reached, []);
  for (const room of ["audit", "cli", "daemon", "run"]) {
    for (const { to } of importsOf(`${room}/grants.ts`)) assertEquals(roomOf(to), "platform");
  }
});

Deno.test("lib/terminal/ and lib/run/ do not know each other", () => {
  for (const [room, other] of [["terminal", "run"], ["run", "terminal"]]) {
    for (const path of sources(`${room}/`)) {
      for (const { to } of importsOf(path)) assertTrue(roomOf(to) !== other, `${path}: ${to}`);
    }
  }
});

Deno.test("lib/ never imports a path that is only known at run time", () => {
  for (const path of sources()) {
    for (const [call] of read(path).matchAll(/\bimport\s*\([^)]*\)?/g)) {
      // Text can't run.
      if (path === "guard.ts" && call.endsWith('{ with: { type: "text" } })')) continue;
      assertTrue(/^import\s*\(\s*["'][^"'$]*["']/.test(call), `${path}: ${call}`);
    }
    assertTrue(!/\brequire\s*\(|\bnew\s+(?:Shared)?Worker\b/.test(read(path)), path);
  }
});

Deno.test("lib/audit/write/trail.ts alone imports what uses an approval up", () => {
  const importers = sources().filter((path) =>
    importsOf(path).some(({ to, isType, text }) =>
      to === "decide/approved.ts" && !isType &&
      (/\btakeApproved\b/.test(text) || /\*/.test(text))
    )
  );
  assertEquals(importers, ["audit/write/trail.ts"]);
});

Deno.test("only decide/ and session/ show prompts, confirm drawings, and approve", () => {
  const importersOf = (name: string) =>
    sources().filter((path) =>
      importsOf(path).some(({ to, isType, text }) =>
        to.startsWith("decide/") && !isType && new RegExp(`\\b${name}\\b|\\*`).test(text)
      )
    );
  assertEquals(importersOf("approveByKey"), ["decide/answer.ts"]);
  assertEquals(importersOf("approveByGrant"), ["session/queue.ts"]);
  assertEquals(importersOf("showPrompt"), ["session/queue.ts"]);
  assertEquals(importersOf("confirmDrawing"), ["session/prompting.ts"]);
  assertEquals(importersOf("answerKey"), ["session/prompting.ts"]);
});

Deno.test("lib/audit/write/trail.ts exports nothing that makes a record of a start but a trail", () => {
  const exported = [...read("audit/write/trail.ts").matchAll(/^export\s+(.*)$/gm)].map((match) =>
    at(match, 1).replace(/[(=<{].*/, "").trim()
  );
  assertEquals(exported, [
    "type Recorded",
    "function takeRecorded",
    "interface TrailWriter",
    "class AuditTrail",
    "function setTrailAside",
  ]);
});

Deno.test("lib/decide/approved.ts exports nothing that makes an approval but a key and a grant", () => {
  const exported = [...read("decide/approved.ts").matchAll(/^export\s+(.*)$/gm)].map((match) =>
    at(match, 1).replace(/[(=<{].*/, "").trim()
  );
  assertEquals(exported, [
    "type Approved",
    "type SessionGrant",
    "interface Press",
    "function approveByKey",
    "function isCovered",
    "function approveByGrant",
    "function takeApproved",
  ]);
});

Deno.test("what decides or draws knows no clock, no randomness, no I/O and no package", () => {
  const forbidden: readonly RegExp[] = [
    /\bDeno\b/,
    /node:/,
    /npm:/,
    /jsr:/,
    /["'`]https?:/,
    /\bDate\s*\.\s*now\b/,
    /\bnew\s+Date\s*(?:\(\s*\)|[^(\s])/,
    /\bTemporal\b/,
    /\bperformance\b/,
    /\bset(?:Timeout|Interval|Immediate)\b/,
    /\bqueueMicrotask\b/,
    /\b(?:async|await|Promise)\b/,
    /\bMath\s*\.\s*random\b/,
    /\bcrypto\b/,
    /\bfetch\b/,
    /\bconsole\s*\./,
    /\bglobalThis\b/,
    /\bprocess\.\w/,
    /\beval\s*\(/,
    /\bnew\s+Function\b/,
    /\bimport\s*\(/,
    /\bimport\s*\.\s*meta\b/,
  ];
  const paths = [...PURE.flatMap((room) => sources(`${room}/`)), ...PURE_FILES];
  assertTrue(paths.includes("decide/approved.ts"));
  for (const path of paths) {
    for (const pattern of forbidden) {
      const found = pattern.exec(read(path));
      assertTrue(found === null, `${path} has "${found?.[0]}"`);
    }
  }
});

Deno.test("what decides has nothing of protocol/ at run time but its limits", () => {
  for (const path of [...DECIDING.flatMap((room) => sources(`${room}/`)), ...PURE_FILES]) {
    for (const { to, isFile, isType } of importsOf(path)) {
      assertTrue(isFile, `${path} imports the package ${to}`);
      const isPure = isType || DECIDING.includes(roomOf(to)) ||
        to === "protocol/limits.ts" || PURE_FILES.includes(to);
      assertTrue(isPure, `${path} imports ${to}`);
    }
  }
  assertEquals(importsOf("protocol/limits.ts"), []);
});
