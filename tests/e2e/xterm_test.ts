import { terminalsFor } from "../../lib/mcp/terminals.ts";
import { assertEquals, assertMatch, atLeast } from "../rig/assert.ts";
import { Display } from "../rig/display.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { eventually, lacks } from "../rig/tools.ts";

/** The titles that the daemon gives its window. */
const IDLE = `sudo-proxy ${Deno.hostname()}`;
const WAITING = `${IDLE}: a request waits`;

/**
 * Presses a key until it counts. Nothing on a display tells a program when the prompt is armed; what
 * comes too early is thrown away, and the wait begins anew.
 */
async function pressUntil(
  display: Display,
  key: string,
  answer: Promise<unknown>,
): Promise<void> {
  let isAnswered = false;
  const done = answer.finally(() => isAnswered = true);
  const window = await display.window(WAITING);
  await eventually("the answer to a key", async () => {
    await Promise.race([done, new Promise((resolve) => setTimeout(resolve, 1000))]);
    if (!isAnswered) await display.press(window, key);
    return isAnswered || undefined;
  }, 60_000);
}

Deno.test({
  name: "start_server() opens a window of xterm, and the person's keys in it decide",
  ignore: lacks("root", "sudo", "Xvfb", "xterm", "xdotool"),
  async fn(t) {
    await using display = await Display.open();
    await using installation = await Installation.make();
    const env = { DISPLAY: display.name, TERMINAL: "xterm" };
    await using mcp = await McpSession.start(installation, env);

    await t.step("one window opens, with the daemon in it", async () => {
      const answers = await Promise.all([mcp.call("start_server"), mcp.call("start_server")]);
      for (const { text } of answers) assertMatch(text, /is open: a new xterm window/);
      await display.window(IDLE);
      assertEquals(await display.windows(), 1);
      assertMatch((await mcp.call("start_server")).text, /open already/);
    });

    await t.step("the key y gives the model the output of root", async () => {
      const answer = mcp.call("execute", { argv: ["id"], description: "to see who runs" });
      await pressUntil(display, "y", answer);
      assertMatch((await answer).data.stdout, /^uid=0\(root\) /);
    });

    await t.step("the key n denies", async () => {
      const answer = mcp.call("execute", { argv: ["id"], description: "again" });
      await pressUntil(display, "n", answer);
      assertMatch((await answer).text, /^A person read this request and denied it/);
    });

    await t.step("stop_server() closes the window", async () => {
      assertMatch((await mcp.call("stop_server")).text, /has ended/);
      await eventually("the window to go", async () => await display.windows() === 0 || undefined);
      assertEquals(await Array.fromAsync(Deno.readDir(installation.runtime)), []);
    });
  },
});

Deno.test({
  name: "a window of an emulator is named after the host before anything answers there",
  ignore: lacks("Xvfb", "xterm", "xdotool"),
  async fn() {
    await using display = await Display.open();
    const variables: Record<string, string> = { DISPLAY: display.name, TERMINAL: "xterm" };
    const here = { get: (name: string) => variables[name], uid: 0 };
    const command = ["/usr/bin/env", "cat"];
    const [{ name, argv: [program, ...args] }] = atLeast(
      1,
      terminalsFor(
        here,
        command,
        "sudo-proxy web1",
        () => true,
      ),
    );
    assertEquals(name, "a new xterm window");
    const window = new Deno.Command("/usr/bin/env", {
      args: [`DISPLAY=${display.name}`, program, ...args],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).spawn();
    await display.window("sudo-proxy web1");
    window.kill();
    await window.status;
  },
});
