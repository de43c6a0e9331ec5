import { systemEnvironment } from "../environment.ts";
import type { Launchers } from "../programs.ts";
import type { RootOptions, RootWay } from "./way.ts";

/** Root by name: sudoers(5) may have another `runas_default`. */
const AS_ROOT: readonly string[] = ["-u", "root"];

/**
 * Root through sudo. Authentication is a step of its own, so that the terminal is sudo's alone for
 * just as long as sudo asks (sudo(8): `-v`, `-n`, `-k`).
 *
 * @param launchers Where the programs are.
 * @param sudo sudo, an absolute path.
 * @param options When sudo asks, and in which language.
 * @returns The way.
 */
export function sudoWay(
  launchers: Launchers,
  sudo: string,
  { password, words }: RootOptions,
): RootWay {
  // `timeout 0` sets no limit: it puts sudo into a background process group, where the kernel keeps
  // it and its command from reading our keys (termios(3), "Job control"), and where one signal
  // reaches all of it.
  const inBackground = [launchers.timeout, "0", sudo, "-n", ...AS_ROOT];
  const elsewhere = [launchers.setsid, sudo, "-n", ...AS_ROOT];
  const prefixes = { now: inBackground, afresh: [...inBackground, "-k"], elsewhere };

  const forget = () => {
    new Deno.Command(sudo, {
      args: ["-k"],
      clearEnv: true,
      env: systemEnvironment(),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync();
  };

  const way: RootWay = {
    name: "sudo",
    // `sudo -v` alone does not tell: it asks where any rule of the user wants a password, even if
    // the rule that counts does not (sudoers(5), `verifypw`), as on cloud machines whose user has
    // no password at all.
    can: async (when) =>
      await succeeds([...prefixes[when], "-v"]) ||
      await succeeds([...prefixes[when], "--", launchers.true]),
    async authenticate() {
      if (password === "each") forget();
      const { success } = await new Deno.Command(sudo, {
        args: [...AS_ROOT, "-v"],
        clearEnv: true,
        env: { ...systemEnvironment(), ...words },
        stdin: "inherit",
        stdout: "inherit",
        stderr: "inherit",
      }).spawn().status;
      if (!success) return "failed";
      return await way.can("now") ? "kept" : "notKept";
    },
    start({ program, args, env }, mayAsk) {
      const inForeground = [sudo, ...AS_ROOT, ...(password === "each" ? ["-k"] : [])];
      // sudo(8): assignments stand before `--`, which ends sudo's options; the program starts with
      // `/`, so it is neither.
      const argv = [
        ...(mayAsk ? inForeground : inBackground),
        ...env.map(([name, value]) => `${name}=${value}`),
        "--",
        program,
        ...args,
      ];
      // sudo makes the command's environment, from its policy and these assignments.
      return { words: argv, env: systemEnvironment() };
    },
    forget,
  };
  return way;
}

async function succeeds([program, ...args]: readonly string[]): Promise<boolean> {
  const { success } = await new Deno.Command(program, {
    args,
    clearEnv: true,
    env: systemEnvironment(),
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn().status;
  return success;
}
