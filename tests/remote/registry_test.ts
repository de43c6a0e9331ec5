import { readRegistry, updateHost } from "../../lib/remote/registry.ts";
import { registryFiles, registryPath } from "../../lib/remote/registry_file.ts";
import { assertEquals, assertMatch, assertRejects, assertTrue, defined } from "../rig/assert.ts";

async function inFolder(run: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await run(`${folder}/config/sudo-proxy/hosts.json`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const modeOf = async (path: string) => ((await Deno.stat(path)).mode ?? 0) & 0o777;

Deno.test("registryPath() follows XDG_CONFIG_HOME, and ignores a relative one", () => {
  const path = (vars: Record<string, string>) => registryPath({ get: (n) => vars[n], uid: 1 });
  assertEquals(path({ XDG_CONFIG_HOME: "/c/", HOME: "/h" }), "/c/sudo-proxy/hosts.json");
  assertEquals(path({ XDG_CONFIG_HOME: "c", HOME: "/h" }), "/h/.config/sudo-proxy/hosts.json");
  assertEquals(path({}), undefined);
});

Deno.test("updateHost() makes a private file, and changes what is given and no more", async () => {
  await inFolder(async (path) => {
    assertEquals([...readRegistry(path).hosts], []);
    const first = await updateHost(path, "web1", { description: "the web", os: "Debian 13" });
    assertEquals(first, { entry: { description: "the web", os: "Debian 13" }, isNew: true });
    assertEquals(await modeOf(path), 0o600);
    assertEquals(await modeOf(path.slice(0, path.lastIndexOf("/"))), 0o700);
    const second = await updateHost(path, "web1", { os: "Debian 14" });
    assertEquals(second, { entry: { description: "the web", os: "Debian 14" }, isNew: false });
    assertEquals([...readRegistry(path).hosts], [["web1", second.entry]]);
  });
});

Deno.test("updateHost() keeps what it does not know, and a host called __proto__", async () => {
  await inFolder(async (path) => {
    await updateHost(path, "a", { os: "x" });
    const text = '{"schema":7,"hosts":{"a":{"os":"x","uid":"1000","policy":{"b":1}},"odd":3}}';
    await Deno.writeTextFile(path, text);
    await updateHost(path, "__proto__", { os: "y" });
    assertEquals(
      JSON.stringify(JSON.parse(await Deno.readTextFile(path))),
      text.replace(/}}$/, ',"__proto__":{"os":"y"}}}'),
    );
    assertEquals([...readRegistry(path).hosts.keys()], ["__proto__", "a"]);
  });
});

Deno.test("a uid is a string in the file; a number is read as well, and replaced", async () => {
  await inFolder(async (path) => {
    await updateHost(path, "a", { uid: 1000 });
    const text = await Deno.readTextFile(path);
    assertEquals(JSON.parse(text), { hosts: { a: { uid: "1000" } } });
    assertEquals(readRegistry(path).hosts.get("a"), { uid: 1000 });
    await Deno.writeTextFile(path, text.replace('"1000"', "1001"));
    assertEquals(readRegistry(path).hosts.get("a"), { uid: 1001 });
    await updateHost(path, "b", { os: "x" });
    assertMatch(await Deno.readTextFile(path), /"uid": "1001"/);
    await Deno.writeTextFile(path, text.replace("1000", "-1"));
    assertEquals(readRegistry(path).hosts.get("a"), {});
    await updateHost(path, "a", { uid: null, os: "x" });
    assertEquals(JSON.parse(await Deno.readTextFile(path)), { hosts: { a: { os: "x" } } });
  });
});

Deno.test("a registry that can't be parsed is reported, moved aside, and never lost", async () => {
  await inFolder(async (path) => {
    await updateHost(path, "a", { os: "x" });
    for (const [index, broken] of ["{", "[]", '{"hosts":[]}'].entries()) {
      await Deno.writeTextFile(path, broken);
      assertMatch(readRegistry(path).fault ?? "", /is not JSON|must/);
      assertEquals(await Deno.readTextFile(path), broken);
      const { movedTo } = await updateHost(path, "b", { os: "y" });
      assertEquals(movedTo, `${path}.broken-${index + 1}`);
      assertEquals(await Deno.readTextFile(defined(movedTo)), broken);
      assertEquals([...readRegistry(path).hosts.keys()], ["b"]);
    }
    await Deno.writeTextFile(path, "{");
    await assertRejects(updateHost(path, "b", { os: "z" }), /mend or remove/);
    assertEquals(await Deno.readTextFile(path), "{");
    for await (const { name } of Deno.readDir(path.slice(0, path.lastIndexOf("/")))) {
      assertTrue(registryFiles(path).some((file) => file.endsWith(`/${name}`)), name);
    }
  });
});

Deno.test("changes at the same time are all kept", async () => {
  await inFolder(async (path) => {
    const names = Array.from({ length: 20 }, (_, index) => `host${index}`);
    await Promise.all(names.map((name) => updateHost(path, name, { os: name })));
    assertEquals([...readRegistry(path).hosts.keys()].sort(), names.sort());
  });
});

Deno.test("updateHost() gives up on a lock that is held, and changes nothing", async () => {
  await inFolder(async (path) => {
    await updateHost(path, "a", { os: "x" });
    using lock = await Deno.open(`${path}.lock`, { write: true });
    await lock.lock(true);
    await assertRejects(updateHost(path, "a", { os: "y" }), /holds .*\.lock for more than 5 s/);
    assertEquals(readRegistry(path).hosts.get("a"), { os: "x" });
  });
});
