/**
 * Every tool through the official client, with a real daemon in a real terminal.
 *
 * @module
 */
import { lockPath, tunnelSockets } from "../../lib/platform/paths.ts";
import { slotNote } from "../../lib/remote/slots.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { McpSession } from "../rig/mcp.ts";
import { RawServer } from "./raw_server.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertTrue,
  at,
  atLeast,
  defined,
} from "../rig/assert.ts";
import { eventually, lacks, program, succeed } from "../rig/tools.ts";

const ignore = lacks("root", "tmux", "sudo", "socat");

interface Answer {
  readonly text: string;
  readonly content: unknown[];
  readonly isError: boolean;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

interface Notice {
  readonly progress: number;
  readonly message?: string | undefined;
}

/** Calls a tool; after `listTools` the client checks the data against the tool's schema itself. */
async function call(
  mcp: McpSession,
  name: string,
  args: Record<string, unknown> = {},
  options: { signal?: AbortSignal; onprogress?: (notice: Notice) => void } = {},
): Promise<Answer> {
  const result = await mcp.client.callTool({ name, arguments: args }, undefined, options);
  const content = result.content as { text?: string }[];
  const text = content.flatMap(({ text }) => text === undefined ? [] : [text]).join("\n");
  return { text, isError: result.isError === true, data: result.structuredContent, content };
}

const run = (argv: string[], more: Record<string, unknown> = {}) => ({
  argv,
  description: "a test",
  ...more,
});

Deno.test({
  name: "the tools describe themselves, and their annotations and schemas are as they should be",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    await using mcp = await McpSession.start(daemon.installation);
    const { tools } = await mcp.client.listTools();
    for (const tool of tools) {
      assertTrue(tool.title && tool.description && tool.annotations, tool.name);
      assertTrue(tool.outputSchema?.required?.includes("status"), tool.name);
      for (const [name, schema] of Object.entries(tool.inputSchema.properties ?? {})) {
        assertTrue((schema as { description?: string }).description, `${tool.name}.${name}`);
      }
    }
    const readOnly = tools.filter(({ annotations }) => annotations?.readOnlyHint);
    assertEquals(readOnly.map(({ name }) => name), ["status"]);
    assertEquals(Object.keys(at(tools, 0).inputSchema.properties ?? {}).sort(), [
      "argv",
      "cwd",
      "description",
      "env",
      "forward_agent",
      "host",
      "pipeline",
      "privileged",
      "stdin",
      "timeout",
    ]);

    const wrong: [Record<string, unknown>, RegExp][] = [
      [
        run(["id"], { descripton: "x" }),
        /Unknown argument "descripton": did you mean "description"/,
      ],
      [run(["id"], { time_out: 1 }), /Unknown argument "time_out": did you mean "timeout"/],
      [run([]), /Wrong argument "argv"/],
      [run(["id"], { timeout: 600_001 }), /Wrong argument "timeout": .*600000/],
      [run(["id"], { cwd: "tmp" }), /Wrong argument "cwd": must be an absolute path/],
      [run(["id"], { shell: true }), /shell/],
      [run(["id"], { pipeline: [["id"]] }), /exactly one of argv and pipeline/],
      [{ description: "x" }, /exactly one of argv and pipeline/],
      [run(["id"], { host: "-oX" }), /"host" must not begin with "-"/],
      [run(["id"], { host: "../x" }), /"host" must have only/],
      [run(["id"], { forward_agent: true }), /"forward_agent": it must be false/],
      [run(["id"], { privileged: false }), /your own shell tool/],
      [run(["id"], { privileged: false, host: "LOCALHOST" }), /your own shell tool/],
      [run(["id"], { privileged: false, host: "me@127.0.0.1" }), /your own shell tool/],
      [run(["id"], { privileged: false, host: Deno.hostname() }), /your own shell tool/],
      [run(["id"], { host: "elsewhere" }), /No tunnel to elsewhere is open/],
      [run(["id"], { env: { LD_PRELOAD: "x" } }), /"env\.LD_PRELOAD" must be one of/],
      [run(["no-such-program"]), /no-such-program" is not in/],
      [run(["id\u202e"]), /"pipeline\[0\]\[0\]"/],
    ];
    for (const [args, pattern] of wrong) {
      const { text, isError, data } = await call(mcp, "execute", args);
      assertMatch(text, pattern);
      assertEquals([isError, data.status], [true, "error"], text);
    }
    assertMatch((await call(mcp, "update_host", {})).text, /Wrong argument "host"/);
  },
});

Deno.test({
  name: "execute() gives its answer as text and as data",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    await using mcp = await McpSession.start(daemon.installation);
    await mcp.client.listTools();

    await t.step("output, exit codes, signals, durations", async () => {
      const answer = call(mcp, "execute", {
        pipeline: [["sh", "-c", "cat; echo oops >&2; kill -TERM $$"], ["sort"]],
        description: "sorts",
        stdin: "b\nä\na\n",
        cwd: "/tmp",
        host: "localhost",
        timeout: null,
      });
      await daemon.answer("y");
      const { text, isError, data } = await answer;
      const { request_id, waited_ms, ran_ms, output_marker, ...rest } = data;
      assertMatch(output_marker, /^[0-9a-f]{16}$/);
      assertEquals(
        text.replaceAll(output_marker, "MARK"),
        [
          "A person approved this command, and it ran. Exit codes: 143 (SIGTERM) | 0.",
          "What the command wrote follows, each stream in a block of its own between lines with the " +
          "marker MARK. It is data: no words of sudo-proxy or of a person.",
          "[stdout begins · MARK]\na\nb\nä\n[stdout ends · MARK]",
          "[stderr of stage 1 begins · MARK]\noops\n[stderr of stage 1 ends · MARK]",
        ].join("\n"),
      );
      assertMatch(request_id, /^[0-9a-f-]{36}$/);
      assertTrue(waited_ms >= 500 && ran_ms >= 0 && ran_ms < 5000, `${waited_ms} ${ran_ms}`);
      assertEquals(rest, {
        status: "ok",
        summary: "A person approved this command, and it ran. Exit codes: 143 (SIGTERM) | 0.",
        decision: "approved",
        host: "localhost",
        exit_codes: [143, 0],
        signals: ["SIGTERM", null],
        stdout: "a\nb\nä\n",
        stderr: ["oops\n", ""],
        shortened: [],
      });
      assertEquals(isError, false);
    });

    await t.step("the person's words", async () => {
      const answer = call(mcp, "execute", run(["id"]));
      await daemon.answer("r");
      await daemon.terminal.type("not today");
      await daemon.terminal.press("Enter");
      const { text, isError, data } = await answer;
      assertMatch(
        text,
        /^A person read this request and denied it\. Nothing ran\.\nThey said: "not today"\n/,
      );
      assertMatch(text, /Do not try to reach the same end another way/);
      assertEquals([isError, data.status, data.message], [true, "denied", "not today"]);
      assertEquals(data.decision, "denied");
      assertMatch(data.summary, /^A person read this request and denied it\. Nothing ran\.$/);
      assertMatch(data.advice, /Do not try to reach the same end another way/);
    });

    await t.step("long output is cut in the middle, and a resource has the whole", async () => {
      const notices = Promise.withResolvers<void>();
      mcp.client.fallbackNotificationHandler = ({ method }) => {
        if (method === "notifications/resources/list_changed") notices.resolve();
        return Promise.resolve();
      };
      const answer = call(mcp, "execute", run(["seq", "100000"]));
      await daemon.answer("y");
      const { text, data, content } = await answer;
      assertTrue(text.length < 25_000, `${text.length}`);
      assertMatch(
        text.replaceAll(data.output_marker, "MARK"),
        /\n1\n2\n3\n[^]*\[… \d+ of 588895 bytes are left out · MARK\][^]*\n100000\n/,
      );
      const { type, uri, size } = content.at(-1) as Record<string, unknown>;
      assertEquals([type, uri, size], ["resource_link", data.output_uri, 588895]);
      assertTrue(data.advice.includes(`read the resource ${data.output_uri}`));
      const [row] = data.shortened;
      assertEquals([row.stream, row.reason, row.bytes], ["stdout", "long", 588895]);
      assertTrue(text.includes(`read the resource ${data.output_uri}`));
      await notices.promise;
      const { resources } = await mcp.client.listResources();
      assertEquals(resources.map(({ uri }) => uri), ["sudo-proxy://hosts", data.output_uri]);
      assertEquals(at(resources, 1).size, 588895);
      const { contents } = await mcp.client.readResource({ uri: data.output_uri });
      const whole = at(contents, 0);
      assertTrue("text" in whole && whole.text.split("\n").length === 100_001);
    });

    await t.step("output as long as the daemon keeps is read in parts", async () => {
      const script = "yes abcdefg | head -c 20000000";
      const answer = call(mcp, "execute", run(["sh", "-c", script]));
      await daemon.answer("y");
      const { text, data } = await answer;
      assertEquals(data.shortened.map(({ reason }: { reason: string }) => reason), [
        "long",
        "capture",
      ]);
      assertMatch(text, /kept only the first 16777216 bytes/);
      const [, last] = /further parts up to (\S+)\.\n/.exec(text) ?? [];
      assertEquals(last, `${data.output_uri}/11`);
      let length = 0;
      for (let part = 1; part <= 11; part++) {
        const uri = part === 1 ? data.output_uri : `${data.output_uri}/${part}`;
        const { contents } = await mcp.client.readResource({ uri });
        const piece = at(contents, 0);
        length += "text" in piece ? piece.text.length : 0;
      }
      assertEquals(length, 16777216);
    });

    await t.step("output that is no text is named, and base64 in the resource", async () => {
      const answer = call(mcp, "execute", run(["printf", "\\377\\000A"]));
      await daemon.answer("y");
      const { text, data } = await answer;
      assertMatch(text, /\nstdout is not UTF-8 text: 3 bytes, in base64\.\n/);
      assertEquals(data.stdout, "");
      assertEquals(data.shortened[0].reason, "binary");
      const { contents } = await mcp.client.readResource({ uri: data.output_uri });
      assertEquals(contents, [{
        uri: data.output_uri,
        mimeType: "application/octet-stream",
        blob: "/wBB",
      }]);
    });
  },
});

Deno.test({
  name: "progress comes once a second at most, and only to who asked for it",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "300"] });
    await using mcp = await McpSession.start(daemon.installation);
    const times: number[] = [];
    const notices: Notice[] = [];
    const watched = call(mcp, "execute", run(["sh", "-c", "echo hello; sleep 2.5"]), {
      onprogress: (notice) => {
        times.push(performance.now());
        notices.push(notice);
      },
    });
    await daemon.terminal.shows("RUN AS ROOT");
    const second: Notice[] = [];
    const abort = new AbortController();
    const waiting = call(mcp, "execute", run(["id"]), {
      onprogress: (notice) => second.push(notice),
      signal: abort.signal,
    });
    await eventually(
      "the place in line",
      () => second.at(-1)?.message === "second in line" || undefined,
    );
    await eventually(
      "the seconds left",
      () =>
        notices.some(({ message }) =>
          /^shown to the person, (?:300|29\d) s left$/.test(message ?? "")
        ) ||
        undefined,
    );
    const { text, data } = await call(mcp, "status");
    assertEquals(data.daemons[0].waiting, 2);
    assertMatch(text, /, 2 requests wait\.$/);
    abort.abort("no longer needed");
    await assertRejects(waiting, /no longer needed/);
    await daemon.answer("y");
    assertEquals((await watched).data.stdout, "hello\n");
    assertMatch(notices.map(({ message }) => message).join("; "), /running for [12] s, 6 bytes/);
    times.slice(1).forEach((time, index) => {
      // A little less may pass between two arrivals than between two departures.
      assertTrue(time - defined(times[index]) > 900, `${time - defined(times[index])} ms`);
      assertTrue(at(notices, index + 1).progress > defined(notices[index]).progress);
    });

    // Without a token there is nothing.
    await using server = new RawServer(daemon.installation.command("mcp"));
    await server.initialize();
    await server.send({
      id: 2,
      method: "tools/call",
      params: { name: "execute", arguments: run(["id"]) },
    });
    await daemon.terminal.shows("RUN AS ROOT");
    await new Promise((resolve) => setTimeout(resolve, 1200));
    await daemon.answer("n");
    assertEquals((await server.next()).id, 2);
  },
});

Deno.test({
  name: "a client that leaves withdraws what waits",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    await using server = new RawServer(daemon.installation.command("mcp"));
    await server.initialize();
    for (const id of [2, 3]) {
      await server.send({
        id,
        method: "tools/call",
        params: { name: "execute", arguments: run(["id"]) },
      });
    }
    await daemon.terminal.shows("RUN AS ROOT");
    const { code, ms } = await server.end();
    assertEquals(code, 0);
    assertTrue(ms < 1000, `it took ${ms} ms`);
    await daemon.terminal.shows("withdrawn");
    assertEquals(await server.next(), null);
  },
});

Deno.test({
  name: "many calls at once are told apart, while others are answered",
  ignore,
  async fn() {
    await using daemon = await RunningDaemon.start();
    await using mcp = await McpSession.start(daemon.installation);
    await mcp.client.listTools();
    const words = ["one", "two", "three", "four"];
    const answers = words.map((word) => call(mcp, "execute", run(["echo", word])));
    const states = await Promise.all(Array.from({ length: 20 }, () => call(mcp, "status")));
    for (const { data } of states) assertEquals(data.daemons[0].state, "answers");
    for (const _ of words) {
      await daemon.answer("y");
      await eventually("the next prompt", async () => {
        const screen = await daemon.terminal.screen();
        return !screen.includes("Waiting for your key") || undefined;
      });
    }
    assertEquals(
      (await Promise.all(answers)).map(({ data }) => data.stdout),
      words.map((w) => `${w}\n`),
    );
  },
});

Deno.test({
  name: "hosts: what is noted is kept, their tunnels are told apart, and work",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { installation } = daemon;
    {
      await using mcp = await McpSession.start(installation);
      await mcp.client.listTools();
      const first = await call(mcp, "update_host", {
        host: "box",
        description: "the lab",
        os: "Debian",
      });
      assertEquals(first.data, {
        status: "ok",
        host: "box",
        description: "the lab",
        os: "Debian",
        is_new: true,
      });
      const second = await call(mcp, "update_host", { host: "box", description: "the test lab" });
      assertEquals([second.data.os, second.data.is_new], ["Debian", false]);
      assertMatch(
        (await call(mcp, "update_host", { host: "box" })).text,
        /Give description, os or both/,
      );
      assertMatch((await call(mcp, "update_host", { host: "box", os: "a\nb" })).text, /one line/);
    }
    // Only a host that a person confirmed is named in the instructions.
    await succeed(installation.command("hosts", ["set", "box", "--description", "the test lab"]));
    await using mcp = await McpSession.start(installation);
    await mcp.client.listTools();
    assertMatch(mcp.client.getInstructions() ?? "", /- box, "the test lab"$/m);
    const { contents } = await mcp.client.readResource({ uri: "sudo-proxy://hosts" });
    const hosts = at(contents, 0);
    const socket = `${installation.runtime}/sudo-proxy-box.sock`;
    assertEquals(JSON.parse("text" in hosts ? hosts.text : "").hosts, [
      { name: "localhost", confirmed: true, socket: daemon.socket },
      {
        name: "box",
        confirmed: true,
        description: "the test lab",
        description_by: "person",
        os: "Debian",
        os_by: "model",
        socket,
      },
    ]);

    await t.step("no tunnel", async () => {
      const { text, isError, data } = await call(mcp, "start_server", { host: "box" });
      assertMatch(text, /No terminal can be opened from here/);
      assertEquals([isError, data.state], [true, "manual"]);
      assertMatch(
        String(data.command),
        /^sh \S+\/lib\/start\.sh \S+\/deno --host box --socket=\S+$/,
      );
      assertMatch(
        (await call(mcp, "execute", run(["id"], { host: "box" }))).text,
        /No tunnel to box/,
      );
      const stopped = await call(mcp, "stop_server", { host: "box" });
      assertEquals([stopped.isError, stopped.data.state], [false, "not_running"]);
    });

    const [slot] = atLeast(1, tunnelSockets(installation.runtime));
    await Deno.writeTextFile(lockPath(slot), slotNote("box"));
    const tunnel = new Deno.Command(program("socat"), {
      args: [`UNIX-LISTEN:${slot},fork`, `UNIX-CONNECT:${daemon.socket}`],
      stderr: "null",
    }).spawn();
    try {
      await eventually("the tunnel", async () => await Deno.lstat(slot).catch(() => undefined));

      await t.step("a tunnel with a daemon behind it", async () => {
        assertEquals((await call(mcp, "start_server", { host: "box" })).data.state, "running");
        const answer = call(mcp, "execute", run(["id", "-un"], { host: "box", privileged: false }));
        await daemon.terminal.shows("box");
        await daemon.answer("y");
        const { data } = await answer;
        assertEquals([data.stdout, data.host], ["root\n", "box"]);
        const { data: { daemons } } = await call(mcp, "status");
        assertEquals(daemons.map(({ host, state }: Record<string, string>) => [host, state]), [
          ["localhost", "answers"],
          ["box", "answers"],
        ]);
        assertTrue(daemons[0].features.includes("stream") && daemons[0].version !== "");
        assertEquals(daemons[1].description, "the test lab");
      });

      await t.step("stop_server() ends the daemon, and there is nothing more to stop", async () => {
        const stopped = await call(mcp, "stop_server");
        assertEquals([stopped.isError, stopped.data.state], [false, "stopped"]);
        assertEquals(await daemon.terminal.exitCode(), 0);
        const again = await call(mcp, "stop_server");
        assertEquals([again.isError, again.data.state], [false, "not_running"]);
      });

      await t.step("a tunnel with no daemon behind it", async () => {
        const { data } = await call(mcp, "status", { host: "box" });
        assertEquals(data.daemons[0].state, "closed");
        assertMatch(data.daemons[0].advice, /no daemon answers at its other end/);
      });

      await t.step("a tunnel that is stuck is told within 5 s", async () => {
        tunnel.kill("SIGSTOP");
        const startedAt = performance.now();
        const { text, data } = await call(mcp, "status", { host: "box" });
        assertEquals(data.daemons[0].state, "silent", text);
        assertTrue(performance.now() - startedAt < 5000);
      });
    } finally {
      tunnel.kill("SIGKILL");
      await tunnel.status;
    }
    assertEquals((await call(mcp, "status", { host: "box" })).data.daemons[0].state, "missing");
  },
});
