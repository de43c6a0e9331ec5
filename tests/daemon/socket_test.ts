/**
 * What comes back over the socket, by bytes: every rejection of the protocol happens there, before
 * anything is written on the terminal.
 *
 * @module
 */
import { sendRequest } from "../../lib/protocol/client.ts";
import { FEATURES } from "../../lib/protocol/features.ts";
import type { Response } from "../../lib/protocol/response.ts";
import { VERSION } from "../../lib/protocol/version.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertTrue,
  at,
  defined,
} from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { eventually, lacks } from "../rig/tools.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";

const ignore = lacks("tmux", "setsid");
const MIB = 1024 * 1024;

/** A request that must be refused: what is sent, and how the message begins. */
type Rejection = readonly [what: string, fields: Record<string, unknown>, message: RegExp];

const exec = { pipeline: [["id"]] };
const ping = { action: "ping" };

const STRUCTURE: readonly Rejection[] = [
  ["no pipeline", {}, /^invalid request: "pipeline" must have at least 1 stage$/],
  ["an empty pipeline", { pipeline: [] }, /^invalid request: "pipeline" must have at least/],
  ["an empty stage", { pipeline: [["id"], []] }, /^invalid request: "pipeline\[1\]" must name/],
  ["an empty program", { pipeline: [[""]] }, /^invalid request: "pipeline\[0\]" must name a pro/],
  [
    "17 stages",
    { pipeline: Array(17).fill(["id"]) },
    /^invalid request: "pipeline" must have at most 16 stages$/,
  ],
  [
    "a stage of 4097 words",
    { pipeline: [Array(4097).fill("id")] },
    /^invalid request: "pipeline\[0\]" must have at most 4096 words, and has 4097$/,
  ],
  [
    "65 environment entries",
    { ...exec, env: languages(65) },
    /^invalid request: "env" must have at most 64 entries$/,
  ],
  ...[
    "PATH",
    "LD_PRELOAD",
    "IFS",
    "BASH_ENV",
    "LC_",
    "LC_all",
    "LANGUAGE",
    "lang",
    "XLANG",
    "",
    "LANG ",
    "constructor",
  ].map((name): Rejection => [
    `an environment entry named "${name}"`,
    { ...exec, env: { [name]: "x" } },
    new RegExp(
      `^invalid request: "env\\.${name}" must be one of LANG, LC_\\*, TZ, HOME, DEBIAN_FRONTEND, TERM$`,
    ),
  ]),
  [
    'an environment entry named "__proto__"',
    { ...exec, env: JSON.parse('{"__proto__":"x"}') },
    /^invalid request: "env\.__proto__" must be one of LANG/,
  ],
  ["an unknown action", { action: "reboot" }, /^invalid request: "action" must be one of "exec"/],
  ...["ping", "stop", "cancel"].map((action): Rejection => [
    `a pipeline with the action ${action}`,
    { action, target: "1", ...exec },
    new RegExp(`^invalid request: "pipeline" must be empty for the action "${action}"$`),
  ]),
  [
    "a cancel without a target",
    { action: "cancel" },
    /^invalid request: "target" must name the request to cancel$/,
  ],
  ["a cancel of an empty target", { action: "cancel", target: "" }, /^invalid request: "target"/],
  [
    "an agent for a privileged command",
    { ...exec, forward_agent: true },
    /^invalid request: "forward_agent" must be false where "privileged" is true$/,
  ],
  ["a relative cwd", { ...exec, cwd: "tmp" }, /^invalid request: "cwd" must be an absolute path$/],
  ["an empty cwd", { ...exec, cwd: "" }, /^invalid request: "cwd" must be an absolute path$/],
  ["a run limit of 999 ms", { ...exec, timeout_ms: 999 }, /^invalid request: "timeout_ms" must be/],
  ["a negative run limit", { ...exec, timeout_ms: -1 }, /^invalid request: "timeout_ms" must be/],
  [
    "a run limit beyond what a timer takes",
    { ...exec, timeout_ms: 2 ** 31 },
    /^invalid request: "timeout_ms" must be 1000 to 2147483647$/,
  ],
  ["an empty id", { ...exec, id: "" }, /^invalid request: "id" must be 1 to 128 characters long$/],
  ["an id of 129 characters", { ...exec, id: "i".repeat(129) }, /^invalid request: "id" must be 1/],
  ["stdin that is not base64", { ...exec, stdin: "***" }, /^invalid request: "stdin" must be base/],
  [
    "stdin without padding",
    { ...exec, stdin: "aGkK4g" },
    /^invalid request: "stdin" must be base64$/,
  ],
  [
    "stdin that is not UTF-8",
    { ...exec, stdin: Uint8Array.of(0xff).toBase64() },
    /^invalid request: "stdin" must be UTF-8 text, since a person has to read it$/,
  ],
];

const TIME: readonly Rejection[] = [
  ["no time", { ...exec, time: undefined }, /^invalid request: "time" must be there, as ISO 8601/],
  ...[
    "",
    "now",
    "2026-01-31",
    "2026-01-31 12:00:00Z",
    "2026-01-31T12:00:00",
    "2026-01-31T12:00:00+01:00",
    "2026-02-30T12:00:00Z",
    "2026-01-31T24:00:01Z",
    "\x1b[2J",
  ].map((time): Rejection => [
    `the time ${JSON.stringify(time)}`,
    { ...exec, time },
    /^invalid request: "time" must be ISO 8601 in UTC, such as /,
  ]),
];

/** One of each class of characters that no honest client sends. */
const FORBIDDEN: readonly (readonly [character: string, message: string])[] = [
  ["\0", "a control character (U+0000)"],
  ["\x07", "a control character (U+0007)"],
  ["\r", "a control character (U+000D)"],
  ["\x1b", "a control character (U+001B)"],
  ["\x7f", "a control character (U+007F)"],
  ["\x85", "a control character (U+0085)"],
  ["\x9b", "a control character (U+009B)"],
  ["\ud800", "a lone surrogate (U+D800)"],
  ["\udc00", "a lone surrogate (U+DC00)"],
  ["\u061c", "a bidirectional control character (U+061C)"],
  ["\u200f", "a bidirectional control character (U+200F)"],
  ["\u202e", "a bidirectional control character (U+202E)"],
  ["\u2066", "a bidirectional control character (U+2066)"],
  ["\u200b", "a zero-width character (U+200B)"],
  ["\u200d", "a zero-width character (U+200D)"],
  ["\u2060", "a zero-width character (U+2060)"],
  ["\ufeff", "a zero-width character (U+FEFF)"],
  ["\u{e0041}", "a tag character (U+E0041)"],
];

/** Every text of a request, and how messages name it. */
const TEXTS: readonly (readonly [
  name: string,
  fields: (text: string) => Record<string, unknown>,
  layout?: "script",
])[] = [
  ['"id"', (id) => ({ ...exec, id })],
  ['"reason"', (reason) => ({ ...exec, reason })],
  ['"host"', (host) => ({ ...exec, host })],
  ['"session"', (session) => ({ ...exec, session })],
  ['"version"', (version) => ({ ...exec, version })],
  ['"cwd"', (cwd) => ({ ...exec, cwd: `/${cwd}` })],
  ['"target"', (target) => ({ action: "cancel", target })],
  ['a name in "env"', (name) => ({ ...exec, env: { [name]: "x" } })],
  ['"env.TZ"', (TZ) => ({ ...exec, env: { LANG: "C", TZ } })],
  ['"pipeline[1][0]"', (program) => ({ pipeline: [["id"], [program]] })],
  ['"pipeline[0][1]"', (argument) => ({ pipeline: [["echo", argument]] }), "script"],
  // A lone surrogate has no bytes in UTF-8; as standard input it can't be sent.
  [
    '"stdin"',
    (text) => ({ ...exec, stdin: new TextEncoder().encode(text).toBase64() }),
    "script",
  ],
];

/** Programs that can't be run, and why. */
const PROGRAMS: readonly Rejection[] = [
  [
    "a program that is not there",
    { pipeline: [["no-such-program-here"]] },
    /^invalid request: "pipeline\[0\]" must name a program: "no-such-program-here" is not in \/usr\/local\/sbin:/,
  ],
  [
    "a second program that is not there",
    { pipeline: [["id"], ["no-such-program-here"]] },
    /^invalid request: "pipeline\[1\]" must name a program: "no-such-program-here" is not in/,
  ],
  [
    "a path that does not exist",
    { pipeline: [["/no/such/program"]] },
    /^invalid request: "pipeline\[0\]" must name a program: \/no\/such\/program does not exist$/,
  ],
  [
    "a folder as a program",
    { pipeline: [["/usr/bin"]] },
    /^invalid request: "pipeline\[0\]" must name a program: \/usr\/bin is a folder$/,
  ],
  [
    "a file that is not executable",
    { pipeline: [["/etc/passwd"]] },
    /^invalid request: "pipeline\[0\]" must name a program: \/etc\/passwd is not executable$/,
  ],
  [
    "a device as a program",
    { pipeline: [["/dev/null"]] },
    /^invalid request: "pipeline\[0\]" must name a program: \/dev\/null leads where sudo-proxy does not look$/,
  ],
  [
    "a program below a file",
    { pipeline: [["/etc/passwd/id"]] },
    /^invalid request: "pipeline\[0\]" must name a program: \/etc\/passwd\/id /,
  ],
  [
    "a relative name that leads nowhere",
    { pipeline: [["./no-such-program-here"]], cwd: "/usr/bin" },
    /^invalid request: "pipeline\[0\]" must name a program: \/usr\/bin\/no-such-program-here does not exist$/,
  ],
  [
    "a relative name that is there in another folder",
    { pipeline: [["bin/id"]], cwd: "/etc" },
    /^invalid request: "pipeline\[0\]" must name a program: \/etc\/bin\/id does not exist$/,
  ],
  ["a dot as a program", { pipeline: [["."]] }, /^invalid request: "pipeline\[0\]" must name a pr/],
  [
    "a program with an endless name",
    { pipeline: [["x".repeat(10_000)]] },
    /^invalid request: "pipeline\[0\]" must name a program: /,
  ],
  [
    "a cwd that does not exist",
    { ...exec, cwd: "/no/such/folder" },
    /^invalid request: "cwd" must be a folder that can be entered: \/no\/such\/folder$/,
  ],
  [
    "a cwd that is a file",
    { ...exec, cwd: "/etc/passwd" },
    /^invalid request: "cwd" must be a folder that can be entered: \/etc\/passwd$/,
  ],
];

/** Values of every type of JSON. */
const VALUES: readonly unknown[] = [null, true, 5, 1.5, "text", [], ["text"], {}, { text: "text" }];

/** Every field, and which of those values it takes. */
const TYPES: Readonly<Record<string, (value: unknown) => boolean>> = {
  id: isString,
  action: () => false,
  pipeline: (value) => Array.isArray(value) && value.length === 0,
  env: (value) => typeof value === "object" && value !== null && !Array.isArray(value),
  privileged: isBoolean,
  forward_agent: isBoolean,
  reason: isString,
  host: isString,
  session: isString,
  version: isString,
  time: isString,
  stream: isBoolean,
  cwd: isString,
  stdin: isString,
  timeout_ms: (value) => value === 5,
  target: isString,
};

Deno.test({
  name:
    "the socket refuses what the protocol forbids, serves within bounds, and the person sees nothing of it",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { socket, terminal } = daemon;
    const written = await recordingOf(daemon);

    const refuses = async (bytes: string | Uint8Array, message: RegExp) => {
      const response = await answerTo(socket, bytes);
      assertEquals(response.status, "error", JSON.stringify(response));
      assertMatch(response.message ?? "", message);
      assertEquals(Object.keys(response).sort(), ["code", "id", "message", "status", "version"]);
      assertTrue(response.code !== undefined, response.message);
      return response;
    };
    const step = async (name: string, run: () => Promise<unknown>) => {
      await t.step(name, async () => {
        await run();
      });
    };

    await step("a line without a newline", async () => {
      using connection = await RawConnection.open(socket);
      await connection.send(wireLine(exec).trimEnd());
      await connection.endInput();
      const { status, message } = await connection.response();
      assertEquals({ status, message }, {
        status: "error",
        message: "invalid line: it must end with a newline",
      });
    });

    await step("a connection that ends before it begins", async () => {
      using connection = await RawConnection.open(socket);
      await connection.endInput();
      const { status, message } = await connection.response();
      assertEquals({ status, message }, {
        status: "error",
        message: "invalid line: the connection ended without one",
      });
    });

    await step("a line of exactly 1 MiB is taken", async () => {
      assertEquals((await answerTo(socket, lineOf(MIB))).message, "pong");
    });

    await step("a line of 1 MiB and one byte is not", async () => {
      await refuses(lineOf(MIB + 1), /^invalid line: it must be at most 1048576 bytes long$/);
    });

    await step("3 MiB without a newline", async () => {
      await refuses("x".repeat(3 * MIB), /^invalid line: it must be at most 1048576 bytes long$/);
    });

    await step("the client of this project hears why a request is too long", async () => {
      const stdin = new Uint8Array(2 * MIB).fill(0x61);
      const response = await sendRequest({ pipeline: [["cat"]], stdin }, { socketPath: socket });
      assertEquals(response.status, "error");
      assertMatch(response.message ?? "", /at most 1048576 bytes long$/);
    });

    for (
      const [what, bytes, message] of [
        ["an empty line", "\n", /^invalid request: it must be one line of JSON$/],
        ["bad JSON", "{\n", /^invalid request: it must be one line of JSON$/],
        ["another protocol", "GET / HTTP/1.1\r\n\r\n", /^invalid request: it must be one line of/],
        ["null", "null\n", /^invalid request: it must be a JSON object$/],
        ["an array", "[]\n", /^invalid request: it must be a JSON object$/],
        ["a string", '"exec"\n', /^invalid request: it must be a JSON object$/],
        ["a million brackets", `${"[".repeat(MIB - 1)}\n`, /^invalid request: it must be one line/],
        ["bad UTF-8", Uint8Array.of(0x22, 0xff, 0x22, 0x0a), /^invalid line: it must be UTF-8$/],
        [
          "a byte order mark",
          `\uFEFF${wireLine(exec)}`,
          /^invalid request: it must be one line of JSON$/,
        ],
      ] as const
    ) {
      await step(what, () => refuses(bytes, message));
    }

    for (const [field, takes] of Object.entries(TYPES)) {
      await step(`a value of the wrong type as ${field}`, async () => {
        for (const value of VALUES.filter((value) => !takes(value))) {
          const id = field === "id" ? {} : { id: crypto.randomUUID() };
          const line = wireLine({ ...exec, ...id, [field]: value });
          const response = await refuses(line, new RegExp(`^invalid request: "${field}[".[]`));
          assertEquals(response.id, id.id ?? "", line);
        }
      });
    }

    await step("a word that is not a string", async () => {
      await refuses(wireLine({ pipeline: [["id", 5]] }), /"pipeline\[0\]\[1\]" must be a string$/);
      await refuses(wireLine({ ...exec, env: { TZ: 5 } }), /"env\.TZ" must be a string$/);
    });

    for (const [what, fields, message] of [...STRUCTURE, ...TIME, ...PROGRAMS]) {
      await step(what, () => refuses(wireLine(fields), message));
    }

    await step("16 stages, 4096 words and 64 environment entries are not too many", async () => {
      // They pass the limits: what is refused is the program.
      const unknown = "no-such-program-here";
      for (
        const fields of [
          { pipeline: Array(16).fill([unknown]) },
          { pipeline: [Array(4096).fill(unknown)] },
          { pipeline: [[unknown]], env: languages(64) },
        ]
      ) {
        await refuses(wireLine(fields), /"no-such-program-here" is not in/);
      }
    });

    await step("a time that is 61 s old", async () => {
      await refuses(
        wireLine({ ...exec, time: timeIn(-61_000) }),
        /^stale request: "time" must be at most 60 s old, and is 61\.\d s old \(.*do the clocks agree\?\)$/,
      );
    });

    await step("a time that is 31 s ahead", async () => {
      await refuses(
        wireLine({ ...exec, time: timeIn(31_000) }),
        /^stale request: "time" must be at most 30 s ahead, and is 3[01]\.\d s ahead \(/,
      );
    });

    await step("a time that is 58 s old or 28 s ahead is fresh", async () => {
      for (const ms of [-58_000, 28_000]) {
        const response = await answerTo(socket, wireLine({ ...ping, time: timeIn(ms) }));
        assertEquals(response.message, "pong");
      }
    });

    for (const [name, fields, layout] of TEXTS) {
      await step(`characters in ${name} that could deceive`, async () => {
        const refusesIn = (character: string, message: string) =>
          refuses(
            wireLine(fields(`a${character}b`)),
            new RegExp(
              `^invalid request: ${RegExp.escape(`${name} must not contain ${message}`)}$`,
            ),
          );
        for (const [character, message] of FORBIDDEN) {
          if (name === '"stdin"' && !character.isWellFormed()) continue;
          await refusesIn(character, message);
        }
        if (layout === "script") return;
        await refusesIn("\n", "a control character (U+000A)");
        await refusesIn("\t", "a control character (U+0009)");
      });
    }

    await step("a lone surrogate that is written as an escape", async () => {
      await refuses(
        wireLine({ ...exec, reason: "REASON" }).replace("REASON", "\\ud800"),
        /^invalid request: "reason" must not contain a lone surrogate \(U\+D800\)$/,
      );
    });

    await step("the same bytes twice", async () => {
      const line = wireLine(ping);
      assertEquals((await answerTo(socket, line)).message, "pong");
      const { id } = JSON.parse(line);
      const message = `refused request: "id" must be new, and "${id}" was used before`;
      const response = await refuses(line, new RegExp(`^${RegExp.escape(message)}$`));
      assertEquals(response.id, id);
    });

    await step("an id that another action had", async () => {
      const id = crypto.randomUUID();
      assertEquals((await answerTo(socket, wireLine({ ...ping, id }))).message, "pong");
      await refuses(wireLine({ ...exec, id }), /^refused request: "id" must be new/);
      await refuses(wireLine({ action: "stop", id }), /^refused request: "id" must be new/);
    });

    await step("the same bytes from several connections at one moment, but for one", async () => {
      for (let round = 0; round < 10; round++) {
        const line = wireLine(ping);
        const connections = await Promise.all(
          Array.from({ length: 8 }, () => RawConnection.open(socket)),
        );
        await Promise.all(connections.map((connection) => connection.send(line)));
        const responses = await Promise.all(connections.map((each) => each.response()));
        connections.forEach((connection) => connection[Symbol.dispose]());
        assertEquals(responses.filter(({ status }) => status === "ok").length, 1);
        assertEquals(
          responses.filter(({ message }) => /must be new/.test(message ?? "")).length,
          7,
        );
      }
    });

    await step("an id of a request that was refused may come again, corrected", async () => {
      const id = crypto.randomUUID();
      await refuses(wireLine({ ...ping, ...exec, id }), /"pipeline" must be empty/);
      await refuses(wireLine({ ...ping, id, time: timeIn(-90_000) }), /^stale request/);
      assertEquals((await answerTo(socket, wireLine({ ...ping, id }))).message, "pong");
    });

    await step("a cancel of an unknown id", async () => {
      await refuses(
        wireLine({ action: "cancel", target: "nobody" }),
        /^nothing to cancel: no request with the id "nobody" waits or runs$/,
      );
    });

    await step("a stop that is stale or was sent before stops nothing", async () => {
      await refuses(wireLine({ action: "stop", time: timeIn(-61_000) }), /^stale request/);
      await refuses(wireLine({ action: "stop", ...exec }), /"pipeline" must be empty/);
    });

    await step("a second request on one connection is not read", async () => {
      const second = wireLine(ping);
      const response = await answerTo(socket, wireLine(ping) + second);
      assertEquals(response.message, "pong");
      assertEquals((await answerTo(socket, second)).message, "pong");
    });

    await step("ping says what the daemon is, with every default filled in", async () => {
      const id = crypto.randomUUID();
      const response = await answerTo(socket, wireLine({ ...ping, id }));
      const expected: Response = {
        id,
        status: "ok",
        message: "pong",
        features: FEATURES,
        waiting: 0,
        version: VERSION,
      };
      assertEquals(response, expected);
    });

    await step("ping without an id is answered under a fresh one", async () => {
      const { id, message } = await answerTo(socket, wireLine({ ...ping, id: undefined }));
      assertEquals(message, "pong");
      assertMatch(id, /^[0-9a-f-]{36}$/);
    });

    await t.step("who says nothing, or a byte a second, is refused after 10 s", async () => {
      const complaint = "invalid line: it must be complete within 10 s";
      const silent = async () => {
        using connection = await RawConnection.open(socket);
        const start = performance.now();
        const { status, message } = await connection.response();
        return { status, message, ms: performance.now() - start };
      };
      const dripping = async () => {
        using connection = await RawConnection.open(socket);
        const start = performance.now();
        const line = wireLine(ping);
        let sent = 0;
        connection.send(defined(line[sent++]));
        const drip = setInterval(() => void connection.send(line[sent++] ?? ""), 1000);
        const { status, message } = await connection.response().finally(() => clearInterval(drip));
        assertTrue(sent >= 9, `only ${sent} bytes were sent`);
        return { status, message, ms: performance.now() - start };
      };
      for (const { status, message, ms } of await Promise.all([silent(), dripping()])) {
        assertEquals({ status, message }, { status: "error", message: complaint });
        assertTrue(ms >= 9500 && ms <= 12_000, `it took ${ms} ms`);
      }
    });

    await t.step(
      "the 65th connection may send its line, and is told that the daemon is busy",
      async () => {
        const silent = await Promise.all(
          Array.from({ length: 64 }, () => RawConnection.open(socket)),
        );
        const busy = "server busy: 64 requests are in flight; try again later";
        const start = performance.now();
        {
          using connection = await RawConnection.open(socket);
          const { id, status, message } = await connection.response();
          assertEquals({ id, status, message }, { id: "", status: "error", message: busy });
        }
        const response = await answerTo(socket, wireLine(ping));
        assertEquals(response.message, busy);
        assertTrue(performance.now() - start < 3000);

        for (let round = 0; round < 3; round++) {
          using connection = await RawConnection.open(socket);
          await new Promise((resolve) => setTimeout(resolve, 100));
          assertTrue(
            await connection.send(wireLine(ping)),
            "a client that writes late must be able to",
          );
          assertEquals((await connection.response()).message, busy);
        }

        // One of the 64 is still served.
        await at(silent, 0).send(wireLine(ping));
        assertEquals((await at(silent, 0).response()).message, "pong");
        silent.forEach((connection) => connection[Symbol.dispose]());
        await eventually(
          "an honest request to be served again",
          async () => (await answerTo(socket, wireLine(ping))).message === "pong",
          5000,
        );
      },
    );

    await t.step("the client of this project hears that the daemon is busy", async () => {
      const silent = await Promise.all(
        Array.from({ length: 64 }, () => RawConnection.open(socket)),
      );
      try {
        const response = await sendRequest(exec, { socketPath: socket });
        assertMatch(response.message ?? "", /^server busy/);
        await assertRejects(
          sendRequest({ ...exec, cwd: "/" }, { socketPath: socket }),
          /server busy/,
        );
      } finally {
        silent.forEach((connection) => connection[Symbol.dispose]());
      }
    });

    await t.step("who leaves in the middle of a line frees the place", async () => {
      for (let round = 0; round < 3; round++) {
        const half = await Promise.all(
          Array.from({ length: 60 }, () => RawConnection.open(socket)),
        );
        await Promise.all(half.map((connection) => connection.send('{"id":')));
        half.forEach((connection) => connection[Symbol.dispose]());
      }
      await eventually(
        "an honest request to be served",
        async () => (await answerTo(socket, wireLine(ping))).message === "pong",
        5000,
      );
    });

    await t.step("who leaves before the answer disturbs nobody", async () => {
      for (let round = 0; round < 20; round++) {
        using connection = await RawConnection.open(socket);
        await connection.send(wireLine(ping));
      }
      assertEquals((await answerTo(socket, wireLine(ping))).message, "pong");
    });

    await step("nothing of all that was written on the terminal", async () => {
      assertEquals(await written(), "");
    });

    await step("a prompt would have been seen there", async () => {
      using connection = await RawConnection.open(socket);
      await connection.send(wireLine(exec));
      await terminal.shows("RUN AS ROOT");
      await eventually(
        "the prompt in the recording",
        async () => (await written()).includes("RUN AS ROOT"),
      );
    });
  },
});

/** Begins to record a daemon's terminal after its greeting; gives back what reads the recording. */
async function recordingOf({ installation, socket, terminal }: RunningDaemon) {
  // It serves only after it has greeted.
  await answerTo(socket, wireLine(ping));
  await terminal.shows("q quits");
  const path = `${installation.folder}/recording`;
  await terminal.record(path);
  return () => Deno.readTextFile(path);
}

/** An action `ping` in a line of so many bytes. */
function lineOf(bytes: number): string {
  const empty = wireLine({ ...ping, padding: "" });
  return empty.replace('"padding":""', `"padding":"${"x".repeat(bytes - empty.length)}"`);
}

/** So many environment entries with names that are allowed. */
function languages(count: number): Record<string, string> {
  const letter = (n: number) => String.fromCharCode(65 + n);
  return Object.fromEntries(
    Array.from(
      { length: count },
      (_, n) => [`LC_A${letter(Math.floor(n / 26))}${letter(n % 26)}`, "C"],
    ),
  );
}

function timeIn(ms: number): string {
  return new Date(Date.now() + ms).toISOString();
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isBoolean(value: unknown): boolean {
  return typeof value === "boolean";
}
