import { folderOf, type HostEnvironment, socketPath } from "../../lib/platform/paths.ts";
import { type EntryPoint, grantsOf } from "../../lib/grants.ts";
import { bakedFlags } from "../../lib/narrow.ts";
import { denoRun, PROJECT, underDeno } from "../../lib/start.ts";
import { removeAtTheEnd } from "./leftovers.ts";
import { leaveSlot, takeSlot } from "./slots.ts";
import { eventually, execute, succeed } from "./tools.ts";

/** Entry points that are no commands of `sudo-proxy`, or several. */
const WITHOUT_WORD: ReadonlySet<EntryPoint> = new Set([
  "proxy",
  "pkexec",
  "host",
  "mcp",
  "permissions",
]);

/** What is tested in place of the sources: a compiled file, or `main_binary.js` of a bundle. */
const BINARY = Deno.env.get("SUDO_PROXY_BINARY");
const IS_BUNDLE = BINARY?.endsWith(".js") === true;

/**
 * A copy of the program, its dependencies and Deno that every user of this machine can read, with a
 * runtime folder for one user. Tests run the program from here, with the grants that it computes
 * for itself.
 */
export class Installation implements AsyncDisposable {
  /** The folder that holds everything. */
  readonly folder: string;
  /** The folder for sockets; the user's own, 0700. */
  readonly runtime: string;
  /** The user's home. */
  readonly home: string;
  readonly #uid: number;
  readonly #user: string;
  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(folder: string, uid: number, user: string) {
    this.folder = folder;
    this.runtime = `${folder}/run`;
    this.home = `${folder}/home`;
    this.#uid = uid;
    this.#user = user;
  }

  /**
   * Makes an installation.
   *
   * @param owner Whose it is; this process's own user if left out.
   * @returns The installation; disposing of it removes it.
   */
  static async make(
    owner: { readonly uid: number; readonly name: string } = {
      uid: Deno.uid() ?? 0,
      name: Deno.env.get("USER") ?? "root",
    },
  ): Promise<Installation> {
    const folder = await takeSlot();
    const made = new Installation(folder, owner.uid, owner.name);
    made.#forget = await removeAtTheEnd("files", leaveSlot(folder));
    for (const path of [made.runtime, made.home, `${folder}/deno-dir`]) {
      await Deno.mkdir(path, { mode: 0o700 });
    }
    await linkOrCopy(Deno.execPath(), `${folder}/deno`);
    await linkOrCopy(`${await denoFolder()}/npm`, `${folder}/deno-dir/npm`);
    await Deno.mkdir(`${folder}/project`);
    for (
      const name of [
        "lib",
        "main_mcp.ts",
        "main_permissions.ts",
        "main_proxy.ts",
        "deno.json",
        "deno.lock",
      ]
    ) {
      await succeed(["cp", "-r", `${PROJECT}${name}`, `${folder}/project/${name}`]);
    }
    await succeed(["chmod", "-R", "a+rX", `${folder}/project`]);
    if (BINARY !== undefined && IS_BUNDLE) {
      await succeed(["cp", "-r", folderOf(BINARY), `${folder}/bundle`]);
    } else if (BINARY !== undefined) {
      await linkOrCopy(BINARY, `${folder}/sudo-proxy`);
    }
    // Not what is below: the packages are links to this machine's own.
    for (const path of [made.runtime, made.home, `${folder}/deno-dir`]) {
      await Deno.chown(path, owner.uid, null);
    }
    return made;
  }

  /** The daemon's standard socket here. */
  get socket(): string {
    return `${this.runtime}/sudo-proxy.sock`;
  }

  /** The environment of a login of this user. */
  get env(): Record<string, string> {
    return {
      HOME: this.home,
      USER: this.#user,
      LOGNAME: this.#user,
      SHELL: "/bin/sh",
      PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
      LANG: "C.UTF-8",
      TERM: "xterm-256color",
      XDG_RUNTIME_DIR: this.runtime,
      DENO_DIR: `${this.folder}/deno-dir`,
      DENO_NO_UPDATE_CHECK: "1",
    };
  }

  /**
   * The words that start an entry point with exactly its grants.
   *
   * @param entry Which one.
   * @param args Its arguments; where `--host` and a name come first, the grants are for its tunnel.
   * @param more What is added to the user's environment; with another `XDG_RUNTIME_DIR`, the grants
   * are for the socket there.
   * @returns A program and its arguments; `env -i` makes the environment exact.
   */
  command(
    entry: EntryPoint,
    args: readonly string[] = [],
    more: Record<string, string> = {},
  ): string[] {
    const all = { ...this.env, ...more };
    const env: HostEnvironment = { get: (name) => all[name], uid: this.#uid };
    const standard = entry === "try" || all["XDG_RUNTIME_DIR"] !== this.runtime;
    const socket = args[0] === "--host"
      ? socketPath(env, args[1])
      : standard
      ? undefined
      : this.socket;
    return [
      "/usr/bin/env",
      "-i",
      ...Object.entries(all).map(([name, value]) => `${name}=${value}`),
      ...this.start(entry, env, socket),
      ...(WITHOUT_WORD.has(entry) ? [] : [entry]),
      ...args,
    ];
  }

  /**
   * The program's own command line for an entry point, from the copy here.
   *
   * @param entry Which one.
   * @param env The environment.
   * @param socket The socket where it isn't the standard one.
   * @returns A program and its arguments.
   */
  start(entry: EntryPoint, env: HostEnvironment, socket?: string): string[] {
    if (BINARY !== undefined) return [...this.#binary, ...(entry === "mcp" ? ["mcp"] : [])];
    const module = entry === "mcp" ? "main_mcp" : "main_proxy";
    return denoRun(Deno.execPath(), grantsOf(entry, env, socket), module).map((word) =>
      word.replaceAll(Deno.execPath(), `${this.folder}/deno`)
        .replaceAll(PROJECT, `${this.folder}/project/`)
    );
  }

  /** What a person types to start the program, where setup has not installed it. */
  get typed(): string {
    if (BINARY !== undefined && !IS_BUNDLE) return `${this.folder}/sudo-proxy`;
    const folder = `${this.folder}/${IS_BUNDLE ? "bundle" : "project/lib"}`;
    return `sh ${folder}/start.sh ${this.folder}/deno`;
  }

  /** What starts the program for any account; a bundle gets the flags that a binary has in it. */
  get #binary(): string[] {
    return IS_BUNDLE
      ? [
        ...underDeno(`${this.folder}/deno`),
        "--no-config",
        ...bakedFlags(),
        `${this.folder}/bundle/main_binary.js`,
      ]
      : [`${this.folder}/sudo-proxy`];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await eventually(
      "the installation to go",
      async () => (await execute(["rm", "-rf", this.folder])).code === 0,
    );
    await this.#forget();
  }
}

/**
 * Thousands of small files: links where the file system can, copies elsewhere. Nobody writes to
 * them.
 */
async function linkOrCopy(from: string, to: string): Promise<void> {
  if ((await execute(["cp", "-rl", from, to])).code === 0) return;
  await execute(["rm", "-rf", to]);
  await succeed(["cp", "-r", from, to]);
}

async function denoFolder(): Promise<string> {
  const info = await succeed([Deno.execPath(), "info", "--json"]);
  return JSON.parse(info).denoDir;
}
