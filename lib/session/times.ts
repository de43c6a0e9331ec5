/** How long a command may take to end after SIGTERM before SIGKILL follows, in milliseconds. */
export const KILL_AFTER_MS = 5000;
/** How long the end of the daemon waits for commands that are being ended, in milliseconds. */
export const STOP_WAIT_MS = 7000;
