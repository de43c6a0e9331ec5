/**
 * Lines that no honest client sends: the daemon answers each once and well-formed, or closes; it
 * shows a person nothing that breaks a rule.
 *
 * @module
 */
import fc from "fast-check";
import { ReplayMemory } from "../../lib/admit/replay.ts";
import { validateRequest } from "../../lib/admit/validate.ts";
import { ProtocolError } from "../../lib/protocol/errors.ts";
import { LineReader } from "../../lib/protocol/framing.ts";
import { MAX_REQUEST_LINE_BYTES } from "../../lib/protocol/limits.ts";
import { parseRequest } from "../../lib/protocol/request.ts";
import { parseAnswer } from "../../lib/protocol/response.ts";
import { assertEquals, assertMatch, assertTrue, defined } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { report, size } from "../rig/soak.ts";
import { lacks } from "../rig/tools.ts";
import { forgetPeak, vitalsOf } from "../rig/vitals.ts";
import { answerTo, RawConnection, wireLine } from "../rig/wire.ts";
import { HOSTILE_LINES } from "./hostile_lines.ts";
import { judge } from "./oracle.ts";

const IN_PROCESS = size(4000, 100_000);
const OVER_THE_SOCKET = size(2500, 100_000);
const AT_ONCE = 8;
const BATCH = 500;

Deno.test("reading and checking a line agrees with a second account of the protocol", async () => {
  const counts = { valid: 0, invalid: 0 };
  await fc.assert(
    fc.asyncProperty(HOSTILE_LINES, async (bytes) => {
      const verdict = judge(bytes, Date.now());
      counts[verdict.kind]++;
      const taken = await take(bytes);
      assertEquals(
        taken.kind,
        verdict.kind,
        `${JSON.stringify(taken)}: ${new TextDecoder().decode(bytes).slice(0, 2000)}`,
      );
    }),
    { numRuns: IN_PROCESS },
  );
  report("lines that were judged twice", counts);
  assertTrue(counts.valid > IN_PROCESS / 20 && counts.invalid > IN_PROCESS / 4);
});

Deno.test({
  name: "hostile lines get one answer or a closed connection, and an invalid one never a prompt",
  ignore: lacks("tmux"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    const { socket } = daemon;
    const pid = await daemon.pid();
    const recording = `${daemon.installation.folder}/recording`;
    await daemon.terminal.shows("q quits");
    await daemon.terminal.record(recording);
    const before = await vitalsOf(pid);
    await forgetPeak(pid);
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const counts: Record<string, number> = {};
    const startedAt = performance.now();

    for (let done = 0; done < OVER_THE_SOCKET; done += BATCH) {
      const numRuns = Math.min(BATCH, OVER_THE_SOCKET - done);
      const lines = fc.sample(HOSTILE_LINES, { numRuns, seed: seed + done });
      const one = async () => {
        for (let bytes = lines.pop(); bytes; bytes = lines.pop()) {
          try {
            const end = await send(socket, bytes);
            counts[end] = (counts[end] ?? 0) + 1;
          } catch (error) {
            const text = new TextDecoder().decode(bytes).slice(0, 2000);
            throw new Error(`seed ${seed + done}: ${text}`, { cause: error });
          }
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, one));
    }

    const after = await vitalsOf(pid);
    // Each prompt gives the window this title once.
    const shown = (await Deno.readTextFile(recording)).split("sudo-proxy: a request waits").length -
      1;
    report("lines over the socket", {
      ...counts,
      prompts: shown,
      seconds: ((performance.now() - startedAt) / 1000).toFixed(1),
      "MB at most": after.peakMb,
      descriptors: `${before.descriptors} and ${after.descriptors}`,
    });
    assertTrue(
      shown <= (counts["in line"] ?? 0) + (counts["left"] ?? 0),
      "more prompts than asked",
    );
    assertTrue(
      defined(counts["in line"]) > OVER_THE_SOCKET / 50,
      "valid requests must be among them",
    );
    assertEquals(await daemon.pid(), pid, "the daemon must be the same");
    assertMatch((await answerTo(socket, wireLine({ action: "ping" }))).message ?? "", /pong/);
  },
});

/** Sends bytes, and judges what comes back; gives a word for it. */
async function send(socket: string, bytes: Uint8Array): Promise<string> {
  const verdict = judge(bytes, Date.now());
  if (verdict.kind === "valid" && verdict.action === "stop") return "not sent";
  using connection = await RawConnection.open(socket);
  const sending = connection.send(bytes).then(async (isWhole) => {
    // Without a newline the daemon would wait for more.
    if (isWhole && !bytes.includes(0x0a)) await connection.endInput().catch(() => {});
  });
  if (verdict.kind === "valid" && verdict.action === "exec") {
    await sending;
    if (!verdict.stream) return "left";
    const line = await connection.next();
    if (line?.["event"]) return "in line";
    assertTrue(parseAnswer(JSON.stringify(line)), `not an answer: ${JSON.stringify(line)}`);
    // Only the daemon knows what is there, what was asked before, and that it has no ssh agent.
    const reason = /must name a program|must be a folder|must be new|this daemon has no ssh agent/;
    assertMatch(String(line?.["message"]), reason);
    return "not found";
  }
  const [response] = await Promise.all([connection.response(), sending]);
  if (verdict.kind === "invalid") {
    assertEquals(response.status, "error", JSON.stringify(response));
    assertMatch(response.message ?? "", /^(?:invalid|stale) /);
    return "refused";
  }
  if (verdict.action === "ping" && response.message === "pong") return "pong";
  assertMatch(response.message ?? "", /^nothing to cancel|must be new/);
  return "nothing to do";
}

/** What the daemon makes of bytes, without a socket. */
async function take(bytes: Uint8Array): Promise<{ kind: "valid" | "invalid"; why?: string }> {
  let offset = 0;
  const source = {
    read(buffer: Uint8Array): Promise<number | null> {
      const piece = bytes.subarray(offset, offset + buffer.length);
      buffer.set(piece);
      offset += piece.length;
      return Promise.resolve(piece.length === 0 ? null : piece.length);
    },
  };
  try {
    const line = await new LineReader(source, MAX_REQUEST_LINE_BYTES).next();
    if (line === null) return { kind: "invalid", why: "nothing came" };
    const arrival = { wallNow: Date.now(), now: performance.now() };
    const checked = validateRequest(parseRequest(line), arrival, new ReplayMemory());
    return "fault" in checked ? { kind: "invalid", why: checked.fault.message } : { kind: "valid" };
  } catch (error) {
    // Anything else would be a fault of the daemon's own.
    if (!(error instanceof ProtocolError)) throw error;
    return { kind: "invalid", why: error.message };
  }
}
