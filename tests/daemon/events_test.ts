/**
 * What a request hears on its way, and how it leaves again.
 *
 * @module
 */
import { assertEquals, assertMatch, assertNoMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { eventually, lacks } from "../rig/tools.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";

const ignore = lacks("tmux", "setsid");

/** The event of a request that has just been shown, with nearly all the time that there is. */
function assertShown(line: Record<string, unknown> | null, id: string, seconds = 60): void {
  const { timeout_ms, ...rest } = line ?? {};
  assertEquals(rest, { id, event: "shown" });
  assertTrue(Number.isInteger(timeout_ms), `not whole: ${timeout_ms}`);
  assertTrue(Number(timeout_ms) <= seconds * 1000 && Number(timeout_ms) > seconds * 1000 - 1000);
}

Deno.test({
  name: "the socket tells a request what becomes of it, line by line",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { socket, terminal } = daemon;

    /** Sends a request that runs without root's rights, and keeps its connection. */
    const ask = async (fields: Record<string, unknown>) => {
      const connection = await RawConnection.open(socket);
      const id = crypto.randomUUID();
      await connection.send(wireLine({ id, privileged: false, ...fields }));
      return { id, connection, [Symbol.dispose]: () => connection[Symbol.dispose]() };
    };
    const echo = (word: string) => ({ pipeline: [["/bin/echo", word]], stream: true });
    const isIdle = () =>
      eventually(
        "the prompt to disappear",
        async () => !(await terminal.screen()).includes("RUN AS"),
      );

    await t.step(
      "events come in order, and the response is the first line with a status",
      async () => {
        const script = "echo out; echo err >&2";
        using asked = await ask({ pipeline: [["sh", "-c", script], ["cat"]], stream: true });
        const { id, connection } = asked;
        assertShown(await connection.next(), id);
        await daemon.answer("y");
        assertEquals(await connection.next(), { id, event: "approved" });
        assertEquals(await connection.next(), { id, event: "started" });
        const rest = await connection.rest();
        const response = defined(rest.pop());
        const text = (stage: number, stream: string) =>
          rest.filter((line) => line["stage"] === stage && line["stream"] === stream)
            .map(({ data }) => atob(String(data))).join("");
        assertEquals(rest.map(({ event }) => event), rest.map(() => "output"));
        assertEquals(rest.map((line) => line["id"]), rest.map(() => id));
        assertEquals(text(0, "stderr"), "err\n");
        assertEquals(text(1, "stdout"), "out\n");
        assertEquals(response["status"], "ok");
        assertEquals(response["stages"], [{ exit_code: 0, stderr: btoa("err\n") }, {
          exit_code: 0,
          stderr: "",
        }]);
        assertEquals(response["stdout"], btoa("out\n"));
      },
    );

    await t.step("a request that asks for no events gets the response alone", async () => {
      using asked = await ask({ ...echo("quiet"), stream: undefined });
      await terminal.shows("echo quiet");
      await daemon.answer("y");
      assertEquals((await asked.connection.response()).stdout, new TextEncoder().encode("quiet\n"));
      await isIdle();
    });

    await t.step(
      "the second of two is told its place, and is shown after the first is decided",
      async () => {
        using first = await ask(echo("first"));
        assertShown(await first.connection.next(), first.id);
        using second = await ask(echo("second"));
        assertEquals(await second.connection.next(), {
          id: second.id,
          event: "queued",
          position: 2,
        });
        using third = await ask(echo("third"));
        assertEquals(await third.connection.next(), { id: third.id, event: "queued", position: 3 });

        assertMatch(await terminal.shows("2 more wait"), /echo first/);
        assertEquals((await answerTo(socket, wireLine({ action: "ping" }))).waiting, 3);
        await terminal.press("n");
        assertEquals((await first.connection.response()).status, "denied");
        assertShown(await second.connection.next(), second.id);
        assertEquals(await third.connection.next(), { id: third.id, event: "queued", position: 2 });

        assertMatch(await terminal.shows("1 more waits"), /echo second/);
        assertEquals((await answerTo(socket, wireLine({ action: "ping" }))).waiting, 2);
        await terminal.press("n");
        assertEquals((await second.connection.response()).status, "denied");
        assertShown(await third.connection.next(), third.id);
        await terminal.shows("echo third");
        await daemon.answer("y");
        const rest = await third.connection.rest();
        assertEquals(rest.map(({ event, status }) => event ?? status), [
          "approved",
          "started",
          "output",
          "ok",
        ]);
        await isIdle();
      },
    );

    await t.step(
      "cancel withdraws a request that is shown, and a key then approves nothing",
      async () => {
        using asked = await ask(echo("cancelled"));
        await asked.connection.next();
        await terminal.shows("Waiting for your key");
        const response = await answerTo(socket, wireLine({ action: "cancel", target: asked.id }));
        assertEquals({ status: response.status, message: response.message }, {
          status: "ok",
          message: "withdrawn",
        });
        const { status, message } = await asked.connection.response();
        assertEquals({ status, message }, { status: "error", message: "cancelled before it ran" });
        await isIdle();
        await terminal.press("y");
        assertMatch(
          await terminal.shows("cancelled by its client"),
          /withdrawn {2}\S*\/bin\/echo cancelled {2}\(cancelled by its client\)/,
        );
        assertNoMatch(await terminal.screen(), /approved {2}\/bin\/echo cancelled/);
      },
    );

    await t.step("cancel withdraws a request that waits behind another", async () => {
      using first = await ask(echo("first"));
      await first.connection.next();
      using second = await ask(echo("second"));
      await second.connection.next();
      using third = await ask(echo("third"));
      await third.connection.next();
      const response = await answerTo(socket, wireLine({ action: "cancel", target: second.id }));
      assertEquals(response.status, "ok");
      assertEquals((await second.connection.response()).message, "cancelled before it ran");
      assertEquals(await third.connection.next(), { id: third.id, event: "queued", position: 2 });
      assertMatch(await terminal.shows("1 more waits"), /echo first/);
      await terminal.press("n");
      assertEquals((await first.connection.response()).status, "denied");
      assertShown(await third.connection.next(), third.id);
      await terminal.press("n");
      assertEquals((await third.connection.response()).status, "denied");
      await isIdle();
    });

    await t.step("cancel ends a command that runs", async () => {
      using asked = await ask({ pipeline: [["sleep", "60"]], stream: true });
      await terminal.shows("sleep 60");
      await daemon.answer("y");
      for (let line = await asked.connection.next(); line?.["event"] !== "started";) {
        line = await asked.connection.next();
        assertTrue(line, "it did not start");
      }
      const response = await answerTo(socket, wireLine({ action: "cancel", target: asked.id }));
      assertEquals(response.message, "the command is being ended");
      const { status, message, stages } = await asked.connection.response();
      assertEquals({ status, message, stages }, {
        status: "error",
        message: "the command was cancelled and ended",
        stages: [{ exit_code: 143, signal: "SIGTERM", stderr: new Uint8Array() }],
      });
      const again = await answerTo(socket, wireLine({ action: "cancel", target: asked.id }));
      assertMatch(again.message ?? "", /^nothing to cancel/);
    });

    await t.step("who disconnects takes the request along", async () => {
      {
        using asked = await ask(echo("left"));
        await asked.connection.next();
        await terminal.shows("echo left");
      }
      assertMatch(
        await terminal.shows("the client went away"),
        /withdrawn {2}\S*\/bin\/echo left {2}\(the client went away\)/,
      );
    });

    await t.step(
      "a request that waits longer than it could stay fresh is not refused",
      async () => {
        const time = new Date(Date.now() - 59_000).toISOString();
        using first = await ask(echo("first"));
        await first.connection.next();
        using second = await ask({ ...echo("second"), time });
        assertEquals((await second.connection.next())?.["event"], "queued");
        // Now it is more than 60 s old.
        await eventually("a moment", () => Date.now() - Date.parse(time) > 60_500);
        await terminal.press("n");
        assertEquals((await second.connection.next())?.["event"], "shown");
        await terminal.shows("echo second");
        await daemon.answer("y");
        assertEquals((await second.connection.rest()).pop()?.["status"], "ok");
        await isIdle();
      },
    );

    await t.step("a relative name is shown as the path that it leads to", async () => {
      using _asked = await ask({ pipeline: [["./id"]], cwd: "/usr/bin" });
      assertMatch(await terminal.shows("Waiting for your key"), /command {3}\/usr\/bin\/id/);
      await terminal.press("n");
      await isIdle();
    });
  },
});
