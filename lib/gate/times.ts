/** How long the screen must have been still before a key can approve, in milliseconds. */
export const ARM_MS = 500;
/**
 * The same where a key may be on its way that was meant for something else. X11 repeats a held key
 * after 660 ms; tmux, screen and mosh answer that a prompt is drawn before the person can see it.
 */
export const REPLACED_ARM_MS = 2000;
/** How long new requests are denied at once after `d`, in milliseconds. */
export const DENY_ALL_MS = 10_000;
/** How long a command may take to end after SIGTERM before SIGKILL follows, in milliseconds. */
export const KILL_AFTER_MS = 5000;
/** How long the end of the daemon waits for commands that are being ended, in milliseconds. */
export const STOP_WAIT_MS = 7000;
/** How long a person may type the line that goes with a denial, in milliseconds. */
export const MESSAGE_TIMEOUT_MS = 300_000;
