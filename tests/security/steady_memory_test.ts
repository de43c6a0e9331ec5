/**
 * What work leaves in the daemon's memory: requests one after the other, in the soak one a
 * second for an hour, in every run of the tests a thousand as fast as they come. And what output
 * takes in the client.
 *
 * @module
 */
import { PROJECT, startCommand } from "../../lib/start.ts";
import { hostEnvironment } from "../../lib/platform/paths.ts";
import { MAX_CAPTURE_BYTES } from "../../lib/protocol/limits.ts";
import { assertEquals, assertTrue, at, atLeast, defined } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { report, size } from "../rig/soak.ts";
import { lacks } from "../rig/tools.ts";
import { vitalsOf } from "../rig/vitals.ts";
import { RawConnection, wireLine } from "../rig/wire.ts";

const REQUESTS = size(1000, 3600);
const EVERY_MS = size(0, 1000);
/** What may be resident, in MB: a daemon whose code V8 has compiled before needs 15 less. */
const MAX_MB = 115;
/** So many of the last requests may not add more than this, in MB: nothing is kept for each. */
const MAX_GROWTH_MB = 8;

Deno.test({
  name: "requests that come one after the other leave nothing in memory",
  ignore: lacks("tmux", "sudo"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    const pid = await daemon.pid();
    const resident = async () => (await vitalsOf(pid)).residentMb;
    const numbers = [await resident()];
    for (let number = 1; number <= REQUESTS; number++) {
      using connection = await RawConnection.open(daemon.socket);
      await connection.send(
        wireLine({ pipeline: [["true"]], reason: "one of many", stream: true }),
      );
      assertTrue((await connection.next())?.["event"], `request ${number} is in line`);
      if (number % (REQUESTS / 10) === 0) numbers.push(await resident());
      if (EVERY_MS > 0) await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
    report(`${REQUESTS} requests, one after the other`, { "MB": numbers.join(" ") });
    assertTrue(at(numbers, -1) < MAX_MB, `${at(numbers, -1)} MB were resident`);
    const growth = at(numbers, -1) - at(numbers, 5);
    assertTrue(growth < MAX_GROWTH_MB, `the second half added ${growth} MB`);
  },
});

Deno.test({
  name: "the client keeps output once: it takes little more than its bytes",
  ignore: lacks("tmux", "sudo"),
  async fn() {
    await using daemon = await RunningDaemon.start();
    const head = ["head", "-c", String(MAX_CAPTURE_BYTES), "/dev/zero"];
    const [name, ...args] = atLeast(
      1,
      daemon.installation.command("request", ["--socket", daemon.socket, "--", ...head]),
    );
    const client = new Deno.Command(name, { args, stdin: "null", stdout: "piped" }).spawn();
    const prompt = await daemon.readToTheEnd();
    const vitals = () => vitalsOf(String(client.pid));
    const before = (await vitals()).residentMb;
    await daemon.terminal.pressAt(prompt, "y");
    const drained = client.stdout.pipeTo(new WritableStream());
    let peak = before;
    // What has ended has no memory.
    for (let now = peak; !Number.isNaN(now); now = (await vitals()).peakMb) peak = now;
    await drained;
    assertEquals((await client.status).code, 0);
    const above = peak - before;
    report("the client while it prints 16 MiB", { "MB above waiting": above });
    assertTrue(above < 2.2 * MAX_CAPTURE_BYTES / 1e6, `${above} MB above waiting`);
  },
});

Deno.test("lib/start.sh computes grants with the flags of V8 that the program gets", async () => {
  const flags = startCommand(hostEnvironment(), []).find((word) => word.startsWith("--v8-flags="));
  const script = await Deno.readTextFile(`${PROJECT}lib/start.sh`);
  assertTrue(script.includes(`${defined(flags)} `), `${flags} is not in lib/start.sh`);
});
