/** How long the screen must have been still before a key can approve, in milliseconds. */
export const ARM_MS = 500;
/**
 * The same if another key, request or question came just before, in milliseconds. X11 repeats a
 * held key after 660 ms; tmux, screen and mosh answer that a prompt is drawn before the person can
 * see it.
 */
export const REPLACED_ARM_MS = 2000;
/**
 * How long this process may stand still, without a tick or a key, before stillness begins anew, in
 * milliseconds. Keys that piled up meanwhile were meant for an earlier screen.
 */
export const STALL_MS = 250;
/** How long new requests are denied at once after `d`, in milliseconds. */
export const DENY_ALL_MS = 10_000;
/** How long a person may type the line that goes with a denial, in milliseconds. */
export const MESSAGE_TIMEOUT_MS = 300_000;
