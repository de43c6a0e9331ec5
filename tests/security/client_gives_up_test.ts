/**
 * A client gives up on a call: what waits is withdrawn, what runs goes on, and its result is kept.
 *
 * @module
 */
import { RunningDaemon } from "../rig/daemon.ts";
import { McpSession } from "../rig/mcp.ts";
import { RawServer } from "../mcp/raw_server.ts";
import { assertEquals, assertMatch, assertRejects, assertTrue } from "../rig/assert.ts";
import { eventually, lacks } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo");

/** Runs until the file is there, then prints what it did. */
const untilFile = (path: string) => ({
  argv: [
    "sh",
    "-c",
    `touch ${path}.runs; while [ ! -e ${path} ]; do sleep 0.1; done; echo unpacked`,
  ],
  description: "as long as an upgrade",
});

const isThere = async (path: string) => await Deno.lstat(path).then(() => true, () => undefined);

Deno.test({
  name: "a client's time limit ends no root command, and its result is fetched later",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    await using mcp = await McpSession.start(daemon.installation);
    const file = `${daemon.installation.home}/go`;

    await t.step("what runs goes on to its end, once", async () => {
      const call = mcp.client.callTool({ name: "execute", arguments: untilFile(file) }, undefined, {
        timeout: 4000,
      });
      const givenUp = assertRejects(call, /timed out/);
      await daemon.answer("y");
      await eventually("the command", () => isThere(`${file}.runs`));
      await givenUp;
      const early = mcp.call("result");
      await Deno.writeTextFile(file, "");
      const { data, isError } = await early;
      assertEquals([data.status, data.stdout, data.exit_codes], ["ok", "unpacked\n", [0]]);
      assertEquals([isError, data.decision], [false, "approved"]);
      // It is kept, by its id, and not given twice where none is named.
      assertEquals((await mcp.call("result", { id: data.request_id })).data, data);
      assertMatch((await mcp.call("result")).text, /No request waits or runs/);
      assertMatch((await mcp.call("result", { id: "x" })).text, /No request with the id "x"/);
    });

    await t.step("what waits is withdrawn, and said to be", async () => {
      const abort = new AbortController();
      const call = mcp.call("execute", { argv: ["id"], description: "waits" }, abort.signal);
      await daemon.terminal.shows("RUN AS ROOT");
      abort.abort("no longer needed");
      await assertRejects(call, /no longer needed/);
      await daemon.terminal.shows("withdrawn");
      const { data } = await mcp.call("result");
      assertEquals(data.status, "error");
      assertMatch(data.message, /withdrawn, since the call for it was cancelled/);
    });

    await t.step("an explicit cancel ends the command", async () => {
      const path = `${daemon.installation.home}/never`;
      const abort = new AbortController();
      const call = mcp.call("execute", untilFile(path), abort.signal);
      await daemon.answer("y");
      await eventually("the command", () => isThere(`${path}.runs`));
      abort.abort("enough");
      await assertRejects(call, /enough/);
      const { data } = await mcp.call("result", { cancel: true });
      assertEquals([data.status, data.decision], ["error", "approved"]);
      assertMatch(data.message, /the command was cancelled and ended/);
    });
  },
});

Deno.test({
  name: "execute() answers before 55 s where the client wants no progress",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "300"] });
    const file = `${daemon.installation.home}/go`;
    await using server = new RawServer(daemon.installation.command("mcp"));
    await server.initialize();
    const call = (id: number, name: string, args: Record<string, unknown>) =>
      server.send({ id, method: "tools/call", params: { name, arguments: args } });
    const startedAt = performance.now();
    await call(2, "execute", untilFile(file));
    await daemon.answer("y");
    await eventually("the command", () => isThere(`${file}.runs`));
    await call(3, "execute", { argv: ["id", "-un"], description: "waits" });
    const first = (await server.next()).result.structuredContent;
    const second = (await server.next()).result.structuredContent;
    const seconds = (performance.now() - startedAt) / 1000;
    assertTrue(seconds > 40 && seconds < 55, `${seconds} s`);
    assertEquals([first.status, first.decision, second.status, second.decision], [
      "running",
      "approved",
      "waiting",
      undefined,
    ]);
    assertMatch(first.summary, /runs \(running for \d+ s, 0 bytes of output\)/);
    assertMatch(second.summary, /waits for the person \(shown to the person, \d+ s left\)/);
    assertMatch(second.advice, /Call result with id "[0-9a-f-]{36}".*Do not call execute again/);

    // Both are still the same requests, and are fetched.
    await call(4, "result", { id: first.request_id });
    await call(5, "result", { id: second.request_id });
    await daemon.answer("y");
    const one = await server.next();
    assertEquals([one.id, one.result.structuredContent.stdout], [5, "root\n"]);
    await Deno.writeTextFile(file, "");
    const other = await server.next();
    assertEquals([other.id, other.result.structuredContent.stdout], [4, "unpacked\n"]);
  },
});

Deno.test({
  name: "the end of the MCP server withdraws what waits, and what runs goes on",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    const file = `${daemon.installation.home}/go`;
    await using server = new RawServer(daemon.installation.command("mcp"));
    await server.initialize();
    const { argv } = untilFile(file);
    argv[2] += ` > ${file}.done`;
    const calls = [{ argv, description: "runs" }, { argv: ["id"], description: "waits" }];
    for (const [index, args] of calls.entries()) {
      await server.send({
        id: index + 2,
        method: "tools/call",
        params: { name: "execute", arguments: args },
      });
      if (index === 1) break;
      await daemon.answer("y");
      await eventually("the command", () => isThere(`${file}.runs`));
    }
    await daemon.terminal.shows("RUN AS ROOT");
    assertEquals((await server.end()).code, 0);
    await daemon.terminal.shows("withdrawn");
    await Deno.writeTextFile(file, "");
    await eventually(
      "the command's end",
      async () =>
        (await Deno.readTextFile(`${file}.done`).catch(() => "")) === "unpacked\n" || undefined,
    );
  },
});
