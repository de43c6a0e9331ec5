/** The signals of Linux that have a name (signal(7)), without `SIG`. */
const NAMES = "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD " +
  "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS";

/** The real-time signals (signal(7)). The C library keeps the first two to itself. */
const FIRST = 32;
const SIGRTMIN = 34;
const SIGRTMAX = 64;

const KNOWN: ReadonlySet<string> = new Set([
  ...NAMES.split(" ").map((name) => `SIG${name}`),
  ...Array.from({ length: SIGRTMAX - FIRST + 1 }, (_, index) => nameOf(FIRST + index)),
]);

/** Whether a text names a signal of Linux, such as `SIGTERM`, `SIGRTMIN+6`, or `SIG32`. */
export function isSignalName(text: string): boolean {
  return KNOWN.has(text);
}

/** The name of a real-time signal in signal(7); `undefined` for any other number. */
export function realTimeSignal(number: number): string | undefined {
  return number >= FIRST && number <= SIGRTMAX ? nameOf(number) : undefined;
}

function nameOf(number: number): string {
  if (number < SIGRTMIN) return `SIG${number}`;
  return number === SIGRTMIN ? "SIGRTMIN" : `SIGRTMIN+${number - SIGRTMIN}`;
}
