import { assertEquals, assertMatch } from "../rig/assert.ts";
import { execute, lacks, succeed } from "../rig/tools.ts";
import { lacksOriginal } from "./original.ts";
import { BothMakes } from "./sides.ts";

const ignore = lacks("root", "useradd", "runuser") || lacksOriginal();

const FILE = {
  hosts: {
    web1: {
      description: "the web",
      os: "Debian 13",
      last_connected: "2026-11-24T10:00:00Z",
      uid: "1000",
      version: "1.1.0",
    },
  },
  policy: { unattended_eligible: true },
};

Deno.test({
  name: "the registry goes through both programs and loses nothing",
  ignore,
  fn: async () => {
    await using both = await BothMakes.make();
    const { home } = both.installation;
    const path = `${home}/.config/sudo-proxy/hosts.json`;
    await Deno.mkdir(path.replace(/\/[^/]*$/, ""), { recursive: true });
    const write = async (value: unknown) => {
      await Deno.writeTextFile(path, JSON.stringify(value));
      await succeed(["chown", "-R", both.user.name, `${home}/.config`]);
    };
    const read = async () => JSON.parse(await Deno.readTextFile(path));
    await write(FILE);
    await using theirs = await both.mcpClient("theirs");
    const ours = (...words: string[]) =>
      execute(both.asUser(both.installation.command("hosts", words)));

    assertEquals((await ours("set", "web1", "--os", "Debian 14")).code, 0);
    const { isError, text } = await theirs.call("update_host", {
      host: "db1",
      description: "data",
    });
    assertEquals(isError, false, text);
    assertEquals((await ours("set", "web1", "--os", "Debian 13")).code, 0);
    const { hosts: { web1, db1 }, policy } = await read();
    assertEquals(policy, FILE.policy);
    for (const [field, value] of Object.entries(FILE.hosts.web1)) {
      assertEquals(web1[field], value, field);
    }
    assertEquals(db1.description, "data");
    assertMatch((await ours("list")).stdout, /^db1 .*data$[^]*^web1 · the web · Debian 13/m);
    assertEquals((await ours("forget", "db1")).code, 0);
    assertEquals(Object.keys((await read()).hosts), ["web1"]);

    // A number makes the original forget every host; ours mends it with its next change.
    await write({ hosts: { web1: { ...FILE.hosts.web1, uid: 1000 } } });
    assertEquals((await ours("set", "web2", "--os", "x")).code, 0);
    assertEquals((await theirs.call("update_host", { host: "web1", os: "x" })).isError, false);
    assertEquals(Object.keys((await read()).hosts).sort(), ["web1", "web2"]);
  },
});
