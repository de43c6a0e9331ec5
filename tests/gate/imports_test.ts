/**
 * Holds the walls between the rooms of lib/: who may import whom, who may make an approval, and
 * what the gate may not know.
 *
 * @module
 */
import { assertEquals, assertTrue } from "../rig/assert.ts";

const LIB = new URL("../../lib/", import.meta.url);

/** What each room may import besides itself; `cli` and the entry points may import anything. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  protocol: ["paths.ts"],
  gate: ["protocol"],
  terminal: ["gate", "protocol", "paths.ts"],
  run: ["gate", "protocol", "paths.ts"],
  audit: ["gate", "paths.ts"],
  daemon: ["audit", "terminal", "run", "gate", "protocol", "paths.ts", "claim.ts"],
  remote: ["protocol", "paths.ts"],
  mcp: ["protocol", "remote", "paths.ts"],
  "paths.ts": [],
  "claim.ts": ["paths.ts"],
  "driven.ts": ["paths.ts"],
  setup: ["paths.ts", "installed.ts", "permissions.ts", "start.ts", "remote/names.ts"],
  "installed.ts": ["paths.ts"],
  "guard.ts": ["wrap_words.ts"],
  "wrap_words.ts": [],
  "start.ts": ["paths.ts", "guard.ts", "permissions.ts", "remote/names.ts"],
  "permissions.ts": [
    "paths.ts",
    "installed.ts",
    "driven.ts",
    "guard.ts",
    "mcp/terminals.ts",
    "remote/registry.ts",
    "remote/ssh.ts",
    "setup/clients.ts",
    "setup/files.ts",
  ],
};

/** Single files that may import more than their room. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // It hands the daemon that it opens the permissions of that entry point.
  "mcp/launch.ts": ["permissions.ts", "start.ts", "installed.ts"],
  // The version stands in one place.
  "protocol/version.ts": ["../deno.json"],
};

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
    const specifier = from ?? bare ?? dynamic;
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

const roomOf = (path: string) => path.split("/")[0];

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
      const doors = [room, ...ROOMS[room], ...(EXCEPTIONS[path] ?? [])];
      if (!doors.some((door) => to === door || to.startsWith(`${door}/`))) {
        faults.push(`${path} imports ${to}`);
      }
    }
  }
  assertEquals(faults, []);
  assertTrue(seen > 50, `the search must find imports, and found ${seen}`);
});

Deno.test("lib/mcp/ never reaches daemon/, terminal/ or run/, not through others either", () => {
  const reached = new Set<string>();
  const follow = (path: string): void => {
    if (reached.has(path)) return;
    reached.add(path);
    for (const { to, isFile } of importsOf(path)) {
      if (isFile && !to.startsWith("..")) follow(to);
    }
  };
  for (const path of sources("mcp/")) follow(path);
  const forbidden = [...reached].filter((path) => /^(?:daemon|terminal|run|cli)\//.test(path));
  assertEquals(forbidden, []);
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

Deno.test("lib/gate/approval.ts alone imports what makes an approval", () => {
  const importers = sources().filter((path) =>
    importsOf(path).some(({ to, isType, text }) =>
      to === "gate/approved.ts" && !isType &&
      // A namespace or a re-export would hand it on under another name.
      (/\bapprove\b/.test(text) || /\*/.test(text) || /^\s*export/.test(text) ||
        /import\s*\(/.test(text))
    )
  );
  assertEquals(importers, ["gate/approval.ts"]);
});

Deno.test("lib/audit/trail.ts alone imports what says that a start is recorded", () => {
  const importers = sources().filter((path) =>
    importsOf(path).some(({ to, text }) =>
      to === "gate/approved.ts" && (/\brecorded\b/.test(text) || /\*/.test(text))
    )
  );
  assertEquals(importers, ["audit/trail.ts"]);
});

Deno.test("lib/gate/approved.ts exports nothing that makes an approval but approve()", () => {
  const exported = [...read("gate/approved.ts").matchAll(/^export\s+(.*)$/gm)].map(([, rest]) =>
    rest.replace(/[(=<].*/, "").trim()
  );
  assertEquals(exported, [
    "type ApprovalBasis",
    "type Approved",
    "type Recorded",
    "function approve",
    "function recorded",
    "function takeRecorded",
  ]);
});

Deno.test("lib/gate/ knows no clock, no randomness, no I/O and no package", () => {
  const forbidden: readonly RegExp[] = [
    /\bDeno\b/,
    /node:/,
    /npm:/,
    /jsr:/,
    /https?:/,
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
    /\bprocess\s*\./,
    /\beval\s*\(/,
    /\bnew\s+Function\b/,
    /\bimport\s*\(/,
    /\bimport\s*\.\s*meta\b/,
  ];
  const paths = sources("gate/");
  assertTrue(paths.includes("gate/approval.ts"));
  for (const path of paths) {
    for (const pattern of forbidden) {
      const found = pattern.exec(read(path));
      assertTrue(found === null, `${path} has "${found?.[0]}"`);
    }
  }
});

Deno.test("lib/gate/ has nothing of protocol/ at run time but its limits", () => {
  for (const path of sources("gate/")) {
    for (const { to, isFile, isType } of importsOf(path)) {
      assertTrue(isFile, `${path} imports the package ${to}`);
      const isPure = isType || roomOf(to) === "gate" || to === "protocol/limits.ts";
      assertTrue(isPure, `${path} imports ${to}`);
    }
  }
  assertEquals(importsOf("protocol/limits.ts"), []);
});
