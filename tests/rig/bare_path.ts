import { program } from "./tools.ts";

/** All that the shell of an account finds which has no Deno, no node and no npm. */
const TOOLS = ["sh", "id", "ls", "cat", "uname", "head", "getconf", "mkdir", "rm", "mv", "chmod"]
  .concat("sha256sum", "env");

/** A folder with the few programs that every Linux has, for a `PATH` that has nothing else. */
export class BarePath implements AsyncDisposable {
  private constructor(
    /** The folder. */
    readonly path: string,
  ) {}

  /** Makes the folder; disposing of it removes it. */
  static async make(): Promise<BarePath> {
    const path = await Deno.makeTempDir({ prefix: "sudo-proxy-tools-" });
    await Deno.chmod(path, 0o755);
    for (const name of TOOLS) await Deno.symlink(program(name), `${path}/${name}`);
    return new BarePath(path);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.path, { recursive: true });
  }
}
