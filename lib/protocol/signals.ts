/** The signals 1 to 31 of Linux in their order (signal(7)), without `SIG`. */
const NAMES =
  ("HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD " +
    "CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH IO PWR SYS").split(" ");

/** The first real-time signal (signal(7)); the C library keeps two below it to itself. */
const SIGRTMIN = 34;
const SIGRTMAX = 64;

const KNOWN: ReadonlySet<string | undefined> = new Set(
  Array.from({ length: SIGRTMAX }, (_, index) => signalName(index + 1)),
);

/** Whether a text names a signal of Linux, such as `SIGTERM`, `SIGRTMIN+6`, or `SIG32`. */
export function isSignalName(text: string): boolean {
  return KNOWN.has(text);
}

/** The name of a signal of Linux in signal(7); `undefined` for any other number. */
export function signalName(number: number): string | undefined {
  const name = NAMES[number - 1];
  if (name !== undefined) return `SIG${name}`;
  if (!(number > NAMES.length && number <= SIGRTMAX)) return undefined;
  if (number < SIGRTMIN) return `SIG${number}`;
  return number === SIGRTMIN ? "SIGRTMIN" : `SIGRTMIN+${number - SIGRTMIN}`;
}
