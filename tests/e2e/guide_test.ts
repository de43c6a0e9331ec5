/**
 * The examples of the guide and the README, as a person types them into terminals, and what the
 * guide says that they print. Not run: what downloads from npm, and what needs another machine,
 * whose options the program's own parser reads.
 *
 * @module
 */
import { assertEquals, assertMatch, assertTrue, at, defined } from "../rig/assert.ts";
import { blocks, read } from "../rig/documents.ts";
import { Installation } from "../rig/installation.ts";
import { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { lacks } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const ignore = lacks("root", "tmux", "sudo");
const REFUSAL = "I still need it";

/** An ordinary user with two terminals: one for daemons, one for everything else. */
class Desk implements AsyncDisposable {
  /** All that was on the screens when a step looked at them. */
  seen = "";
  /** The beginning of the id of the request that was denied, as the audit trail prints it. */
  denied = "";
  readonly user: OrdinaryUser;
  readonly installation: Installation;
  readonly daemon: TmuxTerminal;
  readonly asker: TmuxTerminal;
  readonly #parts: AsyncDisposableStack;

  private constructor(
    parts: AsyncDisposableStack,
    user: OrdinaryUser,
    installation: Installation,
    daemon: TmuxTerminal,
    asker: TmuxTerminal,
  ) {
    this.#parts = parts;
    this.user = user;
    this.installation = installation;
    this.daemon = daemon;
    this.asker = asker;
  }

  static async make(): Promise<Desk> {
    await using parts = new AsyncDisposableStack();
    const user = parts.use(await OrdinaryUser.make());
    const installation = parts.use(await Installation.make(user));
    const { folder, home, env } = installation;
    await Deno.mkdir(`${home}/.cursor`);
    await Deno.chown(`${home}/.cursor`, user.uid, null);
    const variables = { ...env, PATH: `${home}/.local/bin:${folder}:${env["PATH"]}`, PS1: "$ " };
    const words = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const shell = ["/bin/sh", "-c", `cd ${folder}/project && exec sh`];
    const open = async () =>
      parts.use(
        await TmuxTerminal.open({
          command: ["/usr/bin/env", "-i", ...words, ...shell],
          user: user.name,
          columns: 140,
          rows: 50,
        }),
      );
    const [daemon, asker] = [await open(), await open()];
    return new Desk(parts.move(), user, installation, daemon, asker);
  }

  /** Types a line into a terminal that shows nothing else. */
  async types(terminal: TmuxTerminal, line: string): Promise<void> {
    await terminal.type(`clear; ${line}`);
    await terminal.press("Enter");
  }

  async sees(terminal: TmuxTerminal, pattern: RegExp | string): Promise<void> {
    this.seen += `\n${await terminal.shows(pattern)}`;
  }

  /** Waits for a prompt, and presses a key. */
  async answers(key: string): Promise<void> {
    await this.sees(this.daemon, "Waiting for your key");
    await this.daemon.press(key);
  }

  async givesPassword(): Promise<void> {
    await this.daemon.shows("password for");
    await this.daemon.type(this.user.password);
    await this.daemon.press("Enter");
  }

  /** Starts a daemon in place of the one that runs. */
  async startsDaemon(line: string): Promise<void> {
    if ((await this.daemon.screen()).includes("nothing waits")) {
      await this.daemon.press("q");
      await this.daemon.shows("Press q again");
      await this.daemon.press("q");
      await this.daemon.shows("ended · audit trail");
    }
    await this.types(this.daemon, line);
    await this.sees(this.daemon, /waiting on[^]*nothing waits/);
  }

  /** What differs from one run or machine to the next is alike, and so are all blanks. */
  plain(text: string): string {
    return text.replaceAll(this.installation.home, "/home/anna")
      .replaceAll(this.installation.runtime, "/run/user/1000")
      .replaceAll(this.user.name, "anna")
      .replaceAll(`on ${Deno.hostname()}`, "on vm")
      .replaceAll(/\b[0-9a-f]{8}(?:-[0-9a-f]{4,12}){0,4}\b/g, "ID")
      .replaceAll(/\d+/g, "0")
      .replaceAll(/[^\S\n]+/g, " ");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}

/** What a person does for each block of the guide, beside typing it. */
const STEPS: Readonly<Record<string, (desk: Desk, lines: readonly string[]) => Promise<void>>> = {
  async "deno task setup"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.sees(desk.asker, "Write 3 files?");
    await desk.asker.press("y", "Enter");
    await desk.asker.shows("Start your MCP client again");
  },
  async "sudo-proxy"(desk, [line = ""]) {
    await desk.startsDaemon(line);
  },
  async 'sudo-proxy request --reason "free disk space" -- rm -rf /var/tmp/old-build'(
    desk,
    [line = ""],
  ) {
    await desk.types(desk.asker, line);
    await desk.answers("r");
    await desk.daemon.type(REFUSAL);
    await desk.daemon.press("Enter");
    await desk.sees(desk.asker, "denied: ");
  },
  async "sudo-proxy request -- sh -c 'echo hello > /etc/motd'"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.answers("n");
    await desk.asker.shows("sudo-proxy: denied");
  },
  async "sudo-proxy --password each"(desk, [line = ""]) {
    await desk.startsDaemon(line);
    assertMatch(desk.seen, /sudo asks its question for each privileged command/);
  },
  async "sudo-proxy --unattended-eligible\nsudo-proxy request --no-privilege -- id -un"(
    desk,
    [daemon = "", line = ""],
  ) {
    await desk.startsDaemon(daemon);
    await desk.types(desk.asker, line);
    await desk.answers("a");
    await desk.sees(desk.daemon, "trusted");
    await desk.asker.shows(new RegExp(`^${desk.user.name}$`, "m"));
    await desk.types(desk.asker, line);
    await desk.daemon.shows(/trusted {3}\S+id -un/);
  },
  async "sudo-proxy request -- sleep 600"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.answers("y");
    await desk.givesPassword();
    await desk.daemon.shows("[k] end");
    await desk.daemon.press("k");
    await desk.sees(desk.daemon, "End it?");
    await desk.daemon.press("k");
    await desk.sees(desk.daemon, /ended +exit SIGTERM/);
  },
  async "sudo-proxy audit"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.sees(desk.asker, /denied[^]*rm -rf/);
    const [, id] = /(\w{4})\w{4} +denied +root +\S+rm -rf/.exec(desk.seen) ?? [];
    desk.denied = defined(id);
  },
  async "sudo-proxy audit show 9a4b"(desk, [line = ""]) {
    await desk.types(desk.asker, line.replace("9a4b", desk.denied));
    await desk.sees(desk.asker, /Exactly as it was shown[^]*free disk space/);
  },
  async "sudo-proxy audit verify"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.asker.shows("the chain holds");
  },
  async "sudo-proxy doctor"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.sees(desk.asker, /Nothing is wrong/);
  },
  async "sudo-proxy setup --undo"(desk, [line = ""]) {
    await desk.types(desk.asker, line);
    await desk.asker.shows("Remove 3 files?");
    await desk.asker.press("y", "Enter");
    await desk.asker.shows(/Removed: \S+\/mcp\.json/);
    const commands = Deno.readDir(`${desk.installation.home}/.local/bin`);
    assertEquals(await Array.fromAsync(commands), []);
  },
};

/** What the guide shows and nothing here runs; tests/docs_test.ts reads it with the parser. */
const ONLY_READ = ["sudo-proxy --host web1\nsudo-proxy request --host web1 -- uname -n"];

/** What the model of the guide asks for, from the arguments of a tool to the answer. */
async function modelAsks(desk: Desk, argumentsText: string): Promise<void> {
  const words = desk.installation.command("mcp");
  const asUser = ["runuser", "-u", desk.user.name, "--", ...words];
  await using mcp = await McpSession.connect(asUser, { name: "cursor-vscode", version: "1.0.0" });
  const answer = mcp.call("execute", JSON.parse(argumentsText));
  await desk.answers("y");
  await desk.sees(desk.daemon, "asks for your password");
  await desk.givesPassword();
  assertMatch((await answer).text, /drwx.* \/root/);
  await desk.sees(desk.daemon, /ended +exit 0/);
}

Deno.test({
  name: "every example of the guide does what the guide says, in the order of the guide",
  ignore,
  async fn(t) {
    await using desk = await Desk.make();
    const unused = new Set([...Object.keys(STEPS), ...ONLY_READ]);
    for (const { language, text } of blocks(read("docs/guide.md"))) {
      await t.step(`${language}: ${at(text.split("\n"), 0)}`, async () => {
        if (language === "text") {
          const seen = desk.plain(desk.seen);
          for (const line of desk.plain(text).split("\n").map((line) => line.trim())) {
            assertTrue(seen.includes(line), `the guide shows "${line}"; there is:\n${seen}`);
          }
        } else if (language === "json") await modelAsks(desk, text);
        else {
          assertEquals(language, "sh");
          assertTrue(unused.delete(text), `nothing here does what the guide says: ${text}`);
          desk.seen = "";
          await STEPS[text]?.(desk, text.split("\n"));
        }
      });
    }
    assertEquals([...unused], [], "the guide has all that is done here");
  },
});

Deno.test({
  name: "the commands of the README are those that are run here, with the Deno of the packages",
  ignore,
  async fn(t) {
    const [trial = "", setup = "", ...more] = blocks(read("README.md"))
      .filter(({ language }) => language === "sh").map(({ text }) => text);
    assertEquals(more, []);
    const version = read("packaging/deno-version").trim();
    const [, runner, named, line = ""] = /^(npx -y deno@)(\S+) (task try)$/.exec(trial) ?? [];
    assertEquals(runner, "npx -y deno@", trial);
    assertTrue(version.startsWith(`${named}.`), `${named} is not ${version}`);

    await t.step("the first shows a prompt", async () => {
      await using desk = await Desk.make();
      await desk.types(desk.daemon, `deno ${line}`);
      await desk.answers("n");
      await desk.daemon.shows("sudo-proxy: denied");
      assertMatch(desk.seen, /RUN AS ROOT[^]*\/usr\/bin\/id\b/);
    });

    await t.step("the others install Deno where the last finds it, and set everything up", () => {
      const [install, path, last = "", ...rest] = setup.split("\n");
      assertEquals(install, `npm install -g --prefix ~/.local deno@${named}`);
      assertEquals([path, rest.length], ["export PATH=~/.local/bin:$PATH", 0]);
      assertTrue(last in STEPS, last);
    });
  },
});
