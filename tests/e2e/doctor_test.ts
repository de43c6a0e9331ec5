/**
 * What `sudo-proxy doctor` says of real installations.
 *
 * @module
 */
import { VERSION } from "../../lib/protocol/version.ts";
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import { Installation } from "../rig/installation.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

/** A check as `--json` has it. */
interface JsonCheck {
  readonly name: string;
  readonly status: string;
  readonly text: string;
  readonly advice?: string;
  readonly facts: Record<string, unknown>;
}

const NAMES = ["program", "grants", "sudo", "programs", "terminal", "socket", "hosts", "trail"]
  .concat("commands", "clients");

function doctor(
  installation: Installation,
  args: readonly string[] = [],
  env: Record<string, string> = {},
  user = "root",
): Promise<Execution> {
  return execute(["runuser", "-u", user, "--", ...installation.command("doctor", args, env)]);
}

/** A text without the breaks of its lines. */
function flat(text: string): string {
  return text.replaceAll(/\s+/g, " ");
}

/** All that is in a folder, with the times of the last changes. */
async function stateOf(folder: string): Promise<string> {
  return (await execute(["ls", "-lAR", "--full-time", folder])).stdout;
}

function read({ stdout, stderr }: Execution): Map<string, JsonCheck> {
  assertEquals(stderr, "");
  const { version, ok, checks } = JSON.parse(stdout);
  assertEquals(version, VERSION);
  const all: JsonCheck[] = checks;
  assertEquals(all.map(({ name }) => name), NAMES);
  assertEquals(ok, all.every(({ status }) => status !== "problem"));
  for (const { status, text, advice, name } of all) {
    assertTrue(["ok", "note", "problem"].includes(status), name);
    assertTrue(text !== "" && (advice !== undefined || status !== "problem"), name);
  }
  return new Map(all.map((check) => [check.name, check]));
}

Deno.test({
  name: "doctor looks at root's installation, and changes nothing in it",
  ignore: lacks("root", "runuser", "sudo"),
  async fn() {
    await using installation = await Installation.make();
    const { home, runtime } = installation;
    const before = await stateOf(home) + await stateOf(runtime);
    const result = await doctor(installation, ["--json"]);
    assertEquals(result.code, 0, result.stdout);
    const checks = read(result);
    assertEquals(checks.get("sudo")?.facts["asks"], "nobody");
    assertEquals(checks.get("grants")?.facts["excess"], []);
    assertEquals(checks.get("socket")?.facts["state"], "missing");
    assertEquals(checks.get("terminal")?.facts["isTerminal"], false);
    assertMatch(checks.get("trail")?.text ?? "", /not begun yet/);
    assertEquals(await stateOf(home) + await stateOf(runtime), before);
  },
});

Deno.test({
  name: "doctor fits on the screen of an ordinary user, with a daemon that answers and without",
  ignore: lacks("root", "runuser", "sudo", "tmux", "useradd"),
  async fn(t) {
    await using user = await OrdinaryUser.make();
    await using daemon = await RunningDaemon.start({ user });
    const { installation } = daemon;
    const open = () =>
      TmuxTerminal.open({ user: user.name, command: installation.command("doctor") });

    await t.step("with one", async () => {
      await using terminal = await open();
      assertEquals(await terminal.exitCode(), 0);
      // tmux scrolls by one line when the command ends.
      const all = await terminal.history();
      assertTrue(all.indexOf("Nothing is wrong.") >= 0, all);
      assertTrue(all.slice(0, all.indexOf("Nothing is wrong.")).split("\n").length <= 23, all);
      const screen = flat(all);
      for (
        const expected of [
          /^ ?program sudo-proxy /,
          /sudo \d\S+; it asks for a password/,
          /80x24, colors, draws Unicode/,
          /a daemon answers \(\S+, 0 waiting\)/,
          /\d records, whole; head [0-9a-f]{16}/,
          /Nothing is wrong\./,
        ]
      ) assertMatch(screen, expected);
      const checks = read(await doctor(installation, ["--json"], {}, user.name));
      assertEquals(checks.get("socket")?.facts["version"], VERSION);
      assertEquals(checks.get("sudo")?.facts["asks"], "a question");
    });

    await t.step("with one that is stopped", async () => {
      const goOn = await daemon.freeze();
      const { code, stdout } = await doctor(installation, [], {}, user.name);
      await goOn();
      assertEquals(code, 1);
      assertMatch(stdout, /^! socket {4}no answer at /m);
      assertMatch(stdout, /^Wrong \(!\): socket\.$/m);
    });

    await t.step("in a terminal that others can drive", async () => {
      const env = { TMUX: "/tmp/x,1,0", NO_COLOR: "1" };
      await using terminal = await TmuxTerminal.open({
        user: user.name,
        command: installation.command("doctor", [], env),
      });
      await terminal.shows("Nothing is wrong.");
      assertMatch(flat(await terminal.screen()), /can be driven by tmux/);
    });

    await t.step("without one", async () => {
      await daemon.send({ action: "stop" });
      await daemon.terminal.exitCode();
      await using terminal = await open();
      await terminal.shows("no daemon runs; it would listen at");
      assertEquals(await terminal.exitCode(), 0);
    });
  },
});

Deno.test({
  name: "doctor names a broken trail, a broken registry, and a home that is missing",
  ignore: lacks("root", "runuser"),
  async fn(t) {
    await using installation = await Installation.make();
    const state = `${installation.home}/.local/state/sudo-proxy/audit`;
    await Deno.mkdir(state, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${state}/000001.jsonl`, "no record\n");
    const config = `${installation.home}/.config/sudo-proxy`;
    await Deno.mkdir(config, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${config}/hosts.json`, "{ broken");

    await t.step("broken files", async () => {
      const { code, stdout } = await doctor(installation);
      assertEquals(code, 1);
      assertMatch(stdout, /^! trail {5}broken: 000001\.jsonl, line 1: /m);
      assertMatch(stdout, /sudo-proxy audit verify/);
      assertMatch(stdout, /^! hosts {5}\S+\/hosts\.json is not\s+JSON/m);
      assertMatch(stdout, /^Wrong \(!\): hosts, trail\.$/m);
      assertTrue(stdout.trimEnd().split("\n").length <= 23, stdout);
    });

    await t.step("no home", async () => {
      const result = await doctor(installation, ["--json"], { HOME: "" });
      assertEquals(result.code, 1);
      const checks = read(result);
      assertEquals(checks.get("trail")?.status, "problem");
      assertMatch(checks.get("trail")?.advice ?? "", /set HOME or XDG_STATE_HOME/);
    });
  },
});

Deno.test({
  name: "doctor finds what setup has done by the copies that it keeps, and reads none of them",
  ignore: lacks("root", "runuser"),
  async fn() {
    await using installation = await Installation.make();
    const config = `${installation.home}/.cursor`;
    await Deno.mkdir(config);
    await Deno.writeTextFile(`${config}/mcp.json`, "{}\n");
    assertEquals((await execute(installation.command("setup", ["--yes"]))).code, 0);
    // A copy that nobody may read is as good.
    await Deno.chmod(`${config}/mcp.json.before-sudo-proxy`, 0);
    const checks = read(await doctor(installation, ["--json"]));
    assertEquals(checks.get("clients")?.text, "set up: Cursor");
    const { installed, isInPath } = checks.get("commands")?.facts ?? {};
    assertEquals([installed, isInPath], [["sudo-proxy", "sudo-proxy-mcp"], false]);
  },
});
