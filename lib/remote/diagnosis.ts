/** What kept an ssh connection from working, or ended it. */
export type Failure =
  | "unknown key"
  | "changed key"
  | "revoked key"
  /** The host's certificate is not valid for its name, or not now. */
  | "wrong certificate"
  /** The server takes none of our keys and passwords. */
  | "no login"
  /** The name leads nowhere. */
  | "unknown name"
  /** Nobody answers at the address. */
  | "unreachable"
  | "no local end"
  | "forwarding refused"
  /** The connection broke. */
  | "lost"
  /** ssh ended for a reason of its own. */
  | "other";

/**
 * ssh has one exit code (255) for every failure, so this table reads its messages (OpenSSH 7.6 to
 * 10). The first that fits counts: reports of revoked and changed keys and of wrong certificates
 * also contain those of an unknown key.
 */
const DIAGNOSES: readonly (readonly [RegExp, Failure])[] = [
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
 * Finds out what went wrong from ssh's standard error. A server may send text of its own before the
 * login: the result only chooses what the person is told, and accepts nothing.
 */
export function failureIn(stderr: string): Failure {
  const text = stderr.replaceAll("\r", "");
  return DIAGNOSES.find(([pattern]) => pattern.test(text))?.[1] ?? "other";
}
