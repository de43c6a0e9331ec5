/**
 * Requests that come again, and clocks that are set: to the real daemon, whose clock the test moves
 * with libfaketime, and to the checks themselves, where hours pass.
 *
 * @module
 */
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { validateRequest } from "../../lib/admit/validate.ts";
import { parseRequest } from "../../lib/protocol/request.ts";
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { lacks } from "../rig/tools.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";

const NOW = Date.UTC(2026, 0, 31, 12);
const HOUR = 3_600_000;

const lineAt = (wall: number, id = crypto.randomUUID()) =>
  wireLine({ id, time: new Date(wall).toISOString(), pipeline: [["id"]] });

/** The checks of a daemon with two clocks that the test moves. */
class Checks {
  readonly #memory = new ReplayMemory();
  wall = NOW;
  monotonic = 0;

  /** Time passes; where the wall clock is set, it goes another way. */
  pass(ms: number, wallMs = ms): void {
    this.monotonic += ms;
    this.wall += wallMs;
  }

  /** Whether a line is taken; else why not. */
  take(line: string): string {
    const arrival = { wallNow: this.wall, now: this.monotonic };
    const checked = validateRequest(parseRequest(line), arrival, this.#memory);
    return "fault" in checked ? checked.fault.message : "taken";
  }
}

Deno.test("the same bytes are taken once: not at once, nor after 59 s, 61 s, 121 s or hours", () => {
  for (const aheadMs of [-59_000, 0, 29_000]) {
    const checks = new Checks();
    const line = lineAt(NOW + aheadMs);
    assertEquals(checks.take(line), "taken");
    for (const afterMs of [0, 59_000, 61_000, 121_000, HOUR, 24 * HOUR]) {
      checks.pass(NOW + afterMs - checks.wall);
      assertMatch(checks.take(line), /"id" must be new|^stale request/, `after ${afterMs} ms`);
    }
  }
});

Deno.test("times in the future are refused, and are not taken later under the same id", () => {
  const checks = new Checks();
  const line = lineAt(NOW + HOUR);
  assertMatch(checks.take(line), /^stale request: "time" must be at most 30 s ahead/);
  checks.pass(HOUR);
  assertEquals(checks.take(line), "taken", "it was never taken before");
  assertMatch(checks.take(line), /"id" must be new/);
});

Deno.test("a wall clock that is set back makes no old request new", () => {
  for (const backMs of [1000, 59_000, 121_000, HOUR, 24 * HOUR]) {
    const checks = new Checks();
    const line = lineAt(NOW);
    assertEquals(checks.take(line), "taken");
    checks.pass(121_000);
    checks.pass(0, -backMs);
    assertMatch(checks.take(line), /"id" must be new|^stale|"time" must be later/, `${backMs} ms`);
    checks.pass(0, NOW - checks.wall);
    assertMatch(checks.take(line), /"time" must be later/, "at the very time at which it was sent");
  }
});

Deno.test("a wall clock that is set forth takes nothing old, and new requests at once", () => {
  const checks = new Checks();
  const line = lineAt(NOW);
  assertEquals(checks.take(line), "taken");
  checks.pass(0, 24 * HOUR);
  assertMatch(checks.take(line), /^stale request/);
  assertEquals(checks.take(lineAt(checks.wall)), "taken");
});

Deno.test({
  name: "the real daemon takes the same bytes once, from one connection after another or from many",
  ignore: lacks("tmux", "sudo"),
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { socket, terminal } = daemon;

    await t.step("again while it waits, while it runs, and after it ran", async () => {
      const line = wireLine({ pipeline: [["sh", "-c", "echo once; sleep 1"]] });
      using first = await RawConnection.open(socket);
      await first.send(line);
      await terminal.shows("Waiting for your key");
      const again = async () =>
        assertMatch(defined((await answerTo(socket, line)).message), /must be new/);
      await again();
      await terminal.press("y");
      await terminal.shows(/approved {2}.*echo once/);
      await again();
      assertEquals(stdoutOf(await first.response()), "once\n");
      await again();
      assertEquals((await terminal.history()).match(/approved {2}/g)?.length, 1);
    });

    await t.step("from 32 connections at one moment: one prompt, and 31 refusals", async () => {
      const line = wireLine({ pipeline: [["echo", "raced"]] });
      const connections = await Promise.all(
        Array.from({ length: 32 }, () => RawConnection.open(socket)),
      );
      await Promise.all(connections.map((connection) => connection.send(line)));
      const answers = connections.map((connection) => connection.response());
      await daemon.answer("y");
      const statuses = (await Promise.all(answers)).map(({ status, message }) => message ?? status);
      connections.forEach((connection) => connection[Symbol.dispose]());
      assertEquals(statuses.filter((status) => status === "ok").length, 1);
      assertEquals(statuses.filter((status) => /must be new/.test(status)).length, 31);
    });
  },
});

/** The library that fakes time, in the folder of whatever machine this is (Debian's multiarch). */
const FAKETIME = [...Deno.readDirSync("/usr/lib")]
  .map(({ name }) => `/usr/lib/${name}/faketime/libfaketime.so.1`)
  .find((path) => {
    try {
      return Deno.statSync(path).isFile;
    } catch {
      return false;
    }
  });

Deno.test({
  name: "the clock of the real daemon is set while a prompt is shown and between requests",
  ignore: lacks("tmux", "sudo", ...(FAKETIME ? [] : ["faketime"])),
  async fn(t) {
    const control = await Deno.makeTempFile({ prefix: "sudo-proxy-test-" });
    await using parts = new AsyncDisposableStack();
    parts.defer(() => Deno.remove(control));
    /** How far the daemon's wall clock is from ours, in seconds; its other clocks are untouched. */
    const setClock = (seconds: number) =>
      Deno.writeTextFile(control, `${seconds < 0 ? "" : "+"}${seconds}`);
    await setClock(0);
    const daemon = parts.use(
      await RunningDaemon.start({
        env: {
          LD_PRELOAD: defined(FAKETIME),
          FAKETIME_TIMESTAMP_FILE: control,
          FAKETIME_NO_CACHE: "1",
          DONT_FAKE_MONOTONIC: "1",
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
        },
      }),
    );
    const { socket, terminal } = daemon;
    const ping = (seconds = 0) =>
      answerTo(
        socket,
        wireLine({ action: "ping", time: new Date(Date.now() + seconds * 1000).toISOString() }),
      ).then(({ message }) => defined(message));
    assertEquals(await ping(), "pong");

    for (const [way, seconds] of [["forth", 7200], ["back", -7200]] as const) {
      await t.step(
        `set ${way} by two hours while a prompt is shown: it stays, and the key works`,
        async () => {
          const answer = daemon.send({ pipeline: [["echo", way]] });
          await terminal.shows("Waiting for your key");
          await setClock(seconds);
          // The clock is another one for the daemon as well.
          assertMatch(await ping(), /^stale request/);
          assertEquals(await ping(seconds), "pong");
          const left = Number(/(\d+) s left/.exec(await terminal.screen())?.[1]);
          assertTrue(left > 30 && left <= 60, `${left} s are left`);
          await daemon.answer("y");
          const response = await answer;
          assertEquals(stdoutOf(response), `${way}\n`);
          await setClock(0);
        },
      );
    }

    await t.step("a request that was taken is not taken again at any setting", async () => {
      const line = wireLine({ action: "ping" });
      assertEquals((await answerTo(socket, line)).message, "pong");
      for (const seconds of [-3600, -61, -31, -1, 1, 31, 59, 61, 121, 3600, 0]) {
        await setClock(seconds);
        assertMatch(defined((await answerTo(socket, line)).message), /must be new|^stale request/);
      }
    });
  },
});
