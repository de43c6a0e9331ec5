import {
  type Argv,
  assignmentsOf,
  commandOf,
  inBackground,
  succeeds,
  system,
  SYSTEM_ENVIRONMENT,
} from "../launch.ts";
import type { HelperPrograms } from "../programs.ts";
import type { RootOptions, RootWay } from "./way.ts";

/** Root by name: sudoers(5) may have another `runas_default`. */
const AS_ROOT: readonly string[] = ["-u", "root"];

/**
 * Root through sudo. Authentication is a step of its own, so that the terminal is sudo's alone for
 * just as long as sudo asks (sudo(8): `-v`, `-n`, `-k`).
 *
 * @param helpers Where the programs are.
 * @param sudo sudo, an absolute path.
 * @param options When sudo asks, and in which language.
 */
export function sudoWay(
  { setsid, timeout, true: nothing }: Pick<HelperPrograms, "setsid" | "timeout" | "true">,
  sudo: string,
  { password, locale }: RootOptions,
): RootWay {
  const silent: Argv = [sudo, "-n", ...AS_ROOT];
  const asking: Argv = [sudo, ...AS_ROOT, ...(password === "each" ? ["-k"] : [])];
  const prefixes: Readonly<Record<"now" | "afresh" | "elsewhere", Argv>> = {
    now: inBackground({ timeout }, silent),
    afresh: inBackground({ timeout }, [...silent, "-k"]),
    // In a session without this terminal, like an unprivileged command.
    elsewhere: [setsid, ...silent],
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
    isSupervised: true,
    can,
    shares: async () => await can("elsewhere") && !await can("afresh"),
    async authenticate() {
      if (password === "each") forget();
      const question = {
        argv: [sudo, ...AS_ROOT, "-v"],
        env: { ...SYSTEM_ENVIRONMENT, ...locale },
      } as const;
      const terminal = { stdin: "inherit", stdout: "inherit", stderr: "inherit" } as const;
      if (!await succeeds(question, terminal)) return "failed";
      return await can("now") ? "kept" : "notKept";
    },
    // sudo(8): assignments stand before `--`, which ends sudo's options; the program starts with `/`,
    // so it is neither. sudo makes the command's environment, from its policy and the assignments.
    launch: ({ argv, env }, mayAsk) => ({
      ...system(...(mayAsk ? asking : silent), ...assignmentsOf(env), "--", ...argv),
      place: mayAsk ? "foreground" : "group",
    }),
    forget,
  };
}
