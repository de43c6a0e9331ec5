/** What kept a connection from working, or ended it. */
export type Failure =
  /** The host's key is not known. */
  | "unknown key"
  /** The host shows another key than the one that is known. */
  | "changed key"
  /** The host's key is one that was withdrawn. */
  | "revoked key"
  /** The host's certificate is not valid for its name, or not now. */
  | "wrong certificate"
  /** The server takes none of our keys and passwords. */
  | "no login"
  /** The name leads nowhere. */
  | "unknown name"
  /** Nobody answers at the address. */
  | "unreachable"
  /** The local end of the tunnel can't be made. */
  | "no local end"
  /** The server does not forward to sockets. */
  | "forwarding refused"
  /** The connection broke. */
  | "lost"
  /** ssh ended for a reason of its own. */
  | "other";

/**
 * ssh's own words for each failure (OpenSSH 7.6 to 10), the first that fits counts. A revoked and a
 * changed key come first, then a wrong certificate: their reports have the words of an unknown key as
 * well.
 */
const WORDS: readonly (readonly [RegExp, Failure])[] = [
  [/WARNING: REVOKED HOST KEY DETECTED|^\S+ host key for .* was revoked/m, "revoked key"],
  [/REMOTE HOST IDENTIFICATION HAS CHANGED|^Host key for .* has changed/m, "changed key"],
  [/^Certificate invalid: /m, "wrong certificate"],
  [/^No \S+ host key is known for|^Host key verification failed/m, "unknown key"],
  [/Permission denied \(|Too many authentication failures/, "no login"],
  [/^ssh: Could not resolve hostname/m, "unknown name"],
  [/^ssh: connect to host|^Connection timed out during banner exchange/m, "unreachable"],
  [/unix_listener|Could not request local forwarding|cannot listen to/, "no local end"],
  [/open failed: administratively prohibited/, "forwarding refused"],
  [
    /^Timeout, server .* not responding|^client_loop: send disconnect|Broken pipe|Connection reset|closed by remote host|^Connection closed by/m,
    "lost",
  ],
];

/**
 * Finds out from ssh's words what went wrong. A server may send words of its own before the login:
 * what is said here only chooses what the person is told, and none of it accepts anything.
 *
 * @param words What ssh wrote to standard error.
 * @returns The failure.
 */
export function failureIn(words: string): Failure {
  return WORDS.find(([pattern]) => pattern.test(words.replaceAll("\r", "")))?.[1] ?? "other";
}
