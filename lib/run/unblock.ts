/**
 * The daemon blocks SIGUSR1, and what it starts inherits that. sudo begins with an empty mask; other
 * commands get one from a launcher, since no program of coreutils or util-linux gives one.
 *
 * @module
 */
import { systemProgram } from "../paths.ts";
import type { Launchers } from "./programs.ts";
import type { Launch } from "./root/way.ts";

/**
 * Each clears the mask, then becomes the program. Its own environment is empty, so that no variable
 * of a request changes what it does; the command's stands in its arguments: how many variables, each
 * as NAME=VALUE, then the program and its arguments. Exit codes are those of env(1).
 */
const LAUNCHERS: readonly (readonly [name: string, ...args: string[]])[] = [
  [
    "perl",
    "-e",
    "use POSIX; sigprocmask(SIG_SETMASK, POSIX::SigSet->new); " +
    "%ENV = map { split /=/, $_, 2 } splice @ARGV, 0, shift; " +
    'exec { $ARGV[0] } @ARGV or print STDERR "$ARGV[0]: $!\\n"; exit($!{ENOENT} ? 127 : 126)',
  ],
  [
    "python3",
    "-I",
    "-S",
    "-c",
    `import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, [])
for name in ("SIGPIPE", "SIGXFSZ"): signal.signal(getattr(signal, name), signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.SIG_DFL)
count = int(sys.argv[1]) + 2
env = dict(item.split("=", 1) for item in sys.argv[2:count])
try: os.execve(sys.argv[count], sys.argv[count:], env)
except OSError as error:
    print(f"{sys.argv[count]}: {error.strerror}", file=sys.stderr)
    sys.exit(127 if isinstance(error, FileNotFoundError) else 126)`,
  ],
];

/**
 * Finds the launcher.
 *
 * @returns A program and its first arguments, or `undefined` where none is installed.
 */
export function findUnblocker(): readonly string[] | undefined {
  // A compiled daemon blocks nothing.
  if (Deno.build.standalone) return undefined;
  for (const [name, ...args] of LAUNCHERS) {
    const path = systemProgram(name);
    if (path !== undefined) return [path, ...args];
  }
  return undefined;
}

/**
 * What is spawned for a command that starts as this user, in a session of its own and with an empty
 * signal mask. What clears the mask brings the environment of the command along, and has none itself.
 *
 * @param launchers Where the programs are; without an unblocker, the command keeps the daemon's mask.
 * @param env The whole environment of the command.
 * @param command The program, an absolute path, and its arguments.
 * @returns What is spawned.
 */
export function startDirectly(
  { setsid, unblocker }: Launchers,
  env: Readonly<Record<string, string>>,
  command: readonly string[],
): Launch {
  if (unblocker === undefined) return { words: [setsid, ...command], env };
  const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`);
  const words = [setsid, ...unblocker, String(variables.length), ...variables, ...command];
  return { words, env: {} };
}
