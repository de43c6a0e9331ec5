/**
 * The registry of hosts from the command line, broken and locked as well.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { Installation } from "../rig/installation.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, execute, type Execution, lacks } from "../rig/tools.ts";

const ENTRY = {
  description: "the web \u202eserver",
  os: "Debian 13",
  last_connected: "2026-11-24T10:00:00.000Z",
  uid: "1000",
  version: "1.1.0",
  policy: { unprivileged: "allow" },
  kept: [1],
};

Deno.test({
  name: "sudo-proxy hosts lists, shows, sets and forgets, and keeps what it does not know",
  ignore: lacks("root"),
  fn: async () => {
    await using installation = await Installation.make();
    const path = `${installation.home}/.config/sudo-proxy/hosts.json`;
    const hosts = (...words: string[]): Promise<Execution> =>
      execute(installation.command("hosts", words));

    assertMatch((await hosts()).stdout, /No host is known/);
    // It needs no socket, and so no folder for one.
    const bare = await execute(installation.command("hosts", [], { XDG_RUNTIME_DIR: "" }));
    assertEquals([bare.code, bare.stderr], [0, ""]);
    const added = await hosts("set", "web2", "--description", "the other", "--os", "NixOS");
    assertEquals([added.code, added.stdout], [0, "Added web2\n"], added.stderr);
    assertEquals(defined((await Deno.stat(path)).mode) & 0o777, 0o600);

    const { hosts: { web2 } } = JSON.parse(await Deno.readTextFile(path));
    await Deno.writeTextFile(path, JSON.stringify({ schema: 3, hosts: { web1: ENTRY, web2 } }));
    const list = await hosts("list");
    assertEquals(
      list.stdout,
      "web1 · the web \\u202eserver · Debian 13 · sudo-proxy 1.1.0 · last connected " +
        "2026-11-24T10:00:00.000Z · has a policy, which has no effect\nweb2 · the other · NixOS\n",
    );
    const show = (await hosts("show", "web1")).stdout;
    const policy = 'policy (no effect)  {"unprivileged":"allow"}';
    for (const text of ["1000", policy, "\\u202eserver"]) {
      assertTrue(show.includes(text), `${text} in ${show}`);
    }
    const { kept: _, ...known } = ENTRY;
    assertEquals(JSON.parse((await hosts("show", "web1", "--json")).stdout), {
      name: "web1",
      ...known,
    });
    const all = JSON.parse((await hosts("--json")).stdout) as { name: string }[];
    assertEquals(all.map(({ name }) => name), ["web1", "web2"]);

    assertEquals((await hosts("set", "web1", "--os", "Debian 14")).code, 0);
    assertEquals((await hosts("forget", "web2")).stdout, "Forgot web2\n");
    const { hosts: { web1: { confirmed_at, ...entry } }, ...rest } = JSON.parse(
      await Deno.readTextFile(path),
    );
    assertMatch(confirmed_at, /^\d{4}-/);
    assertEquals([entry, rest], [{ ...ENTRY, os: "Debian 14", os_by: "person" }, { schema: 3 }]);

    for (
      const [words, expected] of [
        [["forget", "web2"], /"web2" is not in the registry/],
        [["show", "web2"], /"web2" is not in the registry/],
        [["set", "web1"], /Nothing to set/],
        [["set", "a b", "--os", "x"], /the name must have only letters/],
        [["set", "web1", "--os", "a\nb"], /must be one line/],
      ] as const
    ) {
      const { code, stderr } = await hosts(...words);
      assertEquals(code, 1);
      assertMatch(stderr, expected);
    }
  },
});

Deno.test({
  name: "a registry that can't be parsed is reported when read, and put aside when changed",
  ignore: lacks("root"),
  fn: async () => {
    await using installation = await Installation.make();
    const folder = `${installation.home}/.config/sudo-proxy`;
    const path = `${folder}/hosts.json`;
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(path, "{ broken");
    const hosts = (...words: string[]) => execute(installation.command("hosts", words));
    for (const words of [["list"], ["show", "web1"]]) {
      const { code, stderr } = await hosts(...words);
      assertEquals(code, 1);
      assertMatch(stderr, /hosts\.json is not JSON/);
      assertEquals(await Deno.readTextFile(path), "{ broken");
    }
    const { code, stderr } = await hosts("set", "web1", "--os", "x");
    assertEquals(code, 0);
    assertMatch(stderr, /could not be parsed; it is now \S*hosts\.json\.broken-1/);
    assertEquals(await Deno.readTextFile(`${path}.broken-1`), "{ broken");
  },
});

Deno.test({
  name: "a tunnel comes up whatever is wrong with the registry, and the person is told",
  ignore: lacks(...REMOTE_NEEDS),
  fn: async (t) => {
    await using rig = await RemoteRig.make();
    const own = () => Deno.chown(rig.registry, rig.local.uid, null);

    await t.step("a locked one", async () => {
      {
        await using terminal = await rig.connect();
        await eventually("the registry", () => Deno.stat(rig.registry).catch(() => undefined));
        await rig.send({ action: "stop" });
        assertEquals(await terminal.exitCode(), 0);
      }
      const before = await Deno.readTextFile(rig.registry);
      using lock = await Deno.open(`${rig.registry}.lock`, { write: true });
      await lock.lock(true);
      const { code, stderr } = await execute([
        "runuser",
        "-u",
        rig.local.name,
        "--",
        ...rig.here.command("hosts", ["set", "web1", "--os", "x"]),
      ]);
      assertEquals(code, 1);
      assertMatch(stderr, /another program holds \S*hosts\.json\.lock for more than 5 s/);
      using watcher = Deno.watchFs(`${rig.registry}.lock`);
      await using terminal = await rig.connect();
      assertEquals((await rig.send({ action: "ping" })).status, "ok");
      assertEquals(await Deno.readTextFile(rig.registry), before);
      // The launcher waits for the lock: it opens and closes the file again and again.
      for await (const { kind } of watcher) if (kind === "access") break;
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
      assertMatch(
        await terminal.history(),
        /The registry of hosts was not changed: another program/,
      );
    });

    await t.step("a broken one", async () => {
      await Deno.writeTextFile(rig.registry, "[]");
      await own();
      await using terminal = await rig.connect();
      assertMatch(await terminal.history(), /The registry of hosts can't be used/);
      await eventually(
        "the broken file aside",
        () => Deno.stat(`${rig.registry}.broken-1`).catch(() => undefined),
      );
      await rig.send({ action: "stop" });
      assertEquals(await terminal.exitCode(), 0);
      assertMatch(await terminal.history(), /could not be parsed and is now\s+\S*broken-1/);
      assertEquals(await Deno.readTextFile(`${rig.registry}.broken-1`), "[]");
    });

    await t.step(
      "one that leads elsewhere: the folder there is asked for, not believed",
      async () => {
        const evil = { web1: { uid: String(rig.remote.uid), runtime_folder: "/tmp/evil" } };
        await Deno.writeTextFile(rig.registry, JSON.stringify({ hosts: evil }));
        await own();
        const before = await rig.logins();
        await using terminal = await rig.launch();
        await terminal.shows("is asked anew where its socket is", 60_000);
        await eventually(
          "an answer",
          () => rig.send({ action: "ping" }).then(({ status }) => status === "ok", () => undefined),
          60_000,
        );
        assertEquals(await rig.logins(), before + 3);
        await eventually(
          "the id, which promised another folder, to go",
          async () =>
            !("uid" in JSON.parse(await Deno.readTextFile(rig.registry)).hosts.web1) || undefined,
        );
        await rig.send({ action: "stop" });
        assertEquals(await terminal.exitCode(), 0);
      },
    );
  },
});
