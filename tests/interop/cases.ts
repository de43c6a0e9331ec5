import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import type { Client, Daemon } from "./sides.ts";

const BIG = 3 * 1024 * 1024;

/**
 * What every client can do at a daemon of the other make.
 *
 * @param t Each case is a step of it.
 * @param daemon The daemon, or the launcher whose tunnel leads to it.
 * @param client A client that reaches it.
 */
export async function requests(t: Deno.TestContext, daemon: Daemon, client: Client): Promise<void> {
  const isMcp = client.name.includes("MCP");
  const step = (name: string, run: () => Promise<void>) => t.step(`${client.name}: ${name}`, run);

  await step("approve", async () => {
    const outcome = await daemon.approve(client.send({ pipeline: [["id", "-un"]] }));
    assertEquals(outcome.code, 0, outcome.about);
    assertMatch(outcome.text, /\broot\b/);
  });

  await step("deny", async () => {
    const sent = client.send({ pipeline: [["touch", "/denied"]] });
    const screen = await daemon.answer("n");
    assertMatch(screen, /touch \/denied/);
    assertMatch(screen, /to see/);
    const outcome = await sent;
    assertTrue(outcome.code !== 0, outcome.text);
    assertMatch(outcome.about, /denied/i);
  });

  await step("pipeline", async () => {
    const pipeline = [["printf", "%s\\n", "bb", "aa"], ["sort"], ["head", "-n1"]];
    const outcome = await daemon.approve(client.send({ pipeline }));
    assertEquals(outcome.code, 0, outcome.about);
    assertMatch(outcome.text, /\baa\b/);
  });

  await step("environment", async () => {
    const sent = client.send({ pipeline: [["env"]], env: { LANG: "C", TZ: "Asia/Tokyo" } });
    const { text, about } = await daemon.approve(sent);
    // The original's command line client sends no variables.
    if (client.name !== "sudo-request") assertMatch(text, /TZ=Asia\/Tokyo/, about);
    assertMatch(text, /SUDO_USER=/, about);
  });

  await step("exit code", async () => {
    const command = ["sh", "-c", "echo out; echo err >&2; exit 3"];
    const { code, text, about } = await daemon.approve(client.send({ pipeline: [command] }));
    if (isMcp) assertMatch(text, /\b3\b/);
    else assertEquals(code, 3);
    assertMatch(text, /\bout\b/);
    assertMatch(about, /\berr\b/);
  });

  await step("signal", async () => {
    const sent = client.send({ pipeline: [["sh", "-c", "kill -9 $$"]] });
    const { code, text } = await daemon.approve(sent);
    // The original's daemon says -1 for every signal.
    const expected = daemon.make === "ours" ? 137 : -1;
    if (isMcp) assertMatch(text, new RegExp(String(expected)));
    else assertEquals(code, expected & 255);
  });

  await step("big output", async () => {
    const pipeline = [["head", "-c", String(BIG), "/dev/zero"], ["tr", "\\0", "x"]];
    const { code, text, about } = await daemon.approve(client.send({ pipeline }));
    assertEquals(code, 0, about);
    if (!isMcp) assertEquals(text.length, BIG);
    else assertMatch(text, /x{100}/);
  });
}
