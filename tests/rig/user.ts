import { removeAtTheEnd } from "./leftovers.ts";
import { eventually, execute, succeed } from "./tools.ts";

/**
 * A user of this machine that a test makes and removes: with a password, and sudo as it is set up
 * for it.
 */
export class OrdinaryUser implements AsyncDisposable {
  /** The login name. */
  readonly name: string;
  /** The password: full of letters that answer prompts. */
  readonly password = "yayyry";
  /** The user's id. */
  readonly uid: number;
  #forget: () => Promise<void> = () => Promise.resolve();

  private constructor(name: string, uid: number) {
    this.name = name;
    this.uid = uid;
  }

  /**
   * Makes a user that sudo lets do everything after it gave its password.
   *
   * @param sudoers More lines for sudoers(5); `USER` in them stands for the user's name. With `none`
   * sudo does not know the user.
   * @returns The user; disposing of it ends its processes and removes it.
   */
  static async make(sudoers = ""): Promise<OrdinaryUser> {
    const name = `sp-test-${crypto.randomUUID().slice(0, 8)}`;
    const forget = await removeAtTheEnd(
      "user",
      `rm -f /etc/sudoers.d/${name}
uid=$(id -u ${name})
pkill -KILL -u ${name}
while pgrep -u ${name}; do sleep 0.1; done
rm -rf /tmp/tmux-$uid
userdel --remove ${name}`,
    );
    await succeed(["useradd", "--create-home", "--shell", "/bin/sh", name]);
    const user = new OrdinaryUser(name, Number(await succeed(["id", "-u", name])));
    user.#forget = forget;
    await succeed(["chpasswd"], `${name}:${user.password}\n`);
    if (sudoers === "none") return user;
    const rules = `${name} ALL=(ALL:ALL) ALL\n${sudoers.replaceAll("USER", name)}\n`;
    await Deno.writeTextFile(user.#rulesPath, rules, { mode: 0o440 });
    return user;
  }

  get #rulesPath(): string {
    return `/etc/sudoers.d/${this.name}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.#rulesPath).catch(() => {});
    await execute(["pkill", "-KILL", "-u", this.name]);
    await eventually(
      "the user's processes to end",
      async () => (await execute(["pgrep", "-u", this.name])).code !== 0,
    );
    // Where tmux has its sockets; another user may get the number.
    await execute(["rm", "-rf", `/tmp/tmux-${this.uid}`]);
    await execute(["userdel", "--remove", this.name]);
    await this.#forget();
  }
}
