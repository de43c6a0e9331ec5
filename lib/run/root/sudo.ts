import {
  type Argv,
  assignmentsOf,
  commandOf,
  succeeds,
  system,
  SYSTEM_ENVIRONMENT,
} from "../launch.ts";
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
 */
export function sudoWay(
  { setsid, timeout, true: nothing }: Pick<Launchers, "setsid" | "timeout" | "true">,
  sudo: string,
  { password, locale }: RootOptions,
): RootWay {
  // `timeout 0` sets no limit: it puts sudo into a background process group, where the kernel keeps
  // it and its command from reading our keys (termios(3), "Job control"), and where one signal
  // reaches all of it.
  const background: Argv = [timeout, "0", sudo, "-n", ...AS_ROOT];
  const prefixes: Readonly<Record<"now" | "afresh" | "elsewhere" | "asking", Argv>> = {
    now: background,
    afresh: [...background, "-k"],
    // In a session without this terminal, like an unprivileged command.
    elsewhere: [setsid, sudo, "-n", ...AS_ROOT],
    asking: [sudo, ...AS_ROOT, ...(password === "each" ? ["-k"] : [])],
  };
  // `sudo -v` alone is not enough: it asks if any rule of the user wants a password, even if the
  // rule that applies does not (sudoers(5), `verifypw`). Cloud machines whose user has no password
  // are like that.
  const can = async (when: keyof typeof prefixes) =>
    await succeeds(system(...prefixes[when], "-v")) ||
    await succeeds(system(...prefixes[when], "--", nothing));
  const forget = () => {
    commandOf(system(sudo, "-k")).outputSync();
  };
  return {
    name: "sudo",
    can,
    shares: async () => await can("elsewhere") && !await can("afresh"),
    async authenticate() {
      if (password === "each") forget();
      const asking = {
        argv: [sudo, ...AS_ROOT, "-v"],
        env: { ...SYSTEM_ENVIRONMENT, ...locale },
      } as const;
      const terminal = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
      if (!await succeeds(asking, terminal)) return "failed";
      return await can("now") ? "kept" : "notKept";
    },
    // sudo(8): assignments stand before `--`, which ends sudo's options; the program starts with `/`,
    // so it is neither. sudo makes the command's environment, from its policy and the assignments.
    launch: ({ argv, env }, mayAsk) =>
      system(...prefixes[mayAsk ? "asking" : "now"], ...assignmentsOf(env), "--", ...argv),
    forget,
  };
}
