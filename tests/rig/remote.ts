import { type SendOptions, sendRequest } from "../../lib/protocol/client.ts";
import type { RequestInput } from "../../lib/protocol/request.ts";
import type { Response } from "../../lib/protocol/response.ts";
import { slotOf } from "../../lib/remote/slots.ts";
import { Installation } from "./installation.ts";
import { SshServer, type SshServerOptions } from "./sshd.ts";
import { TmuxTerminal } from "./tmux.ts";
import { eventually, execute, program, succeed } from "./tools.ts";
import { OrdinaryUser } from "./user.ts";

/** The remote host of most tests, an alias of the local user's ssh configuration. */
export const HOST = "web1";

/** How the two sides are set up. */
export interface RemoteRigOptions {
  /** The server. */
  readonly server?: SshServerOptions;
  /** The network namespace in which the local user works. */
  readonly namespace?: string;
  /** More lines for the alias in the local user's ~/.ssh/config. */
  readonly configuration?: readonly string[];
  /** Whether sessions there have no `XDG_RUNTIME_DIR`. */
  readonly withoutRuntimeFolder?: boolean;
  /** Whether sessions there have the `DENO_DIR` of the installation. */
  readonly denoFolderThere?: boolean;
}

/**
 * Two users of this machine, with a real sshd between them: one who starts the launcher, and one
 * who stands for the account on a remote host, with sudo-proxy, a sudo password and a runtime
 * folder.
 */
export class RemoteRig implements AsyncDisposable {
  readonly #parts: AsyncDisposableStack;
  private constructor(
    parts: AsyncDisposableStack,
    /** The user that the person has here. */
    readonly local: OrdinaryUser,
    /** The user that the person has there. */
    readonly remote: OrdinaryUser,
    /** The program here. */
    readonly here: Installation,
    /** The program there. */
    readonly there: Installation,
    /** The server. */
    readonly server: SshServer,
    readonly options: RemoteRigOptions,
  ) {
    this.#parts = parts;
  }

  /**
   * Makes users, installations and the server; the alias `web1` leads there, with a key and a host
   * key that both sides know.
   *
   * @param options How they are set up.
   * @returns The rig; disposing of it removes everything.
   */
  static async make(options: RemoteRigOptions = {}): Promise<RemoteRig> {
    await using parts = new AsyncDisposableStack();
    const local = parts.use(await OrdinaryUser.make());
    const remote = parts.use(await OrdinaryUser.make());
    const here = parts.use(await Installation.make(local));
    const there = parts.use(await Installation.make(remote));
    const server = parts.use(
      await SshServer.start({
        ...options.server,
        env: {
          ...(options.withoutRuntimeFolder ? {} : { XDG_RUNTIME_DIR: there.runtime }),
          ...(options.denoFolderThere ? { DENO_DIR: `${there.folder}/deno-dir` } : {}),
          ...options.server?.env,
        },
      }),
    );
    const rig = new RemoteRig(parts.move(), local, remote, here, there, server, options);
    await rig.#makeKeys();
    await rig.install();
    return rig;
  }

  /** The local end of the tunnel. */
  get socket(): string {
    return this.socketOf(HOST);
  }

  /** The local end of the tunnel to some host. */
  socketOf(host: string): string {
    return `${this.here.runtime}/sudo-proxy-${host}.sock`;
  }

  /** The registry of hosts of the local user. */
  get registry(): string {
    return `${this.here.home}/.config/sudo-proxy/hosts.json`;
  }

  async #makeKeys(): Promise<void> {
    await this.writeSshFile("config", this.alias(HOST));
    await this.newKey();
    await this.knowHost();
  }

  /** A block of ssh_config(5) that leads to the server. */
  alias(name: string, user: string = this.remote.name): string {
    return [
      `Host ${name}`,
      `  HostName ${this.server.address}`,
      `  Port ${this.server.port}`,
      `  User ${user}`,
      ...(this.options.configuration ?? []).map((line) => `  ${line}`),
      "",
    ].join("\n");
  }

  /** Gives the local user a new key, which opens the account there. */
  async newKey(): Promise<void> {
    const path = `${this.#sshFolder}/id_ed25519`;
    await Deno.remove(path).catch(() => {});
    await this.asLocal(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]);
    await this.server.authorize(this.remote.name, await Deno.readTextFile(`${path}.pub`));
  }

  /** Makes the host key known to the local user. */
  async knowHost(): Promise<void> {
    await this.writeSshFile("known_hosts", await this.server.knownHostsLine());
  }

  get #sshFolder(): string {
    return `/home/${this.local.name}/.ssh`;
  }

  /** Writes a file of the local user's ~/.ssh. */
  async writeSshFile(name: string, text: string): Promise<void> {
    await Deno.mkdir(this.#sshFolder, { recursive: true, mode: 0o700 });
    await Deno.writeTextFile(`${this.#sshFolder}/${name}`, text, { mode: 0o600 });
    await succeed(["chown", "-R", this.local.name, this.#sshFolder]);
  }

  /** Reads a file of the local user's ~/.ssh. */
  async readSshFile(name: string): Promise<string> {
    return await Deno.readTextFile(`${this.#sshFolder}/${name}`);
  }

  /** Installs sudo-proxy in ~/.local/bin there: a script that starts it with exactly its grants. */
  async install(runtime: string = this.there.runtime): Promise<void> {
    const { folder } = this.there;
    const variables: Record<string, string> = {
      XDG_RUNTIME_DIR: runtime,
      HOME: `/home/${this.remote.name}`,
    };
    const surroundings = { get: (name: string) => variables[name], uid: this.remote.uid };
    await this.writeProgram([
      "#!/bin/sh",
      `export DENO_DIR=${folder}/deno-dir DENO_NO_UPDATE_CHECK=1`,
      `exec ${this.there.start("proxy", surroundings).join(" ")} "$@"`,
      "",
    ].join("\n"));
  }

  /** Where sudo-proxy is there. */
  get program(): string {
    return `/home/${this.remote.name}/.local/bin/sudo-proxy`;
  }

  /** Puts a script in place of sudo-proxy there. */
  async writeProgram(text: string): Promise<void> {
    const folder = this.program.slice(0, this.program.lastIndexOf("/"));
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(this.program, text, { mode: 0o755 });
    await succeed(["chown", "-R", this.remote.name, `/home/${this.remote.name}/.local`]);
  }

  /**
   * Starts the launcher in a terminal.
   *
   * @param args What follows `--host NAME`.
   * @param options The host, the environment, the size of the window, and the words of a program
   * that starts the launcher.
   * @returns The terminal.
   */
  async launch(
    args: readonly string[] = [],
    options: {
      readonly host?: string;
      readonly env?: Record<string, string>;
      readonly columns?: number;
      readonly rows?: number;
      readonly under?: readonly string[];
    } = {},
  ): Promise<TmuxTerminal> {
    const { host = HOST, env = {}, columns, rows, under = [] } = options;
    const command = [...under, ...this.here.command("host", ["--host", host, ...args], env)];
    const { namespace } = this.options;
    return await TmuxTerminal.open({
      ...(namespace === undefined ? { user: this.local.name, command } : {
        command: [
          program("ip"),
          "netns",
          "exec",
          namespace,
          program("runuser"),
          "-u",
          this.local.name,
          "--",
          ...command,
        ],
      }),
      ...(columns ? { columns } : {}),
      ...(rows ? { rows } : {}),
    });
  }

  /** Starts the launcher, and waits until the daemon there waits for requests. */
  async connect(
    args: readonly string[] = [],
    options: Parameters<RemoteRig["launch"]>[1] = {},
  ): Promise<TmuxTerminal> {
    await using parts = new AsyncDisposableStack();
    const terminal = parts.use(await this.launch(args, options));
    await terminal.shows("waiting on", 60_000);
    parts.move();
    return terminal;
  }

  /** Sends a request through the tunnel with the real client. */
  send(
    input: RequestInput,
    { host = HOST, ...options }: Omit<SendOptions, "socketPath"> & { host?: string } = {},
  ): Promise<Response> {
    return sendRequest(input, { socketPath: this.socketOf(host), ...options });
  }

  /** Runs a program as the local user. */
  async asLocal(words: readonly string[]): Promise<string> {
    return await succeed(["runuser", "-u", this.local.name, "--", ...words]);
  }

  /** How many connections have logged in. */
  async logins(): Promise<number> {
    return (await this.server.log()).split("Accepted ").length - 1;
  }

  /** Waits until nothing of sudo-proxy runs for the user there any more. */
  async endsThere(): Promise<void> {
    await eventually(
      "the end of the daemon there",
      async () => (await execute(["pgrep", "-u", this.remote.name])).code !== 0,
    );
  }

  /** The ssh that a launcher has started. */
  async sshOf(terminal: TmuxTerminal): Promise<number> {
    return await eventually("ssh", async () => {
      const { stdout } = await execute(["pgrep", "-u", this.local.name, "-x", "ssh"]);
      const pids = stdout.trim().split("\n").filter((line) => line !== "");
      await terminal.screen();
      return pids.length === 1 ? Number(pids[0]) : undefined;
    });
  }

  /** Fails unless the launcher left nothing behind. */
  async leftNothing(host: string = HOST): Promise<void> {
    const socket = this.socketOf(host);
    for (const path of [socket, `${socket}.lock`]) {
      await eventually(
        `${path} to go`,
        async () => await Deno.lstat(path).then(() => undefined, () => true),
      );
    }
    await eventually(
      `the slot of ${host} to be given back`,
      () => slotOf(this.here.runtime, host) === undefined || undefined,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}

/** Presses a key at a prompt, once it counts. */
export async function answer(terminal: TmuxTerminal, key: string): Promise<void> {
  await terminal.pressAt(await terminal.shows("Waiting for your key", 30_000), key);
}
