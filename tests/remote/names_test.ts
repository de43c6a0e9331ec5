import { hostFault, isThisMachine, withoutUser } from "../../lib/remote/names.ts";
import { assertEquals, assertMatch } from "../rig/assert.ts";

Deno.test("hostFault() takes names, addresses, aliases, and accounts", () => {
  for (const name of ["web1", "a_b-c.example.org", "10.0.0.7", "[fe80::1]", "root@web1"]) {
    assertEquals(hostFault(name), undefined, name);
  }
});

Deno.test("hostFault() refuses paths, options, and what a shell would read", () => {
  const names = [
    "",
    "-oProxyCommand=x",
    "../x",
    "a/b",
    "a b",
    "a;b",
    "$(id)",
    "a\nb",
    "é",
    ".",
    "..",
    "@",
  ];
  for (const name of names) assertMatch(hostFault(name) ?? "", /must/, name);
  assertMatch(hostFault("a".repeat(256)) ?? "", /at most 255/);
});

Deno.test("isThisMachine() knows loopback and own names, in any case, and no others", () => {
  const own = [
    "localhost",
    "LOCALHOST.",
    "x.localhost",
    "127.0.0.1",
    "127.1",
    "[::1]",
    "::1",
    "0.0.0.0",
  ];
  for (const name of [...own, "Laptop", "laptop.lan", "laptop.local"]) {
    assertEquals(isThisMachine(name, "laptop.lan"), true, name);
  }
  for (
    const name of [
      "web1",
      "localhost.example.org",
      "128.0.0.1",
      "laptop.example.org",
      "127.0.0.1.nip.io",
    ]
  ) {
    assertEquals(isThisMachine(name, "laptop.lan"), false, name);
  }
  assertEquals(isThisMachine("x", ""), false);
  assertEquals(withoutUser("me@localhost"), "localhost");
});
