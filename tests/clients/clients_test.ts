/**
 * Real clients, started with the entries that setup writes, against a real daemon. What a client
 * passes on to the model is what counts.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue } from "../rig/assert.ts";
import { RunningDaemon } from "../rig/daemon.ts";
import type { Installation } from "../rig/installation.ts";
import { execute, type Execution, lacks } from "../rig/tools.ts";
import { CLIENT_PROGRAMS, lacksClient } from "./installed.ts";
import { StubModel, type ToolCall } from "./stub_model.ts";

/** A client may take its time to start on a busy machine. */
const START_MS = 120_000;

/** Leaves a mark, and has output on both streams and an exit code of its own. */
function callThatLeaves(mark: string): ToolCall {
  const script = `touch "$1"; echo out; echo err >&2; exit 3`;
  return {
    name: "execute",
    args: { argv: ["sh", "-c", script, "sh", mark], description: "to see what comes back" },
  };
}

/** What is left of a call, once a key was pressed and the client has ended. */
interface Outcome {
  /** What the client passed on, and how it ended. */
  readonly passedOn: string;
  /** Whether the client said that the call failed; `undefined` where it does not say. */
  readonly isError: boolean | undefined;
  /** Whether the command has run. */
  readonly hasRun: boolean;
}

/** Lets a client make the call, and presses a key at the daemon's prompt. */
type Client = (
  daemon: RunningDaemon,
  call: ToolCall,
  key: string,
) => Promise<Omit<Outcome, "hasRun">>;

const CLIENTS: Readonly<Record<keyof typeof CLIENT_PROGRAMS, Client>> = {
  claude: (daemon, call, key) =>
    withModel(daemon, call, key, ".claude", (model) => [
      "ANTHROPIC_API_KEY=not-a-real-key",
      `ANTHROPIC_BASE_URL=${model.url}`,
      "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1",
      "DISABLE_AUTOUPDATER=1",
      // All tools are offered at once, as with a few servers.
      "ENABLE_TOOL_SEARCH=false",
      "MCP_CONNECTION_NONBLOCKING=false",
      CLIENT_PROGRAMS.claude,
      "-p",
      "go",
      "--allowedTools",
      "mcp__sudo-proxy__execute",
    ]),
  codex: (daemon, call, key) =>
    withModel(daemon, call, key, ".codex", (model) => [
      "OPENAI_API_KEY=not-a-real-key",
      CLIENT_PROGRAMS.codex,
      "exec",
      "--skip-git-repo-check",
      ...[
        'model="gpt-5"',
        'model_provider="stub"',
        `model_providers.stub={name="stub",base_url="${model.url}/v1",wire_api="responses",env_key="OPENAI_API_KEY"}`,
      ].flatMap((setting) => ["-c", setting]),
      "go",
    ]),
  inspector: async (daemon, call, key) => {
    const { installation } = daemon;
    const config = `${installation.home}/servers.json`;
    await Deno.writeTextFile(config, await printedEntry(installation));
    const args = Object.entries(call.args).flatMap(([name, value]) => [
      "--tool-arg",
      `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`,
    ]);
    return await printedAnswer(daemon, key, [
      CLIENT_PROGRAMS.inspector,
      "--cli",
      ...["--config", config, "--server", "sudo-proxy"],
      ...["--method", "tools/call", "--tool-name", call.name, ...args],
    ]);
  },
  python: async (daemon, call, key) => {
    const { mcpServers } = JSON.parse(await printedEntry(daemon.installation));
    const { command, args, env } = mcpServers["sudo-proxy"];
    const words = [{ command, args, env }, call.name, call.args].map((word) =>
      JSON.stringify(word)
    );
    const script = new URL("./python_client.py", import.meta.url).pathname;
    return await printedAnswer(daemon, key, [CLIENT_PROGRAMS.python, script, ...words]);
  },
};

/** A client of a model: setup configures it, as for a person who has it. */
async function withModel(
  daemon: RunningDaemon,
  call: ToolCall,
  key: string,
  folder: string,
  words: (model: StubModel) => readonly string[],
): Promise<Omit<Outcome, "hasRun">> {
  const { installation } = daemon;
  await Deno.mkdir(`${installation.home}/${folder}`);
  const { code, stdout } = await execute(installation.command("setup", ["--yes"]));
  assertEquals(code, 0, stdout);
  await using model = StubModel.start(call);
  const ended = await answered(daemon, key, words(model));
  assertMatch(ended.stdout, /done/, ended.stderr);
  const { text, isError } = await model.result;
  return { passedOn: text, isError };
}

/** A client that prints the answer as it came. */
async function printedAnswer(
  daemon: RunningDaemon,
  key: string,
  words: readonly string[],
): Promise<Omit<Outcome, "hasRun">> {
  const { stdout, stderr } = await answered(daemon, key, words);
  assertMatch(stdout, /^\s*\{/, stderr);
  const { content, isError } = JSON.parse(stdout);
  return { passedOn: content.map(({ text }: { text?: string }) => text).join("\n"), isError };
}

async function printedEntry(installation: Installation): Promise<string> {
  const { code, stdout } = await execute(installation.command("setup", ["--print"]));
  assertEquals(code, 0);
  return stdout;
}

/** Starts a client without a network, and presses a key at the prompt that it leads to. */
async function answered(
  daemon: RunningDaemon,
  key: string,
  words: readonly string[],
): Promise<Execution> {
  const { installation, terminal } = daemon;
  await Deno.mkdir(`${installation.home}/work`);
  const client = execute([
    "/usr/bin/env",
    "-i",
    `--chdir=${installation.home}/work`,
    ...Object.entries(installation.env).map(([name, value]) => `${name}=${value}`),
    `PATH=${Deno.env.get("PATH")}`,
    "NO_COLOR=1",
    // Nobody listens there: what is not on loopback can't be reached.
    "https_proxy=http://127.0.0.1:9",
    "http_proxy=http://127.0.0.1:9",
    "no_proxy=127.0.0.1",
    ...words,
  ]);
  const early = client.then(({ code, stdout, stderr }) => {
    throw new Error(`the client ended with ${code} and asked for nothing: ${stderr}${stdout}`);
  });
  await Promise.race([terminal.shows(/Waiting for your key|y counts/, START_MS), early]);
  early.catch(() => {});
  await daemon.answer(key);
  return await client;
}

async function outcomeOf(name: keyof typeof CLIENT_PROGRAMS, key: string): Promise<Outcome> {
  await using daemon = await RunningDaemon.start();
  const mark = `${daemon.installation.folder}/mark`;
  const outcome = await CLIENTS[name](daemon, callThatLeaves(mark), key);
  return { ...outcome, hasRun: await Deno.stat(mark).then(() => true, () => false) };
}

for (const name of ["claude", "codex", "inspector", "python"] as const) {
  const ignore = lacks("tmux", "sudo") || lacksClient(name);

  Deno.test({
    name: `${name} passes on what an approved command wrote, and how it ended`,
    ignore,
    async fn() {
      const { passedOn, hasRun } = await outcomeOf(name, "y");
      assertTrue(hasRun, passedOn);
      assertMatch(passedOn, /\bout\b/);
      assertMatch(passedOn, /\berr\b/);
      assertMatch(passedOn, /exit.{0,20}\b3\b/is);
    },
  });

  Deno.test({
    name: `${name} passes on that a person said no, and nothing has run`,
    ignore,
    async fn() {
      const { passedOn, isError, hasRun } = await outcomeOf(name, "n");
      assertEquals(hasRun, false);
      assertMatch(passedOn, /denied/i);
      assertTrue(isError !== false, passedOn);
    },
  });
}
