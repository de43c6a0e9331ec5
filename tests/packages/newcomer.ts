import { assertEquals, assertMatch } from "../rig/assert.ts";
import { removeAtTheEnd } from "../rig/leftovers.ts";
import type { McpSession } from "../rig/mcp.ts";
import { TmuxTerminal } from "../rig/tmux.ts";
import { execute, type Execution, succeed } from "../rig/tools.ts";
import { OrdinaryUser } from "../rig/user.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;

/** A folder for what a test builds and unpacks, which every user may read. */
export class BuildFolder implements AsyncDisposable {
  /** The folder. */
  readonly path: string;
  readonly #variables: readonly string[];
  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(path: string, variables: readonly string[]) {
    this.path = path;
    this.#variables = variables;
  }

  /**
   * Makes an empty one; disposing of it removes it.
   *
   * @param variables Each is set for the tasks, as `NAME=value`.
   */
  static async make(...variables: readonly string[]): Promise<BuildFolder> {
    const path = await Deno.makeTempDir({ prefix: "sudo-proxy-packages-" });
    const made = new BuildFolder(path, variables);
    made.#forget = await removeAtTheEnd("files", `rm -rf ${made.path}`);
    await Deno.chmod(made.path, 0o755);
    return made;
  }

  /** Runs one of the project's tasks, which builds in this folder. */
  async task(name: string, ...args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await this.tryTask(name, ...args);
    if (code !== 0) throw new Error(`deno task ${name} failed:\n${stderr}${stdout}`);
    return stdout;
  }

  /** Runs a task that may fail. */
  async tryTask(name: string, ...args: readonly string[]): Promise<Execution> {
    const variables = [`SUDO_PROXY_DIST=${this.path}`, ...this.#variables];
    const words = ["env", "-C", PROJECT, ...variables, Deno.execPath()];
    return await execute([...words, "task", "--quiet", name, ...args]);
  }

  /** Makes a package, and gives back its path. */
  async package(kind: string): Promise<string> {
    return (await this.task("package", kind)).trim();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await succeed(["rm", "-rf", this.path]);
    await this.#forget();
  }
}

/**
 * Measures one way to get sudo-proxy, from nothing to an approved command; `bench/install.ts` makes
 * a table of it.
 */
export class Stopwatch {
  #ms = 0;

  /** @param way The name of the way, as docs/install.md has it. */
  constructor(readonly way: string) {}

  /** Runs a part of it. */
  async run<Result>(part: () => Promise<Result>): Promise<Result> {
    const startedAt = performance.now();
    const result = await part();
    this.#ms += performance.now() - startedAt;
    return result;
  }

  /**
   * Writes the sum down, where somebody wants to know it.
   *
   * @param file What a user has to get: a path, or its size in bytes.
   */
  async note(file: string | number): Promise<void> {
    const size = typeof file === "number" ? file : (await Deno.stat(file)).size;
    const path = Deno.env.get("SUDO_PROXY_TIMES");
    if (path === undefined) return;
    const line = JSON.stringify({ way: this.way, ms: this.#ms, size });
    await Deno.writeTextFile(path, `${line}\n`, { append: true });
  }
}

/**
 * Starts a daemon in a terminal, lets a client ask for `id`, and presses the key.
 *
 * @param daemon What starts the daemon.
 * @param client What asks, and gives the output.
 * @param password What to type where sudo asks, line by line; nothing where it does not.
 */
export async function approveId(
  daemon: readonly string[],
  client: () => Promise<string>,
  password: readonly string[] = [],
): Promise<void> {
  await using terminal = await TmuxTerminal.open({ command: daemon, columns: 120 });
  await terminal.shows("waiting on", 30_000);
  const answer = client();
  answer.catch(() => {});
  await terminal.shows("RUN AS ROOT", 120_000);
  await terminal.shows("Waiting for your key");
  await terminal.press("y");
  for (const line of password) {
    await terminal.shows(/password for \S+: *\n*$/);
    await terminal.type(line);
    await terminal.press("Enter");
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  assertMatch(await answer, /\buid=0\(root\)/);
}

/** A new user of this machine, with an empty home, who knows nothing of this project's folder. */
export class Newcomer implements AsyncDisposable {
  /** The user. */
  readonly user: OrdinaryUser;
  /** The user's home. */
  readonly home: string;

  private constructor(user: OrdinaryUser) {
    this.user = user;
    this.home = `/home/${user.name}`;
  }

  /** Makes one whom sudo asks for no password. */
  static async make(): Promise<Newcomer> {
    const made = new Newcomer(await OrdinaryUser.make("USER ALL=(ALL:ALL) NOPASSWD: ALL"));
    await made.run(["mkdir", "--mode=700", `${made.home}/run`]);
    return made;
  }

  /** The words that start a program as this user, in a login's environment. */
  words(words: readonly string[]): string[] {
    const { user: { name }, home } = this;
    const env = {
      HOME: home,
      USER: name,
      PATH: "/usr/local/bin:/usr/bin:/bin",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      XDG_RUNTIME_DIR: `${home}/run`,
    };
    const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
    return ["runuser", "-u", name, "--", "env", "-i", "-C", home, ...variables, ...words];
  }

  /** Runs a program as this user. */
  async run(words: readonly string[]): Promise<Execution> {
    return await execute(this.words(words));
  }

  /**
   * The main job with an installed command: a daemon, a request, one key, and the output of root.
   *
   * @param command The command.
   */
  async mainJob(command: readonly string[]): Promise<void> {
    const daemon = this.words([...command, "--prompt-timeout", "60"]);
    await approveId(daemon, () => this.#request(command));
  }

  async #request(command: readonly string[]): Promise<string> {
    const words = [...command, "request", "--reason", "to see who runs", "--", "id"];
    const { code, stdout, stderr } = await this.run(words);
    assertEquals(code, 0, stderr);
    return stdout;
  }

  /**
   * The same with an MCP server, and the command that it names, with which sudo always asks.
   *
   * @param command What the server told the model, as words.
   * @param before What is typed before the password.
   */
  async mainJobByMcp(
    session: McpSession,
    command: readonly string[],
    before: readonly string[] = [],
  ): Promise<void> {
    const call = { argv: ["id"], description: "to see who runs" };
    const client = async () => {
      const { text, data } = await session.call("execute", call);
      assertEquals([data?.decision, typeof data?.stdout], ["approved", "string"], text);
      return data.stdout;
    };
    await approveId(this.words(command), client, [...before, this.user.password]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.user[Symbol.asyncDispose]();
  }
}
