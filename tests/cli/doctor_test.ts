import { checksOf, doctorLines, type Findings } from "../../lib/cli/doctor_checks.ts";
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";

const HOME = "/home/anna-maria.mustermann";
const GRANTS = { read: ["/a", "/b"], write: ["/c"], net: ["unix:/c"], run: [], env: [], sys: [] };

const FINE: Findings = {
  runtime: { deno: "2.9.6", isCompiled: true, path: "/x", system: "linux x86_64" },
  grants: { held: GRANTS, excess: [] },
  sudo: { kind: "sudo", version: "1.9.13p3", asks: "a question" },
  missing: [],
  terminal: { columns: 80, rows: 24, paint: "color", drawsLetters: true },
  driver: undefined,
  socket: {
    path: "/run/user/1000/sudo-proxy.sock",
    state: "answers",
    version: "0.1.0",
    waiting: 0,
    fault: undefined,
  },
  hosts: { path: "/x/hosts.json", known: 2, confirmed: 1, tunnels: ["web1"], fault: undefined },
  trail: { folder: "/x", isBegun: true, records: 7, head: "ab12", fault: undefined },
  commands: { folder: `${HOME}/.local/bin`, installed: ["sudo-proxy"], isInPath: true },
  clients: ["Claude Code"],
};

const BROKEN: Findings = {
  runtime: { ...FINE.runtime, isCompiled: false, path: `${HOME}/.local/share/deno/bin/deno` },
  grants: { held: GRANTS, excess: ["write /", "net", "run /usr/bin/tmux"] },
  sudo: { kind: "none", version: "", asks: "unknown" },
  missing: ["setsid", "timeout", "kill", "ps", "ssh"],
  terminal: { columns: 80, rows: 24, paint: "mono", drawsLetters: false },
  driver: "any program on this X11 display",
  socket: {
    path: `${HOME}/run/sudo-proxy.sock`,
    state: "refuses",
    version: "",
    waiting: undefined,
    fault: "x".repeat(30).concat(" y".repeat(200)),
  },
  hosts: {
    path: `${HOME}/.config/sudo-proxy/hosts.json`,
    known: 0,
    confirmed: 0,
    tunnels: [],
    fault: `${HOME}/.config/sudo-proxy/hosts.json is not JSON`,
  },
  trail: {
    folder: "/x",
    isBegun: true,
    records: 0,
    head: "",
    fault: "000001.jsonl, line 12: the record does not follow the one before it",
  },
  commands: {
    folder: `${HOME}/.local/bin`,
    installed: ["sudo-proxy", "sudo-proxy-mcp"],
    isInPath: false,
  },
  clients: [],
};

function textOf(findings: Findings): string[] {
  return doctorLines(checksOf(findings), 80).map(({ text }) => text);
}

Deno.test("doctor says of a healthy installation that nothing is wrong", () => {
  const checks = checksOf(FINE);
  assertEquals(checks.map(({ status }) => status), checks.map(() => "ok"));
  assertEquals(textOf(FINE).at(-1), "Nothing is wrong.");
});

Deno.test("doctor fits into a terminal of 24 rows and 80 columns, whatever is wrong", () => {
  for (const findings of [FINE, BROKEN]) {
    const lines = textOf(findings);
    assertTrue(lines.length <= 23, lines.join("\n"));
    for (const line of lines) assertTrue(line.length <= 80, line);
  }
});

Deno.test("doctor says what to do about each thing that is wrong, and names these at the end", () => {
  const checks = checksOf(BROKEN);
  for (const { status, advice, name } of checks) {
    if (status === "problem") assertTrue(advice, name);
  }
  assertEquals(
    textOf(BROKEN).at(-1),
    "Wrong (!): grants, sudo, programs, socket, hosts, trail.",
  );
});

Deno.test("doctor tells sudo, sudo-rs, none and root apart, and a sudo that asks nothing", () => {
  for (
    const [sudo, status, expected] of [
      [{ kind: "sudo", version: "1.9", asks: "a question" }, "ok", /^sudo 1\.9; it asks for a/],
      [{ kind: "sudo-rs", version: "0.2.3", asks: "a question" }, "ok", /^sudo-rs 0\.2\.3; it/],
      [{ kind: "sudo", version: "1.9", asks: "nothing" }, "note", /asks you nothing \(NOPASSWD\)/],
      [{ kind: "sudo", version: "1.9", asks: "nobody" }, "note", /you are root/],
      [{ kind: "other", version: "", asks: "a question" }, "ok", /^sudo of another make; it/],
      [{ kind: "none", version: "", asks: "nobody" }, "ok", /none is needed: you are root/],
      [{ kind: "none", version: "", asks: "unknown" }, "problem", /only unprivileged commands/],
    ] as const
  ) {
    const check = checksOf({ ...FINE, sudo }).find(({ name }) => name === "sudo");
    assertEquals(check?.status, status);
    assertMatch(check?.text ?? "", expected);
  }
});

Deno.test("doctor draws nothing that a daemon or a file says as it is", () => {
  const evil = "\x1b[2J\u202e";
  const socket = { ...FINE.socket, version: evil };
  const lines = textOf({ ...FINE, socket, clients: [evil] });
  // deno-lint-ignore no-control-regex -- the very thing that must not get through
  assertNoMatch(lines.join("\n"), /[\x00-\x09\x0b-\x1f\u202e]/);
});
