/**
 * Both makes through a real sshd: the original's launcher and clients with our daemon at the other
 * end, and our launcher and clients with the original's.
 *
 * @module
 */
import { assertEquals, assertMatch } from "../rig/assert.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, execute, lacks, succeed } from "../rig/tools.ts";
import { requests } from "./cases.ts";
import { installOriginal, lacksOriginal } from "./original.ts";
import { BothMakes, type Client, Daemon, type Make } from "./sides.ts";

const ignore = lacks(...REMOTE_NEEDS, "ssh-agent") || lacksOriginal();

const HOST = "web1";

/** Each direction: whose daemon is there, and whose launcher and clients are here. */
const DIRECTIONS = [
  { there: "ours", here: "theirs", name: "the original's launcher and clients reach our daemon" },
  { there: "theirs", here: "ours", name: "our launcher and clients reach the original's daemon" },
] as const;

for (const { there, here, name } of DIRECTIONS) {
  Deno.test({
    name: `${name} through ssh`,
    ignore,
    fn: async (t) => {
      await using parts = new AsyncDisposableStack();
      const rig = await rigWithSystemFolder(parts);
      if (there === "theirs") await installTheirsThere(rig);
      const both = await BothMakes.of(rig.local, rig.here);
      const agent = `${rig.here.runtime}/agent.sock`;
      await rig.asLocal(["ssh-agent", "-a", agent]);
      const daemon = parts.use(await launch(rig, both, here, there, agent));

      await using request = both.requestClient(here, HOST);
      await using mcp = await both.mcpClient(here, HOST);
      for (const client of [request, mcp]) {
        await requests(t, daemon, client);
        await unprivileged(t, daemon, client, rig.remote.name);
      }

      await t.step(`${mcp.name}: ping`, async () => {
        const { text } = await mcp.call("status");
        assertMatch(text, there === "ours" ? /0\.1\.0/ : /1\.2\.0/);
      });

      await t.step(`${mcp.name}: status and execute note the version and the time`, async () => {
        const read = async () => JSON.parse(await Deno.readTextFile(rig.registry));
        const file = await read();
        const old = { version: "0.0.1", last_connected: "2026-01-01T00:00:00Z" };
        const calls = [
          () => mcp.call("status"),
          () => daemon.approve(mcp.send({ pipeline: [["true"]] })),
        ];
        for (const call of calls) {
          Object.assign(file.hosts[HOST], old);
          await Deno.writeTextFile(rig.registry, JSON.stringify(file));
          await call();
          await eventually("the note", async () => {
            const { version, last_connected } = (await read()).hosts[HOST];
            return version !== old.version && last_connected > old.last_connected || undefined;
          });
        }
      });

      await t.step(`${mcp.name}: stop`, async () => {
        const { text, isError } = await mcp.call("stop_server");
        assertEquals(isError, false, text);
        await daemon.terminal.exitCode();
      });
    },
  });
}

/** What runs as the person's account there, with the agent as well. */
async function unprivileged(
  t: Deno.TestContext,
  daemon: Daemon,
  client: Client,
  account: string,
): Promise<void> {
  await t.step(`${client.name}: unprivileged`, async () => {
    const sent = client.send({ pipeline: [["id", "-un"]], privileged: false });
    const { code, text } = await daemon.approve(sent);
    assertEquals(code, 0, text);
    assertMatch(text, new RegExp(account));
  });
  await t.step(`${client.name}: unprivileged, with the agent`, async () => {
    const command = ["sh", "-c", 'test -S "$SSH_AUTH_SOCK" && echo lent'];
    const ask = { pipeline: [command], privileged: false, forwardAgent: true };
    assertMatch((await daemon.approve(client.send(ask))).text, /\blent\b/);
  });
}

/** Starts a launcher of either make, and waits for the daemon at the other end. */
async function launch(
  rig: RemoteRig,
  both: BothMakes,
  here: Make,
  there: Make,
  agent: string,
): Promise<Daemon> {
  const env = { SSH_AUTH_SOCK: agent };
  const args = ["--host", HOST, "--forward-agent"];
  const terminal = await TmuxTerminal.open({
    command: here === "ours"
      ? both.installation.command("host", args, env)
      : both.theirs("sudo-proxy", args, env),
    user: rig.local.name,
    columns: 100,
    rows: 40,
  });
  const daemon = new Daemon(there, terminal, rig.remote.password);
  await daemon.listens();
  await eventually("the registry", async () => {
    const text = await Deno.readTextFile(rig.registry).catch(() => "");
    return text.includes(HOST) || undefined;
  });
  return daemon;
}

/** The original's launcher knows only `/run/user/UID`, and looks for `sudo-proxy` in `PATH` there. */
async function rigWithSystemFolder(parts: AsyncDisposableStack): Promise<RemoteRig> {
  const server = { lines: ["PermitUserEnvironment yes"] };
  const rig = parts.use(await RemoteRig.make({ withoutRuntimeFolder: true, server }));
  const { name, uid } = rig.remote;
  const folder = `/run/user/${uid}`;
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  parts.defer(async () => void await execute(["rm", "-rf", folder]));
  await succeed(["chown", name, folder]);
  await rig.install(folder);
  const ssh = `/home/${name}/.ssh`;
  await Deno.mkdir(ssh, { recursive: true });
  await Deno.writeTextFile(
    `${ssh}/environment`,
    `PATH=/home/${name}/.local/bin:/usr/bin:/bin\nXDG_RUNTIME_DIR=${folder}\n`,
  );
  await succeed(["chown", "-R", name, ssh]);
  // See BothMakes.make.
  const rules = `/etc/sudoers.d/${name}`;
  await Deno.writeTextFile(rules, `Defaults:${name} timestamp_type=global\n`, { append: true });
  return rig;
}

async function installTheirsThere(rig: RemoteRig): Promise<void> {
  const original = await installOriginal(rig.there);
  await rig.writeProgram(`#!/bin/sh\nexec ${original}/sudo-proxy --verbose "$@"\n`);
}
