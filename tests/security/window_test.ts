/**
 * `start_server` says that a window was opened only where one was: a tmux that is gone and a dead
 * display open none.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { Display } from "../rig/display.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { eventually, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo", "Xvfb", "xterm", "xdotool");

/** What `$TMUX` and `$DISPLAY` are in a session whose tmux and X have ended. */
async function stale(): Promise<{ TMUX: string; DISPLAY: string }> {
  await using terminal = await TmuxTerminal.open();
  await using display = await Display.open();
  return { TMUX: await terminal.environment(), DISPLAY: display.name };
}

Deno.test({
  name: "start_server() gives the manual command where tmux and the display are gone",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    await using mcp = await McpSession.start(installation, await stale());
    const { structuredContent, isError } = await mcp.client.callTool({ name: "start_server" });
    const { state, command } = structuredContent as Record<string, unknown>;
    assertEquals([isError, state], [true, "manual"]);
    assertTrue(typeof command === "string" && command.includes(installation.socket));
  },
});

Deno.test({
  name: "start_server() tries the next terminal where tmux is gone, and names the one that opened",
  ignore,
  async fn() {
    await using installation = await Installation.make();
    await using display = await Display.open();
    const env = { TMUX: (await stale()).TMUX, DISPLAY: display.name, TERMINAL: "xterm" };
    await using mcp = await McpSession.start(installation, env);
    const { text, isError } = await mcp.call("start_server");
    assertMatch(text, /is open: a new xterm window/);
    assertEquals(isError, false);
    assertEquals(await display.windows(), 1);
    assertEquals((await mcp.call("stop_server")).isError, false);
    await eventually("the window to close", async () => await display.windows() === 0 || undefined);
  },
});
