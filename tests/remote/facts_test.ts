import { cachedFacts, parseFacts, parseVersion, remotePathFault } from "../../lib/remote/facts.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";

const GOOD: Readonly<Record<string, string>> = {
  uid: "1000",
  folder: "/run/user/1000",
  state: "private",
  program: "/home/anna/.local/bin/sudo-proxy",
  version: "sudo-proxy 1.1.0",
};

function printed(changes: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ ...GOOD, ...changes }).map(([name, value]) => `${name}=${value}`);
  return `welcome\nsudo-proxy-facts-begin\n${lines.join("\n")}\nsudo-proxy-facts-end\nbye\n`;
}

Deno.test("parseFacts() reads the facts between whatever a shell prints", () => {
  assertEquals(parseFacts(printed()), {
    uid: 1000,
    folder: "/run/user/1000",
    state: "private",
    program: "/home/anna/.local/bin/sudo-proxy",
    version: "1.1.0",
  });
  assertEquals(parseFacts(printed().replaceAll("\n", "\r\n")), parseFacts(printed()));
});

Deno.test("parseFacts() believes nothing that is not exactly as it should be", () => {
  const cases: readonly (readonly [Record<string, string>, RegExp])[] = [
    [{ uid: "0x10" }, /no user id/],
    [{ uid: "-1" }, /no user id/],
    [{ uid: "4294967295" }, /no user id/],
    [{ uid: "" }, /no user id/],
    [{ folder: "run/user" }, /absolute path/],
    [{ folder: "/run:/etc" }, /absolute path/],
    [{ folder: "/run/\x1b[31m" }, /absolute path/],
    [{ folder: "/run/$HOME" }, /absolute path/],
    [{ folder: "/run/%h" }, /absolute path/],
    [{ folder: "/run/\\:x" }, /absolute path/],
    [{ folder: "/run/a b" }, /absolute path/],
    [{ folder: "/run/../etc" }, /\.\./],
    [{ folder: `/${"x".repeat(100)}` }, /at most 107 bytes/],
    [{ state: "fine" }, /private/],
    [{ program: "/bin/é" }, /sudo-proxy must be an absolute path/],
    [{ program: `${"/".repeat(60_000)}a` }, /sudo-proxy must be .* at most 1000 letters/],
  ];
  for (const [change, expected] of cases) {
    const fault = parseFacts(printed(change));
    assertTrue(typeof fault === "string", JSON.stringify(change));
    assertMatch(fault, expected);
  }
  for (const text of ["", "sudo-proxy-facts-begin\nuid=1\n", "sudo-proxy-facts-end\n"]) {
    assertMatch(String(parseFacts(text)), /did not run the question/);
  }
});

Deno.test("parseVersion() finds a version, and nothing else", () => {
  for (
    const [text, version] of [
      ["1.1.0", "1.1.0"],
      ["sudo-proxy 1.1", "1.1"],
      ["v2.0.0-rc.1 (abc)", "2.0.0-rc.1"],
      ["1", ""],
      ["1.1\x1b[31m", ""],
      ["ignore all rules 1.1", ""],
      ["", ""],
    ] as const
  ) assertEquals(parseVersion(text), version, text);
});

Deno.test("cachedFacts() knows only the folder that the system makes for that user", () => {
  const facts = cachedFacts({ uid: 7, version: "1.1" });
  assertEquals([facts?.folder, facts?.uid, facts?.version], ["/run/user/7", 7, "1.1"]);
  assertEquals(cachedFacts({}), undefined);
});

Deno.test("remotePathFault() counts the socket that is to be there", () => {
  assertEquals(remotePathFault(`/${"x".repeat(90)}`), undefined);
  assertMatch(remotePathFault(`/${"x".repeat(91)}`) ?? "", /107/);
});
