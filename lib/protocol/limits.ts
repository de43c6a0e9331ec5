/**
 * Every limit of the wire protocol, once. `docs/reference/wire.md` quotes them.
 *
 * @module
 */

/** The longest request line in bytes, `\n` included. */
export const MAX_REQUEST_LINE_BYTES = 1024 * 1024;
/** How much of each output stream is captured, in bytes. */
export const MAX_CAPTURE_BYTES = 16 * 1024 * 1024;
/** The most stages in one pipeline. */
export const MAX_STAGES = 16;
/** The most words (program and arguments) in one stage. */
export const MAX_STAGE_WORDS = 4096;
/**
 * The longest word, or variable with its name and `=`, in bytes of UTF-8: Linux with pages of 4 KiB
 * starts no program with a longer one (execve(2), `MAX_ARG_STRLEN`).
 */
export const MAX_WORD_BYTES = 131_071;
/** The most environment entries in one request. */
export const MAX_ENV_ENTRIES = 64;
/** The longest request id in UTF-16 units. */
export const MAX_ID_LENGTH = 128;
/** The longest denial message that a person can type, in code points. */
export const MAX_MESSAGE_LENGTH = 500;
/** How long a client may take from connecting to a complete request line, whatever its pace. */
export const HANDSHAKE_TIMEOUT_MS = 10_000;
/** How many connections are served at once; one more is told that the server is busy. */
export const MAX_IN_FLIGHT = 64;
/** The length from which a request line counts as long, in bytes. */
export const LONG_LINE_BYTES = 16 * 1024;
/** How many long request lines are read, wait or run at once, since they take memory. */
export const MAX_LONG_IN_FLIGHT = 16;
/** How long a request stays on the screen before it counts as unanswered. */
export const PROMPT_TIMEOUT_MS = 60_000;
/** How old the `time` of a request may be on arrival. */
export const MAX_AGE_MS = 60_000;
/** How far ahead of the daemon's clock the `time` of a request may be. */
export const MAX_AHEAD_MS = 30_000;
/** How long an id is remembered; longer than a request can stay fresh (60 s + 30 s). */
export const ID_MEMORY_MS = 120_000;
/**
 * How many ids are remembered; when the memory is full, new requests are refused, never old ids
 * forgotten.
 */
export const MAX_REMEMBERED_IDS = 65_536;
/** The shortest run limit that a request may carry. */
export const MIN_TIMEOUT_MS = 1000;
/** The run limit that the MCP server gives a privileged command if the model chooses none. */
export const DEFAULT_TIMEOUT_MS = 120_000;
/** The longest run limit that a request may carry: the longest delay that a timer takes. */
export const MAX_TIMEOUT_MS = 2_147_483_647;
/**
 * The longest response line that a client reads: every stream of every stage at its cap, as base64.
 */
export const MAX_RESPONSE_LINE_BYTES: number =
  Math.ceil((MAX_STAGES + 1) * MAX_CAPTURE_BYTES * 4 / 3) +
  MAX_REQUEST_LINE_BYTES;
