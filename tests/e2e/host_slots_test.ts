/**
 * Hosts that nobody set up before: the MCP server, started with the grants that it has from the
 * beginning, reaches them once a person said yes in the launcher's window.
 *
 * @module
 */
import { lockPath, MAX_TUNNELS, tunnelSockets } from "../../lib/platform/paths.ts";
import { slotNote, slotOf } from "../../lib/remote/slots.ts";
import { assertEquals, assertMatch, assertNoMatch, assertTrue } from "../rig/assert.ts";
import { Desk } from "../rig/desk.ts";
import { HOST, RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, lacks, succeed } from "../rig/tools.ts";

const ignore = lacks(...REMOTE_NEEDS);

Deno.test({
  name: "a host that nobody set up works once the person has typed yes in the launcher's window",
  ignore,
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const desk = await Desk.open(parts, rig);
    const { mcp } = desk;
    const starting = mcp.call("start_server", { host: HOST });
    const question = await desk.shows(/Type yes to connect/);
    assertMatch(question, /^ {2}web1$/m);
    const way = `ssh connects to ${rig.remote.name}@${rig.server.address}:${rig.server.port}`;
    assertTrue(question.includes(way), question);
    assertEquals(await rig.logins(), 0);
    await desk.press(["yes", "Enter"]);
    const started = await starting;
    assertEquals([started.isError, started.data.state], [false, "started"], started.text);

    const { hosts } = JSON.parse(await Deno.readTextFile(rig.registry));
    assertTrue(hosts[HOST].confirmed_at !== undefined);
    const running = mcp.call("execute", {
      host: HOST,
      argv: ["id", "-un"],
      privileged: false,
      description: "who",
    });
    assertMatch(await desk.shows(/Waiting for your key/), /for host +web1/);
    await desk.press(["y"]);
    assertEquals((await running).data.stdout, `${rig.remote.name}\n`);

    // The socket that has the host's name is there as well, for other programs.
    const pong = await rig.send({ action: "ping" });
    assertEquals(pong.status, "ok");
    assertMatch((await mcp.call("stop_server", { host: HOST })).text, /web1 has ended/);
    await rig.leftNothing();
    await desk.closeWindow();

    // A host that a person confirmed is not asked about again.
    const again = mcp.call("start_server", { host: HOST });
    assertNoMatch(await desk.shows(/waiting on/), /Type yes/);
    assertEquals((await again).data.state, "started");
  },
});

Deno.test({
  name: "without yes nothing connects, and start_server says that the person declined",
  ignore,
  fn: async (t) => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const desk = await Desk.open(parts, rig);
    const ends: readonly (readonly [string, readonly string[]])[] = [
      ["Enter", ["Enter"]],
      ["another word", ["y", "Enter"]],
      ["more than the word", ["yes please", "Enter"]],
      ["the end of the input", ["C-d"]],
      ["Ctrl+C", ["C-c"]],
    ];
    const declines = async (act: () => Promise<void>) => {
      // What a model notes of a host confirms nothing.
      await desk.mcp.call("update_host", { host: HOST, description: "harmless" });
      const starting = desk.mcp.call("start_server", { host: HOST });
      await desk.shows(/Type yes to connect/);
      await desk.serverLooks();
      await act();
      const { text, data, isError } = await starting;
      assertEquals([isError, data.state], [true, "declined"], text);
      assertMatch(text, /The person declined the connection to web1/);
      await rig.leftNothing();
    };
    for (const [name, keys] of ends) {
      await t.step(name, async () => {
        await declines(() => desk.press(keys));
        await desk.closeWindow();
      });
    }
    await t.step("a window that is closed", () => declines(() => desk.closeWindow()));
    assertEquals(await rig.logins(), 0);
    const { hosts } = JSON.parse(await Deno.readTextFile(rig.registry));
    assertEquals(hosts[HOST].confirmed_at, undefined);
  },
});

Deno.test({
  name: "each question of the launcher takes one line, and leaves the next one to who reads next",
  ignore,
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const terminal = parts.use(
      await rig.launch(["--opened-by-agent", "--forward-agent"]),
    );
    await terminal.shows("Type yes to connect");
    await terminal.press("y", "e", "s", "Enter", "n", "o", "Enter");
    await terminal.shows("waiting on", 60_000);
    const { status, message } = await rig.send({
      pipeline: [["env"]],
      privileged: false,
      forwardAgent: true,
    });
    assertEquals(status, "error");
    assertMatch(message ?? "", /"forward_agent" must be false/);
  },
});

Deno.test({
  name: "when every slot is taken, the launcher and start_server name how many, and the hosts",
  ignore,
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const desk = await Desk.open(parts, rig);
    const slots = tunnelSockets(rig.here.runtime);
    for (const [index, socket] of slots.entries()) {
      const lock = parts.use(
        await Deno.open(lockPath(socket), { create: true, write: true, mode: 0o600 }),
      );
      await lock.lock(true);
      await lock.write(new TextEncoder().encode(slotNote(`taken${index}`)));
      await Deno.chown(lockPath(socket), rig.local.uid, null);
    }
    const { text, data, isError } = await desk.mcp.call("start_server", { host: HOST });
    assertEquals([isError, data.state], [true, "unreachable"], text);
    assertMatch(text, /16 tunnels are open, as many as there can be: taken0, .*, taken15/);
    await using terminal = await rig.launch();
    assertEquals(await terminal.exitCode(), 1);
    const said = (await terminal.history()).replace(/\s+/g, " ");
    assertMatch(said, /16 can be open at a time, and all are taken \(taken0, .*taken15\)/);
    assertEquals([MAX_TUNNELS, await rig.logins()], [16, 0]);
  },
});

Deno.test({
  name: "a request for one host never reaches another by its slot, whatever the registry says",
  ignore,
  fn: async () => {
    await using parts = new AsyncDisposableStack();
    const rig = parts.use(await RemoteRig.make());
    const config = await rig.readSshFile("config");
    await rig.writeSshFile("config", config + rig.alias("host0"));
    const first = await rig.launch();
    await first.shows("waiting on", 60_000);
    const slot = slotOf(rig.here.runtime, HOST);
    assertTrue(slot !== undefined);
    await isNoted(rig, HOST);
    // A launcher that is killed gives nothing back: its note stays.
    const [launcher = ""] =
      (await succeed(["pgrep", "-u", rig.local.name, "-f", "main_proxy.ts.*--host"]))
        .trim().split("\n");
    await succeed(["kill", "-KILL", launcher]);
    await first[Symbol.asyncDispose]();
    await rig.endsThere();
    assertEquals(slotOf(rig.here.runtime, HOST), slot);

    const second = parts.use(await rig.connect([], { host: "host0" }));
    assertEquals(slotOf(rig.here.runtime, "host0")?.socket, slot.socket);
    await isNoted(rig, "host0");
    // What a program that can write the registry would say.
    const registry = JSON.parse(await Deno.readTextFile(rig.registry));
    for (const name of [HOST, "host0"]) {
      Object.assign(registry.hosts[name], { slot: 1, socket: slot.socket, tunnel: slot.socket });
    }
    await Deno.writeTextFile(rig.registry, JSON.stringify(registry));
    const desk = await Desk.open(parts, rig);
    const ask = (host: string) =>
      desk.mcp.call("execute", { host, argv: ["id", "-un"], privileged: false, description: "x" });
    const { text, isError } = await ask(HOST);
    assertEquals(isError, true);
    assertMatch(text, /No tunnel to web1 is open/);
    assertNoMatch(await second.screen(), /Waiting for your key/);
    // The host whose slot it is works.
    const asked = ask("host0");
    assertMatch(await second.shows(/Waiting for your key/, 30_000), /for host +host0/);
    await second.press("n");
    assertEquals((await asked).data.status, "denied");
  },
});

/** Waits until the registry says that a tunnel to a host came up. */
async function isNoted(rig: RemoteRig, host: string): Promise<void> {
  await eventually(`${host} in the registry`, async () => {
    const text = await Deno.readTextFile(rig.registry).catch(() => "{}");
    return JSON.parse(text).hosts?.[host]?.last_connected;
  });
}

Deno.test({
  name: "the MCP server may read which host a slot leads to, and not write it",
  ignore,
  fn: async () => {
    await using rig = await RemoteRig.make();
    const words = rig.here.command("mcp");
    const flags = (name: string) =>
      words.filter((word) => word.startsWith(`--allow-${name}=`)).join().split(/[=,]/);
    for (const socket of tunnelSockets(rig.here.runtime)) {
      assertTrue(flags("net").includes(`unix:${socket}`));
      assertTrue(flags("read").includes(lockPath(socket)));
      assertTrue(!flags("write").includes(lockPath(socket)));
    }
    assertTrue(!flags("write").includes(rig.here.runtime));
  },
});
