/**
 * Floods of connections, while a person reads a prompt: what they cost, and whom they keep away.
 *
 * @module
 */
import { within } from "../../lib/platform/deadline.ts";
import { MAX_IN_FLIGHT } from "../../lib/protocol/limits.ts";
import type { Response } from "../../lib/protocol/response.ts";
import { assertEquals, assertMatch, assertTrue, at, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { report, size } from "../rig/soak.ts";
import { eventually, lacks } from "../rig/tools.ts";
import { forgetPeak, type Vitals, vitalsOf } from "../rig/vitals.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";

const ignore = lacks("tmux", "sudo");
const CONNECTIONS = size(400, 10_000);
/** How many connections a flood has open at once: more than the daemon serves. */
const AT_ONCE = 3 * MAX_IN_FLIGHT;
const MAX_MB = 150;
const MIB = 1024 * 1024;

/** What one connection of a flood does; it gives back what came of it, in a word. */
type Visit = (connection: RawConnection, number: number) => Promise<string>;

const ping = () => wireLine({ action: "ping" });
/** A program that every machine has, and that does nothing. */
const exec = () => wireLine({ pipeline: [["true"]], reason: "one of a flood" });

/** Each flood, and the words that its connections may end with. */
const FLOODS: readonly {
  readonly name: string;
  readonly visit: Visit;
  readonly outcomes: readonly string[];
  /** Left out where memory is not bounded, as docs/security.md says. */
  readonly maxMb?: number;
  /** How many, where not all of them. */
  readonly count?: number;
}[] = [
  {
    name: "connections that say nothing, or a byte a second",
    maxMb: MAX_MB,
    async visit(connection, number) {
      if (number % 2 === 0) return await outcome(connection);
      const line = ping();
      let sent = 0;
      const drip = setInterval(() => void connection.send(line[sent++] ?? ""), 1000);
      try {
        return await outcome(connection);
      } finally {
        clearInterval(drip);
      }
    },
    outcomes: ["busy", "too slow"],
  },
  {
    name: "connections that send 1 MiB without a newline",
    maxMb: MAX_MB,
    async visit(connection) {
      const [end] = await Promise.all([
        outcome(connection),
        connection.send(new Uint8Array(MIB).fill(0x61)),
      ]);
      return end;
    },
    outcomes: ["busy", "too long", "too many"],
  },
  {
    name: "connections that leave at every stage",
    maxMb: MAX_MB,
    async visit(connection, number) {
      const stage = number % 6;
      if (stage === 0) return "left at once";
      if (stage === 1) {
        await connection.send('{"id":"');
        return "left in the middle of the line";
      }
      if (stage === 2) {
        await connection.send(ping());
        return "left before the answer";
      }
      if (stage === 3) {
        await connection.send(exec());
        return "left while programs were looked up";
      }
      if (stage === 4) {
        await connection.send(wireLine({ pipeline: [["true"]], stream: true }));
        await connection.next();
        return "left in line";
      }
      await connection.send(exec());
      await connection.endInput();
      return "closed its side";
    },
    outcomes: [
      "left at once",
      "left in the middle of the line",
      "left before the answer",
      "left while programs were looked up",
      "left in line",
      "closed its side",
    ],
  },
  {
    name: "connections that ask for 1 MiB, and leave when they are in line",
    count: CONNECTIONS / 10,
    async visit(connection) {
      // No word may be longer than 128 KiB.
      const text = "echo a line of a script\n".repeat(5_400);
      const words = [...Array<string>(7).fill(text), text.slice(0, 70_000)];
      const [line] = await Promise.all([
        connection.next(),
        connection.send(wireLine({ pipeline: [["echo", ...words]], stream: true })),
      ]);
      if (line?.["event"]) return "in line";
      return word(line);
    },
    outcomes: ["busy", "too many", "in line"],
  },
];

Deno.test({
  name:
    "a flood takes neither the prompt nor the key from a person who reads, nor keeps memory or descriptors",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start({ args: ["--prompt-timeout", "3600"] });
    const { socket, terminal } = daemon;
    const pid = await daemon.pid();
    await warmUp(daemon);

    for (const { name, visit, outcomes, maxMb = Infinity, count = CONNECTIONS } of FLOODS) {
      await t.step(`${count} ${name}, while a person reads a prompt`, async () => {
        const before = await vitalsOf(pid);
        await forgetPeak(pid);
        const honest = daemon.send({ pipeline: [["echo", "honest"]], reason: "an honest request" });
        await terminal.shows(/echo honest[^]*Waiting for your key/);

        const startedAt = performance.now();
        const ends: Record<string, number> = {};
        const screens = watchPrompt(daemon);
        await flood(socket, count, visit, ends).finally(() => screens.stop());
        const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
        const unseen = Object.keys(ends).filter((end) => !outcomes.includes(end));
        assertEquals(unseen, [], JSON.stringify(ends));
        assertEquals(await screens.stop(), [], "the prompt was not always drawn");

        // The key works while more of the same comes.
        const more = new AbortController();
        const going = flood(socket, Infinity, visit, {}, more.signal);
        const response = await approved(daemon, honest).finally(() => more.abort());
        await going;
        assertEquals(stdoutOf(response), "honest\n");

        const after = await settled(pid, before);
        report(name, {
          ...ends,
          seconds,
          "MB before": before.residentMb,
          "at most": after.peakMb,
          descriptors: `${before.descriptors} and ${after.descriptors}`,
        });
        assertTrue(after.peakMb < maxMb, `${after.peakMb} MB were resident`);
        await servesPings(socket);
      });
    }
  },
});

/** How often a person presses `y`: a key that comes while the daemon stalls does not count. */
const PRESSES = 10;

/** Presses `y` whenever it counts, until the request has its response. */
async function approved(daemon: RunningDaemon, answer: Promise<Response>): Promise<Response> {
  for (let press = 0; press < PRESSES; press++) {
    await daemon.answer("y");
    const response = await within(3000, answer);
    if (response !== undefined) return response;
  }
  throw new Error(`no response after ${PRESSES} keys`);
}

Deno.test({
  name: "64 requests wait at most, and a place that becomes free is the next one's at once",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { socket, terminal } = daemon;

    await t.step(
      "64 wait for the person, and the 65th is told that the daemon is busy",
      async () => {
        const line: RawConnection[] = [];
        for (let number = 1; number <= MAX_IN_FLIGHT; number++) {
          const connection = await RawConnection.open(socket);
          line.push(connection);
          await connection.send(wireLine({ pipeline: [["echo", String(number)]], stream: true }));
          assertTrue((await connection.next())?.["event"]);
        }
        await terminal.shows(`${MAX_IN_FLIGHT - 1} more`);
        const response = await answerTo(socket, exec());
        assertMatch(response.message ?? "", /^server busy: 64 requests are in flight/);

        // One leaves: the next one is served, and nobody before it is lost.
        defined(line.pop())[Symbol.dispose]();
        await servesPings(socket);
        await terminal.press("d");
        const answers = await Promise.all(line.map((connection) => connection.rest()));
        assertEquals(answers.map((lines) => lines.at(-1)?.["status"]), Array(63).fill("denied"));
        line.forEach((connection) => connection[Symbol.dispose]());
      },
    );

    await t.step("a place that one of 64 silent ones leaves is free at once", async () => {
      const silent = await Promise.all(
        Array.from({ length: MAX_IN_FLIGHT }, () => RawConnection.open(socket)),
      );
      const waits: number[] = [];
      for (const connection of silent) {
        assertMatch((await answerTo(socket, ping())).message ?? "", /^server busy/);
        connection[Symbol.dispose]();
        const startedAt = performance.now();
        await servesPings(socket);
        waits.push(performance.now() - startedAt);
        silent.push(await RawConnection.open(socket));
        if (waits.length === MAX_IN_FLIGHT) break;
      }
      silent.forEach((connection) => connection[Symbol.dispose]());
      waits.sort((a, b) => a - b);
      report("a place of 64 that becomes free", {
        "ms to the next answer, median": at(waits, Math.floor(waits.length / 2)).toFixed(1),
        "at most": at(waits, -1).toFixed(1),
      });
    });
  },
});

/** Opens connections, so many at once, until enough were there or the signal comes. */
async function flood(
  socket: string,
  count: number,
  visit: Visit,
  ends: Record<string, number>,
  signal?: AbortSignal,
): Promise<void> {
  let started = 0;
  const one = async () => {
    while (started < count && !signal?.aborted) {
      const number = started++;
      using connection = await RawConnection.open(socket);
      // Who is told to stop leaves, in the middle of whatever it does.
      const end = await Promise.race([visit(connection, number), aborted(signal)]);
      ends[end] = (ends[end] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, one));
}

function aborted(signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve) => {
    signal?.addEventListener("abort", () => resolve("told to stop"), { once: true });
  });
}

/** What the daemon answers, in a word; it answers once, and well-formed, and closes. */
async function outcome(connection: RawConnection): Promise<string> {
  return word((await connection.response()) as unknown as Record<string, unknown>);
}

function word(answer: Record<string, unknown> | null): string {
  const message = String(answer?.["message"]);
  assertEquals(answer?.["status"], "error", JSON.stringify(answer));
  return WORDS.find(([pattern]) => pattern.test(message))?.[1] ?? message;
}

const WORDS: readonly (readonly [RegExp, string])[] = [
  [/^server busy: 64 requests are in flight/, "busy"],
  [/^server busy: 16 requests of more than 16 KiB are in flight/, "too many"],
  [/must be complete within 10 s$/, "too slow"],
  [/must be at most 1048576 bytes long$/, "too long"],
];

/** Looks at the prompt all the time; gives back the screens on which it was not whole. */
function watchPrompt({ terminal }: RunningDaemon): { stop(): Promise<string[]> } {
  let isOver = false;
  const faulty: string[] = [];
  const watching = (async () => {
    while (!isOver) {
      const screen = await terminal.screen();
      const isWhole = /RUN AS ROOT/.test(screen) && /echo honest/.test(screen) &&
        /\[y\] run it/.test(screen) && !/one of a flood/.test(screen);
      if (!isWhole) faulty.push(screen);
    }
  })();
  return {
    async stop() {
      isOver = true;
      await watching;
      return faulty;
    },
  };
}

/** Whatever is set up once is set up before anything is counted. */
async function warmUp(daemon: RunningDaemon): Promise<void> {
  const answer = daemon.send({ pipeline: [["true"]] });
  await daemon.answer("y");
  await answer;
  await flood(daemon.socket, 200, async (connection) => {
    await connection.send(ping());
    await connection.rest();
    return "done";
  }, {});
}

/** Waits until the descriptors of before are there again. */
async function settled(pid: string, before: Vitals): Promise<Vitals> {
  return await eventually(`${before.descriptors} descriptors again`, async () => {
    const vitals = await vitalsOf(pid);
    return vitals.descriptors <= before.descriptors ? vitals : undefined;
  });
}

/** Waits until an honest client is served, which must be soon. */
async function servesPings(socket: string): Promise<void> {
  await eventually(
    "an honest request to be served",
    async () => (await answerTo(socket, ping())).message === "pong" || undefined,
    5000,
  );
}
