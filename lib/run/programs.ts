import { systemProgram } from "../platform/paths.ts";

/** The programs that start and end commands, by absolute path; some may be missing. */
export interface HelperPrograms {
  /** Starts a command in a session of its own, without the terminal. */
  readonly setsid: string;
  /** Gives a command an empty signal mask, and no descriptors but its three streams. */
  readonly cleaner: readonly string[] | undefined;
  /** Starts pipelines for root; without it, they get no input, and have one stage. */
  readonly perl: string | undefined;
  /** Makes named pipes. */
  readonly mkfifo: string;
  /** Starts sudo in a process group of its own: it can't read the terminal, and is ended whole. */
  readonly timeout: string;
  /** Sends signals. */
  readonly kill: string | undefined;
  /** Lists processes. */
  readonly ps: string | undefined;
  /** Does nothing; it tests whether sudo asks before it runs a command. */
  readonly true: string;
}

/**
 * Finds the helper programs in the system folders, never in the user's `PATH`.
 *
 * @throws {Error} If an indispensable one is missing; the message says what to install.
 */
export function findHelperPrograms(): HelperPrograms {
  return {
    setsid: required("setsid", "util-linux"),
    cleaner: findCleaner(),
    perl: systemProgram("perl"),
    mkfifo: required("mkfifo", "coreutils"),
    timeout: required("timeout", "coreutils"),
    kill: systemProgram("kill"),
    ps: systemProgram("ps"),
    true: required("true", "coreutils"),
  };
}

/**
 * Finds an indispensable program.
 *
 * @throws {Error} If it is in none of the system folders; the message names the package.
 */
export function required(name: string, packageName: string): string {
  const path = systemProgram(name);
  if (path !== undefined) return path;
  throw new Error(`Cannot find ${name} in the system folders: install the package ${packageName}`);
}

/**
 * The number of rt_sigprocmask(2). To load the module that knows its name would take perl longer
 * than all else, for each stage.
 */
const SET_MASK = { x86_64: 14, aarch64: 135 }[Deno.build.arch];

/**
 * The daemon blocks SIGUSR1, and what it starts inherits that. Deno also leaves a child a second
 * copy of each descriptor that it passes. Through this copy, a background process of one stage
 * would hold up the other stages. sudo and pkexec give their commands an empty mask and no such
 * copy. Other commands start through one of these programs, since none in coreutils or util-linux
 * does this.
 *
 * Each clears the mask, closes everything but the standard streams, then becomes the program. Its
 * own environment is empty, so no variable of a request changes what it does. Its arguments are the
 * number of the command's variables, each variable as NAME=VALUE, then the program and its
 * arguments. Exit codes are those of env(1).
 */
const CLEANERS: readonly (readonly [name: string, ...args: string[]])[] = [
  [
    "perl",
    "-e",
    `syscall(${SET_MASK}, 2, my $none = "\\0" x 8, 0, 8); ` +
    "opendir $all, '/proc/self/fd'; " +
    "for (grep { $_ > 2 } readdir $all) { open my $one, '<&=', $_ and close $one } " +
    "%ENV = map { split /=/, $_, 2 } splice @ARGV, 0, shift; " +
    'exec { $ARGV[0] } @ARGV or print STDERR "$ARGV[0]: $!\\n"; exit($! == 2 ? 127 : 126)',
  ],
  [
    "python3",
    "-I",
    "-S",
    "-c",
    `import os, signal, sys
signal.pthread_sigmask(signal.SIG_SETMASK, [])
os.closerange(3, max(map(int, os.listdir("/proc/self/fd"))) + 1)
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

/** A program and its first arguments, or `undefined` if none is installed. */
function findCleaner(): readonly string[] | undefined {
  for (const [name, ...args] of CLEANERS) {
    const path = systemProgram(name);
    if (path !== undefined) return [path, ...args];
  }
  return undefined;
}
