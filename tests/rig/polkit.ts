import { eventually, execute, program } from "./tools.ts";
import type { OrdinaryUser } from "./user.ts";

const RULES = "/etc/polkit-1/rules.d";

/**
 * The machine's polkit, on the system bus; the bus starts polkitd. A bus that runs already is used,
 * and left.
 */
export class Polkit implements AsyncDisposable {
  readonly #bus: Deno.ChildProcess | undefined;
  readonly #files: string[] = [];
  readonly #user: OrdinaryUser;

  private constructor(user: OrdinaryUser, bus: Deno.ChildProcess | undefined) {
    this.#user = user;
    this.#bus = bus;
  }

  /**
   * Makes polkit answer, and a user its own administrator.
   *
   * @param user The user.
   * @returns The rig; disposing of it removes the rules and ends a bus that it started.
   */
  static async start(user: OrdinaryUser): Promise<Polkit> {
    let bus: Deno.ChildProcess | undefined;
    if (!await answers()) {
      await Deno.mkdir("/run/dbus", { recursive: true });
      bus = new Deno.Command(program("dbus-daemon"), {
        args: ["--system", "--nofork", "--nopidfile"],
        stdin: "null",
        stdout: "null",
        stderr: "null",
      }).spawn();
      await eventually("polkit", async () => await answers() || undefined);
    }
    const polkit = new Polkit(user, bus);
    await polkit.addRule(
      "00",
      // duktape, which runs rules, knows no arrow functions.
      `polkit.addAdminRule(function(action, subject) {
         return subject.user == "USER" ? ["unix-user:USER"] : null;
       });`,
    );
    return polkit;
  }

  /**
   * Adds rules for as long as this lasts.
   *
   * @param order Where they stand among others, two digits.
   * @param text The rules; `USER` stands for the user's name.
   * @returns The file.
   */
  async addRule(order: string, text: string): Promise<string> {
    const path = `${RULES}/${order}-${this.#user.name}.rules`;
    await Deno.writeTextFile(path, text.replaceAll("USER", this.#user.name), { mode: 0o644 });
    this.#files.push(path);
    return path;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const path of this.#files) await Deno.remove(path).catch(() => {});
    // Without a bus, polkitd ends as well.
    this.#bus?.kill("SIGTERM");
    await this.#bus?.status;
  }
}

/** Calls polkit, which the bus starts where it is not there. */
async function answers(): Promise<boolean> {
  const { code } = await execute([
    "dbus-send",
    "--system",
    "--print-reply",
    "--dest=org.freedesktop.PolicyKit1",
    "/",
    "org.freedesktop.DBus.Peer.Ping",
  ]);
  return code === 0;
}
