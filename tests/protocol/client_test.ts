import { ping, sendRequest } from "../../lib/protocol/client.ts";
import { FEATURES } from "../../lib/protocol/features.ts";
import type { RequestInput } from "../../lib/protocol/request.ts";
import type { ProgressEvent } from "../../lib/protocol/response.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertTrue,
  at,
  atLeast,
} from "../rig/assert.ts";
import { takeSlot } from "../rig/slots.ts";
import { type ScriptedConnection, ScriptedDaemon } from "./scripted_daemon.ts";

/** What sudo-proxy 1.1 says to `ping`. */
const OLD_PONG = { status: "ok", message: "pong", version: "1.1.0" };
const NEW_PONG = { ...OLD_PONG, version: VERSION, features: FEATURES };
const RAN = { status: "ok", stages: [{ exit_code: 0, stderr: "" }], stdout: "aGk=" };
const HI = new TextEncoder().encode("hi");

Deno.test("sendRequest sends one request and returns the response", async () => {
  await using daemon = await ScriptedDaemon.listen(async ({ request, say }) => {
    await say({ id: request["id"], ...RAN, version: "1.1.0" });
  });
  const response = await sendRequest({ pipeline: [["id"]], reason: "why" }, {
    socketPath: daemon.socket,
  });
  const [{ id, time, ...rest }] = atLeast(1, daemon.requests);
  const stages = [{ exit_code: 0, stderr: new Uint8Array() }];
  assertEquals(response, { id: String(id), status: "ok", stages, stdout: HI, version: "1.1.0" });
  assertEquals(rest, { pipeline: [["id"]], reason: "why", version: VERSION });
  assertMatch(String(id), /^[0-9a-f-]{36}$/);
  assertTrue(Math.abs(Date.now() - Date.parse(String(time))) < 10_000);
  assertEquals(daemon.requests.length, 1);
});

Deno.test("sendRequest sends the id that it was given", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  await sendRequest({ id: "mine", pipeline: [["id"]] }, { socketPath: daemon.socket });
  assertEquals(at(daemon.requests, 0)["id"], "mine");
});

// An old daemon would ignore these, and run something else than what was asked for.
const ADDED: readonly (readonly [feature: string, input: RequestInput])[] = [
  ["stdin", { stdin: new TextEncoder().encode("precious") }],
  ["stdin", { stdin: new Uint8Array() }],
  ["cwd", { cwd: "/tmp" }],
  ["cwd", { cwd: "/" }],
  ["timeout", { timeoutMs: 1000 }],
];

for (const [feature, input] of ADDED) {
  Deno.test(`sendRequest refuses ${JSON.stringify(input)} for an old daemon, names the feature, and never sends the request`, async () => {
    await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
    await assertRejects(
      sendRequest({ ...input, pipeline: [["tee", "/etc/motd"]] }, { socketPath: daemon.socket }),
      new RegExp(
        `^ProtocolError: the daemon at ${daemon.socket} \\(version 1\\.1\\.0\\) does not know "${feature}": update it, or leave that out$`,
      ),
    );
    assertEquals(daemon.actions, ["ping"]);
  });
}

Deno.test("sendRequest names every feature that a daemon lacks, and no other", async () => {
  const pong = { ...OLD_PONG, features: ["stdin"], version: undefined };
  await using daemon = await ScriptedDaemon.listen(answerAs(pong));
  await assertRejects(
    sendRequest(
      { pipeline: [["id"]], stdin: new Uint8Array(1), cwd: "/", timeoutMs: 1000, stream: true },
      { socketPath: daemon.socket },
    ),
    /\(version unknown\) does not know "cwd", "timeout": update it/,
  );
  assertEquals(daemon.actions, ["ping"]);
});

Deno.test("sendRequest refuses to cancel at an old daemon, which would take it for something else", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  await assertRejects(
    sendRequest({ action: "cancel", target: "1" }, { socketPath: daemon.socket }),
    /does not know "cancel"/,
  );
  assertEquals(daemon.actions, ["ping"]);
});

Deno.test("sendRequest drops stream for an old daemon without a word", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  const events: ProgressEvent[] = [];
  const response = await sendRequest({ pipeline: [["id"]], stream: true }, {
    socketPath: daemon.socket,
    onEvent: (event) => events.push(event),
  });
  assertEquals(response.status, "ok");
  assertEquals(daemon.actions, ["ping", "exec"]);
  assertTrue(!("stream" in at(daemon.requests, 1)));
  assertEquals(events, []);
});

Deno.test("sendRequest asks no daemon for its features where the request uses none", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  const options = { socketPath: daemon.socket };
  await sendRequest({ pipeline: [["id"]], env: { TZ: "UTC" }, privileged: false }, options);
  await sendRequest({ action: "stop" }, options);
  assertEquals(daemon.actions, ["exec", "stop"]);
});

Deno.test("sendRequest sends added fields to a daemon that knows them", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(NEW_PONG));
  await sendRequest({
    pipeline: [["cat"]],
    stdin: new TextEncoder().encode("hi"),
    cwd: "/tmp",
    timeoutMs: 1000,
    stream: true,
  }, { socketPath: daemon.socket });
  const { stdin, cwd, timeout_ms, stream } = at(daemon.requests, 1);
  assertEquals({ stdin, cwd, timeout_ms, stream }, {
    stdin: "aGk=",
    cwd: "/tmp",
    timeout_ms: 1000,
    stream: true,
  });
  assertTrue(at(daemon.requests, 0)["id"] !== at(daemon.requests, 1)["id"], "an id was used twice");
});

Deno.test("sendRequest passes on why a daemon refuses to say what it knows, and does not call it old", async () => {
  await using daemon = await ScriptedDaemon.listen(async ({ say }) => {
    await say({ id: "", status: "error", message: "server busy: try again later" });
  });
  await assertRejects(
    sendRequest({ pipeline: [["id"]], cwd: "/tmp" }, { socketPath: daemon.socket }),
    /server busy: try again later/,
  );
  assertEquals(daemon.actions, ["ping"]);
});

for (
  const [what, answer, code] of [
    ["of the daemon", { message: "too old", code: "stale" }, "stale"],
    ["that the message says, of a daemon that sends none", { message: "server busy: 64" }, "busy"],
    ["of the daemon, whatever its message", { message: "server busy: 64", code: "stale" }, "stale"],
    ["of no daemon whose words it does not know", { message: "alas" }, undefined],
  ] as const
) {
  Deno.test(`sendRequest gives the code ${what}`, async () => {
    await using daemon = await ScriptedDaemon.listen(async ({ request, say }) => {
      await say({ id: request["id"], status: "error", ...answer });
    });
    const response = await sendRequest({ pipeline: [["id"]] }, { socketPath: daemon.socket });
    assertEquals(response.message, answer.message);
    assertEquals(response.code, code);
  });
}

Deno.test("sendRequest reports events in order before it returns the response", async () => {
  const events = [
    { event: "queued", position: 2 },
    { event: "shown" },
    { event: "approved" },
    { event: "started" },
    { event: "output", stage: 0, stream: "stdout", data: "aGk=" },
  ];
  await using daemon = await ScriptedDaemon.listen(async ({ request, say, sayBytes }) => {
    const { id } = request;
    if (request["action"] === "ping") return await say({ id, ...NEW_PONG });
    await say({ id, ...events[0] });
    await say({ id, event: "sneezed" });
    // All the rest at once: lines do not come one a read.
    await sayBytes(
      [...events.slice(1), { ...RAN }].map((line) => JSON.stringify({ id, ...line }) + "\n")
        .join(""),
    );
  });
  const seen: unknown[] = [];
  const response = await sendRequest({ id: "1", pipeline: [["id"]], stream: true }, {
    socketPath: daemon.socket,
    onEvent: (event) => seen.push(event),
  });
  const read = events.map((event) => "data" in event ? { ...event, data: HI } : event);
  assertEquals(seen, read.map((event) => ({ id: "1", ...event })));
  assertEquals(response.status, "ok");
});

Deno.test("sendRequest closes the connection once it has the response", async () => {
  const gone = Promise.withResolvers<void>();
  await using daemon = await ScriptedDaemon.listen(async ({ request, say, ...connection }) => {
    await say({ id: request["id"], status: "denied" });
    await connection.gone;
    gone.resolve();
  });
  await sendRequest({ pipeline: [["id"]] }, { socketPath: daemon.socket });
  await gone.promise;
});

for (
  const [what, bytes, message] of [
    [
      "closes without an answer",
      "",
      /^ConnectionLostError: .* closed the connection without an answer$/,
    ],
    ["answers half a line", '{"id":"1","sta', /invalid line: it must end with a newline$/],
    ["speaks another protocol", "HTTP/1.1 400 Bad Request\r\n", /it must be one line of JSON$/],
    ["answers with bytes that are no text", Uint8Array.of(0xff, 10), /it must be UTF-8$/],
    ["answers with a status that does not exist", '{"id":"1","status":"fine"}\n', /"status"/],
    ["answers with neither status nor event", "{}\n", /it must have "status" or "event"$/],
    [
      "answers another request",
      '{"id":"2","status":"ok"}\n',
      /"id" must be the id of the request$/,
    ],
    ["answers no request", '{"id":"","status":"ok"}\n', /"id" must be the id of the request$/],
    [
      "tells of another request",
      '{"id":"2","event":"shown"}\n',
      /"id" must be the id of the request$/,
    ],
    [
      "names a signal that does not exist",
      '{"id":"1","status":"ok","stages":[{"exit_code":1,"stderr":"","signal":"SIGNOW"}]}\n',
      /"stages\.0\.signal"/,
    ],
    [
      "goes away after an event",
      '{"id":"1","event":"shown"}\n',
      /^ConnectionLostError: .* closed the connection without an answer$/,
    ],
  ] as const
) {
  Deno.test(`sendRequest rejects where the daemon ${what}`, async () => {
    await using daemon = await ScriptedDaemon.listen(({ sayBytes }) => sayBytes(bytes));
    const sending = sendRequest({ id: "1", pipeline: [["id"]] }, { socketPath: daemon.socket });
    await assertRejects(sending, /^(ProtocolError|ConnectionLostError): /);
    await assertRejects(sending, message);
  });
}

Deno.test("sendRequest names the socket where nothing listens", async () => {
  await using slot = await emptySlot();
  await assertRejects(
    sendRequest({ pipeline: [["id"]] }, { socketPath: slot.socket }),
    new RegExp(`^UnreachableError: no daemon answers at ${slot.socket}: .*No such file`),
  );
});

Deno.test("sendRequest names the socket that a dead daemon left behind", async () => {
  await using slot = await emptySlot();
  const listener = Deno.listen({ transport: "unix", path: slot.socket });
  // Deno removes a socket that it closes; a daemon that was killed removes nothing.
  await Deno.rename(slot.socket, `${slot.socket}.away`);
  listener.close();
  await Deno.rename(`${slot.socket}.away`, slot.socket);
  await assertRejects(
    sendRequest({ pipeline: [["id"]] }, { socketPath: slot.socket }),
    new RegExp(`^UnreachableError: no daemon answers at ${slot.socket}: .*refused`),
  );
});

Deno.test("ping waits where the queue of the socket is full, until there is room", async () => {
  await using slot = await emptySlot();
  const listener = Deno.listen({ transport: "unix", path: slot.socket });
  const queued: Deno.UnixConn[] = [];
  // Nobody accepts, so the kernel's queue fills up (listen(2)).
  const isFull = async () => {
    try {
      queued.push(await Deno.connect({ transport: "unix", path: slot.socket }));
      return false;
    } catch (error) {
      assertTrue(error instanceof Deno.errors.WouldBlock, String(error));
      return true;
    }
  };
  while (!await isFull());
  const pong = ping(slot.socket);
  await isFull();
  const decoder = new TextDecoder();
  // It is behind all that were there before it.
  for (let count = queued.length; count >= 0; count--) {
    using conn = await listener.accept();
    if (count > 0) continue;
    const bytes = new Uint8Array(1024);
    const { id } = JSON.parse(decoder.decode(bytes.subarray(0, await conn.read(bytes) ?? 0)));
    const pong = { id, status: "ok", message: "pong", version: "7" };
    await conn.write(new TextEncoder().encode(`${JSON.stringify(pong)}\n`));
  }
  assertEquals((await pong).version, "7");
  queued.forEach((conn) => conn.close());
  listener.close();
});

Deno.test("sendRequest sends nothing once its signal was aborted", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  await assertRejects(
    sendRequest({ pipeline: [["id"]] }, {
      socketPath: daemon.socket,
      signal: AbortSignal.abort(new Error("too late")),
    }),
    /^Error: too late$/,
  );
  assertEquals(daemon.requests, []);
});

Deno.test("an abort ends the wait for an old daemon that never answers its ping", async () => {
  const asked = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  await using daemon = await ScriptedDaemon.listen(async ({ gone }) => {
    asked.resolve();
    await gone;
    left.resolve();
  });
  const abort = new AbortController();
  const sending = sendRequest({ pipeline: [["id"]], cwd: "/tmp" }, {
    socketPath: daemon.socket,
    signal: abort.signal,
  });
  await asked.promise;
  abort.abort(new Error("enough"));
  await assertRejects(sending, /^Error: enough$/);
  await left.promise;
  assertEquals(daemon.actions, ["ping"]);
});

Deno.test("an abort withdraws a request that waits at an old daemon, by closing its connection", async () => {
  const waiting = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  await using daemon = await ScriptedDaemon.listen(async ({ request, say, gone }) => {
    if (request["action"] === "ping") return await say({ id: request["id"], ...OLD_PONG });
    waiting.resolve();
    await gone;
    left.resolve();
  });
  const abort = new AbortController();
  const sending = sendRequest({ pipeline: [["id"]], stream: true }, {
    socketPath: daemon.socket,
    signal: abort.signal,
  });
  await waiting.promise;
  abort.abort(new Error("enough"));
  await assertRejects(sending, /^Error: enough$/);
  await left.promise;
  assertTrue(!daemon.actions.includes("cancel"), String(daemon.actions));
});

for (
  const [what, input] of [
    ["that uses added fields", { pipeline: [["sleep", "60"]], stream: true }],
    // Closing the connection would leave the command running.
    ["that uses none of the added fields", { pipeline: [["sleep", "60"]] }],
  ] as const
) {
  Deno.test(`an abort cancels a running request ${what}`, async () => {
    const running = Promise.withResolvers<void>();
    const cancelled = Promise.withResolvers<void>();
    await using daemon = await ScriptedDaemon.listen(async ({ request, say, gone }) => {
      const { id } = request;
      if (request["action"] === "ping") return await say({ id, ...NEW_PONG });
      if (request["action"] === "cancel") {
        cancelled.resolve();
        return await say({ id, status: "ok", message: "the command is being ended" });
      }
      await say({ id, event: "started" });
      running.resolve();
      await Promise.race([cancelled.promise, gone]);
      await say({ id, status: "error", message: "the command was cancelled and ended" });
    });
    const abort = new AbortController();
    const sending = sendRequest(input, { socketPath: daemon.socket, signal: abort.signal });
    await running.promise;
    abort.abort(new Error("enough"));
    await assertRejects(sending, /^Error: enough$/);
    const exec = daemon.requests.find(({ action }) => action === undefined);
    const cancel = daemon.requests.find(({ action }) => action === "cancel");
    assertTrue(cancel, `no cancel came: ${daemon.actions.join(", ")}`);
    assertEquals(cancel["target"], exec?.["id"]);
  });
}

Deno.test("an abort ends the wait even where the daemon never answers the cancel", async () => {
  const running = Promise.withResolvers<void>();
  await using daemon = await ScriptedDaemon.listen(async ({ request, say, gone }) => {
    const { id } = request;
    if (request["action"] === "ping") return await say({ id, ...NEW_PONG });
    running.resolve();
    await gone;
  });
  const abort = new AbortController();
  const sending = sendRequest({ pipeline: [["sleep", "60"]], stream: true }, {
    socketPath: daemon.socket,
    signal: abort.signal,
  });
  await running.promise;
  abort.abort(new Error("enough"));
  const patience = Promise.withResolvers<"still waiting">();
  const timer = setTimeout(() => patience.resolve("still waiting"), 5000);
  const outcome = await Promise.race([sending.catch(String), patience.promise]);
  clearTimeout(timer);
  assertEquals(outcome, "Error: enough");
});

Deno.test("an abort after the response changes nothing", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(NEW_PONG));
  const abort = new AbortController();
  const response = await sendRequest({ pipeline: [["id"]], stream: true }, {
    socketPath: daemon.socket,
    signal: abort.signal,
  });
  abort.abort(new Error("too late"));
  assertEquals(response.status, "ok");
  assertEquals(daemon.actions, ["ping", "exec"]);
});

Deno.test("ping returns the version and the features of a daemon, and how many wait", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs({ ...NEW_PONG, waiting: 2 }));
  assertEquals(await ping(daemon.socket), { version: VERSION, features: FEATURES, waiting: 2 });
});

Deno.test("ping returns no features of an old daemon", async () => {
  await using daemon = await ScriptedDaemon.listen(answerAs(OLD_PONG));
  assertEquals(await ping(daemon.socket), {
    version: "1.1.0",
    features: [],
    waiting: undefined,
  });
});

Deno.test("ping rejects with the message of a daemon that refuses", async () => {
  await using daemon = await ScriptedDaemon.listen(async ({ say }) => {
    await say({ id: "", status: "error", message: "server busy: try again later" });
  });
  const error = await ping(daemon.socket).catch((error) => error);
  assertMatch(String(error), /^ProtocolError: server busy: try again later$/);
  assertEquals(error.code, "busy");
});

Deno.test("ping ends with its signal where nothing answers", async () => {
  await using daemon = await ScriptedDaemon.listen(({ gone }) => gone);
  const abort = new AbortController();
  const pinging = ping(daemon.socket, abort.signal);
  abort.abort(new Error("enough"));
  await assertRejects(pinging, /^Error: enough$/);
});

/** A daemon that answers every ping like this, and runs everything else. */
function answerAs(pong: Record<string, unknown>): (at: ScriptedConnection) => Promise<void> {
  return async ({ request, say }) => {
    await say({ id: request["id"], ...(request["action"] === "ping" ? pong : RAN) });
  };
}

/** A place for a socket, where nothing listens. */
async function emptySlot(): Promise<AsyncDisposable & { readonly socket: string }> {
  const folder = await takeSlot();
  await Deno.mkdir(`${folder}/run`, { mode: 0o700 });
  return {
    socket: `${folder}/run/sudo-proxy.sock`,
    async [Symbol.asyncDispose]() {
      await Deno.remove(folder, { recursive: true });
    },
  };
}
