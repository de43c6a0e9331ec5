/** The signals of Linux that have a name (signal(7)). */
const NAMES: ReadonlySet<string> = new Set([
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGILL",
  "SIGTRAP",
  "SIGABRT",
  "SIGBUS",
  "SIGFPE",
  "SIGKILL",
  "SIGUSR1",
  "SIGSEGV",
  "SIGUSR2",
  "SIGPIPE",
  "SIGALRM",
  "SIGTERM",
  "SIGSTKFLT",
  "SIGCHLD",
  "SIGCONT",
  "SIGSTOP",
  "SIGTSTP",
  "SIGTTIN",
  "SIGTTOU",
  "SIGURG",
  "SIGXCPU",
  "SIGXFSZ",
  "SIGVTALRM",
  "SIGPROF",
  "SIGWINCH",
  "SIGIO",
  "SIGPWR",
  "SIGSYS",
]);

/** The real-time signals (signal(7)). The C library keeps the first two to itself. */
const FIRST = 32;
const SIGRTMIN = 34;
const SIGRTMAX = 64;
const REAL_TIME: ReadonlySet<string> = new Set(
  Array.from({ length: SIGRTMAX - FIRST + 1 }, (_, index) => nameOf(FIRST + index)),
);

/**
 * Tells whether a text is the name of a signal of Linux.
 *
 * @param text Such as `SIGTERM`, `SIGRTMIN+6`, or `SIG32` for a signal without a name.
 * @returns Whether it is one.
 */
export function isSignalName(text: string): boolean {
  return NAMES.has(text) || REAL_TIME.has(text);
}

/**
 * Names a real-time signal as signal(7) does.
 *
 * @param number Its number.
 * @returns Its name, or `undefined` where the number is that of no real-time signal.
 */
export function realTimeSignal(number: number): string | undefined {
  return number >= FIRST && number <= SIGRTMAX ? nameOf(number) : undefined;
}

function nameOf(number: number): string {
  if (number < SIGRTMIN) return `SIG${number}`;
  return number === SIGRTMIN ? "SIGRTMIN" : `SIGRTMIN+${number - SIGRTMIN}`;
}
