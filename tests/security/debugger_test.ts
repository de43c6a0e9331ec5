/**
 * SIGUSR1 opens a debugger in a plain `deno`. An attacker sends it and asks the debugger to evaluate
 * code; the same attacker succeeds with a plain `deno run`.
 *
 * @module
 */
import { ENTRY_POINTS } from "../../lib/grants.ts";
import { RawServer } from "../mcp/raw_server.ts";
import { assertEquals, assertMatch, assertTrue, at, atLeast } from "../rig/assert.ts";
import { RunningDaemon, stdoutOf } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { RemoteRig } from "../rig/remote.ts";
import { REMOTE_NEEDS } from "../rig/remote_needs.ts";
import { eventually, execute, lacks, program, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

/** How often each process gets the signal. */
const SIGNALS = 1000;

/** What asks the debugger. */
class Attacker implements AsyncDisposable {
  readonly #child: Deno.ChildProcess;

  constructor() {
    this.#child = new Deno.Command(Deno.execPath(), {
      args: [
        ...["run", "--quiet", "--no-config", "--no-prompt", "--allow-net=127.0.0.1:9229"],
        new URL("debugger_attacker.ts", import.meta.url).pathname,
      ],
      stdin: "piped",
      stdout: "piped",
    }).spawn();
  }

  /** Ends it, and tells in which of some processes it could evaluate, and which had opened a port. */
  async result(pids: readonly number[]): Promise<{ evaluated: number[]; opened: number[] }> {
    await this.#child.stdin.close();
    const text = await new Response(this.#child.stdout).text();
    const { tries, opened, evaluated } = JSON.parse(at(text.split("\n"), 1));
    assertTrue(tries > 10, `only ${tries} tries`);
    // Others on this machine may be debugged meanwhile.
    const ours = (found: number[]) => found.filter((pid) => pids.includes(pid));
    return { evaluated: ours(evaluated), opened: ours(opened) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#child.kill("SIGKILL");
    } catch {
      // It has ended.
    }
    await this.#child.status;
  }
}

/** Sends the signal again and again to some processes, as a user. */
async function signal(user: string, pids: readonly number[], count = SIGNALS): Promise<void> {
  const script =
    `i=0; while [ $i -lt ${count} ]; do kill -USR1 "$@" 2>/dev/null || exit; i=$((i+1)); done`;
  const words = ["-u", user, "--", "sh", "-c", script, "sh", ...pids.map(String)];
  assertEquals((await execute([program("runuser"), ...words])).code, 0);
}

/** Waits until Deno listens for the signal, half a second after its start; before, it ends Deno. */
async function awake(pids: readonly number[]): Promise<void> {
  for (const pid of pids) {
    await eventually("Deno to listen for SIGUSR1", async () => {
      const status = await succeed([program("grep"), "SigCgt", `/proc/${pid}/status`]);
      const caught = BigInt(`0x${at(status.split(":"), 1).trim()}`);
      return (caught & (1n << 9n)) !== 0n || undefined;
    });
  }
}

/** The time that a debugger has to open. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 1000));

Deno.test({
  name: "the attacker can debug a plain deno run",
  ignore: lacks("root", "runuser", "grep"),
  async fn() {
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/x.ts`, "setInterval(() => {}, 1000);");
    const plain = new Deno.Command(Deno.execPath(), {
      args: ["run", "--quiet", "--no-config", `${folder}/x.ts`],
    }).spawn();
    try {
      await awake([plain.pid]);
      await eventually("an evaluation", async () => {
        await using attacker = new Attacker();
        await signal("root", [plain.pid], 20);
        await settled();
        const { evaluated } = await attacker.result([plain.pid]);
        return evaluated.length > 0 || undefined;
      });
    } finally {
      plain.kill("SIGKILL");
      await plain.status;
      await Deno.remove(folder, { recursive: true });
    }
  },
});

Deno.test({
  name:
    "SIGUSR1 opens no debugger in the daemon, the MCP server and the client, under load as well",
  ignore: lacks("root", "tmux", "sudo", "runuser"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { installation } = daemon;
    const as = [program("runuser"), "-u", user.name, "--"];
    await using server = new RawServer([...as, ...installation.command("mcp")]);
    await server.initialize();
    const [runuser, ...words] = atLeast(1, [...as, ...installation.command("request", ["id"])]);
    const client = new Deno.Command(runuser, { args: words, stdout: "null", stderr: "null" })
      .spawn();
    await daemon.terminal.shows("Waiting for your key");
    const pids = await Promise.all(
      ["main_proxy.ts --socket", "main_proxy.ts request", "main_mcp.ts"].map(async (text) =>
        // Not runuser, nor the shell above.
        Number(
          await succeed(["pgrep", "-u", user.name, "-f", `^${installation.folder}/deno.*${text}`]),
        )
      ),
    );
    await awake(pids);

    await t.step(`${SIGNALS} signals to each, while long requests come`, async () => {
      await using attacker = new Attacker();
      const load = new AbortController();
      const stdin = new TextEncoder().encode("y\n".repeat(500_000));
      const loading = (async () => {
        while (!load.signal.aborted) {
          const signal = AbortSignal.any([load.signal, AbortSignal.timeout(300)]);
          await daemon.send({ pipeline: [["cat"]], stdin }, { signal }).catch(() => {});
        }
      })();
      await signal(user.name, pids);
      await settled();
      load.abort();
      await loading;
      assertEquals(await attacker.result(pids), { evaluated: [], opened: [] });
    });

    await t.step("all three still work", async () => {
      await server.send({ id: 2, method: "tools/list" });
      assertTrue((await server.next()).result.tools.length > 0);
      await daemon.answer("n");
      assertTrue((await client.status).code !== 0);
    });
  },
});

Deno.test({
  name: "SIGUSR1 opens no debugger in the launcher of a tunnel",
  ignore: lacks(...REMOTE_NEEDS),
  async fn() {
    await using rig = await RemoteRig.make();
    await using _terminal = await rig.connect();
    const launcher = Number(
      await succeed(["pgrep", "-u", rig.local.name, "-f", "/deno .*main_proxy.ts --host"]),
    );
    const daemon = Number(
      await succeed(["pgrep", "-u", rig.remote.name, "-f", "/deno .*main_proxy.ts"]),
    );
    await awake([launcher, daemon]);
    await using attacker = new Attacker();
    await signal(rig.local.name, [launcher]);
    await signal(rig.remote.name, [daemon]);
    await settled();
    assertEquals(await attacker.result([launcher, daemon]), { evaluated: [], opened: [] });
  },
});

Deno.test({
  name: "what is run has the signal mask of a login",
  ignore: lacks("root", "tmux", "sudo", "grep"),
  async fn(t) {
    await using user = await OrdinaryUser.make("USER ALL=(ALL:ALL) NOPASSWD: ALL");
    await using daemon = await RunningDaemon.start({ user });
    const mask = [program("grep"), "SigBlk", "/proc/self/status"];
    for (const privileged of [true, false]) {
      await t.step(privileged ? "as root" : "as the user", async () => {
        const answer = daemon.send({ pipeline: [mask], privileged });
        await daemon.answer("y");
        assertMatch(stdoutOf(await answer), /^SigBlk:\t0{16}\n$/);
      });
    }
    await t.step("a daemon that is root", async () => {
      await using daemon = await RunningDaemon.start();
      const answer = daemon.send({ pipeline: [mask], privileged: false });
      await daemon.answer("y");
      assertMatch(stdoutOf(await answer), /^SigBlk:\t0{16}\n$/);
    });
  },
});

Deno.test("no entry point starts with SIGUSR1 not blocked", async (t) => {
  await using installation = await Installation.make();
  for (const entry of ENTRY_POINTS) {
    if (entry === "host") continue;
    await t.step(entry, async () => {
      const words = installation.command(entry, ["--help"])
        .filter((word) => word !== "--block-signal=USR1");
      const { code, stdout, stderr } = await execute(words);
      assertEquals([code, stdout], [1, ""]);
      assertMatch(
        stderr,
        /^sudo-proxy: Cannot start: SIGUSR1 is not blocked, .*\. Start it with deno task /,
      );
    });
  }
});
