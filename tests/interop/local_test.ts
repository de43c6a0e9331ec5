/**
 * The original's clients at our daemon, and our clients at the original's daemon, on one machine.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { execute, lacks } from "../rig/tools.ts";
import { requests } from "./cases.ts";
import { lacksOriginal } from "./original.ts";
import { BothMakes, type Daemon, type Make } from "./sides.ts";

const ignore = lacks("root", "tmux", "sudo", "useradd", "runuser") || lacksOriginal();

/** Each direction: whose daemon, and whose clients. */
const DIRECTIONS = [
  { make: "ours", other: "theirs", name: "the original's clients at our daemon" },
  { make: "theirs", other: "ours", name: "our clients at the original's daemon" },
] as const;

for (const { make, other, name } of DIRECTIONS) {
  Deno.test({
    name: `${name}: every case on one machine`,
    ignore,
    fn: async (t) => {
      await using both = await BothMakes.make();
      await using daemon = await both.daemon(make, { SSH_AUTH_SOCK: "/tmp/agent.sock" });
      await using request = both.requestClient(other);
      await using mcp = await both.mcpClient(other);

      await requests(t, daemon, request);
      await requests(t, daemon, mcp);

      await t.step(`${request.name}: unprivileged`, async () => {
        const sent = request.send({ pipeline: [["id", "-un"]], privileged: false });
        const { code, text } = await daemon.approve(sent);
        assertEquals([code, text], [0, `${both.user.name}\n`]);
      });

      await t.step(`${request.name}: unprivileged, with the agent`, async () => {
        const command = ["printenv", "SSH_AUTH_SOCK"];
        const ask = { pipeline: [command], privileged: false, forwardAgent: true };
        const { code, text, about } = await daemon.approve(request.send(ask));
        assertEquals([code, text], [0, "/tmp/agent.sock\n"], about);
      });

      await t.step(`${request.name}: a client that a signal ends`, async () => {
        await endedBySignal(both, daemon, other);
      });

      await t.step(`${mcp.name}: unprivileged, which is refused on this machine`, async () => {
        const { code, text } = await mcp.send({ pipeline: [["id"]], privileged: false });
        assertEquals(code, 1, text);
      });

      await t.step(`${mcp.name}: ping`, async () => {
        const { text, isError } = await mcp.call("status");
        assertEquals(isError, false, text);
        assertMatch(text, make === "ours" ? /0\.1\.0/ : /1\.2\.0/);
      });

      await t.step(`${mcp.name}: stop`, async () => {
        const { text, isError } = await mcp.call("stop_server");
        assertEquals(isError, false, text);
        assertEquals(await daemon.terminal.exitCode(), 0);
      });
    },
  });

  Deno.test({
    name: `${name}: silence is a timeout`,
    ignore,
    fn: async () => {
      await using both = await BothMakes.make();
      const args = make === "ours" ? ["--prompt-timeout", "3"] : [];
      await using daemon = await both.daemon(make, {}, args);
      await using request = both.requestClient(other);
      await using mcp = await both.mcpClient(other);
      for (const client of [request, mcp]) {
        const sent = client.send({ pipeline: [["touch", "/silent"]] });
        await daemon.terminal.shows("touch /silent");
        const { code, about } = await sent;
        // Our MCP server may answer before the minute is over that the request still waits.
        if (client.name !== "our MCP server") assertTrue(code !== 0, about);
        assertMatch(about, /time|nobody|no answer|wait/i);
      }
    },
  });
}

/** Ends the command line client while its prompt is shown; the next request must get through. */
async function endedBySignal(both: BothMakes, daemon: Daemon, other: Make): Promise<void> {
  const sent = both.requestClient(other).send({ pipeline: [["touch", "/gone"]] });
  await daemon.prompts();
  const { stdout } = await execute(["pgrep", "-n", "-u", both.user.name, "-f", "touch /gone$"]);
  await execute(["kill", "-TERM", stdout.trim()]);
  assertTrue((await sent).code !== 0);
  // The original's daemon goes on asking for whom nobody waits.
  if (daemon.make === "theirs") await daemon.answer("n");
  const next = both.requestClient(other).send({ pipeline: [["echo", "next"]] });
  await daemon.terminal.shows("echo next");
  assertEquals((await daemon.approve(next)).text, "next\n");
}
