/**
 * What the audit trail is good for where somebody works against it: none at all, one that was cut,
 * records that were written by hand, and several daemons that write at once.
 *
 * @module
 */
import { readHead } from "../../lib/audit/write/segments.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";
import { RawConnection, wireLine } from "../rig/wire.ts";

const ignore = lacks("root", "tmux", "sudo");
const DAEMONS = 3;
const REQUESTS = 100;
/** As many as a daemon lets wait, and a few less. */
const AT_ONCE = 50;

Deno.test({
  name: "daemons that write to one audit trail at once refuse no request, and lose no record",
  ignore,
  async fn() {
    await using parts = new AsyncDisposableStack();
    const first = parts.use(await RunningDaemon.start());
    const { installation } = first;
    const daemons = [first];
    const env = { XDG_STATE_HOME: `${installation.home}/.local/state` };
    while (daemons.length < DAEMONS) daemons.push(parts.use(await RunningDaemon.start({ env })));
    // What is denied at once is decided, and on disk before it is answered.
    for (const daemon of daemons) {
      const answer = daemon.send({ pipeline: [["true"]] });
      await daemon.answer("d");
      assertEquals((await answer).status, "denied");
    }
    const answers = (await Promise.all(daemons.map(({ socket }) => flood(socket)))).flat();
    assertEquals(answers.length, DAEMONS * REQUESTS);
    const refused = answers.filter(({ event, status }) =>
      event === undefined && status !== "denied"
    );
    assertEquals(refused.length, 0, `${refused.length} refused: ${JSON.stringify(refused[0])}`);
    const lines = await trailLines(installation);
    const received = lines.filter((line) => JSON.parse(line).event === "received");
    assertEquals(received.length, DAEMONS * (REQUESTS + 1));
    assertEquals((await audit(installation, "verify")).code, 0);
  },
});

/** Asks and leaves again: as many requests as fast as they are taken. */
async function flood(socket: string): Promise<Record<string, unknown>[]> {
  const answers: Record<string, unknown>[] = [];
  let sent = 0;
  const ask = async () => {
    while (sent++ < REQUESTS) {
      using connection = await RawConnection.open(socket);
      await connection.send(wireLine({ pipeline: [["true"]], stream: true }));
      answers.push(await connection.next() ?? { status: "closed" });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return answers;
}

Deno.test({
  name: "verify does not call an audit trail whole that is not there",
  ignore,
  async fn(t) {
    await using installation = await Installation.make();
    const folder = trailFolder(installation);
    await t.step("no folder", () => isMissing(installation));
    await t.step("an empty folder", async () => {
      await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
      await isMissing(installation);
    });
    await t.step("a head without records", async () => {
      await Deno.writeTextFile(`${folder}/head`, `${"0".padStart(15)} ${"0".repeat(64)}\n`);
      await isMissing(installation);
    });
  },
});

async function isMissing(installation: Installation): Promise<void> {
  const { code, stdout } = await audit(installation, "verify");
  assertEquals(code, 1);
  assertMatch(stdout, /there is no record/);
  assertTrue(!stdout.includes("the chain holds"), stdout);
  const json = await audit(installation, "verify", "--json");
  assertEquals(json.code, 1);
  assertEquals(JSON.parse(json.stdout).faults.length, 1);
}

Deno.test({
  name: "verify says after which record a cut can't be seen, and finds every other one",
  ignore,
  async fn(t) {
    await using daemon = await RunningDaemon.start();
    const { installation, socket } = daemon;
    const path = `${trailFolder(installation)}/000001.jsonl`;
    // Received, shown and withdrawn are written at once, and are on disk with the next decision.
    using connection = await RawConnection.open(socket);
    await connection.send(wireLine({ pipeline: [["true"]], stream: true }));
    await daemon.terminal.shows("Waiting for your key");
    const head = readHead(trailFolder(installation));
    assertTrue(typeof head === "object");
    const lines = await trailLines(installation);
    assertTrue(lines.length > head.seq, "no record stands after the head");

    await t.step("it names the record", async () => {
      const { code, stdout } = await audit(installation, "verify");
      assertEquals(code, 0);
      assertMatch(stdout, new RegExp(`after record ${head.seq}, that can't be seen`));
      const json = await audit(installation, "verify", "--json");
      assertEquals(JSON.parse(json.stdout).certain, head.seq);
    });
    for (let count = lines.length - 1; count >= 0; count--) {
      await t.step(`cut after record ${count}`, async () => {
        await Deno.writeTextFile(path, lines.slice(0, count).map((line) => `${line}\n`).join(""));
        assertEquals((await audit(installation, "verify")).code, count >= head.seq ? 0 : 1);
      });
    }
  },
});

const HOSTILE = "\x1b]0;mine\x07\x9b2J\u202egnp\u2066\x7f\r";

Deno.test({
  name: "no line of JSON of the audit trail reaches a terminal with a control or a turned letter",
  ignore,
  async fn(t) {
    await using installation = await Installation.make();
    const folder = trailFolder(installation);
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    // Not as this program writes it: JSON allows all but C0 controls in a string.
    const hostile = [...HOSTILE].filter((character) => character >= " ").join("");
    const record = { time: "2026-01-31T12:00:00.000Z", daemon: "d", event: "received", id: "x" };
    const line = JSON.stringify({ seq: 1, ...record, reason: hostile, prev: "0".repeat(64) });
    await Deno.writeTextFile(`${folder}/000001.jsonl`, `${line}\n{"seq":2,${HOSTILE}\n`);
    for (
      const args of [
        ["list", "--json"],
        ["list", "--records", "--json"],
        ["show", "x", "--json"],
        ["verify", "--json"],
        ["export"],
        ["export", "--text", ""],
      ]
    ) {
      await t.step(args.join(" "), async () => {
        const { stdout } = await audit(installation, ...args);
        assertTrue(stdout.length > 0, "it printed nothing");
        assertEquals([...stdout].filter((character) => !/^[\n\x20-\x7e]$/.test(character)), []);
      });
    }
  },
});

function trailFolder({ home }: Installation): string {
  return `${home}/.local/state/sudo-proxy/audit`;
}

async function trailLines(installation: Installation): Promise<string[]> {
  const text = await Deno.readTextFile(`${trailFolder(installation)}/000001.jsonl`);
  return text.split("\n").slice(0, -1);
}

async function audit(installation: Installation, ...args: string[]): Promise<Execution> {
  return await execute(installation.command("audit", args));
}
