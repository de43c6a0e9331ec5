import { removeAtTheEnd } from "./leftovers.ts";
import { eventually, execute, program, succeed } from "./tools.ts";
import { atLeast } from "./assert.ts";

/** Ports below those that the kernel gives to clients. */
const FIRST_PORT = 20_000;
const PORTS = 12_000;

/** What a server is made with. */
export interface SshServerOptions {
  /** Variables of every session. */
  readonly env?: Readonly<Record<string, string>>;
  /** More lines for sshd_config(5). */
  readonly lines?: readonly string[];
  /** Where it listens; loopback if left out. */
  readonly address?: string;
  /** The network namespace that it runs in. */
  readonly namespace?: string;
}

/** A real sshd with a host key of its own, on a free port of loopback or of a namespace. */
export class SshServer implements AsyncDisposable {
  /** The folder with its configuration, keys and log. */
  readonly folder: string;
  /** Where it listens. */
  readonly address: string;
  readonly #options: SshServerOptions;
  #port = 0;
  #isCertified = false;
  #child: Deno.ChildProcess | undefined;
  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(folder: string, options: SshServerOptions) {
    this.folder = folder;
    this.address = options.address ?? "127.0.0.1";
    this.#options = options;
  }

  /**
   * Starts a server, and waits until it listens.
   *
   * @param options How it is set up.
   * @returns The server; disposing of it ends it.
   */
  static async start(options: SshServerOptions = {}): Promise<SshServer> {
    const folder = await Deno.makeTempDir({ prefix: "sudo-proxy-sshd-" });
    // sshd reads a user's keys as that user.
    await Deno.chmod(folder, 0o755);
    await Deno.mkdir(`${folder}/keys`);
    const server = new SshServer(folder, options);
    server.#forget = await removeAtTheEnd(
      "process",
      `kill $(pgrep -f ${folder}/config)\nrm -rf ${folder}`,
    );
    await server.newHostKey();
    // sshd(8): where it drops its rights.
    await Deno.mkdir("/run/sshd", { recursive: true, mode: 0o755 });
    await server.listen();
    return server;
  }

  /** The port. */
  get port(): number {
    return this.#port;
  }

  /** The host key, as known_hosts has it after the name. */
  async hostKey(): Promise<string> {
    const [type, key] = atLeast(
      2,
      (await Deno.readTextFile(`${this.folder}/host_key.pub`)).split(" "),
    );
    return `${type} ${key.trim()}`;
  }

  /** The line of known_hosts for this server. */
  async knownHostsLine(): Promise<string> {
    return `[${this.address}]:${this.port} ${await this.hostKey()}\n`;
  }

  /** Gives it another host key; it counts after the next start. */
  async newHostKey(): Promise<void> {
    const path = `${this.folder}/host_key`;
    await Deno.remove(path).catch(() => {});
    await succeed(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", path]);
  }

  /**
   * Has an authority sign the host key; the certificate counts after the next start.
   *
   * @param authority The private key of the authority.
   * @param args What ssh-keygen is told of the certificate, such as `-n` and the host's name.
   */
  async certify(authority: string, args: readonly string[]): Promise<void> {
    const key = `${this.folder}/host_key.pub`;
    await succeed(["ssh-keygen", "-q", "-s", authority, "-I", "test", "-h", ...args, key]);
    this.#isCertified = true;
  }

  /** Lets the owner of a key in as a user. */
  async authorize(user: string, publicKey: string): Promise<void> {
    await Deno.writeTextFile(`${this.folder}/keys/${user}`, publicKey, { append: true });
  }

  /** What it logged. */
  async log(): Promise<string> {
    return await Deno.readTextFile(`${this.folder}/log`);
  }

  /** Starts it on a free port, or on the one that it had. */
  async listen(): Promise<void> {
    while (true) {
      const port = this.#port || FIRST_PORT + Math.floor(Math.random() * PORTS);
      await Deno.writeTextFile(`${this.folder}/config`, this.#configuration(port));
      await Deno.writeTextFile(`${this.folder}/log`, "");
      const { namespace } = this.#options;
      const words = [
        program("sshd"),
        "-D",
        "-f",
        `${this.folder}/config`,
        "-E",
        `${this.folder}/log`,
      ];
      const [name, ...args] = atLeast(
        1,
        namespace === undefined ? words : [program("ip"), "netns", "exec", namespace, ...words],
      );
      const child = new Deno.Command(name, { args, stdin: "null", stdout: "null" }).spawn();
      const said = await eventually("sshd to listen", async () => {
        const log = await this.log();
        return /Server listening|Cannot bind|fatal|error/i.test(log) ? log : undefined;
      });
      if (/Server listening/.test(said) && !/Cannot bind/.test(said)) {
        this.#child = child;
        this.#port = port;
        return;
      }
      await child.status;
      if (!/Cannot bind|Address already in use/.test(said)) throw new Error(said);
    }
  }

  /** Ends it; the connections that it has go on. */
  async stop(): Promise<void> {
    this.#child?.kill("SIGTERM");
    await this.#child?.status;
    this.#child = undefined;
  }

  #configuration(port: number): string {
    const { env = {}, lines = [] } = this.#options;
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`).join(" ");
    return [
      `Port ${port}`,
      `ListenAddress ${this.address}`,
      `HostKey ${this.folder}/host_key`,
      ...(this.#isCertified ? [`HostCertificate ${this.folder}/host_key-cert.pub`] : []),
      `AuthorizedKeysFile ${this.folder}/keys/%u`,
      "PidFile none",
      // The keys are below /tmp, where everybody may write.
      "StrictModes no",
      "UsePAM no",
      "KbdInteractiveAuthentication no",
      "MaxStartups 50",
      ...(variables === "" ? [] : [`SetEnv ${variables}`]),
      ...lines,
    ].join("\n") + "\n";
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await execute(["rm", "-rf", this.folder]);
    await this.#forget();
  }
}
